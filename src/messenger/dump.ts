/** What `dump()` shows, in the spirit of Ceph's `messenger dump`: plain data, ready for JSON. */
import type { Budget } from '../policies/policy.ts'
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
  /** What layers beside this messenger have, by name, once they are used: `groups`, `buffers`. */
  readonly layers: Readonly<Record<string, unknown>>
}
