/** Draws a world from a seed. Every number is small or large on purpose: limits are only found where they are near. */
import type { MessengerLimits } from '../../policies/limits.ts'
import type { Policy, PolicyOptions } from '../../policies/policy.ts'
import { seededRandom, type SeededRandom } from '../simulator/random.ts'
import type { NetworkConditions } from '../simulator/conditions.ts'
import { drawCalls } from './draw-calls.ts'
import { drawMoves, drawPaths, onBothNetworks } from './draw-paths.ts'
import type { CallOperation, Fault, HostilePlan, NodePlan, NodeType, Operation, PolicyPlan, SwarmPlan } from './plan.ts'

/** What a world may have beside what every one has; all of it unless told otherwise. */
export interface DrawOptions {
  /** A peer that proves its name and means harm, in one world of four. */
  readonly hostile?: boolean
  /** Messages larger than the buffers of links, in one of five. */
  readonly large?: boolean
  /** Cuts that only one side is told of, in one of two. */
  readonly oneSided?: boolean
  /** Calls, in one of three that have no hostile peer. */
  readonly calls?: boolean
  /** A second network, sessions that go there and back, and nodes that move, in one of three. */
  readonly paths?: boolean
}

/** The world of a seed. Without an option, all else of it is the same. */
export function drawPlan(seed: number | string, options: DrawOptions = {}): SwarmPlan {
  const random = seededRandom(seed).fork('plan')
  const faultsMs = random.pick([500, 2000, 5000])
  const nodes = drawNodes(random.fork('nodes'))
  const drawn = drawPolicies(random.fork('policies'), random.fork('bodies').pick(['keep', 'keep', 'lend']))
  const small = drawOperations(random.fork('operations'), nodes, faultsMs)
  const extra = random.fork('large')
  const isLarge = options.large !== false && extra.chance(0.2)
  const policies = isLarge ? roomy(drawn) : drawn
  const operations = isLarge ? enlarged(extra, small) : small
  const faults = drawFaults(random.fork('faults'), nodes.length, faultsMs)
  const calls = options.calls === false ? [] : drawCalls(random.fork('calls'), nodes.length, faultsMs)
  const paths = options.paths === false ? null : drawPaths(random.fork('paths'), nodes.length, faultsMs)
  const moves = paths === null ? [] : drawMoves(random.fork('moves'), nodes.length, faultsMs)
  const cut = options.oneSided === false ? faults : withOneSided(random.fork('one-sided'), faults)
  const hostile = options.hostile === false ? null : drawHostile(random.fork('hostile'), nodes, faultsMs)
  return {
    seed: String(seed),
    conditions: drawConditions(random.fork('conditions')),
    policies,
    nodes,
    operations,
    // What it does with calls is none that others can be held to.
    calls: hostile === null ? calls : [],
    faults: paths === null ? cut : [...onBothNetworks(random.fork('networks'), cut), ...moves].sort(byTime),
    hostile,
    paths,
    faultsMs,
    settleMs:
      settleMs(policies, nodes, [...operations, ...calls.map(withParts)]) +
      (hostile === null ? 0 : HOSTILE_MESSAGES * slowestMs(nodes)),
  }
}

/** So many messages of a hostile peer may wait for handlers when it stops. */
const HOSTILE_MESSAGES = 500

function drawHostile(random: SeededRandom, nodes: readonly NodePlan[], untilMs: number): HostilePlan | null {
  if (!random.chance(0.25)) return null
  const type = random.pick(nodes).type
  const visits = Array.from({ length: random.pick([0, 2, 5]) }, () => ({
    atMs: random.between(0, untilMs),
    node: random.integer(0, nodes.length - 1),
    count: random.pick([1, 5]),
  }))
  return {
    name: `${type}.${nodes.length}`,
    type,
    proof: random.pick(['none', 'sharedSecret', 'sharedSecret']),
    named: random.chance(0.5),
    flood: random.pick([8, 20]),
    pauseMs: random.pick([10, 100, 500]),
    visits,
  }
}

/** Room for messages that are larger than all buffers between two nodes. */
function roomy(policies: PolicyPlan): PolicyPlan {
  const more = (policy: PolicyOptions): PolicyOptions => ({
    ...policy,
    window: { ...policy.window, bytes: 4_000_000 },
    replay: { ...policy.replay, bytes: 8_000_000 },
  })
  const { peer, client, server, lossy } = policies
  return { peer: more(peer), client: more(client), server: more(server), lossy: more(lossy) }
}

