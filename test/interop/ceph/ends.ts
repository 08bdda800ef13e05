/**
 * An Inkwire and a messenger of Ceph's own, each behind a proxy that can cut, hold and listen, for tests of both together.
 *
 * A lab says how names are proved: not at all, or with cephx at a real monitor, in crc or in secure mode.
 */
import type { Test } from 'tap'
import { msgr2 } from '../../../src/ceph/index.ts'
import { lossy, Messenger } from '../../../src/index.ts'
import type { Connection, Message, Outcome, Policy } from '../../../src/index.ts'
import type { WireProtocol } from '../../../src/wire/wire.ts'
import { startCluster } from '../../support/ceph/ceph-cluster.ts'
import { heldPort } from '../../support/held-port.ts'
import {
  startCephMessenger,
  type CephLogin,
  type CephMessenger,
  type CephMessengerOptions,
  type CephPolicy,
} from '../../support/ceph/ceph-messenger.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { until } from '../../support/until.ts'

export const LIVELY = { keepalive: { intervalMs: 300, timeoutMs: 3000 } }
export const FAST = { backoff: { firstMs: 5, maxMs: 50 }, ...LIVELY }
/** Ceph waits for fractions of a second, and for fifteen where it lost a race. */
export const HURRY = { ms_initial_backoff: 0.01, ms_max_backoff: 0.1 }

export const MATRIX = [
  { auth: 'none', mode: 'crc' },
  { auth: 'cephx', mode: 'crc' },
  { auth: 'cephx', mode: 'secure' },
] as const

export interface Lab {
  /** Of a real monitor; null when no name is proved. */
  readonly monitor: string | null
  readonly login: CephLogin | null
  wire(): WireProtocol
}

/** Ceph is osd.1 there and Inkwire osd.2. */
export async function startLab(t: Test, { auth, mode }: (typeof MATRIX)[number]): Promise<Lab> {
  if (auth === 'none') return { monitor: null, login: null, wire: () => msgr2() }
  const cluster = await startCluster(t, { auth, mode })
  const { monitor } = cluster
  const keyFor = async (name: string): Promise<string> =>
    (await cluster.run('ceph', 'auth', 'get-or-create-key', name, 'mon', 'allow profile osd', 'osd', 'allow *')).trim()
  const login = { monitor, mode, key: await keyFor('osd.1') }
  const key = await keyFor('osd.2')
  return { monitor, login, wire: () => msgr2({ key, modes: [mode] }) }
}

export interface EndsOptions {
  readonly lab: Lab
  readonly theirs: CephPolicy
  readonly ours: Policy
  /** Whose address is the lower one, and so who wins a race. */
  readonly lower?: 'ceph' | 'inkwire'
  readonly features?: CephMessengerOptions['features']
  /** More settings of Ceph's. */
  readonly settings?: Readonly<Record<string, string | number>>
}

export interface Ends {
  readonly ceph: CephMessenger
  readonly messenger: Messenger
  /** Address of Ceph, through its proxy. */
  readonly atCeph: string
  readonly toCeph: TcpProxy
  readonly toInkwire: TcpProxy
  /** Tids that came here. */
  readonly got: number[]
  readonly resets: Outcome[]
  /** Connections with Ceph's messenger. */
  readonly connections: () => Connection[]
  /** Another Ceph at the same address. */
  restart(): Promise<CephMessenger>
}

/** Both ends, each behind a proxy. */
export async function startEnds(t: Test, options: EndsOptions): Promise<Ends> {
  const { lab, theirs, lower = 'ceph', features = {}, settings = {} } = options
  const proxies = [await startProxy(1), await startProxy(1)].sort((a, b) => a.port - b.port)
  const [toCeph, toInkwire] = (lower === 'ceph' ? proxies : proxies.reverse()) as [TcpProxy, TcpProxy]
  t.teardown(() => Promise.all(proxies.map((proxy) => proxy.close())))
  const port = await heldPort(t)
  toCeph.retarget(port)
  // Addresses are compared by the bytes of their nonces, the lowest byte first.
  const nonce = lower === 'ceph' ? 0x1000000 : 0xfffffff
  const start = (): Promise<CephMessenger> =>
    startCephMessenger(t, {
      name: 'osd.1',
      policy: theirs,
      address: `v2:127.0.0.1:${port}/${nonce}`,
      advertise: `v2:127.0.0.1:${toCeph.port}/${nonce}`,
      ...(lab.login === null ? {} : { login: lab.login }),
      features,
      settings: { ...HURRY, ...settings },
    })
  const ours = await startInkwire(t, options, toInkwire)
  const atCeph = `v2:127.0.0.1:${toCeph.port}/${nonce}`
  return { ceph: await start(), restart: start, atCeph, toCeph, toInkwire, ...ours }
}

async function startInkwire(t: Test, { lab, ours }: EndsOptions, proxy: TcpProxy) {
  const policies = { default: ours, mon: lossy(LIVELY) }
  const messenger = new Messenger({ name: 'osd.2', policies, wire: lab.wire() })
  t.teardown(() => messenger.shutdown().catch(() => {}))
  const got: number[] = []
  const resets: Outcome[] = []
  messenger.use({
    dispatch: ({ tid }: Message, { peer }) => {
      if (peer.type !== 'mon') got.push(tid)
    },
    onReset: (_connection, outcome) => resets.push(outcome),
    onRemoteReset: (_connection, outcome) => resets.push(outcome),
  })
  if (process.env['SHOW'] !== undefined) {
    messenger.events$.subscribe((event) => console.error('inkwire:', event.type, 'reason' in event ? event.reason : ''))
  }
  const bound = await messenger.bind('v2:127.0.0.1:0/0', { advertise: `v2:127.0.0.1:${proxy.port}/0` })
  proxy.retarget(Number(/:(\d+)\//.exec(bound)?.[1]))
  if (lab.monitor !== null) {
    const session = messenger.connect(lab.monitor, { type: 'mon' })
    await until('Inkwire has logged in', () => session.state === 'open')
  }
  const connections = (): Connection[] => messenger.connections.filter(({ peer }) => peer.type !== 'mon')
  return { messenger, got, resets, connections }
}

export type Who = 'ceph' | 'inkwire' | 'both'

/** Opens a session and gives our end of it; theirs is number 0. */
export async function openSession(at: Ends, dials: Who): Promise<Connection> {
  const { ceph, atCeph, messenger, connections } = at
  if (dials === 'inkwire') {
    const connection = messenger.connect(atCeph, { type: 'osd' })
    await until('Ceph accepts', () => ceph.events.includes('accepted 0'))
    return connection
  }
  await ceph.connect('osd', messenger.addresses[0] ?? '')
  // By its name: where names are proved, who asks for an address alone does not mean the session that Ceph has begun by now.
  if (dials === 'both') return messenger.connect(atCeph, { name: 'osd.1' })
  await until('Inkwire accepts', () => connections().length > 0)
  return connections()[0]!
}

/** 1, 2, … `to`. */
export const upTo = (to: number): number[] => Array.from({ length: to }, (_, index) => index + 1)
