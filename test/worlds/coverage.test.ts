/**
 * Where the random worlds and the model checker really go: every edge of the machine and every verdict about an arriving
 * link, or the reason why it cannot be met there. What is missed without a reason is printed and fails, and so does a
 * reason for something that is met after all.
 *
 * test/unit/session/transition.test.ts takes every edge by itself, from states that are made up; test/worlds/machine has a
 * scenario for each that can come about.
 */
import t from 'tap'
import { Checker } from '../../src/testing/model/checker.ts'
import { LARGE_PLANS } from '../../src/testing/model/plans.ts'
import { seededRandom } from '../../src/testing/simulator/random.ts'
import { drawPlan } from '../../src/testing/swarm/draw.ts'
import type { Fault, Operation, SwarmPlan } from '../../src/testing/swarm/plan.ts'
import { simulate } from '../../src/testing/swarm/simulate.ts'
import { explain } from '../../src/testing/swarm/report.ts'
import { CEPH_VERDICTS, EDGE_NAMES, NEVER, VERDICTS, observed } from './met.ts'

/** What a peer that breaks the protocol brings about proves nothing about those who keep it. */
const HONEST = { hostile: false }
const WORLDS = 100
const RESTLESS_WORLDS = 250
/** How much of each plan the model checker searches. */
const STATES_MAX = 1500

/** What never comes about in these worlds beside what never does at all, and why. */
const NOT_HERE: Readonly<Record<string, string>> = {
  ...NEVER,
  'reject INK_POLICY_MISMATCH': 'all policies of these worlds fit each other: test/worlds/machine',
  'ceph reset: an establishment that was cut is continued':
    'a session must be lost, and its successor cut, deep in the search: test/unit/ceph/msgr2/decision-tables.test.ts',
}

/** What the plans of Ceph's protocol leave out; where one of them gets there, nothing fails. */
const BY_SCENARIO = 'it takes a mark-down, a restart or a misfit: test/worlds/machine/ceph.ts'
const SELDOM_DONE = 'its last handler must end just then, with all else acked'
const ELSEWHERE = 'a peer must have told several addresses'
/** What comes about seldom, or by a change of the plans: met or not, nothing fails. */
const SELDOM: Readonly<Record<string, string>> = {
  'connecting rejected connecting': ELSEWHERE,
  'connecting fault connecting': ELSEWHERE,
  'connecting deadline connecting': ELSEWHERE,
  'connecting drained connecting': SELDOM_DONE,
  'connecting drained closed': SELDOM_DONE,
  'accepting drained accepting': SELDOM_DONE,
  'accepting drained closed': SELDOM_DONE,
  'standby drained closed': SELDOM_DONE,
  'backoff drained closed': SELDOM_DONE,
  'yielding drained closed': SELDOM_DONE,
  'yielding drained yielding': SELDOM_DONE,
  'open goodbye open': 'its peer must say goodbye on the link that the session has just left',
  'standby connect connecting': 'somebody must connect to a session that waits, with nothing to send',
  'standby drained connecting': SELDOM_DONE,
  'standby close connecting': SELDOM_DONE,
  'backoff close connecting': SELDOM_DONE,
  'standby offer standby': 'a link must be refused while nothing is dialled',
  'backoff offer backoff': 'a link must be refused between two dials',
  'ceph reset: the peer has lost the session': BY_SCENARIO,
  'ceph again: there is no session': BY_SCENARIO,
  'ceph again: there is another session':
    'two sessions must be lost and found at once: test/unit/ceph/msgr2/decision-tables.test.ts',
  'ceph reject: another, newer instance with this name has taken over': BY_SCENARIO,
  'ceph reject: the connection is being closed here': BY_SCENARIO,
  'ceph reject: the peer asks for a lossy session, and here is losslessServer': BY_SCENARIO,
  'connecting rejected standby': 'a probe must meet a peer that has just said goodbye to another link',
  'connecting deadline standby': 'a probe must go to a peer that is silent until its time is up',
}

