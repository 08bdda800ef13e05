/** A protocol's own service gets its messenger's world. */
import t from 'tap'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import { protocolService } from '../../../src/messenger/protocol-service.ts'
import { OpenService } from '../../../src/messenger/service.ts'
import type { ServedSession, ServiceWorld, SessionService } from '../../../src/wire/service.ts'
import { fakeConnection, fakeProtocol, fakeServiceHost, fakeWorld } from './fakes.ts'

const SERVICE: SessionService = { name: 'renewal', types: [7] }

t.test('a protocol without one has none', (t) => {
  const { runtime } = fakeWorld()
  t.equal(
    protocolService({ name: 'osd.0', runtime, wire: fakeProtocol() }, () => undefined),
    null,
  )
  t.end()
})

t.test('its world is that of the messenger', (t) => {
  const { runtime } = fakeWorld()
  const events: MessengerEvent[] = []
  const given: ServiceWorld[] = []
  const service = (world: ServiceWorld): SessionService => {
    given.push(world)
    return SERVICE
  }
  const wire = { ...fakeProtocol(), service }
  t.equal(
    protocolService({ name: 'osd.0', runtime, wire }, (event) => events.push(event)),
    SERVICE,
  )
  const [world] = given
  if (world === undefined) throw new Error('nobody was asked')
  t.equal(world.name, 'osd.0')
  t.equal(world.nowMs(), runtime.clock.nowMs())
  t.equal(world.wallMs(), runtime.clock.wallMs())
  t.equal(world.randomBytes(7).length, 7)
  world.clearTimer(world.setTimer(() => t.fail('it was cleared'), 1))
  const connection = fakeConnection()
  const host = fakeServiceHost({ connection })
  world.failed(new OpenService(SERVICE, host), 'because')
  world.failed({} as ServedSession, 'nobody knows this one')
  t.match(events, [{ type: 'authFailed', connection, reason: 'because' }])
  t.equal(events.length, 1)
  t.end()
})
