/** One connection and its links, over the memory transport: what becomes of it when links, peers and time do what they do. */
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { Driver } from '../../../src/messenger/driver.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Policy } from '../../../src/policies/policy.ts'
import { parseAddress } from '../../../src/transports/address.ts'
import { FaultPlan, faulty } from '../../../src/testing/index.ts'
import { fakeWorld } from './fakes.ts'
import { Lab, types } from './lab.ts'

/** osd.1 listens, osd.0 has an open connection to it. */
async function setUp(mine: Policy = peer(), theirs: Policy = mine) {
  const lab = new Lab()
  const server = lab.subject('osd.1', { policies: { default: theirs } })
  await server.messenger.bind('memory://osd.1')
  const client = lab.subject('osd.0', { policies: { default: mine } })
  const connection = client.messenger.connect('memory://osd.1')
  await lab.clock.settle()
  return { lab, server, client, connection }
}

t.test('a session that lost its link goes on: once, in order', async (t) => {
  const { lab, server, client, connection } = await setUp()
  for (let tid = 1; tid <= 20; tid++) {
    connection.send({ type: 1, tid })
    if (tid % 5 === 0) lab.cut()
    await lab.clock.advance(1000)
  }
  await lab.clock.advance(10_000)
  t.strictSame(
    server.got,
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
  t.strictSame(client.told, ['onConnect osd.1'], 'the application hears of nothing')
  t.strictSame(types(client.events).slice(0, 3), ['connect', 'fault', 'resume'])
  t.match(connection.dump().counters, { sessions: 1, faults: 4, resumes: 4 })
})

t.test('a lossy session ends with its link: both ends are told, once, with what is not known', async (t) => {
  const { lab, server, client, connection } = await setUp(lossy())
  connection.send({ type: 1, tid: 1 })
  lab.cut()
  await lab.clock.advance(60_000)
  t.strictSame(client.told, ['onConnect osd.1', 'onReset osd.1'])
  t.strictSame(server.told, ['onAccept osd.0', 'onReset osd.0'])
  t.match(client.outcomes, [{ undelivered: [], unknown: [{ tid: 1 }] }], 'it may have arrived')
  t.equal(connection.state, 'closed')
  t.strictSame(client.messenger.connections, [])
})

t.test(
  'a lossy client that dials again ends its earlier session at a server that has not heard of the cut',
  async (t) => {
    const { lab, server, client, connection } = await setUp(lossy())
    // Only this end of the link learns of it.
    lab.links[0]?.handlers.closed({ end: 'reset', message: 'gone' })
    t.equal(connection.state, 'closed')
    t.equal(server.messenger.connections[0]?.state, 'open')
    const again = client.messenger.connect('memory://osd.1')
    await lab.clock.settle()
    t.strictSame(server.told, ['onAccept osd.0', 'onAccept osd.0', 'onReset osd.0'])
    t.match(server.events.at(-2), { type: 'reset', reason: 'the client dialled again' })
    t.equal(server.messenger.connections.length, 1)
    again.send({ type: 1, tid: 7 })
    await lab.clock.settle()
    t.strictSame(server.got, [7])
  },
)

t.test("what a connection may hold is nobody's when it is over", (t) => {
  const world = fakeWorld()
  const expected = { expectType: null, expectName: null }
  const driver = new Driver(world, {
    policy: peer(),
    role: 'responder',
    channel: 0,
    addresses: [],
    account: 'osd.1',
    ...expected,
  })
  world.quota.entered('osd.1')
  driver.connection.markDown()
  const next = world.held.share(null, 'osd.1', { throttle: () => undefined, easier: () => undefined })
  t.strictSame([...world.held.open('osd.1', next).shares], [next], 'nobody had that name')
  t.end()
})

t.test('what a peer sends counts as held under its name, also where it was dialled', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1')
  await server.messenger.bind('memory://osd.1')
  const limits = { heldBytesPerNameMax: 1024 * 1024 }
  const client = lab.messenger('osd.0', { limits, policies: { default: peer() } })
  client.use({ dispatch: () => new Promise<void>(() => undefined) })
  const connection = client.connect('memory://osd.1')
  await lab.clock.settle()
  for (let tid = 0; tid < 100; tid++) server.messenger.connections[0]?.send({ type: 1, data: new Uint8Array(100_000) })
  await lab.clock.advance(1000)
  const { heldBytes } = connection.dump()
  t.ok(heldBytes >= 1024 * 1024 && heldBytes < 2 * 1024 * 1024, `${heldBytes} bytes of a window of 64 MiB`)
  connection.markDown()
})

