import t from 'tap'
import { Alarm, Alarms } from '../../../src/messenger/alarm.ts'
import { FakeClock } from './fake-clock.ts'

function setUp() {
  const clock = new FakeClock()
  const startMs = clock.nowMs()
  const rings: number[] = []
  const alarm = new Alarm(new Alarms(clock), { rung: () => void rings.push(clock.nowMs() - startMs) })
  return { clock, startMs, rings, alarm }
}

t.test('an earlier deadline is waited for, a later one is not', async (t) => {
  const { clock, startMs, rings, alarm } = setUp()
  t.equal(alarm.deadlineMs, Infinity)
  alarm.ringBy(startMs + 50)
  alarm.ringBy(startMs + 20)
  alarm.ringBy(startMs + 90)
  t.equal(alarm.deadlineMs, startMs + 20)
  t.equal(clock.timers, 1)
  await clock.advance(100)
  t.strictSame(rings, [20])
})

t.test('when it has rung it is not set, and can be set again', async (t) => {
  const { clock, startMs, rings, alarm } = setUp()
  alarm.ringBy(startMs + 10)
  await clock.advance(10)
  t.equal(alarm.deadlineMs, Infinity)
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
  t.equal(alarm.deadlineMs, Infinity)
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

/** Alarms with names, of one clock; what rings is noted with its time. */
function several() {
  const clock = new FakeClock()
  const startMs = clock.nowMs()
  const alarms = new Alarms(clock)
  const rings: string[] = []
  const make = (name: string, rung: () => void = () => undefined): Alarm =>
    new Alarm(alarms, {
      rung: () => {
        rings.push(`${name} ${clock.nowMs() - startMs}`)
        rung()
      },
    })
  return { clock, startMs, rings, make }
}

t.test('many alarms share one timer, and each rings in its time', async (t) => {
  const { clock, startMs, rings, make } = several()
  const wanted = [70, 30, 50, 30, 90]
  for (const [index, ms] of wanted.entries()) make(String(index)).ringBy(startMs + ms)
  t.equal(clock.timers, 1)
  await clock.advance(60)
  t.strictSame(rings.slice(0, 2).sort(), ['1 30', '3 30'])
  t.strictSame(rings.slice(2), ['2 50'])
  t.equal(clock.timers, 1)
  await clock.advance(60)
  t.strictSame(rings.slice(3), ['0 70', '4 90'])
  t.equal(clock.timers, 0)
})

t.test(
  'one that is cleared, or set for later, by another that rings at the same time does not ring with it',
  async (t) => {
    const { clock, startMs, rings, make } = several()
    const cleared = make('cleared')
    const later = make('later')
    const first = make('first', () => {
      cleared.clear()
      later.clear()
      later.ringBy(startMs + 40)
    })
    first.ringBy(startMs + 10)
    cleared.ringBy(startMs + 11)
    later.ringBy(startMs + 12)
    clock.pass(13)
    await clock.advance(0)
    t.strictSame(rings, ['first 13'])
    await clock.advance(40)
    t.strictSame(rings, ['first 13', 'later 40'])
  },
)

t.test('one that wants to ring at once, again and again, keeps nobody from ringing', async (t) => {
  const { clock, startMs, rings, make } = several()
  let left = 3
  const eager: Alarm = make('eager', () => {
    if (left-- > 0) eager.ringBy(startMs)
  })
  eager.ringBy(startMs + 10)
  make('other').ringBy(startMs + 10)
  await clock.advance(10)
  t.strictSame(rings.slice(0, 2).sort(), ['eager 10', 'other 10'])
  t.equal(rings.length, 5)
})

t.test('an owner that throws takes nothing from the others', async (t) => {
  const { clock, startMs, rings, make } = several()
  const bad = make('bad', () => {
    throw new Error('of the owner')
  })
  bad.ringBy(startMs + 10)
  make('good').ringBy(startMs + 10.5)
  clock.pass(11)
  await t.rejects(clock.advance(0), { message: 'of the owner' })
  await clock.advance(10)
  t.strictSame(rings, ['bad 11', 'good 11'])
})