/** Some operations send large messages instead. */
function enlarged(random: SeededRandom, operations: readonly Operation[]): Operation[] {
  const most = random.integer(1, 6)
  const chosen = new Set(random.shuffled(operations).slice(0, most))
  return operations.map((operation) => {
    if (!chosen.has(operation) || !('count' in operation)) return operation
    return { ...operation, count: random.pick([1, 1, 2]), bytes: random.pick([150_000, 400_000, 1_200_000]) }
  })
}

/** Some cuts are noticed by one side only. */
function withOneSided(random: SeededRandom, faults: readonly Fault[]): Fault[] {
  const share = random.pick([0, 0.5])
  return faults.map((fault) =>
    fault.kind === 'cut' && random.chance(share) ? { ...fault, kind: 'cutOneSide' } : fault,
  )
}

function drawNodes(random: SeededRandom): NodePlan[] {
  const styles: readonly (readonly NodeType[])[] = [
    ['osd'],
    ['osd'],
    ['mds', 'client'],
    ['osd', 'client'],
    ['osd', 'mds', 'client'],
  ]
  const types = random.pick(styles)
  const count = random.integer(2, 5)
  const limits = drawLimits(random)
  return Array.from({ length: count }, (_, index): NodePlan => {
    // Each type is there at least once, if there is room for it.
    const type = types[index] ?? random.pick(types)
    return {
      name: `${type}.${index}`,
      type,
      bound: index === 0 || (type === 'client' ? random.chance(0.2) : random.chance(0.85)),
      limits,
      handlers: {
        slowProbability: random.pick([0, 0.1, 0.5, 1]),
        slowMaxMs: random.pick([1, 20, 200]),
        throwProbability: random.pick([0, 0, 0.05]),
        replyProbability: random.pick([0, 0.2, 0.5]),
        fastProbability: random.pick([0, 0, 0.3]),
      },
    }
  })
}

function drawLimits(random: SeededRandom): Partial<MessengerLimits> {
  if (random.chance(0.3)) return {}
  return {
    batchBytes: random.pick([1, 100, 4096, 65_536]),
    batchMessages: random.pick([1, 2, 16, 1000]),
    chunkBytes: random.pick([1024, 4096, 65_536]),
    ackDelayMs: random.pick([0, 1, 5, 50]),
    ackEveryMessages: random.pick([1, 4, 256]),
    ackEveryBytes: random.pick([1000, 262_144]),
    handshakeTimeoutMs: random.pick([200, 1000, 5000]),
    yieldMs: random.pick([5, 30]),
    drainTimeoutMs: 10_000,
  }
}

function drawPolicies(random: SeededRandom, bodies: Policy['bodies']): PolicyPlan {
  const intervalMs = random.pick([100, 300, 1000])
  const common = (): PolicyOptions => ({
    window: { messages: random.pick([1, 4, 64, 4096]), bytes: random.pick([100_000, 1_000_000]) },
    replay: { messages: random.pick([8, 64, 4096]), bytes: random.pick([100_000, 4_000_000]) },
    keepalive: { intervalMs, timeoutMs: intervalMs * 3 },
    backoff: { firstMs: random.pick([10, 50]), maxMs: random.pick([200, 1000]), jitter: random.pick([0, 0.5, 1]) },
    connectTimeoutMs: random.pick([300, 1000, 3000]),
    ackOn: random.chance(0.2) ? 'received' : 'processed',
    concurrency: random.pick([1, 4, 1024]),
    bodies,
    ...(random.chance(0.2) && { throttle: { messages: random.pick([1, 4]), bytes: random.pick([50_000, Infinity]) } }),
  })
  const requeue = random.chance(0.15) ? ({ onReset: 'requeue' } as const) : {}
  const probeMs = random.pick([100, 1000])
  return {
    peer: { ...common(), ...requeue, probeMs, standbyMs: random.pick([Infinity, Infinity, 1000]) },
    client: { ...common(), ...requeue },
    server: withoutDialling({ ...common(), ...requeue, standbyMs: random.pick([600_000, 600_000, 1000]) }),
    lossy: common(),
  }
}

/** A losslessServer refuses options about what it never does. */
function withoutDialling(options: PolicyOptions): PolicyOptions {
  const { backoff: _backoff, connectTimeoutMs: _connectTimeoutMs, ...rest } = options
  return rest
}

function drawConditions(random: SeededRandom): NetworkConditions {
  const latencyMeanMs = random.pick([0.1, 1, 1, 20])
  return {
    latencyMinMs: latencyMeanMs / random.pick([2, 10]),
    latencyMeanMs,
    bytesPerMs: random.pick([Infinity, 100_000, 1000]),
    prefixProbability: random.pick([0, 0.1, 0.5]),
    refuseProbability: random.pick([0, 0, 0.2]),
    dialDelayProbability: random.pick([0, 0.1, 0.5]),
    dialDelayMaxMs: random.pick([10, 200, 2000]),
    dialDuplicateProbability: random.pick([0, 0.1, 0.5]),
    dialDuplicateMaxMs: random.pick([10, 200, 2000]),
  }
}