t.test('what waits for a handler when its peer turns out to have restarted reaches none', async (t) => {
  const { lab, server, connection } = await setUp(peer(), peer({ concurrency: 1 }))
  let finish = (): void => undefined
  server.messenger.use({ dispatch: () => new Promise<void>((resolve) => (finish = resolve)) })
  for (const tid of [1, 2, 3]) connection.send({ type: 1, tid })
  await lab.clock.advance(100)
  const restarted = lab.subject('osd.0')
  const next = restarted.messenger.connect('memory://osd.1')
  await lab.clock.advance(100)
  t.strictSame(server.told, ['onAccept osd.0', 'onRemoteReset osd.0', 'onAccept osd.0'])
  finish()
  next.send({ type: 1, tid: 4 })
  await lab.clock.advance(100)
  t.strictSame(server.got, [1, 4], 'two and three were of a session that is over')
  t.match(server.messenger.connections[0]?.dump(), { heldMessages: 1 })
})

t.test('who ends a connection when its peer has said goodbye dials nobody any more', async (t) => {
  const { lab, server, client, connection } = await setUp(peer({ onReset: 'requeue' }), peer())
  server.messenger.use({ dispatch: () => new Promise<void>(() => undefined) })
  client.messenger.use({ onRemoteReset: (one) => void one.markDown() })
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  const { length } = lab.links
  server.messenger.connections[0]?.markDown()
  await lab.clock.advance(1000)
  t.equal(connection.state, 'closed')
  t.equal(lab.links.length, length)
})

t.test('a layer that ends a connection as its session goes on hears the last of it', async (t) => {
  const { lab, client, connection } = await setUp()
  client.messenger.useService({
    name: 'strict',
    number: 300,
    adopted: ({ connection: its }, { resumed }) => {
      if (resumed) its.markDown()
    },
    message: () => 'pass',
  })
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  lab.cut()
  await lab.clock.advance(5000)
  t.equal(connection.state, 'closed')
  t.strictSame(types(client.events), ['connect', 'fault', 'closed'], 'nothing goes on')
})

t.test('that somebody else answers is told once, however often it is tried', async (t) => {
  const { lab, client, connection } = await setUp()
  await lab.messenger('osd.2').bind('memory://other')
  const dial = lab.hub.dial.bind(lab.hub)
  lab.hub.dial = (address) => dial(address.host === 'osd.1' ? { ...address, host: 'other' } : address)
  lab.cut()
  connection.send({ type: 1, tid: 1 })
  const before = lab.links.length
  await lab.clock.advance(10_000)
  t.ok(lab.links.length - before > 3)
  t.match(client.errors, [{ code: 'INK_WRONG_PEER', message: /is osd\.2, not osd\.1; dialling goes on/ }])
  t.equal(client.errors.length, 1)
  connection.markDown()
})

t.test('a dial that finds nobody is told once and repeated, ever more slowly', async (t) => {
  const lab = new Lab()
  const client = lab.subject('osd.0')
  const connection = client.messenger.connect('memory://osd.1')
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(10_000)
  t.strictSame(client.told, ['onRefused memory://osd.1'])
  t.match(client.errors, [{ code: 'INK_CONNECTION_REFUSED', message: /dialling goes on/ }])
  t.ok(lab.links.length > 3 && lab.links.length < 20, `${lab.links.length} dials in 10 s`)
  t.match(connection.dump(), { state: 'backoff', failures: lab.links.length, lastFault: /Nobody listens/ })
  const server = lab.subject('osd.1')
  await server.messenger.bind('memory://osd.1')
  await lab.clock.advance(20_000)
  t.strictSame(server.got, [1])
  t.equal(connection.dump().failures > 0, true, 'a success resets nothing before it proved healthy')
})

