/** How far large messages may be ahead of the peer while urgent ones are about. */
import t from 'tap'
import { Pacer } from '../../../src/session/path/pacer.ts'

const KIB = 1024
const CHUNK = 128 * KIB

/**
 * A link of so many bytes per ms and a one-way delay, as full as the pacer lets it be, for so long. Returns the longest
 * queue in ms and the bytes that arrived, both of the second half.
 */
function simulate(pacer: Pacer, bytesPerMs: number, delayMs: number, forMs: number) {
  const echoes: { bytes: number; ms: number }[] = []
  let sentBytes = 0
  let freeMs = 0
  let longestMs = 0
  let arrivedBytes = 0
  for (let nowMs = 0; nowMs < forMs; nowMs += 0.05) {
    pacer.urgent(nowMs)
    while (echoes[0] !== undefined && echoes[0].ms <= nowMs) pacer.echo(echoes.shift()!.bytes, nowMs)
    while (!pacer.holds(sentBytes, nowMs) && freeMs - nowMs < 100) {
      sentBytes += CHUNK
      freeMs = Math.max(freeMs, nowMs) + CHUNK / bytesPerMs
      if (pacer.asks(sentBytes, nowMs)) echoes.push({ bytes: sentBytes, ms: freeMs + 2 * delayMs })
      if (nowMs > forMs / 2) arrivedBytes += CHUNK
    }
    if (nowMs > forMs / 2) longestMs = Math.max(longestMs, freeMs - nowMs)
  }
  return { longestMs, arrivedBytes }
}

/** A link whose echoes take as long as it is told, and what the pacer makes of that. */
class Rounds {
  pacer = new Pacer()
  #sentBytes = 0
  #nowMs = 0

