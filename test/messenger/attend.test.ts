/** A protocol's attendant gets its messenger's world, and sees every message first. */
import { Subject } from 'rxjs'
import t from 'tap'
import { attend } from '../../src/messenger/attend.ts'
import { Dispatchers } from '../../src/messenger/dispatchers.ts'
import type { MessengerEvent } from '../../src/messenger/events.ts'
import type { Attendant, AttendantWorld } from '../../src/wire/attendant.ts'
import { fakeConnection, fakeProtocol, fakeWorld, inbound } from './fakes.ts'

function set(takes: boolean) {
  const events: MessengerEvent[] = []
  const dispatchers = new Dispatchers(new Subject(), (event) => events.push(event))
  let world: AttendantWorld | null = null
  const attendant: Attendant = {
    adopted: () => undefined,
    ended: () => undefined,
    message: () => takes,
    stop: () => undefined,
  }
  const { runtime } = fakeWorld()
  const wire = {
    ...fakeProtocol(),
    attend(given: AttendantWorld) {
      world = given
      return attendant
    },
  }
  const made = attend({ name: 'osd.0', runtime, wire }, dispatchers, (event) => events.push(event))
  return { made, attendant, dispatchers, events, runtime, world: world as unknown as AttendantWorld }
}

t.test('a protocol without one costs nothing', (t) => {
  const dispatchers = new Dispatchers(new Subject(), () => undefined)
  const { runtime } = fakeWorld()
  t.equal(
    attend({ name: 'osd.0', runtime, wire: fakeProtocol() }, dispatchers, () => undefined),
    null,
  )
  t.notOk(dispatchers.hasFast)
  t.end()
})

t.test('what it takes nobody else sees', (t) => {
  for (const takes of [true, false]) {
    const { made, attendant, dispatchers } = set(takes)
    t.equal(made, attendant)
    let seen = 0
    dispatchers.use({ fastDispatch: () => (seen++, true) })
    t.ok(dispatchers.fast(inbound(1), fakeConnection()))
    t.equal(seen, takes ? 0 : 1)
  }
  t.end()
})

t.test('its world is that of the messenger', (t) => {
  const { world, runtime, events } = set(true)
  t.equal(world.name, 'osd.0')
  t.equal(world.nowMs(), runtime.clock.nowMs())
  t.equal(world.wallMs(), runtime.clock.wallMs())
  t.equal(world.randomBytes(7).length, 7)
  world.clearTimer(world.setTimer(() => t.fail('it was cleared'), 1))
  const connection = fakeConnection()
  world.failed(connection, 'because')
  world.failed({ send: () => true }, 'nobody knows this one')
  t.match(events, [{ type: 'authFailed', connection, reason: 'because' }])
  t.equal(events.length, 1)
  t.end()
})
