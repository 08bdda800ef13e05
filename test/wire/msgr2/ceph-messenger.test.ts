/**
 * Inkwire and a messenger of Ceph's own, as peers and as client and server: links are cut, both sides dial, sessions are
 * lost, and every message arrives once and in order, or is handed back.
 *
 * SEED=<number> cuts elsewhere; TOTAL=<number> sends more.
 */
import t, { type Test } from 'tap'
import { losslessClient, losslessServer, lossy, Messenger, msgr2, peer } from '../../../src/index.ts'
import type { Connection, Message, Outcome, Policy } from '../../../src/index.ts'
import { freePort } from '../../support/ceph-cluster.ts'
import { missingMessenger, startCephMessenger, type CephPolicy } from '../../support/ceph-messenger.ts'
import { orSkip } from '../../support/or-skip.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'

const SEED = Number(process.env['SEED'] ?? 1)
const TOTAL = Number(process.env['TOTAL'] ?? 400)
const LIVELY = { keepalive: { intervalMs: 300, timeoutMs: 3000 } }
const FAST = { backoff: { firstMs: 5, maxMs: 50 }, ...LIVELY }
/** Ceph waits for fractions of a second, and for fifteen where it lost a race. */
const HURRY = { ms_initial_backoff: 0.01, ms_max_backoff: 0.1 }

type Who = 'ceph' | 'inkwire' | 'both'

interface Pair {
  readonly theirs: CephPolicy
  readonly ours: Policy
  readonly dials: Who
}

const PAIRS: Pair[] = [
  { theirs: 'lossless_peer', ours: peer(FAST), dials: 'both' },
  { theirs: 'lossless_peer_reuse', ours: peer(FAST), dials: 'both' },
  { theirs: 'lossless_peer', ours: peer(FAST), dials: 'ceph' },
  { theirs: 'lossless_peer', ours: peer(FAST), dials: 'inkwire' },
  { theirs: 'lossless_client', ours: losslessServer(LIVELY), dials: 'ceph' },
  { theirs: 'stateful_server', ours: losslessClient(FAST), dials: 'inkwire' },
]

/** Both ends, each behind a proxy; `lower` is whose address is the lower one, and so who wins a race. */
async function ends(t: Test, { theirs, ours }: Omit<Pair, 'dials'>, lower: 'ceph' | 'inkwire' = 'ceph') {
  const proxies = [await startProxy(1), await startProxy(1)].sort((a, b) => a.port - b.port)
  const [toCeph, toInkwire] = (lower === 'ceph' ? proxies : proxies.reverse()) as [TcpProxy, TcpProxy]
  t.teardown(() => Promise.all(proxies.map((proxy) => proxy.close())))
  const port = await freePort()
  toCeph.retarget(port)
  const nonce = lower === 'ceph' ? 1 : 0xfffffff
  const start = () =>
    startCephMessenger(t, {
      name: 'osd.1',
      policy: theirs,
      address: `v2:127.0.0.1:${port}/${nonce}`,
      advertise: `v2:127.0.0.1:${toCeph.port}/${nonce}`,
      settings: HURRY,
    })
  const messenger = new Messenger({ name: 'osd.2', policies: { default: ours }, wire: msgr2() })
  t.teardown(() => messenger.shutdown().catch(() => {}))
  const got: number[] = []
  const resets: Outcome[] = []
  messenger.use({
    dispatch: (message: Message) => void got.push(message.tid),
    onReset: (_connection, outcome) => resets.push(outcome),
    onRemoteReset: (_connection, outcome) => resets.push(outcome),
  })
  const bound = await messenger.bind('v2:127.0.0.1:0/0', { advertise: `v2:127.0.0.1:${toInkwire.port}/0` })
  toInkwire.retarget(Number(/:(\d+)\//.exec(bound)?.[1]))
  const atCeph = `v2:127.0.0.1:${toCeph.port}/${nonce}`
  return { ceph: await start(), restart: start, atCeph, messenger, got, resets, toCeph, toInkwire }
}

type Ends = Awaited<ReturnType<typeof ends>>

/** Opens a session and gives our end of it; theirs is number 0. */
async function open({ ceph, atCeph, messenger }: Ends, dials: Who): Promise<Connection> {
  if (dials === 'inkwire') {
    const connection = messenger.connect(atCeph, { type: 'osd' })
    await until('Ceph accepts', () => ceph.events.includes('accepted 0'))
    return connection
  }
  await ceph.connect('osd', messenger.addresses[0] ?? '')
  if (dials === 'both') return messenger.connect(atCeph, { type: 'osd' })
  await until('Inkwire accepts', () => messenger.connections.length > 0)
  return messenger.connections[0]!
}

const count = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1)
const bytesOf = (tid: number): number => (tid % 50 === 0 ? 40_000 : (tid * 37) % 3000)

/** Sends on both sides, and looks at `each` now and then until all has come. */
async function exchange(at: Ends, connection: Connection, each: () => void): Promise<void> {
  for (let from = 1; from <= TOTAL; from += 20) {
    at.ceph.say('send', 0, from, 20, bytesOf(from))
    for (let tid = from; tid < from + 20; tid++) connection.send({ type: 2, tid, data: new Uint8Array(bytesOf(tid)) })
    await until(`message ${from}`, () => (each(), at.got.length >= from && at.ceph.got.length >= from), 30_000)
  }
  await until('everything', () => (each(), at.got.length >= TOTAL && at.ceph.got.length >= TOTAL))
}

function randoms(seed: number): (low: number, high: number) => number {
  let state = seed
  return (low, high) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return low + ((state >>> 8) % (high - low))
  }
}

