/** Ages without a time in any message, and times in buckets. */
import t from 'tap'
import { BOUNDS_MS, Histogram } from '../../../src/observe/histogram.ts'
import { Marks } from '../../../src/observe/marks.ts'
import { bytes, counted, short, time } from '../../../src/observe/words.ts'

t.test('the age of the oldest thing is never too high, and one interval too low at most', (t) => {
  const marks = new Marks()
  const cameMs: number[] = []
  let done = 0
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 100) {
    // Ten a second come; a consumer of nine a second falls behind, and catches up after half a minute.
    cameMs.push(nowMs)
    if (nowMs % 1000 > 0 || nowMs > 30_000) done = Math.min(cameMs.length, done + (nowMs > 30_000 ? 5 : 1))
    if (nowMs % 1000 === 0) marks.note(cameMs.length, done, nowMs)
    const trueMs = done === cameMs.length ? 0 : nowMs - cameMs[done]!
    const ageMs = marks.ageMs(done, nowMs)
    if (ageMs > trueMs || ageMs < trueMs - 1000) t.fail(`at ${nowMs}: ${ageMs} ms, and it is ${trueMs} ms`)
  }
  t.equal(done, cameMs.length, 'it caught up')
  t.equal(marks.ageMs(done, 100_000), 0)
  t.end()
})

t.test('a queue that stands still for a day keeps its age and few notes', (t) => {
  const marks = new Marks()
  for (let second = 0; second < 86_400; second++) marks.note(second + 1, 0, second * 1000)
  t.equal(marks.ageMs(0, 86_400_000), 86_400_000)
  const laterMs = marks.ageMs(43_200, 86_400_000)
  t.ok(laterMs <= 43_200_000 && laterMs > 40_000_000, `${laterMs} ms: coarser, and not too high`)
  t.end()
})

t.test('numbers that begin anew begin anew', (t) => {
  const marks = new Marks()
  marks.note(100, 10, 0)
  marks.note(3, 0, 5000)
  t.equal(marks.ageMs(0, 6000), 1000)
  t.equal(marks.ageMs(3, 6000), 0)
  t.end()
})

t.test('a histogram tells its quantiles by the bounds of its buckets', (t) => {
  const times = new Histogram()
  t.equal(times.quantileMs(0.5), 0, 'of nothing')
  for (let index = 0; index < 90; index++) times.add(0.2)
  for (let index = 0; index < 10; index++) times.add(40)
  t.equal(times.quantileMs(0.5), 0.25)
  t.equal(times.quantileMs(0.99), 40, 'never above the largest')
  times.add(1e9)
  t.equal(times.quantileMs(1), 1e9, 'behind the last bound')
  t.equal(times.counts.at(-1), 1)
  t.equal(times.count, 101)
  t.strictSame(
    [...BOUNDS_MS].sort((one, other) => one - other),
    BOUNDS_MS,
  )
  t.end()
})

t.test('numbers are read by people', (t) => {
  t.strictSame([0.2, 8.21, 120, 8200, 180_000, 7_300_000, 2e8, Infinity].map(time), [
    ...['200 µs', '8.2 ms', '120 ms', '8.2 s', '3 min', '2 h', '2 days', 'for ever'],
  ])
  t.strictSame([0, 999, 1000, 4_200_000].map(bytes), ['0 B', '999 B', '1.0 kB', '4.2 MB'])
  t.strictSame([short(12_340), counted(1, 'fault'), counted(2, 'fault')], ['12.3 k', '1 fault', '2 faults'])
  t.end()
})