/** The world of a seed, with short patience, slow handlers, more cuts, and applications that cannot make up their minds. */
function restless(seed: number): SwarmPlan {
  const plan = drawPlan(seed, HONEST)
  const random = seededRandom(`restless ${seed}`)
  const { peer, client, server, lossy } = plan.policies
  const standbyMs = random.pick([20, 100, 300])
  const more = {
    standbyMs,
    connectTimeoutMs: random.pick([50, 300]),
    backoff: { firstMs: random.pick([20, 100]), maxMs: 1000, jitter: 0.5 },
  }
  const slow = random.chance(0.5) ? { slowProbability: 1, slowMaxMs: 200, fastProbability: 0 } : {}
  const limits = { handshakeTimeoutMs: random.pick([50, 300]), yieldMs: random.pick([10, 60]) }
  const operations = plan.operations.flatMap((one): Operation[] => {
    const { atMs, node, to } = one
    const end = (kind: 'close' | 'markDown', waitMs: number): Operation => ({
      kind,
      atMs: atMs + random.between(0, waitMs),
      node,
      to,
    })
    if (random.chance(0.15)) return [one, end('close', 5), end('markDown', 300)]
    if (random.chance(0.15)) return [one, { kind: 'close', atMs: atMs + random.between(0, 60), node: to, to: node }]
    return random.chance(0.2) ? [{ kind: random.pick(['close', 'markDown', 'connect']), atMs, node, to }] : [one]
  })
  const faults = Array.from({ length: random.pick([5, 15, 40]) }, (): Fault => {
    const a = random.integer(0, plan.nodes.length - 1)
    const b = (a + random.integer(1, plan.nodes.length - 1)) % plan.nodes.length
    const atMs = random.between(0, plan.faultsMs * 0.9)
    const kind = random.pick(['cut', 'cut', 'silence', 'stall', 'blockDials'] as const)
    if (kind === 'cut' || kind === 'silence') return { kind, atMs, a, b }
    return { kind, atMs, forMs: Math.min(plan.faultsMs - atMs, random.pick([20, 300, 1000])), a, b }
  })
  return {
    ...plan,
    seed: `restless ${seed}`,
    conditions: { ...plan.conditions, latencyMinMs: 0.5, latencyMeanMs: random.pick([1, 20]) },
    policies: {
      lossy,
      peer: { ...peer, ...more, probeMs: random.pick([30, 100]) },
      client: { ...client, ...more },
      server: { ...server, standbyMs },
    },
    nodes: plan.nodes.map((node) => ({
      ...node,
      limits: { ...node.limits, ...limits },
      handlers: { ...node.handlers, ...slow },
    })),
    operations: operations.sort((a, b) => a.atMs - b.atMs),
    faults: [...plan.faults, ...faults].sort((a, b) => a.atMs - b.atMs),
  }
}

t.test('every edge and every verdict is met, or has a reason', async (t) => {
  const worlds = await observed(async () => {
    for (let seed = 1; seed <= WORLDS + RESTLESS_WORLDS; seed++) {
      const run = await simulate(seed <= WORLDS ? drawPlan(seed, HONEST) : restless(seed))
      if (run.violations.length > 0) t.fail(explain(run))
    }
  })
  const model = await observed(() => {
    for (const plan of LARGE_PLANS) new Checker(plan).run(STATES_MAX)
  })
  const all = [...EDGE_NAMES, ...VERDICTS, ...CEPH_VERDICTS]
  t.comment(`met in worlds only: ${all.filter((one) => worlds.has(one) && !model.has(one)).join(', ')}`)
  t.comment(`met by the model only: ${all.filter((one) => model.has(one) && !worlds.has(one)).join(', ')}`)
  const met = new Set([...worlds, ...model])
  t.comment(
    `met by neither, and seldom: ${Object.keys(SELDOM)
      .filter((one) => !met.has(one))
      .join(', ')}`,
  )
  t.strictSame(
    all.filter((one) => !met.has(one) && !(one in NOT_HERE) && !(one in SELDOM)),
    [],
    'nothing is missed without a reason',
  )
  t.strictSame(
    [...met].filter((one) => !all.includes(one)),
    [],
    'nothing is met that has no name in met.ts',
  )
  t.strictSame(
    Object.keys(NOT_HERE).filter((one) => met.has(one) || !all.includes(one)),
    [],
    'no reason is wrong',
  )
  t.strictSame(
    Object.keys(SELDOM).filter((one) => !all.includes(one)),
    [],
  )
})
