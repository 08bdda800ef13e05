/** What a history is made of: messengers, connections, facts and ends, as plain data with numbers for objects. */
import type { Budget, PolicyKind } from '../../policies/policy.ts'

/** One messenger, from its making to its end. */
export interface RecordedNode {
  readonly id: number
  readonly name: string
  readonly instance: string
}

/** One Connection object. */
export interface RecordedConnection {
  readonly id: number
  readonly node: number
  readonly policy: PolicyKind
  readonly requeues: boolean
  readonly ackOn: 'processed' | 'received'
  readonly anonymous: boolean
  /** The name that its peer must have, as far as was said when it was made. */
  readonly expects?: string | null
  /** Where it could be dialled when it was made; '' while that is unknown. */
  readonly target?: string
  /** How long its session is kept without a link. */
  readonly standbyMs?: number
}

/** The keys of messages that a reset handed back. */
export interface RecordedOutcome {
  readonly undelivered: readonly string[]
  readonly unknown: readonly string[]
}

/** One end of a session as it stands when nothing moves any more. Marks are per lane. */
export interface RecordedEnd {
  readonly on: number
  /** A link carries the session. */
  readonly open: boolean
  readonly session: string | null
  readonly queuedMessages: number
  readonly heldMessages: number
  readonly lanes: readonly {
    readonly tail: number
    readonly processed: number
    readonly inReceived: number
    readonly inProcessed: number
  }[]
  /** What the peer lets this end send, and what this end lets the peer send. */
  readonly creditFree: Budget
  readonly creditGranted: Budget
  readonly window: Budget
}

/** What happened. `on` is a connection's number. */
export type HistoryFact =
  | {
      readonly kind: 'send'
      readonly on: number
      readonly message: number
      readonly key: string
      readonly lane: number
      /** By `deliver()`, so that its end must be told. */
      readonly awaited: boolean
    }
  /** `deliver()` rejected before the message was taken. */
  | { readonly kind: 'withdraw'; readonly on: number; readonly message: number }
  /** `deliver()` resolved. */
  | { readonly kind: 'acked'; readonly on: number; readonly message: number }
  /** It rejected, or its caller has stopped waiting. */
  | {
      readonly kind: 'failed'
      readonly on: number
      readonly message: number
      readonly fate: 'undelivered' | 'unknown' | 'failed' | 'aborted'
    }
  | {
      readonly kind: 'open'
      readonly on: number
      readonly how: 'connect' | 'accept' | 'resume'
      readonly peerName: string
      readonly peerInstance: string
      /** The id of the session that the link carries. */
      readonly session: string
    }
  | { readonly kind: 'fault'; readonly on: number; readonly reason: string }
  /** A handler got it. `session` counts the connection's sessions from 1; `fast`: before any queue. */
  | {
      readonly kind: 'deliver'
      readonly on: number
      readonly delivery: number
      readonly key: string
      readonly lane: number
      readonly session: number
      readonly fast: boolean
    }
  /** Its handler is done; `failed`: it threw, nobody took the message, or its body did not decode. */
  | { readonly kind: 'finish'; readonly on: number; readonly delivery: number; readonly failed?: boolean }
  | { readonly kind: 'reset'; readonly on: number; readonly reason: string; readonly outcome: RecordedOutcome }
  | { readonly kind: 'remoteReset'; readonly on: number; readonly reason: string; readonly outcome: RecordedOutcome }
  | { readonly kind: 'markDown'; readonly on: number; readonly outcome: RecordedOutcome }
  | {
      readonly kind: 'undeliverable'
      readonly on: number
      readonly key: string
      readonly fate: 'undelivered' | 'unknown'
    }
  /** The application asked for an orderly end. */
  | { readonly kind: 'closing'; readonly on: number }
  | { readonly kind: 'closed'; readonly on: number }
  /** The peer refused for good, or nobody believable answered. */
  | { readonly kind: 'refused'; readonly on: number; readonly code: string }
  /** A number was beyond its limit. */
  | { readonly kind: 'overrun'; readonly on: number; readonly law: 'L6' | 'L9'; readonly what: string }
  /** The messenger's process ended without a word. */
  | { readonly kind: 'crash'; readonly node: number }

/** Where a recorder writes. */
export interface Notebook {
  readonly connections: RecordedConnection[]
  add(fact: HistoryFact): void
  /** Numbers that no other message, and no other delivery, has. */
  nextMessage(): number
  nextDelivery(): number
}
