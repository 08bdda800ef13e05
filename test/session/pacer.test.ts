/** How far large messages may be ahead of the peer while urgent ones are about. */
import t from 'tap'
import { Pacer } from '../../src/session/pacer.ts'

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
  pacer.begin()
  t.notOk(pacer.holds(1 << 30, 1), 'a new link owes nothing')
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
