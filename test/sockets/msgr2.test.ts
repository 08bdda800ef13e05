/**
 * Whole sessions over msgr2 with Inkwire at both ends: every policy, cut links, a restarted peer, crossed connects.
 *
 * The proxy is the address that the acceptor tells: Ceph's protocol insists on being reached where it says it is.
 */
import t, { type Test } from 'tap'
import { msgr2 } from '../../src/ceph/index.ts'
import { losslessClient, losslessServer, lossy, Messenger, peer, type Message, type Outcome } from '../../src/index.ts'
import type { PolicyMap } from '../../src/index.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { until } from '../support/until.ts'

const SERVER = { keepalive: { intervalMs: 300, timeoutMs: 2000 } }
const FAST = { backoff: { firstMs: 5, maxMs: 50 }, ...SERVER }

function node(t: Test, name: string, policies: PolicyMap) {
  const messenger = new Messenger({ name, policies, wire: msgr2() })
  t.teardown(() => messenger.shutdown())
  const got: number[] = []
  const resets: Outcome[] = []
  messenger.use({
    dispatch(message: Message) {
      got.push(message.tid)
    },
    onReset: (_connection, outcome) => resets.push(outcome),
    onRemoteReset: (_connection, outcome) => resets.push(outcome),
  })
  return { messenger, got, resets }
}

