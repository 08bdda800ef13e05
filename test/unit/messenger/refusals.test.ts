/** A stranger decides how many links it opens, and not how many events there are. */
import t from 'tap'
import { LinkPort } from '../../../src/messenger/link-port.ts'
import { Refusals } from '../../../src/messenger/refusals.ts'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeLink, fakeProtocol, fakeWorld } from './fakes.ts'

function setUp(toldMax: number) {
  const clock = new FakeClock()
  const events: Extract<MessengerEvent, { type: 'linkRefused' }>[] = []
  const refusals = new Refusals(clock, toldMax, (event) => events.push(event))
  const refuse = (index: number): void => {
    const link = new FakeLink(`memory://${index}`)
    const port = new LinkPort(index, link, fakeProtocol(), 'acceptor', fakeWorld().context(), {} as never)
    port.local = 'memory://here'
    refusals.tell(port, `reason ${index}`)
  }
  return { clock, events, refusals, refuse }
}

t.test('few are told as they happen; of a flood the rest of each second is one event with their number', async (t) => {
  const { clock, events, refuse } = setUp(3)
  for (let index = 0; index < 1000; index++) refuse(index)
  t.equal(events.length, 3)
  t.strictSame(events[0], {
    type: 'linkRefused',
    address: 'memory://0',
    local: 'memory://here',
    reason: 'reason 0',
    count: 1,
  })
  await clock.advance(1000)
  t.match(events.slice(3), [{ address: 'memory://999', reason: 'reason 999', count: 997 }])
  for (let index = 0; index < 5; index++) refuse(index)
  t.equal(events.length, 7, 'the next second has as many again')
  await clock.advance(1000)
  t.equal(
    events.reduce((sum, { count }) => sum + count, 0),
    1005,
    'none is forgotten',
  )
  t.equal(clock.timers, 0)
  t.end()
})

t.test('what is withheld at the end is told then', (t) => {
  const { clock, events, refusals, refuse } = setUp(0)
  refuse(1)
  refuse(2)
  refusals.missed('memory://here', 'no descriptors')
  t.strictSame(events, [])
  refusals.flush()
  t.match(events, [{ count: 3, reason: 'no descriptors', address: '' }])
  t.equal(clock.timers, 0)
  refusals.flush()
  t.equal(events.length, 1)
  t.end()
})
