/**
 * Several messengers of Ceph's, which cut their own sockets at random and dawdle, at one Inkwire: lossless clients beside
 * lossy ones that come and go. Messages have all parts and many priorities, from nothing to 4 MiB.
 *
 * SEED=<number> sends others; TOTAL=<number> sends more.
 */
import t from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { losslessServer, lossy, Messenger, type Message } from '../../../src/index.ts'
import { seededRandom } from '../../../src/testing/index.ts'
import { cephCrc } from '../../../src/ceph/msgr2/preamble.ts'
import {
  missingMessenger,
  startCephMessenger,
  type CephMessenger,
  type Got,
} from '../../support/ceph/ceph-messenger.ts'
import { orSkip } from '../../support/or-skip.ts'
import { until } from '../../support/until.ts'
import { LIVELY, upTo } from './ends.ts'

const SEED = process.env['SEED'] ?? '1'
const TOTAL = Number(process.env['TOTAL'] ?? 40)
const RESTLESS = {
  ms_inject_socket_failures: 30,
  ms_inject_internal_delays: 0.002,
  ms_initial_backoff: 0.01,
  ms_max_backoff: 0.1,
}
const PRIORITIES = [63, 64, 127, 196, 255]
const SIZES = [0, 0, 1, 100, 4095, 4096, 70_000]
const LARGEST = 4 << 20

interface Plan {
  readonly tid: number
  readonly priority: number
  /** Bytes of front, middle and data. */
  readonly parts: readonly [number, number, number]
}

/** What one of them sends. */
function plans(name: string): Plan[] {
  const random = seededRandom(`${SEED} ${name}`)
  const pick = <T>(from: readonly T[]): T => from[random.integer(0, from.length - 1)]!
  return upTo(TOTAL).map((tid) => {
    const data = tid % 20 === 0 ? LARGEST : pick(SIZES)
    const middle = pick(SIZES)
    // Ceph asserts that what has a middle has a front.
    return { tid, priority: pick(PRIORITIES), parts: [Math.max(pick(SIZES), middle > 0 ? 1 : 0), middle, data] }
  })
}

/** What Ceph says of a message whose every byte is its tid. */
function told({ tid, priority, parts }: Plan): Omit<Got, 'connection'> {
  const [front, middle, data] = parts
  const crcs = parts.map((length) => cephCrc(0, new Uint8Array(length).fill(tid)))
  return { tid, bytes: data, priority, parts: [front, middle, ...crcs] }
}

/** What was planned, as far as Ceph has sent it: what it sends again it encodes again, and a ping's front and middle are empty then. */
function sent(planned: readonly Plan[], got: readonly Plan[]): Plan[] {
  const bare = new Set(got.filter(({ parts: [front, middle] }) => front + middle === 0).map(({ tid }) => tid))
  return planned.map((plan) => (bare.has(plan.tid) ? { ...plan, parts: [0, 0, plan.parts[2]] } : plan))
}

/** The same messages, in order within each priority: Ceph lets the urgent ones pass. */
function byPriority<T extends { readonly priority: number }>(messages: readonly T[]): Record<number, T[]> {
  return Object.fromEntries(
    PRIORITIES.map((priority) => [priority, messages.filter((one) => one.priority === priority)]),
  )
}

const planOf = ({ tid, priority, front, middle, data }: Message): Plan => {
  return { tid, priority, parts: [front.length, middle.length, data.length] }
}

const isAll = (tid: number, bytes: Uint8Array): boolean => bytes.every((byte) => byte === (tid & 0xff))

const test = orSkip(t, missingMessenger)

test('lossless clients that cut their own sockets, beside lossy ones', { timeout: 240_000 }, async (t) => {
  const policies = { default: lossy(LIVELY), osd: losslessServer(LIVELY) }
  const server = new Messenger({ name: 'osd.9', policies, wire: msgr2() })
  t.teardown(() => server.shutdown().catch(() => {}))
  const got = new Map<string, Plan[]>()
  const wrong: string[] = []
  let resets = 0
  server.use({
    dispatch(message, connection) {
      const { type, name } = connection.peer
      const { tid, priority, front, middle, data } = message
      if (![front, middle, data].every((part) => isAll(tid, part))) wrong.push(`${name ?? ''} ${tid}`)
      const all = got.get(name ?? '') ?? []
      got.set(name ?? '', [...all, planOf(message)])
      if (type === 'osd') connection.send({ type: 2, tid, priority, front, middle, data })
    },
    onReset: ({ peer }) => void (resets += peer.type === 'osd' ? 1 : 0),
    onRemoteReset: ({ peer }) => void (resets += peer.type === 'osd' ? 1 : 0),
  })
  const address = await server.bind('v2:127.0.0.1:0/0')
  const start = async (name: string): Promise<CephMessenger> => {
    const policy = name.startsWith('osd') ? ('lossless_client' as const) : ('lossy_client' as const)
    const ceph = await startCephMessenger(t, { name, policy, settings: RESTLESS })
    const number = await ceph.connect('osd', address)
    for (const { tid, priority, parts } of plans(name)) ceph.say('parts', number, tid, priority, ...parts)
    return ceph
  }
  const names = ['osd.1', 'osd.2', 'osd.3']
  const lossless = await Promise.all(names.map(start))
  const lossyOne = await start('client.77')
  await until('all that was sent', () => names.every((name) => (got.get(name)?.length ?? 0) >= TOTAL), 120_000)
  await until('all that was sent back', () => lossless.every((ceph) => ceph.got.length >= TOTAL), 120_000)
  for (const [index, name] of names.entries()) {
    const came = got.get(name) ?? []
    const expected = sent(plans(name), came)
    t.strictSame(byPriority(came), byPriority(expected), `${name}: once, in order`)
    const back = lossless[index]!.got.map(({ tid, bytes, priority, parts }) => ({ tid, bytes, priority, parts }))
    t.strictSame(byPriority(back), byPriority(expected.map(told)), 'and back')
  }
  t.strictSame(wrong, [], 'no byte was altered')
  t.equal(resets, 0, 'no session was lost')
  // A lossy one may lose what was under way, and nothing comes twice or out of order.
  const some = byPriority(got.get('client.77') ?? [])
  for (const [priority, plans] of Object.entries(some)) {
    const tids = plans.map(({ tid }) => tid)
    t.strictSame(
      tids,
      [...new Set(tids)].sort((a, b) => a - b),
      `lossy, priority ${priority}`,
    )
  }
  await lossyOne.end()
})
