/** What is checked: pairs of policies, and what may go wrong between them. The bounds of each search are in plans.ts. */
import { losslessClient } from '../../policies/lossless-client.ts'
import { losslessServer } from '../../policies/lossless-server.ts'
import { lossy } from '../../policies/lossy.ts'
import { peer, type PeerOptions } from '../../policies/peer.ts'
import { EPOCH_STEP_MAX } from '../../session/ballot.ts'
import { EPOCH_MAX } from '../../wire/wire.ts'
import { MSGR2 } from './msgr2-model.ts'
import type { Bounds, NodePlan, Plan, SendPlan } from './plan.ts'

const NONE: Bounds = {
  links: 2,
  connects: 2,
  cuts: 0,
  crashes: 0,
  markDowns: 0,
  closes: 0,
  timeouts: 0,
  expiries: 0,
  duplicates: 0,
  lies: 0,
  forgeries: 0,
  disguises: 0,
  moves: 0,
}
/** Small windows make credit scarce, small waits keep the clock of timeless.ts. */
const COMMON = {
  window: { messages: 2, bytes: 8 },
  backoff: { firstMs: 10, maxMs: 10, jitter: 0 },
  connectTimeoutMs: 10,
  keepalive: false as const,
}
const LASTING = { ...COMMON, standbyMs: 20 }
const PEER: PeerOptions = { ...LASTING, probeMs: 10 }
export const SMALL: SendPlan = { bytes: 1, priority: 127, awaited: false }

function node(
  name: string,
  policy: NodePlan['policy'],
  dials: number | null,
  sends: number,
  more: Partial<NodePlan> = {},
): NodePlan {
  return {
    name,
    policy,
    dials,
    address: 'open',
    sends: Array.from({ length: sends }, () => SMALL),
    concurrency: 1,
    ...more,
  }
}

function plan(name: string, bounds: Partial<Bounds>, ...nodes: NodePlan[]): Plan {
  return { name, nodes, bounds: { ...NONE, ...bounds }, earlyAcks: false }
}

export function peers(name: string, bounds: Partial<Bounds>, sends: [number, number], options: PeerOptions = {}): Plan {
  const policy = peer({ ...PEER, ...options })
  return plan(name, bounds, node('osd.0', policy, 1, sends[0]), node('osd.1', policy, 0, sends[1]))
}

/** Node 1 never says where it can be dialled: node 0 must wait for it. */
export function unboundPeer(name: string, bounds: Partial<Bounds>, sends: [number, number]): Plan {
  const policy = peer(PEER)
  const unbound = node('osd.1', policy, 0, sends[1], { address: 'none' })
  return plan(name, bounds, node('osd.0', policy, null, sends[0]), unbound)
}

/** Node 1 can reach node 0, but not the other way round. */
export function oneWayPeers(name: string, bounds: Partial<Bounds>, sends: [number, number]): Plan {
  const policy = peer(PEER)
  return plan(
    name,
    bounds,
    node('osd.0', policy, 1, sends[0]),
    node('osd.1', policy, 0, sends[1], { address: 'firewalled' }),
  )
}

export function clientServer(name: string, bounds: Partial<Bounds>, sends: [number, number]): Plan {
  const client = node('client.0', losslessClient(LASTING), 1, sends[0], { address: 'none' })
  return plan(
    name,
    bounds,
    client,
    node('mds.0', losslessServer({ window: COMMON.window, keepalive: false, standbyMs: 20 }), null, sends[1]),
  )
}

export function lossyPair(name: string, bounds: Partial<Bounds>, sends: [number, number]): Plan {
  const client = node('client.0', lossy(COMMON), 1, sends[0], { address: 'none' })
  return plan(name, bounds, client, node('osd.0', lossy(COMMON), null, sends[1]))
}

/** Two processes under one name want the same peer: one of them takes over, for good. */
export function takeOver(name: string, bounds: Partial<Bounds>, sends: [number, number, number]): Plan {
  const policy = peer(PEER)
  const [a, b, c] = sends
  return plan(name, bounds, node('osd.0', policy, null, a), node('osd.1', policy, 0, b), node('osd.1', policy, 0, c))
}

/** Cut messages in two lanes, acks before handlers have finished, and handlers that finish in any order. */
export function busyClient(name: string, bounds: Partial<Bounds>, sends: readonly SendPlan[]): Plan {
  const client = node('client.0', losslessClient(LASTING), 1, 0, { address: 'none', sends })
  const server = losslessServer({ window: { messages: 3, bytes: 8 }, keepalive: false, standbyMs: 20 })
  return { ...plan(name, bounds, client, node('mds.0', server, null, 0, { concurrency: 2 })), earlyAcks: true }
}

/** Cut messages over links that are full after one chunk: acks come in the middle of a message that is sent again. */
export function narrowClient(name: string, bounds: Partial<Bounds>, bytes: readonly number[]): Plan {
  const sends = bytes.map((each): SendPlan => ({ ...SMALL, bytes: each }))
  const client = node('client.0', losslessClient(LASTING), 1, 0, { address: 'none', sends })
  const server = losslessServer({ window: { messages: 3, bytes: 12 }, keepalive: false, standbyMs: 20 })
  return narrow(plan(name, bounds, client, node('mds.0', server, null, 0)))
}

/** The same where both sides send. */
export function narrowPeers(
  name: string,
  bounds: Partial<Bounds>,
  bytes: readonly [readonly number[], readonly number[]],
): Plan {
  const policy = peer({ ...PEER, window: { messages: 3, bytes: 12 } })
  const sends = bytes.map((each) => each.map((one): SendPlan => ({ ...SMALL, bytes: one })))
  return narrow(
    plan(
      name,
      bounds,
      node('osd.0', policy, 1, 0, { sends: sends[0]! }),
      node('osd.1', policy, 0, 0, { sends: sends[1]! }),
    ),
  )
}

/** The same nodes over links that are full while so many runs are on their way. */
export function narrow(given: Plan, linkRuns = 1): Plan {
  return { ...given, linkRuns }
}

/** What is late on the first link is more than the next one takes at once: acks overtake what is sent again. */
export function late(given: Plan): Plan {
  return { ...given, narrowFrom: 2 }
}

/** Nobody proves a name here, and strangers make up epochs: near, far, and the last one there is. */
export function lied(given: Plan): Plan {
  return { ...given, lies: [3, EPOCH_STEP_MAX * 2, EPOCH_MAX] }
}

/** Somebody proves a name of his own, and wears the instance and the address of whoever dials. */
export function haunted(given: Plan): Plan {
  return { ...given, impostor: 'osd.9' }
}

/** The same, but that node 0 sends these: messages, some of which fail, and control words. */
export function says(given: Plan, ...kinds: ('message' | NonNullable<SendPlan['kind']>)[]): Plan {
  const sends = kinds.map((kind): SendPlan => (kind === 'message' ? SMALL : { ...SMALL, kind }))
  const [first, ...others] = given.nodes
  return { ...given, nodes: [{ ...(first as NodePlan), sends }, ...others] }
}

/** The same pair over Ceph's protocol. No first flight arrives twice there: a dialler asks when it has heard us. */
export function overMsgr2(given: Plan): Plan {
  return { ...given, name: `msgr2, ${given.name}`, protocol: MSGR2 }
}
