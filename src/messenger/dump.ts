/** What `dump()` shows, in the spirit of Ceph's `messenger dump`: plain data, ready for JSON. */
import type { Budget, Policy } from '../policies/policy.ts'
import type { Backlog } from '../session/backlog.ts'
import type { Liveness } from '../session/path/liveness.ts'
import type { Session } from '../session/session.ts'
import type { Peer } from './peer.ts'

/** The sending side of a lane. */
export interface LaneDump {
  /** Accepted and not acked as processed. */
  readonly queued: number
  /** Of these, on the current link. */
  readonly sent: number
  /** Last number that the peer processed, received; last number that exists. */
  readonly processed: number
  readonly received: number
  readonly tail: number
  /** The other direction: last number that came, and last that was finished. */
  readonly inReceived: number
  readonly inProcessed: number
}

/** The link that carries a session now. */
export interface LinkDump {
  /** How long the last question took, in ms, by the keepalives of the protocol; null: none was answered on this link. */
  readonly rttMs: number | null
  /** How long nothing has come from the peer, in ms. */
  readonly silentMs: number
  /** Its buffers are full: it takes no more for now. */
  readonly blocked: boolean
  /** It is not read: what came from the peer has used up our memory for it. */
  readonly paused: boolean
}

export interface ConnectionDump {
  readonly peer: Peer
  readonly policy: string
  readonly state: string
  readonly role: string
  readonly session: string | null
  readonly epoch: number
  readonly failures: number
  /** Why the last link was lost. */
  readonly lastFault: string | null
  readonly lanes: readonly LaneDump[]
  readonly queuedMessages: number
  readonly queuedBytes: number
  /** What the peer lets us send, what it may still send, and what it has sent and handlers still hold. */
  readonly creditFree: Budget
  readonly creditGranted: Budget
  readonly heldMessages: number
  readonly heldBytes: number
  /** What may be held of the peer's messages: the window of the policy. */
  readonly window: Budget
  /** Of the held messages, those that wait for a handler; and handlers that run. */
  readonly waitingMessages: number
  readonly runningHandlers: number
  /** Null: no link carries the session. */
  readonly link: LinkDump | null
  readonly counters: ConnectionCounters
}

/** Totals since the connection was made. */
export interface ConnectionCounters {
  readonly sentMessages: number
  readonly sentBytes: number
  readonly receivedMessages: number
  readonly receivedBytes: number
  readonly replayedMessages: number
  /** Taken back by their senders, who had given up, before they were on any link. */
  readonly withdrawnMessages: number
  /** Messages of ours that failed at the peer, as it says. */
  readonly failedMessages: number
  /** Messages of the peer that failed here: the handler threw, there is none, or the body did not decode. */
  readonly failedHandlers: number
  readonly duplicates: number
  /** Links that were lost or never came about, each told once; and a refusal. */
  readonly faults: number
  /** Links that were given up because another one of this pair goes first. */
  readonly races: number
  readonly sessions: number
  readonly resumes: number
  /** Times that the session went to another path while it was open. */
  readonly switches: number
}

/** Those of links. */
export type LinkCounters = Pick<ConnectionCounters, 'faults' | 'races' | 'sessions' | 'resumes' | 'switches'>

export interface MessengerDump {
  readonly name: string
  readonly instance: string
  readonly wire: string
  readonly addresses: readonly string[]
  /** Accepted links that carry no session, or not yet, and that the transport still holds. */
  readonly halfOpenLinks: number
  readonly goneInstances: number
  readonly connections: readonly ConnectionDump[]
}

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
}

export function dumpConnection(
  { peer, state }: { readonly peer: Peer; readonly state: string },
  { session, links, inbox, flow }: Dumped,
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
      sent: Math.max(0, (path?.sentOf(index) ?? received) - base),
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
    creditGranted: policy.window,
    heldMessages: messages,
    heldBytes: bytes,
    window: policy.window,
    waitingMessages: inbox.length,
    runningHandlers: inbox.running,
    link: null,
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
