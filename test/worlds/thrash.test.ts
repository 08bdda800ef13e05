/**
 * Ceph's synthetic tests and crimson's thrash in virtual time, with their numbers: thousands of operations of dozens of
 * messengers, one socket operation in thirty fails, reads and writes are delayed. Every law holds and all is answered.
 *
 * Smaller than Ceph's: messages, of 64 KiB at most where one socket operation in thirty fails; a larger one hardly gets
 * through a link that breaks so often. Those of Ceph's size, 4 MiB, have a workload of their own.
 */
import t from 'tap'
import { Messenger } from '../../src/index.ts'
import type { PolicyKind } from '../../src/index.ts'
import { FaultPlan, History, Simulation, check, faulty, report } from '../../src/testing/index.ts'
import type { ChanceOfFaults } from '../../src/testing/index.ts'
import { policyOf } from '../support/policy-of.ts'
import { Thrash } from '../support/thrash.ts'
import type { ThrashNode, ThrashShape, ThrashTotals } from '../support/thrash.ts'

const STATEFUL = ['losslessServer', 'losslessClient'] as const
const PEERS = ['peer', 'peer'] as const
const LOSSY = ['lossy', 'lossy'] as const
const USUAL = { connects: 10, drops: 10, bytesMax: 65_536 } as const
const HURRY = { backoff: { firstMs: 2, maxMs: 50 } } as const
/** Ceph delays every operation up to 100 ms. */
const INJECTED: ChanceOfFaults = { failEvery: 30, delayProbability: 1, delayMaxMs: 100 }
const RARE: ChanceOfFaults = { failEvery: 600, delayProbability: 0.1, delayMaxMs: 100 }
const PATIENCE_MS = 300_000

const WORKLOADS: readonly (readonly [name: string, shape: ThrashShape, chance: ChanceOfFaults])[] = [
  [
    'SyntheticStressTest',
    { servers: 8, clients: 32, connections: 100, operations: 5000, policies: STATEFUL, ...USUAL },
    {},
  ],
  [
    'SyntheticStressTest1',
    {
      servers: 16,
      clients: 32,
      connections: 10,
      operations: 10_000,
      policies: PEERS,
      ...USUAL,
      connects: 20,
      drops: 20,
    },
    {},
  ],
  [
    'SyntheticInjectTest',
    { servers: 8, clients: 32, connections: 100, operations: 1000, policies: STATEFUL, ...USUAL },
    INJECTED,
  ],
  [
    'SyntheticInjectTest2',
    { servers: 8, clients: 16, connections: 100, operations: 1000, policies: PEERS, ...USUAL },
    INJECTED,
  ],
  [
    'SyntheticInjectTest3',
    { servers: 8, clients: 16, connections: 100, operations: 1000, policies: LOSSY, ...USUAL },
    RARE,
  ],
  [
    'SyntheticInjectTest4',
    { servers: 16, clients: 32, connections: 100, operations: 1000, policies: PEERS, ...USUAL, drops: 0 },
    INJECTED,
  ],
  [
    'SyntheticInjectTest, messages up to 4 MiB',
    {
      servers: 4,
      clients: 8,
      connections: 16,
      operations: 1000,
      policies: PEERS,
      ...USUAL,
      drops: 0,
      bytesMax: 4 << 20,
    },
    { ...RARE, failEvery: 200 },
  ],
  ['crimson thrash', { servers: 8, clients: 32, connections: 50, operations: 120, policies: STATEFUL, ...USUAL }, {}],
  [
    'crimson thrash, injected',
    { servers: 16, clients: 32, connections: 50, operations: 120, policies: STATEFUL, ...USUAL },
    INJECTED,
  ],
]

for (const [name, shape, chance] of WORKLOADS) {
  t.test(name, async (t) => {
    const { totals, faults, violations } = await thrash(name, shape, chance)
    const { pings, pongs, resets, remoteResets, wrong } = totals
    t.comment(`${pings} pings, ${pongs} answers, ${faults} faults, ${resets} resets, ${remoteResets} remote resets`)
    t.strictSame(wrong, [], 'answers come in order and byte for byte')
    t.equal(violations, '', 'the laws hold')
    t.ok(pings > shape.operations / 3)
    if (shape.drops === 0) t.strictSame([pongs, resets, remoteResets], [pings, 0, 0], 'nothing is lost to faults')
    if (chance.failEvery !== undefined) t.ok(faults > 10, 'faults were injected')
  })
}

async function thrash(
  seed: string,
  shape: ThrashShape,
  chance: ChanceOfFaults,
): Promise<{ totals: ThrashTotals; faults: number; violations: string }> {
  const sim = new Simulation({ seed })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const plan = new FaultPlan({ seed, clock: sim.clock }).sometimes(chance)
  let faults = 0

  async function make(kind: PolicyKind, name: string): Promise<ThrashNode> {
    const process = sim.process(name)
    const transports = [faulty(process.transport, plan)]
    const options = { ...process.options, transports, policies: { default: policyOf(kind, {}, HURRY) } }
    const messenger = history.attach(new Messenger({ name, ...options }))
    messenger.events$.subscribe(({ type }) => void (faults += type === 'fault' ? 1 : 0))
    const listens = kind === 'peer' || name.startsWith('osd')
    return { messenger, address: listens ? await sim.run(() => messenger.bind(`sim://${name}:1`)) : '' }
  }

  const servers: ThrashNode[] = []
  const clients: ThrashNode[] = []
  for (let id = 0; id < shape.servers; id++) servers.push(await make(shape.policies[0], `osd.${id}`))
  for (let id = 0; id < shape.clients; id++) clients.push(await make(shape.policies[1], `client.${id}`))
  const random = sim.random.fork('thrash')
  const totals = await new Thrash(shape, {
    random,
    servers,
    clients,
    breathe: () => sim.clock.advance(random.between(0.5, 1.5)),
    until: async (what, holds) => {
      if (!(await sim.clock.until(holds, PATIENCE_MS))) throw new Error(`not within ${PATIENCE_MS} ms: ${what}`)
    },
    sample: () => history.sample(),
  }).run()
  plan.clear()
  await sim.clock.advance(10_000)
  const violations = report(check(history, { settled: true }))
  for (const { messenger } of [...servers, ...clients]) for (const one of messenger.connections) one.markDown()
  await sim.run(() => Promise.all([...servers, ...clients].map(({ messenger }) => messenger.shutdown())))
  return { totals, faults, violations }
}
