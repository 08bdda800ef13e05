/** Strangers get little time and little room, and are told why they must go. */
import t from 'tap'
import { Acceptor } from '../../src/messenger/acceptor.ts'
import type { LinkPort } from '../../src/messenger/link-port.ts'
import { LIMITS } from '../../src/policies/limits.ts'
import type { WireContext, WireSink } from '../../src/wire/wire.ts'
import { FakeLink, fakeWorld, offer, PEER } from './fakes.ts'

function setUp(halfOpenLinksMax = 3) {
  const world = fakeWorld({ limits: { ...LIMITS, halfOpenLinksMax, handshakeTimeoutMs: 100 } })
  const routed: LinkPort[] = []
  const acceptor = new Acceptor(world, (port) => {
    routed.push(port)
  })
  const accept = (address?: string): FakeLink => {
    const link = new FakeLink(address)
    acceptor.accept(link)
    return link
  }
  return { world, acceptor, routed, accept }
}

t.test('a stranger that asks for a session is handed on and no longer a stranger', async (t) => {
  const { world, acceptor, routed, accept } = setUp()
  const link = accept()
  t.equal(acceptor.size, 1)
  const [wire] = world.wire.wires
  wire?.sink.offer(PEER, offer())
  t.equal(acceptor.size, 0)
  t.equal(routed[0]?.link, link)
  await world.fakeClock.advance(1000)
  t.strictSame(link.calls, [], 'the deadline of strangers is not its own any more')
  t.strictSame(world.events, [])
})

t.test('a protocol is told where the link came from', (t) => {
  const { world, accept } = setUp()
  const told: unknown[] = []
  const make = world.wire.acceptor.bind(world.wire)
  Object.assign(world.wire, {
    acceptor: (context: WireContext, sink: WireSink) => {
      told.push(context.target)
      return make(context, sink)
    },
  })
  accept('memory://a')
  accept('memory://b')
  t.strictSame(told, ['memory://a', 'memory://b'])
  t.end()
})

t.test('a stranger that asks for nothing is closed at its deadline, and only then', async (t) => {
  const { world, acceptor, accept } = setUp()
  const first = accept('memory://a')
  await world.fakeClock.advance(60)
  const second = accept('memory://b')
  await world.fakeClock.advance(40)
  t.strictSame([first.calls, second.calls], [['close'], []])
  t.match(world.events, [{ type: 'linkRefused', address: 'memory://a', reason: /handshake deadline/ }])
  await world.fakeClock.advance(60)
  t.strictSame(second.calls, ['close'])
  t.equal(acceptor.size, 0)
  t.equal(world.fakeClock.timers, 0, 'no timer without strangers')
})

t.test('past halfOpenLinksMax the oldest makes room for the newest', (t) => {
  const { world, acceptor, accept } = setUp(2)
  const links = [accept(), accept(), accept()]
  t.strictSame(
    links.map((link) => link.calls),
    [['close'], [], []],
  )
  t.equal(acceptor.size, 2)
  t.match(world.events, [{ type: 'linkRefused', reason: /the oldest/ }])
  t.end()
})

t.test('a stranger that breaks the protocol, or leaves, is reported once', (t) => {
  const { world, acceptor, accept } = setUp()
  const liar = accept()
  const [wire] = world.wire.wires
  wire?.sink.fault('INK_INCOMPATIBLE', 'not a banner')
  liar.ends('local')
  const leaver = accept()
  leaver.ends('reset', 'the other side broke the link off')
  t.match(world.events, [{ reason: 'not a banner' }, { reason: 'the other side broke the link off' }])
  t.equal(world.events.length, 2)
  t.strictSame([liar.calls, leaver.calls], [['close'], []])
  t.equal(acceptor.size, 0)
  t.end()
})

t.test('shutdown ends every stranger at once', (t) => {
  const { world, acceptor, accept } = setUp()
  const links = [accept(), accept()]
  acceptor.shutdown()
  t.strictSame(
    links.map((link) => link.calls),
    [['reset'], ['reset']],
  )
  t.equal(acceptor.size, 0)
  t.equal(world.fakeClock.timers, 0)
  t.end()
})