  begin(): void {
    this.pacer = new Pacer(this.#nowMs)
    this.#sentBytes = 0
  }

  wait(ms: number): void {
    this.#nowMs += ms
  }

  /** More than any window goes out, and its echo takes so long; `waits`: something had to wait for it. */
  round(tookMs: number, waits = true): void {
    this.#ask()
    if (waits) this.pacer.holds(this.#sentBytes, this.#nowMs)
    this.#nowMs += tookMs
    this.pacer.echo(this.#sentBytes, this.#nowMs)
  }

  /** From how many bytes ahead on something waits. */
  get windowBytes(): number {
    const echoedBytes = this.#sentBytes
    this.#ask()
    let [free, held] = [0, 2 ** 31]
    while (held - free > 1) {
      const ahead = Math.floor((free + held) / 2)
      if (this.pacer.holds(echoedBytes + ahead, this.#nowMs)) held = ahead
      else free = ahead
    }
    return held
  }

  #ask(): void {
    this.pacer.urgent(this.#nowMs)
    this.#sentBytes += 300 * KIB * KIB
    this.pacer.asks(this.#sentBytes, this.#nowMs)
  }
}

t.test('nothing waits while nothing is urgent', (t) => {
  const pacer = new Pacer()
  t.notOk(pacer.asks(100_000_000, 0))
  t.notOk(pacer.holds(100_000_000, 0))
  pacer.urgent(0)
  t.ok(pacer.asks(100_000_000, 1))
  t.ok(pacer.holds(100_000_000, 1))
  t.notOk(pacer.holds(100_000_000, 10_000), 'ten seconds later the urgent message is forgotten')
  t.end()
})

t.test('what waits has an echo to wait for', (t) => {
  const pacer = new Pacer()
  pacer.urgent(0)
  t.notOk(pacer.holds(1 << 30, 0), 'no echo was asked for, none will come')
  t.ok(pacer.asks(CHUNK, 0))
  t.notOk(pacer.asks(CHUNK + 1, 0), 'not for every byte')
  t.notOk(pacer.holds(CHUNK, 0))
  t.ok(pacer.asks(2 * CHUNK, 0))
  t.ok(pacer.holds(2 * CHUNK, 0))
  pacer.echo(CHUNK, 1)
  t.notOk(pacer.holds(2 * CHUNK, 1))
  t.notOk(new Pacer(0).holds(1 << 30, 1), 'a new link owes nothing')
  t.end()
})

t.test('an echo that nobody asked for changes nothing', (t) => {
  const pacer = new Pacer()
  pacer.urgent(0)
  pacer.asks(2 * CHUNK, 0)
  pacer.echo(CHUNK, 1)
  pacer.echo(-1, 1)
  t.ok(pacer.holds(2 * CHUNK, 1))
  pacer.echo(Number.MAX_SAFE_INTEGER, 1)
  t.notOk(pacer.holds(3 * CHUNK, 1), 'all that was asked for is answered, and no more')
  t.ok(pacer.asks(8 * CHUNK, 1))
  t.ok(pacer.holds(8 * CHUNK, 1))
  t.end()
})

t.test('echoes that never come are counted, and bounded', (t) => {
  const pacer = new Pacer()
  pacer.urgent(0)
  const asked = Array.from({ length: 1000 }, (_, index) => pacer.asks((index + 1) * CHUNK, 0)).filter(Boolean)
  t.equal(asked.length, 64)
  t.end()
})

t.test('the queue stays short and the link stays full, near and far', (t) => {
  for (const [bytesPerMs, delayMs] of [
    [1_000_000, 0.05],
    [1_250_000, 0.5],
    [125_000, 0.2],
    [1_250_000, 20],
  ] as const) {
    const { longestMs, arrivedBytes } = simulate(new Pacer(), bytesPerMs, delayMs, 8000)
    const least = (2 * 256 * KIB) / bytesPerMs
    t.ok(longestMs < 3 + least + delayMs / 4, `${bytesPerMs} B/ms, ${delayMs} ms: ${longestMs} ms queue`)
    t.ok(arrivedBytes > 0.9 * 4000 * bytesPerMs, `${bytesPerMs} B/ms, ${delayMs} ms: ${arrivedBytes} bytes`)
  }
  t.end()
})

t.test('an echo answers for all that was sent before it', (t) => {
  const pacer = new Pacer()
  pacer.urgent(0)
  for (const chunks of [1, 2, 3]) t.ok(pacer.asks(chunks * CHUNK, 0))
  pacer.echo(3 * CHUNK, 1)
  t.notOk(pacer.holds(1 << 30, 1), 'there is no other echo to wait for')
  t.end()
})

t.test('the window grows by half until something queues, then by a tenth, and only when it is used', (t) => {
  const link = new Rounds()
  t.equal(link.windowBytes, 256 * KIB)
  link.round(100)
  link.round(100, false)
  t.equal(link.windowBytes, 384 * KIB, 'the second one proved nothing')
  link.round(102)
  const queued = link.windowBytes
  t.ok(queued < 384 * KIB && queued > 380 * KIB, `${queued} bytes`)
  link.round(100)
  t.ok(Math.abs(link.windowBytes - 1.1 * queued) < 2)
  t.end()
})

t.test('the window has a least and a most', (t) => {
  const slow = new Rounds()
  slow.round(1)
  for (let round = 0; round < 5; round++) slow.round(100)
  t.equal(slow.windowBytes, 256 * KIB)
  const fast = new Rounds()
  for (let round = 0; round < 30; round++) fast.round(100)
  t.equal(fast.windowBytes, 256 * KIB * KIB)
  t.end()
})

t.test('a new link begins anew, whatever the one before was like', (t) => {
  const link = new Rounds()
  for (let round = 0; round < 5; round++) link.round(1)
  link.begin()
  t.equal(link.windowBytes, 256 * KIB)
  link.round(100)
  t.equal(link.windowBytes, 384 * KIB, 'an echo of 100 ms is no longer a slow one')
  t.end()
})

t.test('the shortest echo counts for its period and the next: a route may become longer', (t) => {
  const link = new Rounds()
  for (let round = 0; round < 5; round++) link.round(10)
  const grown = link.windowBytes
  link.wait(10_000)
  link.round(20)
  const shrunk = link.windowBytes
  t.ok(shrunk < grown, 'it may be a queue')
  link.wait(10_000)
  link.round(20)
  t.ok(link.windowBytes > shrunk, 'it is the route')
  t.end()
})
