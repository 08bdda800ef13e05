/** The hybrid logical clock: published vectors, and its law under clocks that jump. */
import t from 'tap'
import { HybridClock } from '../../../src/wire/hlc.ts'

const stamp = (clock: HybridClock) => [clock.ms, clock.counter]

t.test('HL-1: the vectors hold', (t) => {
  const clock = new HybridClock()
  clock.tick(1000)
  t.strictSame(stamp(clock), [1000, 0])
  const steps: [what: string, step: () => unknown, expected: [number, number]][] = [
    ['send at 1000', () => clock.tick(1000), [1000, 1]],
    ['send at 1005', () => clock.tick(1005), [1005, 0]],
    ['receive (1003, 9) at 1006', () => clock.merge(1003, 9, 1006), [1006, 0]],
    ['receive (1100, 4) at 1006', () => clock.merge(1100, 4, 1006), [1100, 5]],
    ['send at 1007, the clock is behind', () => clock.tick(1007), [1100, 6]],
    ['receive (1100, 9) at 1008', () => clock.merge(1100, 9, 1008), [1100, 10]],
    ['receive (1100, 2) at 1009', () => clock.merge(1100, 2, 1009), [1100, 11]],
    ['receive (1050, 7) at 1010', () => clock.merge(1050, 7, 1010), [1100, 12]],
    ['send at 990, the clock was set back', () => clock.tick(990), [1100, 13]],
    ['send at 1200', () => clock.tick(1200), [1200, 0]],
    ['receive (1200, 65534) at 1200', () => clock.merge(1200, 65534, 1200), [1200, 65535]],
    ['send with a full counter', () => clock.tick(1200), [1201, 0]],
    ['receive (1201, 65535) at 1200', () => clock.merge(1201, 65535, 1200), [1202, 0]],
    ['send with a fraction', () => clock.tick(1300.9), [1300, 0]],
  ]
  for (const [what, step, expected] of steps) {
    step()
    t.strictSame(stamp(clock), expected, what)
  }
  t.end()
})

t.test('a clock that is too far ahead is refused and moves nothing', (t) => {
  const clock = new HybridClock()
  clock.tick(1000)
  t.equal(clock.merge(1501, 0, 1000), false)
  t.strictSame(stamp(clock), [1000, 0])
  t.equal(clock.merge(1500, 0, 1000), true, 'exactly the limit is followed')
  t.strictSame(stamp(clock), [1500, 1])
  t.equal(new HybridClock(0).merge(1, 0, 0), false)
  t.end()
})

t.test('what happened before has the smaller stamp, whatever the wall clocks do', (t) => {
  let state = 88172645
  const random = (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  const clocks = [new HybridClock(Infinity), new HybridClock(Infinity), new HybridClock(Infinity)]
  const walls = [0, 5000, 3_600_000]
  const before = (a: readonly number[], b: readonly number[]) => a[0]! < b[0]! || (a[0] === b[0] && a[1]! < b[1]!)
  let wrong = 0
  for (let step = 0; step < 20_000; step++) {
    const [from, to] = [random(3), random(3)]
    walls[from]! += random(100) === 0 ? random(7_200_000) - 3_600_000 : random(3)
    const old = stamp(clocks[from]!)
    clocks[from]!.tick(walls[from]!)
    const sent = stamp(clocks[from]!)
    if (!before(old, sent)) wrong++
    const held = stamp(clocks[to]!)
    clocks[to]!.merge(sent[0]!, sent[1]!, walls[to]!)
    const got = stamp(clocks[to]!)
    if (!before(sent, got) || !before(held, got)) wrong++
  }
  t.equal(wrong, 0)
  t.end()
})
