/** How a window follows what comes back; how urgent messages use one is in ../session/pacer.test.ts. */
import t from 'tap'
import { DeliveryWindow } from '../../../src/common/delivery-window.ts'
import { seededRandom } from '../../../src/testing/index.ts'
import { CALLS } from '../../../src/transactions/machine/limits.ts'

const KIB = 1024
const PIECE = CALLS.pieceBytes
const TERMS = {
  bytesMin: CALLS.pacedBytesMin,
  bytesMax: CALLS.pacedBytesMax,
  queueMs: CALLS.pacedQueueMs,
  queueShare: CALLS.pacedQueueShare,
  marks: CALLS.pacedMarks,
  standingRounds: CALLS.pacedRounds,
}

interface Way {
  readonly bytesPerMs: number
  readonly delayMs: number
  /** By how much a piece may come later than that. */
  readonly jitterMs?: number
}

/** A way that is as full as the window lets it be, for so long. The longest queue in ms and what arrived per ms, of the second half. */
function simulate(window: DeliveryWindow, { bytesPerMs, delayMs, jitterMs = 0 }: Way, forMs: number) {
  const random = seededRandom('jitter')
  const there: number[] = []
  let [sent, delivered, freeMs, longestMs, arrived, lastMs] = [0, 0, 0, 0, 0, 0]
  for (let nowMs = 0; nowMs < forMs; nowMs += 0.02) {
    while (there.length > 0 && there[0]! <= nowMs) {
      there.shift()
      delivered += PIECE
      window.delivered(delivered, nowMs)
      if (nowMs > forMs / 2) arrived += PIECE
    }
    while (!window.isFull(sent - delivered)) {
      sent += PIECE
      freeMs = Math.max(freeMs, nowMs) + PIECE / bytesPerMs
      lastMs = Math.max(lastMs, freeMs + 2 * delayMs + jitterMs * random.next())
      there.push(lastMs)
      window.mark(sent, nowMs)
    }
    if (nowMs > forMs / 2) longestMs = Math.max(longestMs, freeMs - nowMs)
  }
  return { longestMs, perMs: arrived / (forMs / 2) }
}

t.test('what comes later waits for little, and the way is full, near and far', (t) => {
  const ways: Way[] = [
    { bytesPerMs: 1_000_000, delayMs: 0.05 },
    { bytesPerMs: 125_000, delayMs: 0.2 },
    { bytesPerMs: 600_000, delayMs: 1 },
    { bytesPerMs: 150_000, delayMs: 10 },
  ]
  for (const way of ways) {
    const { longestMs, perMs } = simulate(new DeliveryWindow(TERMS), way, 4000)
    const { bytesPerMs, delayMs } = way
    const least = TERMS.bytesMin / bytesPerMs
    const may = TERMS.queueMs + 2 * delayMs * TERMS.queueShare
    // Whole pieces fill it, and one is on its way.
    t.ok(
      longestMs < Math.max(least, 2 * may) + (2 * PIECE) / bytesPerMs,
      `${JSON.stringify(way)}: ${longestMs} ms queue`,
    )
    t.ok(perMs > 0.95 * bytesPerMs, `${JSON.stringify(way)}: ${perMs} bytes per ms`)
  }
  t.end()
})

t.test('a long way that is not even is used all the same', (t) => {
  const way = { bytesPerMs: 100_000, delayMs: 10, jitterMs: 4 }
  const even = simulate(new DeliveryWindow(TERMS), way, 4000)
  t.ok(even.perMs > 0.9 * way.bytesPerMs, `${even.perMs} bytes per ms`)
  const strict = simulate(new DeliveryWindow({ ...TERMS, queueShare: 0 }), way, 4000)
  t.ok(strict.perMs < even.perMs, 'which is what the share of the round trip is for')
  t.end()
})

t.test('it never leaves its bounds, whatever comes back', (t) => {
  const random = seededRandom('bounds')
  for (let run = 0; run < 50; run++) {
    const window = new DeliveryWindow(TERMS)
    let [sent, nowMs] = [0, 0]
    for (let step = 0; step < 200; step++) {
      sent += random.integer(1, 512 * KIB)
      nowMs += random.next() * random.pick([0.1, 10, 1000])
      window.mark(sent, nowMs)
      window.isFull(random.integer(0, 8 * KIB * KIB))
      if (random.chance(0.7)) window.delivered(random.integer(0, 2 * sent), nowMs)
      if (window.isFull(TERMS.bytesMin - 1)) t.fail('below the least')
      if (!window.isFull(TERMS.bytesMax)) t.fail('above the most')
    }
  }
  t.end()
})
