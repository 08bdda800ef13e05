/** Where one connection dials, for how long, and what makes it look elsewhere. */
import t from 'tap'
import { DialTarget } from '../../../src/messenger/dial-target.ts'
import { LinkPort } from '../../../src/messenger/link-port.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import { FakeLink, PEER, fakeWorld } from './fakes.ts'

function setUp(address: string | readonly string[], source: 'caller' | 'peer') {
  const world = fakeWorld({ limits: { ...LIMITS, redialTriesMax: 3 } })
  const portOf = (role: 'dialler' | 'acceptor'): LinkPort =>
    new LinkPort(1, new FakeLink(), world.wire, role, world.context(), {} as never)
  return { world, portOf, target: new DialTarget(world, [address].flat(), source) }
}

t.test('what the caller gave is dialled for as long as the policy wants', async (t) => {
  const { world, target } = setUp('memory://osd.1', 'caller')
  for (let count = 0; count < 100; count++) {
    t.type(target.dial(), FakeLink)
    await world.fakeClock.advance(1000)
  }
  t.ok(target.isOpen)
  t.equal(world.dialled.length, 100)
})

t.test('what the peer told has an end, until the peer comes by itself', (t) => {
  const { world, target, portOf } = setUp('memory://osd.1', 'peer')
  for (let count = 0; count < 3; count++) target.dial()
  t.notOk(target.isOpen)
  t.match(target.dial(), /led nowhere/)
  t.equal(world.dialled.length, 3)
  target.met(PEER, portOf('acceptor'))
  t.ok(target.isOpen)
  t.end()
})

t.test('however often a dial is due, nobody is dialled more often than so many times in a second', async (t) => {
  for (const source of ['caller', 'peer'] as const) {
    const { world, target, portOf } = setUp('memory://osd.1', source)
    const said: unknown[] = []
    for (let ms = 0; ms < 2000; ms++) {
      await world.fakeClock.advance(1)
      said.push(target.dial())
      // Each link is of use, and is cut.
      target.met(PEER, portOf('dialler'))
    }
    const most = 3 * LIMITS.dialsPerSecondMax
    t.ok(world.dialled.length > most - 4 && world.dialled.length <= most, `${world.dialled.length} dials`)
    t.match(
      said.find((one) => typeof one === 'string'),
      /^memory:\/\/osd.1 was dialled 16 times within a second: the next dial waits$/,
    )
  }
})

t.test('all of them share one rate', (t) => {
  const { world, target } = setUp('memory://osd.1', 'peer')
  for (let name = 0; world.redials.take(`osd.${name}`); name++);
  t.match(target.dial(), /too many dials/)
  t.equal(world.dialled.length, 0)
  t.end()
})

t.test('a peer that comes from elsewhere has moved; one that was dialled is where it was found', (t) => {
  const { target, portOf } = setUp('memory://old', 'caller')
  target.met({ ...PEER, addresses: ['memory://new'] }, portOf('dialler'))
  t.equal(target.address, 'memory://old')
  target.met({ ...PEER, addresses: ['memory://other', 'memory://old'] }, portOf('acceptor'))
  t.equal(target.address, 'memory://old', 'it is still there too')
  target.met({ ...PEER, addresses: [] }, portOf('acceptor'))
  t.equal(target.address, 'memory://old', 'what the caller gave is not given up for nothing')
  target.met({ ...PEER, addresses: ['memory://new'] }, portOf('acceptor'))
  t.equal(target.address, 'memory://new')
  target.met({ ...PEER, addresses: [] }, portOf('acceptor'))
  t.equal(target.address, null, 'what a peer told it may take back')
  t.notOk(target.isOpen)
  t.end()
})

t.test(
  'a peer of an open session that has moved is dialled there, so often as peers may say, and then where its caller said',
  async (t) => {
    const { world, target, portOf } = setUp('memory://old', 'caller')
    const port = portOf('dialler')
    target.met(PEER, port)
    port.peer = { ...PEER, addresses: ['memory://new'] }
    target.relocated(port, ['memory://old'])
    t.equal(target.address, 'memory://new')
    const dials = (): string[] => world.dialled.map(({ remoteAddress }) => remoteAddress)
    for (let failures = 0; failures < 9; failures++) {
      target.dial(failures)
      await world.fakeClock.advance(1000)
    }
    t.equal(dials().filter((one) => one === 'memory://new').length, 3, 'redialTriesMax of them')
    t.strictSame(dials().slice(-3), ['memory://old', 'memory://old', 'memory://old'])
    t.ok(target.isOpen)
  },
)

t.test('a peer that dials itself, and moves, is dialled nowhere else', (t) => {
  const { target, portOf } = setUp(['memory://a', 'memory://b'], 'peer')
  const port = portOf('acceptor')
  port.peer = { ...PEER, addresses: ['memory://b', 'memory://c'] }
  target.relocated(port, ['memory://a'])
  t.strictSame([target.address, target.size], ['memory://b', 3], 'and last where it was')
  port.peer = { ...PEER, addresses: [] }
  target.relocated(port, ['memory://b', 'memory://c'])
  t.strictSame([target.address, target.isOpen], [null, false], 'it is nowhere')
  t.end()
})

t.test('however often a peer moves, the dials to where it says are those of all', async (t) => {
  const { world, target, portOf } = setUp('memory://old', 'caller')
  const port = portOf('dialler')
  for (let name = 0; world.redials.take(`osd.${name}`); name++);
  port.peer = { ...PEER, addresses: ['memory://new'] }
  target.relocated(port, ['memory://old'])
  t.match(target.dial(), /too many dials/)
  t.type(target.dial(1), FakeLink, 'and its caller is not made to wait for that')
  t.equal(world.dialled[0]?.remoteAddress, 'memory://old')
})
