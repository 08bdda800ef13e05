/**
 * Where messengers are found, and when: several binds, wildcards, connections of one's own, a server's standby, and how
 * many flights it takes until the first message is there.
 */
import t from 'tap'
import { losslessClient, losslessServer, lossy, memory, peer, tcp } from '../../src/index.ts'
import { actor, actorBehind } from '../support/actor.ts'
import { until } from '../support/until.ts'

const QUICK = { backoff: { firstMs: 5, maxMs: 20 } } as const

t.test('several binds, each on a free port, all told to peers; one connection whichever is dialled', async (t) => {
  const hub = memory()
  const b = await actor(t, 'osd.2', peer(QUICK), { transports: [tcp(), hub] })
  const second = await b.messenger.bind('tcp://127.0.0.1:0')
  const third = await b.messenger.bind('memory://osd.2')
  t.strictSame(b.messenger.addresses, [b.address, second, third])
  t.equal(new Set(b.messenger.addresses).size, 3)
  for (const address of b.messenger.addresses) {
    const a = await actor(t, 'osd.1', peer(QUICK), { transports: [tcp(), hub], bind: null })
    const connection = a.messenger.connect(address)
    await connection.deliver({ type: 1 })
    t.equal(a.messenger.connect(address), connection)
    for (const other of b.messenger.addresses)
      t.equal(a.messenger.connect(other), connection, 'its other addresses too')
    await connection.close()
  }
})

t.test('who is bound to a wildcard is dialled where its link came from, by both sides at once', async (t) => {
  const [a, b] = [
    await actor(t, 'osd.1', peer(QUICK), { bind: 'tcp://0.0.0.0:0' }),
    await actor(t, 'osd.2', peer(QUICK), { bind: 'tcp://0.0.0.0:0' }),
  ]
  await a.messenger.connect(`tcp://127.0.0.1:${b.port}`).deliver({ type: 1 })
  const back = b.messenger.connections[0]!
  t.equal(back.peer.address, `tcp://127.0.0.1:${a.port}`, 'b has understood where a is')
  for (const connection of a.messenger.connections) connection.markDown()
  await until('b has no link', () => back.state === 'closed' || back.state === 'standby')
  await b.messenger.connect(`tcp://127.0.0.1:${a.port}`).deliver({ type: 1 })
})

t.test('a wildcard is not an address of its own, unless it says what is', async (t) => {
  const b = await actor(t, 'osd.2', peer(QUICK), { bind: 'tcp://0.0.0.0:0' })
  t.match(b.address, /^tcp:\/\/0\.0\.0\.0:\d+$/)
  t.strictSame(b.messenger.addresses, [])
  const a = await actor(t, 'osd.1', peer(QUICK))
  await a.messenger.connect(`tcp://127.0.0.1:${b.port}`).deliver({ type: 1 })
  await until('b can answer where a said', () => b.messenger.connections.length === 1)
  t.equal(b.messenger.connect(a.address), b.messenger.connections[0], 'a is known by its address')

  const c = await actor(t, 'osd.3', peer(QUICK), { bind: 'tcp://0.0.0.0:0', advertise: 'tcp://127.0.0.1:0' })
  t.strictSame(c.messenger.addresses, [`tcp://127.0.0.1:${c.port}`], 'port 0 means the bound one')
  await a.messenger.connect(c.messenger.addresses[0]!).deliver({ type: 1 })
})

t.test('anonymous connections are sessions of their own', async (t) => {
  const [a, b] = [await actor(t, 'client.1', losslessClient(QUICK)), await actor(t, 'osd.1', losslessServer())]
  const shared = a.messenger.connect(b.address)
  const own = a.messenger.connect(b.address, { anonymous: true })
  const another = a.messenger.connect(b.address, { anonymous: true })
  t.equal(new Set([shared, own, another]).size, 3)
  await Promise.all([shared, own, another].map((connection) => connection.deliver({ type: 1 })))
  t.equal(b.count('onAccept'), 3)
  await own.close()
  await until('one is gone', () => b.messenger.connections.length === 2)
  await Promise.all([shared, another].map((connection) => connection.deliver({ type: 1 })))
})

t.test('a server keeps a session for its standby limit', async (t) => {
  const server = await actorBehind(t, 'osd.1', losslessServer())
  const client = await actor(t, 'client.1', losslessClient(QUICK), { bind: null })
  await client.messenger.connect(server.address).deliver({ type: 1 })
  const kept = server.messenger.connections[0]!
  server.proxy.cutAll()
  await until('it is resumed', () => server.eventsOf('resume').length === 1)
  t.equal(kept.state, 'open', 'within the limit: the same connection')
})

t.test('and no longer', async (t) => {
  const server = await actorBehind(t, 'osd.1', losslessServer({ standbyMs: 150 }))
  const client = await actor(t, 'client.1', losslessClient(QUICK), { bind: null })
  const connection = client.messenger.connect(server.address)
  await connection.deliver({ type: 1 })
  const kept = server.messenger.connections[0]!
  kept.state$.subscribe((state) => {
    if (state === 'standby') kept.send({ type: 1, tid: 5 })
  })
  server.proxy.refuse()
  server.proxy.cutAll()
  await until('the limit has passed', () => server.count('onReset') === 1)
  const outcome = server.told.at(-1)!.outcome!
  t.match([...outcome.undelivered, ...outcome.unknown], [{ tid: 5 }], 'what it had for the client comes back')
  t.match(server.eventsOf('reset')[0]?.reason, /did not come back within 150 ms/)
  await server.proxy.accept()
  await until('the client is told that it is a new session', () => client.count('onRemoteReset') === 1)
  await connection.deliver({ type: 1 })
  t.equal(client.count('onReset'), 0)
})

t.test('the first message is there after one round trip, and after a cut again', async (t) => {
  const a = await actor(t, 'client.1', losslessClient(QUICK))
  const b = await actorBehind(t, 'osd.1', losslessServer(), { proxy: { delayMs: 20 } })
  const flights: number[] = []
  b.messenger.use({ dispatch: () => void flights.push(b.proxy.flights) })
  const connection = a.messenger.connect(b.address)
  await connection.deliver({ type: 1 })
  const before = b.proxy.flights
  b.proxy.cutAll()
  await until('the link is lost', () => connection.state !== 'open')
  await connection.deliver({ type: 1 })
  t.equal(flights[0], 3, 'one there, one back, and the third carries the message')
  t.ok(flights[1]! - before <= 3, 'the same for a session that is resumed')
})

t.test('a lossy client may talk to many at once, and each ends alone', async (t) => {
  const servers = [await actorBehind(t, 'osd.1', lossy()), await actorBehind(t, 'osd.2', lossy())] as const
  const client = await actor(t, 'client.1', lossy(QUICK), { bind: null })
  const [one, two] = servers.map(({ address }) => client.messenger.connect(address)) as [never, never]
  await Promise.all(servers.map(({ address }) => client.messenger.connect(address).deliver({ type: 1 })))
  servers[0].proxy.cutAll()
  await until('one is reset', () => client.count('onReset') === 1)
  t.strictSame(client.messenger.connections, [two])
  t.not(client.messenger.connect(servers[0].address), one)
  await client.messenger.connect(servers[1].address).deliver({ type: 1 })
})
