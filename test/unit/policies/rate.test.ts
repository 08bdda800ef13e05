/** So many in a second, and no more for having waited long. */
import t from 'tap'
import { Rate } from '../../../src/policies/rate.ts'

t.test('as many at once as in a second, then one for each part of it', (t) => {
  const rate = new Rate(10)
  const taken = (nowMs: number): number => {
    let count = 0
    while (rate.take(nowMs)) count++
    return count
  }
  t.strictSame([0, 50, 100, 350, 1_000_000].map(taken), [10, 0, 1, 2, 10])
  t.end()
})
