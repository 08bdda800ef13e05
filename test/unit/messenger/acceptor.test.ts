/** Strangers get little time and little room, and are told why they must go. */
import t from 'tap'
import { Acceptor } from '../../../src/messenger/acceptor.ts'
import type { LinkPort } from '../../../src/messenger/link-port.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import type { WireContext, WireSink } from '../../../src/wire/wire.ts'
import { FakeLink, fakeWorld, offer, PEER } from './fakes.ts'

function setUp(halfOpenLinksMax = 3) {
  const world = fakeWorld({ limits: { ...LIMITS, halfOpenLinksMax, handshakeTimeoutMs: 100 } })
  const routed: LinkPort[] = []
  const acceptor = new Acceptor(world, (port) => {
    routed.push(port)
  })
  const accept = (address?: string): FakeLink => {
    const link = new FakeLink(address)
    acceptor.accept(link, 'memory://bound')
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
  t.equal(routed[0]?.link, link)
  await world.fakeClock.advance(1000)
  t.strictSame(link.calls, [], 'the deadline of strangers is not its own any more')
  t.strictSame(world.events, [])
})

t.test('of the addresses that a stranger says it has, those that mean something here are handed on', (t) => {
  const world = fakeWorld()
  const told: (readonly string[])[] = []
  const acceptor = new Acceptor(world, (_port, { addresses }) => told.push(addresses))
  acceptor.accept(new FakeLink(), 'memory://bound')
  world.wire.wires[0]?.sink.offer({ ...PEER, addresses: ['nonsense', 'memory://osd.1'] }, offer())
  t.strictSame(told, [['memory://osd.1']])
  t.end()
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

t.test('a stranger that asks for nothing is reset at its deadline, and only then', async (t) => {
  const { world, acceptor, accept } = setUp()
  const first = accept('memory://a')
  await world.fakeClock.advance(60)
  const second = accept('memory://b')
  await world.fakeClock.advance(40)
  t.strictSame([first.calls, second.calls], [['reset'], []])
  t.match(world.events, [
    { type: 'linkRefused', address: 'memory://a', local: 'memory://bound', reason: /handshake deadline/ },
  ])
  await world.fakeClock.advance(60)
  t.strictSame(second.calls, ['reset'])
  t.equal(acceptor.size, 0)
  t.equal(world.fakeClock.timers, 0, 'no timer without strangers')
})

t.test('past halfOpenLinksMax the oldest makes room for the newest', (t) => {
  const { world, acceptor, accept } = setUp(2)
  const links = [accept(), accept(), accept()]
  t.strictSame(
    links.map((link) => link.calls),
    [['reset'], [], []],
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
  t.strictSame([liar.calls, leaver.calls], [['reset'], []])
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

/** How many links the transport still has: one that was closed in order is held until its peer closes too. */
function held(links: readonly FakeLink[]): number {
  return links.filter((link) => !link.calls.includes('reset')).length
}

t.test('the limit counts what the transport holds: silent strangers, and those that must first be told', (t) => {
  const { world, acceptor, accept } = setUp(10)
  const links = Array.from({ length: 200 }, () => accept())
  t.equal(held(links), 10, 'silence has nothing to be told')
  // Each of these says something wrong, hears why, and never closes its side.
  for (let count = 0; count < 200; count++) {
    links.push(accept())
    const wire = world.wire.wires.at(-1)!
    wire.reject('INK_AUTH_REFUSED')
    wire.sink.fault('INK_AUTH_REFUSED', 'a wrong proof')
    t.ok(held(links) <= 10, `${held(links)} links are held`)
  }
  const last = links.at(-1)!
  t.strictSame(last.calls, ['write [reject INK_AUTH_REFUSED]', 'close'], 'the newest were told, in order')
  t.equal(acceptor.size, 10)
  t.equal(links.filter((link) => link.calls.filter((call) => call === 'reset').length > 1).length, 0, 'each once')
  last.ends('local')
  t.equal(acceptor.size, 9, 'one that has closed is held no more')
  t.end()
})

t.test('links that were promised a session count until they carry it, and cannot take all places', (t) => {
  const { world, acceptor, routed, accept } = setUp(4)
  const promise = (): FakeLink => {
    const link = accept()
    world.wire.wires.at(-1)!.sink.offer(PEER, offer())
    return link
  }
  const promised = [promise(), promise(), promise(), promise()]
  t.equal(acceptor.size, 4)
  const told: string[] = []
  routed[0]!.owner = {
    onFault: (_port: LinkPort, _code: string, reason: string) => told.push(reason),
  } as never
  const stranger = accept()
  t.match(told, [/the oldest/], 'whoever decides about the oldest promise hears that its link is not wanted')
  routed[1]!.engage({} as never)
  t.equal(acceptor.size, 3, 'and one that carries a session is half open no more')
  t.strictSame(
    [stranger, ...promised].map((link) => link.calls.includes('reset')),
    [false, false, false, false, false],
  )
  t.end()
})

t.test('a link that comes back from a session counts again, and somebody makes room for it', (t) => {
  const { world, acceptor, routed, accept } = setUp(2)
  accept()
  world.wire.wires.at(-1)!.sink.offer(PEER, offer())
  routed[0]!.engage({} as never)
  const oldest = accept()
  accept()
  t.strictSame([acceptor.size, oldest.calls], [2, []])
  acceptor.readmit(routed[0]!)
  t.strictSame([acceptor.size, oldest.calls], [2, ['reset']])
  t.end()
})

t.test('promises that have more than half of the places make room before a stranger does', (t) => {
  const { world, routed, accept } = setUp(4)
  const told: string[] = []
  for (let index = 0; index < 3; index++) {
    accept()
    world.wire.wires.at(-1)!.sink.offer(PEER, offer())
    routed[index]!.owner = { onFault: () => told.push(`promise ${index}`) } as never
  }
  const stranger = accept()
  accept()
  t.strictSame([told, stranger.calls], [['promise 0'], []])
  accept()
  t.strictSame([told, stranger.calls], [['promise 0'], ['reset']], 'with half of them left it is his turn')
  t.end()
})

t.test('links that carried sessions and close in order are bounded too', (t) => {
  const world = fakeWorld({ limits: { ...LIMITS, connectionsMax: 2 } })
  const ports: LinkPort[] = []
  const acceptor = new Acceptor(world, (port) => ports.push(port))
  const links = Array.from({ length: 4 }, () => {
    const link = new FakeLink()
    acceptor.accept(link, 'memory://bound')
    world.wire.wires.at(-1)!.sink.offer(PEER, offer())
    ports.at(-1)!.engage({} as never)
    return link
  })
  for (const port of ports) port.close()
  t.equal(held(links), 2)
  t.equal(acceptor.size, 0)
  t.end()
})
