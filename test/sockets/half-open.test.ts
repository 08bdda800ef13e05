/**
 * Links that look alive and are not: held in the network, or in front of a process that stands still. Keepalive finds
 * them, the policy says what follows. And links so slow that they look dead: one byte at a time.
 */
import t from 'tap'
import { losslessClient, losslessServer, lossy, peer } from '../../src/index.ts'
import { actor, actorBehind } from '../support/actor.ts'
import { Ledger, NumberedStream, pump } from '../support/numbered.ts'
import { remotePeer } from '../support/remote-peer.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

/** A machine that does ten other things answers within half a second. */
const WATCHFUL = { keepalive: { intervalMs: 100, timeoutMs: 500 }, backoff: { firstMs: 10, maxMs: 50 } } as const
const BOTH_WAYS = ['toTarget', 'fromTarget', 'both'] as const

for (const direction of BOTH_WAYS) {
  t.test(`a link that is held (${direction}) is found and replaced, and nothing is lost`, async (t) => {
    const server = await actor(t, 'osd.1', losslessServer({ keepalive: WATCHFUL.keepalive }))
    const client = await actor(t, 'client.1', losslessClient(WATCHFUL))
    const proxy = await startProxy(server.port)
    t.teardown(() => proxy.close())
    const ledger = new Ledger()
    server.messenger.use({ dispatch: (message) => ledger.take(message) })
    const connection = client.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
    const stream = new NumberedStream({ id: 1 })
    await pump(connection, stream, 100)
    await until('a first part arrived', () => ledger.count === 100)
    proxy.blackhole(direction)
    await pump(connection, stream, 100)
    await until('the client notices', () => client.eventsOf('fault').length > 0)
    // Whoever hears nothing says so; the other end may learn of it by a reset.
    const reasons = [...client.eventsOf('fault'), ...server.eventsOf('fault')].map(({ reason }) => reason)
    t.match(reasons.join(), /nothing came from the peer for 500 ms/)
    proxy.heal()
    await until('all arrived', () => ledger.count === 200)
    await connection.close()
    t.strictSame([ledger.violations, ledger.count], [[], 200])
    t.equal(client.count('onReset') + client.count('onRemoteReset') + server.count('onRemoteReset'), 0)
  })
}

t.test('a lossy link that is held: both ends get their one reset', async (t) => {
  const options = { keepalive: WATCHFUL.keepalive }
  const server = await actorBehind(t, 'osd.1', lossy(options))
  const client = await actor(t, 'client.1', lossy(options))
  await client.messenger.connect(server.address).deliver({ type: 1 })
  server.proxy.blackhole()
  await until('both are told', () => client.count('onReset') === 1 && server.count('onReset') === 1)
  t.strictSame([client.messenger.connections, server.messenger.connections], [[], []])
})

t.test('an idle link that is alive is left alone', async (t) => {
  const asking = { keepalive: { intervalMs: 20, timeoutMs: 20_000 } }
  const [a, b] = [await actor(t, 'osd.1', peer(asking)), await actor(t, 'osd.2', peer(asking))]
  const proxy = await startProxy(b.port, { delayMs: 10 })
  t.teardown(() => proxy.close())
  const connection = a.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
  await connection.deliver({ type: 1 })
  const { flights } = proxy
  await until('both have asked and answered many times', () => proxy.flights > flights + 40)
  t.strictSame([connection.state, a.eventsOf('fault').length, b.eventsOf('fault').length], ['open', 0, 0])
})

t.test('a process that stands still is found, and goes on where it was when it wakes', async (t) => {
  const frozen = await remotePeer(t, { name: 'osd.1', policy: 'peer', options: WATCHFUL, bind: 'tcp://127.0.0.1:0' })
  const a = await actor(t, 'osd.2', peer(WATCHFUL))
  const connection = a.messenger.connect(frozen.address)
  const stream = new NumberedStream({ id: 1 })
  await pump(connection, stream, 100)
  await until('it works', () => frozen.countOf(1) === 100)
  frozen.freeze()
  await pump(connection, stream, 100)
  await until('it is missed', () => a.eventsOf('fault').length > 0)
  frozen.thaw()
  await until('it has everything', () => frozen.countOf(1) === 200)
  await connection.close()
  t.strictSame([frozen.violations, frozen.countOf(1)], [[], 200])
  t.equal(a.count('onRemoteReset') + a.count('onReset'), 0)
})

t.test('one byte at a time: slow, and nothing else', async (t) => {
  const [a, b] = [await actor(t, 'osd.1', peer()), await actorBehind(t, 'osd.2', peer(), { proxy: { dribble: true } })]
  const [out, home] = [new Ledger(), new Ledger()]
  b.messenger.use({ dispatch: (message) => out.take(message) })
  a.messenger.use({ dispatch: (message) => home.take(message) })
  const there = a.messenger.connect(b.address)
  await pump(there, new NumberedStream({ id: 1, bytesMax: 300, lanes: true }), 50)
  await until('there is a way back', () => b.count('onAccept') === 1)
  await pump(b.messenger.connections[0]!, new NumberedStream({ id: 2, bytesMax: 300, lanes: true }), 50)
  await until('both are heard', () => out.count === 50 && home.count === 50)
  t.strictSame([out.violations, home.violations, a.eventsOf('fault'), b.eventsOf('fault')], [[], [], [], []])
})

t.test('cut behind any byte of the handshake or the first messages: exactly once, in order', async (t) => {
  const quick = { backoff: { firstMs: 1, maxMs: 5 }, probeMs: 20 } as const
  const [a, b] = [await actor(t, 'osd.1', peer(quick)), await actorBehind(t, 'osd.2', peer(quick))]
  const ledger = new Ledger()
  b.messenger.use({ dispatch: (message) => ledger.take(message) })
  const connection = a.messenger.connect(b.address)
  const stream = new NumberedStream({ id: 1, bytesMax: 100 })
  for (let cut = 1; cut <= 400; cut += 3) {
    b.proxy.cutAll()
    b.proxy.cutAfter(cut)
    await pump(connection, stream, 2)
    await until(`what was sent around a cut behind byte ${cut}`, () => ledger.count === ((cut + 2) / 3) * 2)
  }
  t.strictSame(ledger.violations, [])
  t.equal(a.count('onRemoteReset') + b.count('onRemoteReset') + a.count('onReset') + b.count('onReset'), 0)
})
