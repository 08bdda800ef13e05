import t from 'tap'
import { Alarm } from '../../../src/messenger/alarm.ts'
import { FakeClock } from './fake-clock.ts'

function setUp() {
  const clock = new FakeClock()
  const startMs = clock.nowMs()
  const rings: number[] = []
  const alarm = new Alarm(clock, { rung: () => void rings.push(clock.nowMs() - startMs) })
  return { clock, startMs, rings, alarm }
}

t.test('an earlier deadline is waited for, a later one is not', async (t) => {
  const { clock, startMs, rings, alarm } = setUp()
  t.equal(alarm.atMs, Infinity)
  alarm.ringBy(startMs + 50)
  alarm.ringBy(startMs + 20)
  alarm.ringBy(startMs + 90)
  t.equal(alarm.atMs, startMs + 20)
  t.equal(clock.timers, 1)
  await clock.advance(100)
  t.strictSame(rings, [20])
})

t.test('when it has rung it is not set, and can be set again', async (t) => {
  const { clock, startMs, rings, alarm } = setUp()
  alarm.ringBy(startMs + 10)
  await clock.advance(10)
  t.equal(alarm.atMs, Infinity)
  alarm.ringBy(startMs + 30)
  await clock.advance(20)
  t.strictSame(rings, [10, 30])
})

t.test('what is cleared does not ring, and what never comes needs no timer', async (t) => {
  const { clock, startMs, rings, alarm } = setUp()
  alarm.ringBy(Infinity)
  t.equal(clock.timers, 0)
  alarm.ringBy(startMs + 10)
  alarm.clear()
  t.equal(alarm.atMs, Infinity)
  await clock.advance(10)
  t.strictSame(rings, [])
})

t.test('a late timer lets the turn read first what came meanwhile', async (t) => {
  const { clock, startMs, rings, alarm } = setUp()
  alarm.ringBy(startMs + 10)
  clock.pass(500)
  const order: string[] = []
  clock.later(() => order.push(`read before ${rings.length} rings`))
  await clock.advance(0)
  t.strictSame(order, ['read before 0 rings'])
  t.strictSame(rings, [500])
  t.equal(clock.timers, 0)
})

t.test('an alarm that is cleared between its late timer and its turn does not ring', async (t) => {
  const { clock, startMs, rings, alarm } = setUp()
  alarm.ringBy(startMs + 10)
  clock.pass(500)
  clock.later(() => alarm.clear())
  await clock.advance(0)
  t.strictSame(rings, [])
  alarm.ringBy(startMs + 600)
  await clock.advance(100)
  t.strictSame(rings, [600], 'and can be set again')
})
