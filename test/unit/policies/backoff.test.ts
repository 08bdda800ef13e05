/** The wait between dials. */
import t from 'tap'
import { backoffMs } from '../../../src/policies/backoff.ts'

const BACKOFF = { firstMs: 50, maxMs: 10_000, jitter: 0.5 }

t.test('it doubles up to the longest wait', (t) => {
  const waits = [1, 2, 3, 8, 9, 10, 1000].map((failures) => backoffMs(BACKOFF, failures, 0))
  t.strictSame(waits, [50, 100, 200, 6400, 10_000, 10_000, 10_000])
  t.end()
})

t.test('jitter only shortens, by its part at most', (t) => {
  t.equal(backoffMs(BACKOFF, 1, 0.5), 37.5)
  for (let step = 0; step < 100; step++) {
    const wait = backoffMs(BACKOFF, 1 + (step % 12), step / 100)
    const full = backoffMs(BACKOFF, 1 + (step % 12), 0)
    t.ok(wait > full / 2 && wait <= full)
  }
  t.equal(backoffMs({ ...BACKOFF, jitter: 0 }, 3, 0.99), 200)
  t.end()
})
