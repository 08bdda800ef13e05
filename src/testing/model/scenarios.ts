/** What is checked: the pairs of policies, each with small bounds for `npm test` and larger ones for `npm run model`. */
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
const SMALL: SendPlan = { bytes: 1, priority: 127, awaited: false }

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

const TINY_WINDOW = { window: { messages: 1, bytes: 4 } }

/** What `npm test` checks: seconds. */
export const SMALL_PLANS: readonly Plan[] = [
  peers('peer/peer, crossed dials', { links: 2 }, [1, 0]),
  peers('peer/peer, cut', { links: 2, cuts: 1, connects: 1 }, [1, 0]),
  peers('peer/peer, crash', { links: 2, crashes: 1 }, [1, 0]),
  peers('peer/peer, window of one', { links: 2, cuts: 1, connects: 1 }, [2, 0], TINY_WINDOW),
  oneWayPeers('peer/peer, one way', { links: 3 }, [1, 0]),
  clientServer('losslessClient/losslessServer', { links: 2, cuts: 1, connects: 1 }, [1, 0]),
  narrowClient('losslessClient/losslessServer, full link', { links: 2, cuts: 1, connects: 1 }, [5, 3]),
  lied(clientServer('losslessClient/losslessServer, lies', { links: 3, lies: 1, forgeries: 1, connects: 1 }, [1, 0])),
  haunted(peers('peer/peer, impostor', { links: 2, disguises: 1 }, [1, 0])),
  lossyPair('lossy/lossy', { links: 1, cuts: 1, connects: 1 }, [2, 0]),
  narrowClient('losslessClient/losslessServer, full link, move', { links: 2, moves: 1, connects: 1 }, [5, 3]),
  clientServer('losslessClient/losslessServer, move and cut', { links: 3, moves: 1, cuts: 1, connects: 1 }, [1, 0]),
  says(clientServer('losslessClient/losslessServer, failing', { links: 2, cuts: 1, connects: 1 }, [0, 0]), 'failing'),
  says(peers('peer/peer, words', { links: 2, cuts: 1, connects: 1 }, [0, 0], TINY_WINDOW), 'message', 'word'),
  overMsgr2(peers('peer/peer, crossed dials', { links: 2 }, [1, 0])),
  overMsgr2(peers('peer/peer, cut', { links: 2, cuts: 1 }, [1, 0])),
  overMsgr2(peers('peer/peer, crash', { links: 2, crashes: 1 }, [1, 0])),
  overMsgr2(clientServer('losslessClient/losslessServer', { links: 2, cuts: 1, connects: 1 }, [1, 0])),
  overMsgr2(lossyPair('lossy/lossy', { links: 1, cuts: 1, connects: 1 }, [2, 0])),
]

