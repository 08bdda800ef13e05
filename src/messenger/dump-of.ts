/** Makes the dumps of connections and of the loopback, from what they know. */
import type { Budget, Policy } from '../policies/policy.ts'
import type { Backlog } from '../session/backlog.ts'
import type { Liveness } from '../session/path/liveness.ts'
import type { Session } from '../session/session.ts'
import type { ConnectionDump, LaneDump, LinkCounters, LinkDump } from './dump.ts'
import type { KnownPath } from './path-info.ts'
import type { Peer } from './peer.ts'

/** Without a link nobody may send. */
const NO_CREDIT: Budget = { messages: 0, bytes: 0 }

/** Received messages that wait for a handler, and handlers that run. */
interface Waiting {
  readonly length: number
  readonly running: number
}

/** What a connection is made of, as far as a dump shows it. */
interface Dumped {
  readonly session: Session
  readonly links: { readonly lastFault: string | null; readonly counters: LinkCounters }
  readonly inbox: Waiting
  readonly flow: { readonly isBlocked: boolean }
  readonly paths: { readonly others: readonly KnownPath[] }
}

export function dumpConnection(
  { peer, state }: { readonly peer: Peer; readonly state: string },
  { session, links, inbox, flow, paths }: Dumped,
  nowMs: number,
): ConnectionDump {
  const { outbound, inbound } = session
  return {
    peer,
    ...dumpSession(session, nowMs, flow.isBlocked),
    state,
    waitingMessages: inbox.length,
    runningHandlers: inbox.running,
    lastFault: links.lastFault,
    paths: paths.others,
    counters: {
      sentMessages: outbound.sentMessages,
      sentBytes: outbound.sentBytes,
      receivedMessages: inbound.receivedMessages,
      receivedBytes: inbound.receivedBytes,
      replayedMessages: outbound.replayedMessages,
      withdrawnMessages: outbound.withdrawnMessages,
      failedMessages: outbound.failedMessages,
      failedHandlers: inbound.failedMessages,
      duplicates: inbound.duplicates,
      ...links.counters,
    },
  }
}

/** The part of a connection's dump that its session knows. */
export function dumpSession(
  session: Session,
  nowMs: number,
  blocked: boolean,
): Pick<
  ConnectionDump,
  | 'state'
  | 'role'
  | 'policy'
  | 'session'
  | 'epoch'
  | 'failures'
  | 'lanes'
  | 'queuedMessages'
  | 'queuedBytes'
  | 'creditFree'
  | 'peerWindow'
  | 'creditGranted'
  | 'heldMessages'
  | 'heldBytes'
  | 'window'
  | 'link'
> {
  const { machine, outbound, inbound, path, config } = session
  return {
    state: machine.state.name,
    role: config.role,
    policy: config.policy.kind,
    session: machine.session,
    epoch: machine.best.epoch,
    failures: machine.failures,
    lanes: dumpLanes(session),
    queuedMessages: outbound.messages,
    queuedBytes: outbound.bytes,
    creditFree: path?.sending.free ?? NO_CREDIT,
    peerWindow: Number.isFinite(outbound.peerWindow.messages) ? outbound.peerWindow : null,
    creditGranted: path?.receiving.granted ?? NO_CREDIT,
    heldMessages: inbound.held.messages,
    heldBytes: inbound.held.bytes,
    window: inbound.held.window,
    link: path === null ? null : dumpLink(path.liveness, nowMs, blocked),
  }
}

/** Those of messages, and that of control words once either side has said one. */
function dumpLanes({ outbound, inbound, path }: Session): LaneDump[] {
  const count = Math.max(outbound.lanes.length, inbound.lanes.length)
  return Array.from({ length: count }, (_, index) => {
    const { queue, base, received, tail } = outbound.lanes[index] ?? NO_LANE
    return {
      queued: queue.length,
      sent: Math.max(0, (path?.runs.sentOf(index) ?? received) - base),
      processed: base,
      received,
      tail,
      inReceived: inbound.lanes[index]?.received ?? 0,
      inProcessed: inbound.lanes[index]?.processed ?? 0,
    }
  })
}

const NO_LANE = { queue: [], base: 0, received: 0, tail: 0 }

function dumpLink({ rttMs, heardMs, isPaused }: Liveness, nowMs: number, blocked: boolean): LinkDump {
  return { rttMs, silentMs: Math.max(0, nowMs - heardMs), blocked, paused: isPaused }
}

/** What there is to know of a loopback. */
interface LoopbackParts {
  readonly peer: Peer
  readonly policy: Policy
  readonly state: string
  readonly backlog: Backlog
}

/** All of a loopback: what is sent is what is received. */
export function dumpLoopback(
  { peer, policy, state, backlog }: LoopbackParts,
  inbox: Waiting,
  { sent, withdrawn, failed }: { readonly sent: number; readonly withdrawn: number; readonly failed: number },
): ConnectionDump {
  const { messages, bytes } = backlog
  return {
    peer,
    policy: 'loopback',
    state,
    role: 'loopback',
    session: null,
    epoch: 0,
    failures: 0,
    lastFault: null,
    lanes: [],
    queuedMessages: messages,
    queuedBytes: bytes,
    creditFree: policy.replay,
    peerWindow: policy.window,
    creditGranted: policy.window,
    heldMessages: messages,
    heldBytes: bytes,
    window: policy.window,
    waitingMessages: inbox.length,
    runningHandlers: inbox.running,
    link: null,
    paths: [],
    counters: {
      sentMessages: sent,
      sentBytes: 0,
      receivedMessages: sent,
      receivedBytes: 0,
      replayedMessages: 0,
      withdrawnMessages: withdrawn,
      failedMessages: failed,
      failedHandlers: failed,
      duplicates: 0,
      faults: 0,
      races: 0,
      sessions: 1,
      resumes: 0,
      switches: 0,
    },
  }
}