t.test('a dial that is never answered ends at its deadline', async (t) => {
  const lab = new Lab()
  const accepted: unknown[] = []
  await lab.hub.listen(parseAddress('memory://mute'), (link) => {
    accepted.push(link)
    link.handlers = { opened: () => undefined, data: () => false, writable: () => undefined, closed: () => undefined }
  })
  const client = lab.subject('osd.0', { policies: { default: peer({ connectTimeoutMs: 500 }) } })
  const connection = client.messenger.connect('memory://mute')
  await lab.clock.advance(499)
  t.equal(connection.state, 'connecting')
  await lab.clock.advance(1)
  t.equal(connection.state, 'backoff')
  await lab.clock.advance(1000)
  t.ok(accepted.length > 1)
  const { lastFault, failures, counters } = connection.dump()
  t.match(lastFault, /did not open a session within 500 ms/)
  t.equal(counters.faults, failures)
  t.equal(types(client.events).filter((type) => type === 'fault').length, failures, 'each is told')
})

t.test('a peer that has no room, or waits for an earlier link: each dial is told, with what it was told', async (t) => {
  const lab = new Lab()
  const full = lab.subject('osd.1', { limits: { connectionsMax: 1 } })
  await full.messenger.bind('memory://osd.1')
  lab.subject('osd.8').messenger.connect('memory://osd.1').send({ type: 1, tid: 1 })
  await lab.clock.settle()
  const client = lab.subject('osd.0')
  const connection = client.messenger.connect('memory://osd.1')
  await lab.clock.advance(3000)
  const { lastFault, failures, counters } = connection.dump()
  t.match(lastFault, /too many connections/)
  t.ok(failures > 2)
  t.equal(counters.faults, failures)
  t.match(client.events[0], { type: 'fault', connection, reason: /too many connections/ })
  t.equal(client.events.length, failures)
  t.equal(full.events.filter(({ type }) => type === 'linkRefused').length, failures, 'and at the other end')
})

t.test('a dial that cannot even begin is a fault like any other', async (t) => {
  const lab = new Lab()
  const broken = { ...lab.hub, dial: () => { throw new Error('no descriptors left') } } // prettier-ignore
  const client = lab.subject('osd.0', { transports: [broken] })
  const connection = client.messenger.connect('memory://osd.1')
  await lab.clock.advance(1000)
  const { lastFault, failures, counters } = connection.dump()
  t.equal(lastFault, 'no descriptors left')
  t.ok(failures > 2)
  t.equal(counters.faults, failures)
  t.match(client.events, [{ type: 'fault', reason: 'no descriptors left' }])
})

t.test('a peer that is not what was asked for is refused for good', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1')
  await server.messenger.bind('memory://osd.1')
  const client = lab.subject('osd.0')
  for (const options of [{ name: 'osd.2' }, { type: 'mds' }]) {
    const connection = client.messenger.connect('memory://osd.1', options)
    const lost = t.rejects(connection.deliver({ type: 1, tid: 1 }), { code: 'INK_WRONG_PEER', outcome: 'undelivered' })
    await lab.clock.advance(1000)
    await lost
    t.equal(connection.state, 'closed')
  }
  t.strictSame(
    client.errors.map(({ code }) => code),
    ['INK_WRONG_PEER', 'INK_WRONG_PEER'],
  )
  t.strictSame(server.told, [], 'the peer never knew a session')
})

t.test('another way to a peer that is connected already is refused', async (t) => {
  const { lab, server, client, connection } = await setUp()
  await server.messenger.bind('memory://other')
  client.messenger.connect('memory://other')
  await lab.clock.advance(2000)
  t.match(client.errors, [{ code: 'INK_DUPLICATE_PEER', message: /memory:\/\/osd\.1/ }])
  t.equal(connection.state, 'open')
  t.strictSame(server.told, ['onAccept osd.0'], 'the session that there is was never in danger')
})

