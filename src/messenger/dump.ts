/** What `dump()` shows, in the spirit of Ceph's `messenger dump`: plain data, ready for JSON. */
import type { Budget } from '../policies/policy.ts'
import type { KnownPath } from './path-info.ts'
import type { Peer } from './peer.ts'

/** The sending side of a lane. */
export interface LaneDump {
  /** Accepted and not acked as processed. */
  readonly queued: number
  /** Of these, on the current link. */
  readonly sent: number
  /** Last number that the peer has processed. */
  readonly processed: number
  /** Last number that the peer said it has received. */
  readonly received: number
  /** Last number that exists. */
  readonly tail: number
  /** The other direction: last number that came. */
  readonly inReceived: number
  /** The other direction: last number that was finished. */
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

/** One connection as it is now, as plain data for JSON: what `connection.dump()` shows. */
export interface ConnectionDump {
  /** Who is at the other end. */
  readonly peer: Peer
  /** The kind of its policy. */
  readonly policy: string
  /** As `connection.state`; docs/STATES.md. */
  readonly state: string
  /** `initiator`: this side dials when a link is lost; `responder`: it waits for the peer. */
  readonly role: string
  /** The id of the session; null: there is none yet. */
  readonly session: string | null
  /** Goes up with each link that carries the session. */
  readonly epoch: number
  /** Dials that failed in a row. */
  readonly failures: number
  /** Why the last link was lost. */
  readonly lastFault: string | null
  /** By lane, the most urgent first. */
  readonly lanes: readonly LaneDump[]
  /** Accepted and not acked as processed, of all lanes. */
  readonly queuedMessages: number
  /** Their bytes. */
  readonly queuedBytes: number
  /** What the peer lets us send, and is not used yet. */
  readonly creditFree: Budget
  /** What the peer holds of ours at most, as it has said; null: not yet. */
  readonly peerWindow: Budget | null
  /** What the peer may still send. */
  readonly creditGranted: Budget
  /** What the peer has sent, and handlers still hold. */
  readonly heldMessages: number
  /** Their bytes. */
  readonly heldBytes: number
  /** What may be held of the peer's messages: the window of the policy. */
  readonly window: Budget
  /** Of the held messages, those that wait for a handler. */
  readonly waitingMessages: number
  /** Handlers that run now. */
  readonly runningHandlers: number
  /** Null: no link carries the session. */
  readonly link: LinkDump | null
  /** Other ways to the peer: as `connection.paths`, without that of now. */
  readonly paths: readonly KnownPath[]
  /** Totals since the connection was made. */
  readonly counters: ConnectionCounters
}

/** Totals since the connection was made. */
export interface ConnectionCounters {
  /** Messages written to links, each as often as it was. */
  readonly sentMessages: number
  /** Their bytes. */
  readonly sentBytes: number
  /** Messages that came and were new. */
  readonly receivedMessages: number
  /** Their bytes. */
  readonly receivedBytes: number
  /** Messages that were written again after a link was lost. */
  readonly replayedMessages: number
  /** Taken back by their senders, who had given up, before they were on any link. */
  readonly withdrawnMessages: number
  /** Messages of ours that failed at the peer, as it says. */
  readonly failedMessages: number
  /** Messages of the peer that failed here: the handler threw, there is none, or the body did not decode. */
  readonly failedHandlers: number
  /** Messages that came again, and were not handed on again. */
  readonly duplicates: number
  /** Links that were lost or never came about, each told once; and a refusal. */
  readonly faults: number
  /** Links that were given up because another one of this pair goes first. */
  readonly races: number
  /** Sessions that began. */
  readonly sessions: number
  /** How often a session went on, on a new link. */
  readonly resumes: number
  /** Times that the session went to another path while it was open. */
  readonly switches: number
}

/** Those of links. */
export type LinkCounters = Pick<ConnectionCounters, 'faults' | 'races' | 'sessions' | 'resumes' | 'switches'>

/** A messenger and all its connections as they are now, as plain data for JSON: what `messenger.dump()` shows. */
export interface MessengerDump {
  /** The entity name. */
  readonly name: string
  /** Which life of that name this is. */
  readonly instance: string
  /** The name of its protocol. */
  readonly wire: string
  /** Where peers are told to dial. */
  readonly addresses: readonly string[]
  /** Accepted links that carry no session, or not yet, and that the transport still holds. */
  readonly halfOpenLinks: number
  /** Names of which replaced instances are remembered. */
  readonly goneInstances: number
  /** Every connection, in whatever state. */
  readonly connections: readonly ConnectionDump[]
  /** What layers beside this messenger have, by name, once they are used: `groups`, `buffers`. */
  readonly layers: Readonly<Record<string, unknown>>
}
