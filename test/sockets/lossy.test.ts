/**
 * Lossy: a prefix arrives, a fault resets both ends exactly once, and nothing of a session comes after its reset (L3).
 */
import t from 'tap'
import { lossy } from '../../src/index.ts'
import type { Connection } from '../../src/index.ts'
import { actor, actorBehind } from '../support/actor.ts'
import { Ledger, NumberedStream, pump } from '../support/numbered.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { rejection, until } from '../support/until.ts'

const QUICK = { backoff: { firstMs: 5, maxMs: 20 } } as const

t.test('through many cuts: a prefix per session, and one reset on each end for each', async (t) => {
  const server = await actorBehind(t, 'osd.1', lossy())
  const client = await actor(t, 'client.1', lossy(QUICK))
  const ledger = new Ledger()
  const ended = new Set<Connection>()
  let late = 0
  server.messenger.use({
    dispatch(message, connection) {
      ledger.take(message)
      if (ended.has(connection)) late++
    },
    onReset: (connection) => void ended.add(connection),
  })
  for (let session = 1; session <= 20; session++) {
    const connection = client.messenger.connect(server.address)
    server.proxy.cutAfter(1500 + 997 * session)
    const stream = new NumberedStream({ id: session, bytesMax: 500 })
    await pump(connection, stream, 500)
    await until(`session ${session} is reset`, () => client.count('onReset') === session && ended.size === session)
    const lost = client.told.filter(({ notice }) => notice === 'onReset').at(-1)!.outcome!
    t.ok(
      lost.undelivered.every(({ tid }) => tid > ledger.countOf(session)),
      'what is undelivered did not arrive',
    )
  }
  t.strictSame(ledger.violations, [], 'prefixes, in order, nothing twice')
  t.equal(late, 0, 'nothing after a reset')
  t.equal(client.count('onReset'), 20)
  t.equal(server.count('onReset'), 20)
  t.strictSame([client.messenger.connections, server.messenger.connections], [[], []])
})

t.test('after a reset connect() gives a new connection, and the old one says why it does not send', async (t) => {
  const server = await actorBehind(t, 'osd.1', lossy())
  const client = await actor(t, 'client.1', lossy(QUICK))
  const first = client.messenger.connect(server.address)
  await first.deliver({ type: 1 })
  const waiting = rejection('the outcome', first.deliver({ type: 1, data: 'x' }))
  server.proxy.cutAll()
  t.match(await waiting, { code: 'INK_RESET', outcome: /unknown|undelivered/ })
  t.match(client.eventsOf('reset')[0]?.reason, /broke the link off/, 'the reason is that of the fault')
  t.throws(() => first.send({ type: 1 }), { code: 'INK_CLOSED', message: /connect\(\) gives a new one/ })
  const second = client.messenger.connect(server.address)
  t.not(second, first)
  await second.deliver({ type: 1 })
})

t.test('before its first session a lossy connection dials until somebody is there', async (t) => {
  const server = await actor(t, 'osd.1', lossy())
  const proxy = await startProxy(server.port)
  t.teardown(() => proxy.close())
  proxy.refuse()
  const client = await actor(t, 'client.1', lossy(QUICK))
  const connection = client.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
  const delivered = connection.deliver({ type: 1, data: 'patience' })
  await until('it is told that nobody listens', () => client.count('onRefused') === 1)
  t.match(client.told[0]?.error, { code: 'INK_CONNECTION_REFUSED', message: /nobody listens at tcp:.*goes on/ })
  await proxy.accept()
  await delivered
  t.equal(client.count('onReset'), 0)
})

t.test('a client that dials again replaces its older session', async (t) => {
  const server = await actor(t, 'osd.1', lossy())
  const client = await actorBehind(t, 'client.1', lossy(QUICK))
  const proxy = await startProxy(server.port)
  t.teardown(() => proxy.close())
  const first = client.messenger.connect(`tcp://127.0.0.1:${proxy.port}`)
  await first.deliver({ type: 1 })
  // The client's end is cut, the server's does not notice.
  proxy.blackhole('toTarget')
  first.markDown()
  const direct = client.messenger.connect(server.address)
  await direct.deliver({ type: 1 })
  await until('the older is reset', () => server.count('onReset') === 1)
  t.equal(server.messenger.connections.length, 1)
})