const options = { timeout: 120_000 }
const test = orSkip(t, missingMessenger)

for (const { theirs, ours, dials } of PAIRS) {
  for (const lower of dials === 'both' ? (['ceph', 'inkwire'] as const) : (['ceph'] as const)) {
    const who = dials === 'both' ? `both dial, ${lower} has the lower address` : `${dials} dials`
    test(`${theirs} of Ceph and ${ours.kind}, ${who}: cut again and again`, options, async (t) => {
      const at = await ends(t, { theirs, ours }, lower)
      const connection = await open(at, dials)
      const random = randoms(SEED)
      const armed = new Map<TcpProxy, number>()
      await exchange(at, connection, () => {
        for (const proxy of [at.toCeph, at.toInkwire]) {
          if (armed.get(proxy) === proxy.cuts) continue
          armed.set(proxy, proxy.cuts)
          proxy.cutAfter(random(200, 150_000))
        }
      })
      t.strictSame(at.got, count(TOTAL), 'what Ceph sent')
      t.strictSame(at.ceph.tids, count(TOTAL), 'what Inkwire sent')
      t.strictSame(at.resets, [])
      t.notOk(at.ceph.events.includes('remote-reset 0'))
      for (const proxy of [at.toCeph, at.toInkwire]) proxy.cutAfter(Infinity)
      await at.messenger.shutdown()
      t.pass('everything was acked')
      t.ok(at.toCeph.cuts + at.toInkwire.cuts > 3, `${at.toCeph.cuts} and ${at.toInkwire.cuts} cuts`)
    })
  }
}

test(
  'a session that one side marked down is reset at the other, and what was under way comes back',
  options,
  async (t) => {
    const at = await ends(t, { theirs: 'lossless_peer_reuse', ours: peer(FAST) })
    const connection = await open(at, 'inkwire')
    await connection.deliver({ type: 2, tid: 1 })
    at.toCeph.refuse()
    at.toCeph.cutAll()
    await until('the link is lost', () => connection.state !== 'open')
    connection.send({ type: 2, tid: 2 })
    at.ceph.say('down', 0)
    await at.toCeph.accept()
    await until('a reset here', () => at.resets.length === 1)
    t.match(at.resets, [{ undelivered: [{ tid: 2 }], unknown: [] }])
    await connection.deliver({ type: 2, tid: 3 })
    await until('both have come', () => at.ceph.tids.length > 1)
    t.strictSame(at.ceph.tids, [1, 3])
  },
)

test('a session that Inkwire marked down is reset at Ceph', options, async (t) => {
  const at = await ends(t, { theirs: 'lossless_peer_reuse', ours: peer(FAST) })
  const connection = await open(at, 'ceph')
  at.ceph.say('send', 0, 1, 1, 10)
  await until('a message', () => at.got.length === 1)
  connection.markDown()
  at.ceph.say('send', 0, 2, 1, 10)
  await until('a reset there', () => at.ceph.events.includes('remote-reset 0') || at.got.length === 2)
  at.ceph.say('send', 0, 3, 1, 10)
  await until('a new session', () => at.got.includes(3))
  t.ok(at.ceph.events.includes('remote-reset 0'))
})

test(
  'a Ceph that comes back under its old address and nonce has lost the session, and is told apart',
  options,
  async (t) => {
    const at = await ends(t, { theirs: 'lossless_peer_reuse', ours: peer(FAST) })
    const connection = await open(at, 'inkwire')
    await connection.deliver({ type: 2, tid: 1 })
    await at.ceph.end()
    await until('the link is lost', () => connection.state !== 'open')
    connection.send({ type: 2, tid: 2 })
    const again = await at.restart()
    await until('a reset', () => at.resets.length === 1)
    t.match(at.resets, [{ undelivered: [{ tid: 2 }], unknown: [] }])
    await connection.deliver({ type: 2, tid: 3 })
    await until('it has come', () => again.tids.length > 0)
    t.strictSame(again.tids, [3])
  },
)

test('lossy sessions: a cut resets both ends, and the next dial is a new session', options, async (t) => {
  for (const [theirs, dials] of [
    ['stateless_server', 'inkwire'],
    ['stateless_registered_server', 'inkwire'],
    ['lossy_client', 'ceph'],
  ] as const) {
    const at = await ends(t, { theirs, ours: lossy(FAST) })
    for (const round of [1, 2]) {
      const connection = dials === 'inkwire' ? at.messenger.connect(at.atCeph, { type: 'osd' }) : null
      const [number, ours] = await lossySession(at, connection)
      at.ceph.say('send', number, round, 1, 100)
      ours.send({ type: 2, tid: round })
      await until('a message each way', () => at.got.length === round && at.ceph.got.length === round)
      const told = (): number => at.ceph.events.filter((event) => event === `reset ${number}`).length
      const before = told()
      ;(dials === 'inkwire' ? at.toCeph : at.toInkwire).cutAll()
      await until('a reset at both ends', () => at.resets.length === round && told() > before)
    }
    t.strictSame([at.got, at.ceph.tids], [count(2), count(2)], theirs)
  }
})

async function lossySession({ ceph, messenger, resets }: Ends, ours: Connection | null): Promise<[number, Connection]> {
  if (ours !== null) {
    const accepted = (): string[] => ceph.events.filter((event) => event.startsWith('accepted'))
    await until('Ceph accepts', () => accepted().length > resets.length)
    return [Number(accepted().at(-1)?.split(' ')[1]), ours]
  }
  const number = await ceph.connect('osd', messenger.addresses[0] ?? '')
  await until('Inkwire accepts', () => messenger.connections.length > 0)
  return [number, messenger.connections[0]!]
}