/** What `npm run model` checks. */
export const LARGE_PLANS: readonly Plan[] = [
  peers('peer/peer, cut', { links: 3, cuts: 1 }, [1, 1]),
  peers('peer/peer, two cuts', { links: 3, cuts: 2, connects: 1 }, [1, 0]),
  peers('peer/peer, crash', { links: 3, crashes: 1, connects: 3 }, [1, 0]),
  peers('peer/peer, crash and cut', { links: 3, cuts: 1, crashes: 1, connects: 2 }, [1, 0]),
  peers('peer/peer, mark down', { links: 3, cuts: 1, markDowns: 1 }, [1, 0]),
  peers('peer/peer, close', { links: 3, cuts: 1, closes: 1 }, [1, 0]),
  peers('peer/peer, timeout and duplicate', { links: 3, timeouts: 1, duplicates: 1 }, [1, 0]),
  peers('peer/peer, mark down and duplicate', { links: 3, markDowns: 1, duplicates: 1 }, [1, 0]),
  peers('peer/peer, cut and duplicate', { links: 3, cuts: 1, duplicates: 1, connects: 1 }, [1, 0]),
  peers('peer/peer, expiry', { links: 2, cuts: 1, expiries: 1, connects: 1 }, [1, 1]),
  peers('peer/peer, requeue', { links: 2, crashes: 1, connects: 2 }, [2, 0], { onReset: 'requeue' }),
  peers('peer/peer, window of one', { links: 3, cuts: 1, connects: 1 }, [3, 0], TINY_WINDOW),
  peers('peer/peer, window of one, crash', { links: 3, crashes: 1, connects: 2 }, [2, 0], TINY_WINDOW),
  peers('peer/peer, acked when received', { links: 2, cuts: 1 }, [2, 1], { ackOn: 'received', ...TINY_WINDOW }),
  oneWayPeers('peer/peer, one way', { links: 4, cuts: 1 }, [1, 1]),
  unboundPeer('peer/peer, one never bound', { links: 3, cuts: 1, connects: 2 }, [1, 1]),
  takeOver('peer/peer, three nodes, take over', { links: 3, cuts: 1 }, [1, 1, 0]),
  clientServer('losslessClient/losslessServer, crash', { links: 2, cuts: 1, crashes: 1, connects: 2 }, [1, 1]),
  clientServer('losslessClient/losslessServer, close and mark down', { links: 2, closes: 1, markDowns: 1 }, [1, 1]),
  clientServer(
    'losslessClient/losslessServer, mark down and duplicate',
    { links: 3, markDowns: 1, duplicates: 1 },
    [1, 0],
  ),
  clientServer('losslessClient/losslessServer, cuts', { links: 3, cuts: 2, connects: 1 }, [1, 1]),
  clientServer(
    'losslessClient/losslessServer, expiry and timeout',
    { links: 2, cuts: 1, expiries: 1, timeouts: 1, connects: 1 },
    [1, 1],
  ),
  busyClient('losslessClient/losslessServer, chunks in two lanes', { links: 3, cuts: 1, connects: 1 }, [
    { bytes: 3, priority: 127, awaited: false },
    { bytes: 5, priority: 200, awaited: true },
  ]),
  busyClient('losslessClient/losslessServer, early acks', { links: 2, cuts: 1, connects: 1 }, [SMALL, SMALL, SMALL]),
  lied(peers('peer/peer, lies', { links: 3, lies: 2 }, [1, 0])),
  lied(peers('peer/peer, lies and forgeries', { links: 3, lies: 1, forgeries: 1 }, [1, 0])),
  lied(peers('peer/peer, lies and cut', { links: 3, cuts: 1, lies: 1, connects: 1 }, [1, 1])),
  lied(oneWayPeers('peer/peer, one way, lies', { links: 3, lies: 1, forgeries: 1 }, [1, 0])),
  lied(clientServer('losslessClient/losslessServer, lies', { links: 4, cuts: 1, lies: 2, connects: 1 }, [1, 0])),
  haunted(peers('peer/peer, impostor and crash', { links: 3, crashes: 1, disguises: 2, connects: 2 }, [1, 0])),
  haunted(
    clientServer('losslessClient/losslessServer, impostor', { links: 2, cuts: 1, disguises: 2, connects: 1 }, [1, 0]),
  ),
  narrowClient('losslessClient/losslessServer, full link', { links: 3, cuts: 2, connects: 1 }, [5, 3]),
  narrowClient('losslessClient/losslessServer, full link, late acks', { links: 2, cuts: 1, connects: 1 }, [5, 1, 3]),
  late(narrowClient('losslessClient/losslessServer, late', { links: 2, cuts: 1, connects: 1 }, [2, 2, 2, 2, 2])),
  narrowPeers('peer/peer, full link', { links: 3, cuts: 1, connects: 1 }, [[5, 3], [3]]),
  narrow(
    busyClient('losslessClient/losslessServer, full link, two lanes', { links: 2, cuts: 1, connects: 1 }, [
      { bytes: 5, priority: 127, awaited: false },
      { bytes: 3, priority: 200, awaited: true },
      { bytes: 3, priority: 127, awaited: false },
    ]),
  ),
  lossyPair('lossy/lossy, cut and crash', { links: 2, cuts: 1, crashes: 1, connects: 2 }, [2, 1]),
  lossyPair('lossy/lossy, close and mark down', { links: 2, closes: 1, markDowns: 1 }, [2, 1]),
  lossyPair('lossy/lossy, timeout and duplicate', { links: 2, timeouts: 1, duplicates: 1 }, [2, 1]),
  peers('peer/peer, two moves', { links: 3, moves: 2, connects: 1 }, [1, 1]),
  peers('peer/peer, move and cut', { links: 3, moves: 1, cuts: 1, connects: 1 }, [1, 1]),
  peers('peer/peer, move and crash', { links: 3, moves: 1, crashes: 1, connects: 2 }, [1, 0]),
  peers('peer/peer, move and close', { links: 3, moves: 1, closes: 1, connects: 1 }, [1, 1]),
  peers('peer/peer, move and mark down', { links: 3, moves: 1, markDowns: 1, connects: 2 }, [1, 0]),
  peers('peer/peer, move and duplicate', { links: 3, moves: 1, duplicates: 1, connects: 1 }, [1, 0]),
  clientServer('losslessClient/losslessServer, move and cut', { links: 3, moves: 1, cuts: 1, connects: 1 }, [1, 1]),
  clientServer('losslessClient/losslessServer, two moves, cut', { links: 4, moves: 2, cuts: 1, connects: 1 }, [1, 0]),
  clientServer(
    'losslessClient/losslessServer, move and timeout',
    { links: 3, moves: 1, timeouts: 1, connects: 1 },
    [1, 1],
  ),
  narrowClient(
    'losslessClient/losslessServer, full link, move, cut',
    { links: 3, moves: 1, cuts: 1, connects: 1 },
    [5, 3],
  ),
  says(peers('peer/peer, failing', { links: 2, cuts: 1, connects: 1 }, [0, 1]), 'failing', 'message', 'failing'),
  says(
    clientServer('losslessClient/losslessServer, failing, two cuts', { links: 3, cuts: 2, connects: 1 }, [0, 0]),
    'failing',
    'message',
  ),
  says(peers('peer/peer, failing, crash', { links: 2, crashes: 1, connects: 2 }, [0, 0]), 'failing', 'message'),
  says(
    peers('peer/peer, failing, requeue', { links: 2, crashes: 1, connects: 2 }, [0, 0], { onReset: 'requeue' }),
    'failing',
    'message',
  ),
  says(
    clientServer(
      'losslessClient/losslessServer, failing, close',
      { links: 2, cuts: 1, closes: 1, connects: 1 },
      [0, 0],
    ),
    'failing',
    'message',
  ),
  says(
    clientServer('losslessClient/losslessServer, failing, move', { links: 3, moves: 1, cuts: 1, connects: 1 }, [0, 0]),
    'failing',
    'message',
  ),
  says(
    peers('peer/peer, words, no credit', { links: 2, cuts: 1, connects: 1 }, [0, 1], TINY_WINDOW),
    'message',
    'message',
    'word',
    'word',
  ),
  says(
    peers('peer/peer, words, crash', { links: 2, crashes: 1, connects: 2 }, [0, 0], TINY_WINDOW),
    'message',
    'word',
    'word',
  ),
  says(
    clientServer('losslessClient/losslessServer, words, move', { links: 3, moves: 1, cuts: 1, connects: 1 }, [0, 0]),
    'word',
    'message',
    'word',
  ),
  says(
    clientServer('losslessClient/losslessServer, words, close', { links: 2, cuts: 1, closes: 1, connects: 1 }, [0, 0]),
    'message',
    'word',
    'failing',
  ),
  overMsgr2(peers('peer/peer, cut', { links: 3, cuts: 1 }, [1, 1])),
  overMsgr2(peers('peer/peer, two cuts', { links: 3, cuts: 2, connects: 1 }, [1, 0])),
  overMsgr2(narrow(peers('peer/peer, full link', { links: 3, cuts: 1, connects: 1 }, [2, 1]))),
  overMsgr2(peers('peer/peer, crash', { links: 3, crashes: 1, connects: 3 }, [1, 0])),
  overMsgr2(peers('peer/peer, crash and cut', { links: 3, cuts: 1, crashes: 1, connects: 2 }, [1, 0])),
  overMsgr2(peers('peer/peer, mark down', { links: 3, markDowns: 1 }, [1, 1])),
  overMsgr2(peers('peer/peer, timeout and mark down', { links: 3, timeouts: 1, markDowns: 1 }, [1, 0])),
  overMsgr2(peers('peer/peer, close', { links: 3, closes: 1 }, [1, 1])),
  overMsgr2(oneWayPeers('peer/peer, one way', { links: 4, cuts: 1 }, [1, 1])),
  overMsgr2(unboundPeer('peer/peer, one never bound', { links: 3, cuts: 1, connects: 2 }, [1, 1])),
  overMsgr2(
    clientServer('losslessClient/losslessServer, crash', { links: 2, cuts: 1, crashes: 1, connects: 2 }, [1, 1]),
  ),
  overMsgr2(clientServer('losslessClient/losslessServer, cuts', { links: 2, cuts: 2, connects: 1 }, [1, 1])),
  overMsgr2(
    clientServer(
      'losslessClient/losslessServer, timeout and mark down',
      { links: 3, cuts: 1, timeouts: 1, markDowns: 1, connects: 2 },
      [1, 0],
    ),
  ),
  overMsgr2(lossyPair('lossy/lossy, cut and crash', { links: 2, cuts: 1, crashes: 1, connects: 2 }, [2, 1])),
]
