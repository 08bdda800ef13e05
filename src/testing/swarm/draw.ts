/** Draws a world from a seed. Every number is small or large on purpose: limits are only found where they are near. */
import type { MessengerLimits } from '../../policies/limits.ts'
import type { Policy, PolicyOptions } from '../../policies/policy.ts'
import { seededRandom } from '../random.ts'
import type { SeededRandom } from '../random.ts'
import type { NetworkConditions } from '../conditions.ts'
import type { Fault, NodePlan, NodeType, Operation, PolicyPlan, SwarmPlan } from './plan.ts'

/** The world of a seed. */
export function drawPlan(seed: number | string): SwarmPlan {
  const random = seededRandom(seed).fork('plan')
  const faultsMs = random.pick([500, 2000, 5000])
  const nodes = drawNodes(random.fork('nodes'))
  const policies = drawPolicies(random.fork('policies'), random.fork('bodies').pick(['keep', 'keep', 'lend']))
  const operations = drawOperations(random.fork('operations'), nodes, faultsMs)
  return {
    seed: String(seed),
    conditions: drawConditions(random.fork('conditions')),
    policies,
    nodes,
    operations,
    faults: drawFaults(random.fork('faults'), nodes.length, faultsMs),
    faultsMs,
    settleMs: settleMs(policies, nodes, operations),
  }
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

/** A world has a few kinds of faults only: rare meetings need rooms where few others are. */
function drawKinds(random: SeededRandom): Fault['kind'][] {
  const all: Fault['kind'][] = [
    'cut',
    'cut',
    'silence',
    'stall',
    'partition',
    'blockDials',
    'slow',
    'crash',
    'clockStep',
  ]
  return random.shuffled(all).slice(0, random.integer(1, 5))
}

/**
 * A dead link is found by keepalive; then a dial may hang, fail and wait, and be answered by a yield, several times.
 * After that the work itself takes its time: at worst one message after the other, each with a slow handler.
 */
function settleMs(policies: PolicyPlan, nodes: readonly NodePlan[], operations: readonly Operation[]): number {
  const bounds = Object.values(policies).map(({ keepalive, backoff, connectTimeoutMs = 0 }: PolicyOptions) => {
    const silenceMs = keepalive === undefined || keepalive === false ? 0 : (keepalive.timeoutMs ?? 0)
    return silenceMs + connectTimeoutMs + (backoff?.maxMs ?? 0)
  })
  const messages = operations.reduce((sum, operation) => sum + ('count' in operation ? operation.count : 0), 0)
  const slowMs = Math.max(...nodes.map(({ handlers }) => (handlers.slowProbability > 0 ? handlers.slowMaxMs : 0)))
  return 30_000 + 5 * Math.max(...bounds) + 2 * messages * (slowMs + ROUND_TRIP_MS)
}

/** Of the slowest network that is drawn: latency both ways, and a delayed ack. */
export const ROUND_TRIP_MS = 150

function byTime(a: { readonly atMs: number }, b: { readonly atMs: number }): number {
  return a.atMs - b.atMs
}
