/** The links of a connection: known by number, deaf when they leave. */
import t from 'tap'
import { Acceptor } from '../../../src/messenger/acceptor.ts'
import { LinkPort } from '../../../src/messenger/link-port.ts'
import { PortSet } from '../../../src/messenger/port-set.ts'
import { FakeLink, fakeWorld } from './fakes.ts'

function ports(...ids: number[]) {
  const world = fakeWorld()
  const owner = new Acceptor(world, () => undefined)
  const set = new PortSet()
  const made = ids.map((id) => {
    const link = new FakeLink()
    const port = new LinkPort(id, link, world.wire, 'dialler', world.context(), owner)
    set.add(port)
    return { port, link }
  })
  return { set, made }
}

t.test('a port is held until it is dropped, at once', (t) => {
  const { set, made } = ports(1, 2)
  const [first] = made
  t.equal(set.get(1), first?.port)
  t.ok(first && set.holds(first.port))
  set.drop(1)
  t.strictSame(first?.link.calls, ['reset'])
  t.notOk(first && set.holds(first.port))
  t.equal(set.get(1), undefined)
  set.drop(1)
  set.drop(99)
  t.strictSame(first?.link.calls, ['reset'], 'dropping again does nothing')
  t.end()
})

t.test('a dismissed port says a last word and closes in order', (t) => {
  const { set, made } = ports(1)
  set.dismiss(1, (port) => {
    port.wire.yield(7)
  })
  t.strictSame(made[0]?.link.calls, ['write [yield]', 'close'])
  set.dismiss(1, () => t.fail('it is not ours any more'))
  t.end()
})

t.test('abandoning resets every port, but not one that is closing in order', (t) => {
  const { set, made } = ports(1, 2)
  made[0]?.port.close()
  set.abandon()
  t.strictSame(
    made.map(({ link }) => link.calls),
    [['close'], ['reset']],
  )
  t.equal(set.get(2), undefined)
  t.end()
})