function drawOperations(random: SeededRandom, nodes: readonly NodePlan[], untilMs: number): Operation[] {
  const others = random.pick([0, 0.05, 0.15])
  const sizes = random.pick([
    [0, 10],
    [10, 1000],
    [0, 10, 1000, 20_000, 90_000],
  ])
  const operations = Array.from({ length: random.pick([20, 60, 150]) }, (): Operation => {
    const node = random.integer(0, nodes.length - 1)
    const to = (node + random.integer(1, nodes.length - 1)) % nodes.length
    const atMs = random.between(0, untilMs)
    if (random.chance(others)) return { kind: random.pick(['connect', 'markDown', 'close']), atMs, node, to }
    const count = random.pick([1, 1, 1, 3, 30])
    const priority = random.pick([127, 127, 127, 63, 200])
    const kind = random.chance(0.2) ? 'deliver' : 'send'
    return { kind, atMs, node, to, count, bytes: random.pick(sizes), priority }
  })
  return operations.sort(byTime)
}

function drawFaults(random: SeededRandom, nodes: number, untilMs: number): Fault[] {
  const kinds = drawKinds(random)
  const faults = Array.from({ length: random.pick([0, 3, 10, 30]) }, (): Fault => {
    const a = random.integer(0, nodes - 1)
    const b = (a + random.integer(1, nodes - 1)) % nodes
    const atMs = random.between(0, untilMs * 0.9)
    const forMs = random.between(1, Math.min(untilMs - atMs, random.pick([20, 300, 3000])))
    const kind = random.pick(kinds)
    switch (kind) {
      case 'cut':
      case 'cutOneSide':
      case 'silence':
        return { kind, atMs, a, b }
      case 'stall':
      case 'partition':
      case 'blockDials':
        return { kind, atMs, forMs, a, b }
      case 'slow':
        return { kind, atMs, forMs, a, bytesPerMs: random.pick([0.5, 10, 1000]) }
      case 'crash':
        return { kind, atMs, forMs, a, how: random.pick(['reset', 'silent']) }
      case 'clockStep':
        return { kind, atMs, a, ms: random.pick([-3_600_000, -100, 100, 3_600_000]) }
    }
  })
  return faults.sort(byTime)
}

/** What goes wrong on any network. */
type FaultKind = Exclude<Fault['kind'], 'readdress'>

/** A world has a few kinds of faults only: rare meetings need rooms where few others are. */
function drawKinds(random: SeededRandom): FaultKind[] {
  const all: FaultKind[] = ['cut', 'cut', 'silence', 'stall', 'partition', 'blockDials', 'slow', 'crash', 'clockStep']
  return random.shuffled(all).slice(0, random.integer(1, 5))
}

/**
 * A dead link is found by keepalive; then a dial may hang, fail and wait, and be answered by a yield, several times.
 * After that the work itself takes its time: at worst one message after the other, each with a slow handler.
 */
function settleMs(
  policies: PolicyPlan,
  nodes: readonly NodePlan[],
  operations: readonly (Operation | CallOperation)[],
): number {
  const bounds = Object.values(policies).map(({ keepalive, backoff, connectTimeoutMs = 0 }: PolicyOptions) => {
    const silenceMs = keepalive === undefined || keepalive === false ? 0 : (keepalive.timeoutMs ?? 0)
    return silenceMs + connectTimeoutMs + (backoff?.maxMs ?? 0)
  })
  const messages = operations.reduce((sum, operation) => sum + ('count' in operation ? operation.count : 0), 0)
  const bytes = operations.reduce(
    (sum, operation) => sum + ('count' in operation ? operation.count * operation.bytes : 0),
    0,
  )
  const sendingMs = (2 * bytes) / BYTES_PER_MS_MIN
  return 30_000 + 5 * Math.max(...bounds) + 2 * messages * (slowestMs(nodes) + ROUND_TRIP_MS) + sendingMs
}

/** Each part goes in both directions, as the bytes of the call itself. */
function withParts(call: CallOperation): CallOperation {
  return { ...call, bytes: call.bytes * (call.parts + 1) }
}

function slowestMs(nodes: readonly NodePlan[]): number {
  return Math.max(...nodes.map(({ handlers }) => (handlers.slowProbability > 0 ? handlers.slowMaxMs : 0)))
}

/** Of the slowest network that is drawn. */
const BYTES_PER_MS_MIN = 1000

/** Of the slowest network that is drawn: latency both ways, and a delayed ack. */
export const ROUND_TRIP_MS = 150

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs
}