t.test('a newer instance of a name takes over, and the older one is told so for good', async (t) => {
  const { lab, server, client, connection } = await setUp(losslessClient(), losslessServer())
  const newer = lab.subject('osd.0', { policies: { default: losslessClient() } })
  newer.messenger.connect('memory://osd.1')
  await lab.clock.advance(1000)
  t.match(client.errors.at(-1), { code: 'INK_TAKEN_OVER' })
  t.equal(connection.state, 'closed')
  t.equal(server.messenger.connections.length, 1)
  t.equal(server.messenger.connections[0]?.peer.instance, newer.messenger.instance)
  t.equal(server.messenger.dump().goneInstances, 1)
})

t.test('a restarted peer is a remote reset with what is unknown, and the connection goes on', async (t) => {
  const { lab, server, client, connection } = await setUp()
  server.messenger.use({ dispatch: () => new Promise<void>(() => undefined) })
  const lost = t.rejects(connection.deliver({ type: 1, tid: 1 }), { code: 'INK_RESET', outcome: 'unknown' })
  await lab.clock.advance(100)
  const restarted = lab.subject('osd.1')
  await restarted.messenger.bind('memory://osd.1b')
  await client.messenger.bind('memory://osd.0')
  restarted.messenger.connect('memory://osd.0')
  await lab.clock.advance(1000)
  await lost
  t.strictSame(client.told, ['onConnect osd.1', 'onRemoteReset osd.1', 'onAccept osd.1'])
  t.match(client.outcomes, [{ undelivered: [], unknown: [{ tid: 1 }] }])
  connection.send({ type: 1, tid: 2 })
  await lab.clock.advance(100)
  t.strictSame(restarted.got, [2])
})

t.test('a server keeps the session of an absent client for standbyMs, and no longer', async (t) => {
  const { lab, server } = await setUp(losslessClient(), losslessServer({ standbyMs: 5000 }))
  const [accepted] = server.messenger.connections as [Connection]
  lab.hub.dial = () => {
    throw new Error('the client is gone')
  }
  lab.cut()
  await lab.clock.settle()
  t.equal(accepted.state, 'standby')
  const waiting = t.rejects(accepted.deliver({ type: 1, tid: 1 }), {
    code: 'INK_STANDBY_EXPIRED',
    outcome: 'undelivered',
  })
  await lab.clock.advance(4999)
  t.equal(accepted.state, 'standby')
  await lab.clock.advance(1)
  await waiting
  t.equal(accepted.state, 'closed')
  t.strictSame(server.told, ['onAccept osd.0', 'onReset osd.0'])
})

t.test('a link that has gone silent is given up, and the session goes on', async (t) => {
  const { lab, server, client, connection } = await setUp(peer({ keepalive: { intervalMs: 1000, timeoutMs: 3000 } }))
  lab.links[0]?.pause()
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(10_000)
  t.strictSame(types(client.events).slice(0, 3), ['connect', 'fault', 'resume'])
  t.match(connection.dump(), { state: 'open', lastFault: 'nothing came from the peer for 3000 ms' })
  t.strictSame(server.got, [1], 'it had arrived, and did not arrive again')
})

t.test('an idle connection asks whether its peer lives, and takes the answer for a yes', async (t) => {
  const { lab, connection } = await setUp(peer({ keepalive: { intervalMs: 1000, timeoutMs: 3000 } }))
  await lab.clock.advance(60_000)
  t.match(connection.dump(), { state: 'open', counters: { faults: 0 } })
})

