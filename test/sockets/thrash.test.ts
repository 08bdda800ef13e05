/**
 * The thrash of test/worlds/thrash.test.ts over real sockets in one process: one socket operation in thirty fails,
 * on top of what TCP does by itself. Every law holds and everything is answered.
 */
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Messenger, tcp } from '../../src/index.ts'
import type { PolicyKind } from '../../src/index.ts'
import { FaultPlan, History, check, faulty, report, seededRandom } from '../../src/testing/index.ts'
import type { ChanceOfFaults } from '../../src/testing/index.ts'
import { policyOf } from '../support/policy-of.ts'
import { Thrash } from '../support/thrash.ts'
import type { ThrashNode, ThrashShape } from '../support/thrash.ts'
import { until, within } from '../support/until.ts'

const INJECTED: ChanceOfFaults = { failEvery: 30, delayProbability: 0.1, delayMaxMs: 5 }
const STATEFUL = ['losslessServer', 'losslessClient'] as const
const PEERS = ['peer', 'peer'] as const
const USUAL = { operations: 1000, connects: 10, drops: 10, bytesMax: 65_536 } as const
const HURRY = { backoff: { firstMs: 2, maxMs: 20 }, connectTimeoutMs: 2000 } as const
/** A server keeps what it owes to a client that is gone, and its shutdown waits for it. */
const LIMITS = { drainTimeoutMs: 500 } as const
const PATIENCE_MS = 60_000

const WORKLOADS: readonly (readonly [name: string, shape: ThrashShape])[] = [
  ['SyntheticInjectTest', { servers: 8, clients: 32, connections: 100, policies: STATEFUL, ...USUAL }],
  ['SyntheticInjectTest2', { servers: 8, clients: 16, connections: 100, policies: PEERS, ...USUAL }],
  ['SyntheticInjectTest4', { servers: 16, clients: 32, connections: 100, policies: PEERS, ...USUAL, drops: 0 }],
]

for (const [name, shape] of WORKLOADS) {
  t.test(`${name} over TCP`, async (t) => {
    const plan = new FaultPlan({ seed: name }).sometimes(INJECTED)
    const history = new History({ nowMs: () => performance.now() })
    let faults = 0
    const make = async (kind: PolicyKind, called: string): Promise<ThrashNode> => {
      const options = {
        name: called,
        policies: { default: policyOf(kind, {}, HURRY) },
        transports: [faulty(tcp(), plan)],
        limits: LIMITS,
      }
      const messenger = history.attach(new Messenger(options))
      messenger.events$.subscribe(({ type }) => void (faults += type === 'fault' ? 1 : 0))
      const listens = kind !== 'losslessClient'
      return { messenger, address: listens ? await messenger.bind('tcp://127.0.0.1:0') : '' }
    }
    const servers = await Promise.all(range(shape.servers, (id) => make(shape.policies[0], `osd.${id}`)))
    const clients = await Promise.all(range(shape.clients, (id) => make(shape.policies[1], `client.${id}`)))
    const all = [...servers, ...clients].map(({ messenger }) => messenger)
    t.teardown(async () => {
      plan.clear()
      for (const { connections } of all) for (const connection of connections) connection.markDown()
      await Promise.all(all.map((messenger) => messenger.shutdown()))
    })
    const totals = await new Thrash(shape, {
      random: seededRandom(name),
      servers,
      clients,
      breathe: () => turn(),
      until: (what, holds) => until(what, holds, PATIENCE_MS),
      sample: () => history.sample(),
    }).run()
    plan.clear()
    await within('a clean end', Promise.all(all.map((messenger) => messenger.shutdown())), PATIENCE_MS)
    const { pings, pongs, resets, remoteResets, wrong } = totals
    t.comment(`${pings} pings, ${pongs} answers, ${faults} faults, ${resets} resets, ${remoteResets} remote resets`)
    t.strictSame(wrong, [], 'answers come in order and byte for byte')
    t.equal(report(check(history, { settled: true })), '', 'the laws hold')
    t.ok(faults > shape.operations / 20, 'faults were injected')
    if (shape.drops === 0) t.equal(pongs, pings, 'nothing is lost to faults')
  })
}

function range<T>(count: number, make: (id: number) => T): T[] {
  return Array.from({ length: count }, (_, id) => make(id))
}
