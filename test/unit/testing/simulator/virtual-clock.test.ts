/** Virtual time: moves only when nothing is left to do, in order, and never by itself. */
import t from 'tap'
import { VirtualClock } from '../../../../src/testing/simulator/virtual-clock.ts'

t.test('timers run in the order of their time, then of their making', async (t) => {
  const clock = new VirtualClock()
  const seen: string[] = []
  clock.setTimer(() => seen.push('late'), 10)
  clock.setTimer(() => seen.push('first'), 5)
  clock.setTimer(() => seen.push('second'), 5)
  clock.clearTimer(clock.setTimer(() => seen.push('never'), 1))
  await clock.advance(9)
  t.same(seen, ['first', 'second'])
  t.equal(clock.nowMs(), 9)
  await clock.advance(1)
  t.same(seen, ['first', 'second', 'late'])
})

t.test('what a turn defers runs before the promises, and both before the next turn', async (t) => {
  const clock = new VirtualClock()
  const seen: string[] = []
  clock.later(() => {
    void Promise.resolve().then(() => seen.push('promise'))
    clock.defer(() => seen.push('deferred'))
    seen.push('turn')
  })
  clock.later(() => seen.push('next turn'))
  await clock.advance(0)
  t.same(seen, ['turn', 'deferred', 'promise', 'next turn'])
})

t.test('a timer never fires before its deadline, whatever the fraction', async (t) => {
  const clock = new VirtualClock()
  await clock.advance(0.1)
  const deadlineMs = clock.nowMs() + 1 / 3
  let firedMs = 0
  clock.setTimer(() => (firedMs = clock.nowMs()), deadlineMs - clock.nowMs())
  await clock.advance(1)
  t.ok(firedMs >= deadlineMs)
})

t.test('drive runs time for a promise, and says so when it waits for nothing', async (t) => {
  const clock = new VirtualClock()
  t.equal(await clock.drive(clock.sleep(3_600_000).then(() => clock.nowMs())), 3_600_000)
  await t.rejects(clock.drive(new Promise(() => {})), { code: 'INK_BAD_ARGUMENT' })
})

t.test('until stops at the turn that made it true', async (t) => {
  const clock = new VirtualClock()
  let count = 0
  const tick = (): void => {
    count++
    clock.setTimer(tick, 10)
  }
  tick()
  t.equal(await clock.until(() => count === 5), true)
  t.equal(clock.nowMs(), 40)
  t.equal(await clock.until(() => false, 100), false)
  t.equal(clock.nowMs(), 140)
})

t.test('a host has a wall clock of its own, and none of its callbacks runs after its end', async (t) => {
  const clock = new VirtualClock()
  const host = clock.host()
  host.stepWall(-5000)
  t.equal(host.wallMs(), clock.wallMs() - 5000)
  t.equal(host.nowMs(), clock.nowMs())
  for (const schedule of ['defer', 'later'] as const) host[schedule](() => t.fail('called after the end'))
  host.setTimer(() => t.fail('called after the end'), 1)
  host.stop()
  await clock.advance(10)
})

t.test('what calls itself for ever fails instead of standing still', async (t) => {
  const clock = new VirtualClock()
  const again = (): void => clock.later(again)
  again()
  await t.rejects(clock.advance(1), /time stands still/)
})