t.test('crossed dials become one session', async (t) => {
  const lab = new Lab()
  const [a, b] = [lab.subject('osd.0'), lab.subject('osd.1')]
  await a.messenger.bind('memory://osd.0')
  await b.messenger.bind('memory://osd.1')
  a.messenger.connect('memory://osd.1').send({ type: 1, tid: 1 })
  b.messenger.connect('memory://osd.0').send({ type: 1, tid: 2 })
  await lab.clock.advance(5000)
  t.strictSame([a.got, b.got], [[2], [1]])
  t.strictSame([a.messenger.connections.length, b.messenger.connections.length], [1, 1])
  t.match([a.told.length, b.told.length], [1, 1])
})

t.test('a peer that says goodbye ends the session; a caller may use the connection again', async (t) => {
  const { lab, server, client, connection } = await setUp()
  const closed = server.messenger.connections[0]?.close()
  await lab.clock.advance(100)
  await closed
  t.strictSame(client.told, ['onConnect osd.1', 'onRemoteReset osd.1'])
  t.strictSame(server.told, ['onAccept osd.0'], 'who closes is not told of it')
  t.equal(connection.state, 'idle')
  connection.send({ type: 1, tid: 1 })
  await lab.clock.advance(100)
  t.strictSame(server.got, [1])
})

t.test('a peer may say what it likes about where it can be dialled', async (t) => {
  const lab = new Lab()
  const server = lab.subject('osd.1')
  await server.messenger.bind('memory://osd.1')
  const elsewhere = { ...lab.hub, scheme: 'elsewhere', parse: <A>(address: A) => address }
  const client = lab.subject('osd.0', { transports: [lab.hub, elsewhere] })
  await client.messenger.bind('memory://osd.0', { advertise: 'elsewhere://osd.0' })
  const connection = client.messenger.connect('memory://osd.1')
  await lab.clock.advance(100)
  const [accepted] = server.messenger.connections as [Connection]
  accepted.send({ type: 1, tid: 1 })
  lab.cut()
  await t.resolves(lab.clock.advance(5000), 'an address that cannot be dialled is a fault, not an exception')
  connection.send({ type: 1, tid: 2 })
  await lab.clock.advance(5000)
  t.strictSame([client.got, server.got], [[1], [2]])
})

t.test('a closed connection keeps no timer and no link', async (t) => {
  const { lab, client, server } = await setUp()
  client.messenger.connections[0]?.markDown()
  await lab.clock.advance(60_000)
  t.strictSame(server.messenger.connections, [])
  t.equal(lab.clock.timers, 0)
  const connection = client.messenger.connect('memory://nobody')
  await lab.clock.settle()
  t.equal(connection.state, 'backoff')
  t.equal(lab.clock.timers, 1)
  connection.markDown()
  t.equal(lab.clock.timers, 0, 'its alarm ends with it, not when it would have rung')
})

t.test('whoever calls connect() is told how it ends, also where a peer had begun and never confirmed', async (t) => {
  const lab = new Lab()
  const plan = new FaultPlan()
  const policies = { default: peer({ backoff: { firstMs: 10, maxMs: 100 } }) }
  const ours = lab.subject('osd.0', { policies, limits: { tentativeMs: 2000 } })
  const theirs = lab.subject('osd.1', { policies, transports: [faulty(lab.hub, plan)] })
  await ours.messenger.bind('memory://osd.0')
  await theirs.messenger.bind('memory://osd.1')
  plan.at('OPENED read', 'block')
  const begun = theirs.messenger.connect('memory://osd.0')
  await lab.clock.settle()
  const states = (): string[] => ours.messenger.dump().connections.map(({ state }) => state)
  t.strictSame(states(), ['accepting'], 'it is promised')
  begun.markDown()
  await theirs.messenger.shutdown()
  await lab.clock.settle()
  t.strictSame([states(), ours.messenger.connections], [['standby'], []], 'the application knows nothing of it')
  const connection = ours.messenger.connect('memory://osd.1')
  t.equal(states().length, 1, 'it is given that connection')
  connection.send({ type: 1, tid: 7 })
  await lab.clock.advance(10_000)
  t.equal(connection.state, 'closed')
  t.match(ours.told.at(-1), /^onReset/)
  t.match(ours.outcomes, [{ undelivered: [{ tid: 7 }], unknown: [] }])
})