/** An acceptor behind a proxy; `address` is what it tells. */
async function behindProxy(t: Test, messenger: Messenger) {
  const proxy = await startProxy(1)
  t.teardown(() => proxy.close())
  const bound = await messenger.bind('v2:127.0.0.1:0/0', { advertise: `v2:127.0.0.1:${proxy.port}/0` })
  proxy.retarget(Number(/:(\d+)\//.exec(bound)?.[1]))
  return { proxy, bound, address: messenger.addresses[0] ?? '' }
}

const count = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1)
const data = (tid: number): Uint8Array => new Uint8Array((tid * 37) % 5000).fill(tid)

t.test('an address is told in the notation of Ceph, with a nonce of the instance', async (t) => {
  const { messenger } = node(t, 'osd.1', { default: lossy() })
  const bound = await messenger.bind('v2:127.0.0.1:0/0')
  t.match(bound, /^v2:127\.0\.0\.1:\d+\/[1-9]\d*$/)
  t.strictSame(messenger.addresses, [bound])
  t.throws(() => messenger.connect('v2:127.0.0.1:0/0'), { code: 'INK_BAD_ADDRESS' })
})

t.test('a lossy session delivers in both directions, and a cut link resets both ends once', async (t) => {
  const server = node(t, 'osd.1', { default: lossy(FAST) })
  const client = node(t, 'client.admin', { default: lossy(FAST) })
  const { proxy, address } = await behindProxy(t, server.messenger)
  const connection = client.messenger.connect(address, { type: 'osd' })
  for (const tid of count(200)) connection.send({ type: 1, tid, priority: tid % 200, data: data(tid) })
  await until('all came', () => server.got.length === 200)
  t.strictSame(server.got, count(200), 'in order: there is one lane')
  await connection.deliver({ type: 1, tid: 201 })
  server.messenger.connections[0]?.send({ type: 2, tid: 1 })
  await until('an answer', () => client.got.length === 1)
  t.match(connection.peer, { name: 'osd.1', type: 'osd', address })
  proxy.cutAll()
  await until('both resets', () => client.resets.length === 1 && server.resets.length === 1)
})

t.test('a lossless session is resumed after every cut: each message once, in order', async (t) => {
  const server = node(t, 'mds.0', { default: losslessServer(SERVER) })
  const client = node(t, 'client.admin', { default: losslessClient(FAST) })
  const { proxy, address } = await behindProxy(t, server.messenger)
  const connection = client.messenger.connect(address, { type: 'mds' })
  const total = 600
  for (const tid of count(total)) {
    connection.send({ type: 1, tid, data: data(tid) })
    if (tid === 1) await until('the session', () => server.messenger.connections.length === 1)
    if (tid % 50 === 0) {
      server.messenger.connections[0]?.send({ type: 2, tid: tid / 50 })
      await until('some came', () => server.got.length > tid / 2)
      proxy.cutAll()
    }
  }
  await until('all came', () => server.got.length >= total && client.got.length >= total / 50)
  t.strictSame(server.got, count(total))
  t.strictSame(client.got, count(total / 50))
  t.strictSame([client.resets, server.resets], [[], []])
  t.ok(proxy.cuts > 1, `${proxy.cuts} cuts`)
  // While the proxy still works: what is unacked would be waited for.
  await Promise.all([client.messenger.shutdown(), server.messenger.shutdown()])
})

t.test('a server that forgot the session says so, and what was unfinished comes back', async (t) => {
  const server = node(t, 'mds.0', { default: losslessServer(SERVER) })
  const client = node(t, 'client.admin', { default: losslessClient(FAST) })
  const { proxy, address } = await behindProxy(t, server.messenger)
  const connection = client.messenger.connect(address, { type: 'mds' })
  await connection.deliver({ type: 1, tid: 1 })
  proxy.refuse()
  proxy.cutAll()
  await until('the link is lost', () => connection.state !== 'open')
  server.messenger.connections[0]?.markDown()
  connection.send({ type: 1, tid: 2 })
  await proxy.accept()
  await until('the reset', () => client.resets.length === 1)
  t.match(client.resets[0], { undelivered: [{ tid: 2 }], unknown: [] })
  await connection.deliver({ type: 1, tid: 3 })
  t.strictSame(server.got, [1, 3])
  await Promise.all([client.messenger.shutdown(), server.messenger.shutdown()])
})

t.test('two peers that dial each other end up with one session', async (t) => {
  const a = node(t, 'osd.1', { default: peer(FAST) })
  const b = node(t, 'osd.2', { default: peer(FAST) })
  const [atA, atB] = [await a.messenger.bind('v2:127.0.0.1:0/0'), await b.messenger.bind('v2:127.0.0.1:0/0')]
  for (let round = 1; round <= 3; round++) {
    const [toB, toA] = [a.messenger.connect(atB, { type: 'osd' }), b.messenger.connect(atA, { type: 'osd' })]
    toB.send({ type: 1, tid: round })
    toA.send({ type: 1, tid: round })
    await until(`round ${round}`, () => a.got.length === round && b.got.length === round)
  }
  t.strictSame([a.messenger.connections.length, b.messenger.connections.length], [1, 1])
  t.strictSame([a.resets, b.resets], [[], []])
})

t.test('a full window stops the peer instead of breaking the link', async (t) => {
  const server = new Messenger({
    name: 'osd.1',
    policies: { default: lossy({ window: { messages: 8, bytes: 65536 }, ...FAST }) },
    wire: msgr2(),
  })
  t.teardown(() => server.shutdown())
  const waiting: (() => void)[] = []
  let handled = 0
  server.use({
    async dispatch() {
      await new Promise<void>((resolve) => waiting.push(resolve))
      handled++
    },
  })
  const client = node(t, 'client.admin', { default: lossy(FAST) })
  const address = await server.bind('v2:127.0.0.1:0/0')
  const connection = client.messenger.connect(address, { type: 'osd' })
  for (const tid of count(3000)) connection.send({ type: 1, tid, data: new Uint8Array(4096) })
  await until('the window is full', () => waiting.length >= 8)
  await until('all are handled', () => {
    for (const resolve of waiting.splice(0)) resolve()
    return handled === 3000
  })
  t.strictSame(client.resets, [])
})

t.test('policies that do not fit are refused at both ends', async (t) => {
  const server = node(t, 'mds.0', { default: losslessServer(SERVER) })
  const client = node(t, 'client.admin', { default: lossy(FAST) })
  const codes: string[] = []
  client.messenger.events$.subscribe((event) => {
    if (event.type === 'refused') codes.push(event.error.code)
  })
  client.messenger.connect(await server.messenger.bind('v2:127.0.0.1:0/0'), { type: 'mds' })
  await until('a refusal', () => codes.length > 0)
  t.strictSame(codes, ['INK_POLICY_MISMATCH'])
})
