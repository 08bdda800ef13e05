/**
 * The shared vocabulary of wire and session: who, which link goes first, what was received, what may be sent, and what two
 * sides offer and answer. Plain data, said once.
 */
import type { Budget, PolicyKind } from '../policies/policy.ts'

/** The highest epoch that can be dialled. A protocol lets none through that is above it. */
export const EPOCH_MAX = 0xffff0000

/** Orders all links of a pair: a higher epoch wins; of equal epochs the link dialled by the lower address wins. */
export interface Ballot {
  /** 0 (never dialled) to EPOCH_MAX. */
  readonly epoch: number
  /** Canonical bytes of the dialler's entity address, in lower-case hexadecimal. */
  readonly dialler: string
}

/** Who a messenger says that it is. */
export interface Identity {
  /** `type.id`, such as `osd.3`. */
  readonly name: string
  /** 128 random bits per messenger lifetime, as 32 lower-case hexadecimal digits. */
  readonly instance: string
  /** Where it can be dialled, as `scheme://…`; at most 8. */
  readonly addresses: readonly string[]
  /** The name that it proved to have, where that can be another than `name`. */
  readonly principal?: string | null
  /** Private to the protocol: what it must know of this peer when a session with it is resumed. */
  readonly detail?: unknown
}

/**
 * What one side has of a lane of the other: both marks are cumulative and count from 1. In a list the index is the lane;
 * that of control words is there only when it was used.
 */
export interface Marks {
  readonly received: number
  readonly processed: number
}

/** What a side lets the other send: the whole window, and what of it is free now. */
export interface Grant {
  readonly window: Budget
  readonly free: Budget
}

/** A session that a dialler can resume. */
export interface Resumable {
  readonly id: string
  readonly marks: readonly Marks[]
  /** True when nothing shows that the peer ever took part in it: nothing of it came, and nothing of ours was acked. */
  readonly unproven?: boolean
  /** Who it is with, as the link said on which it was agreed or promised. */
  readonly peer?: Identity
}

/** OPEN: a dialler asks for a session. */
export interface SessionOffer {
  readonly ballot: Ballot
  /** Which of the dialler's connections to this peer: 0, or a number from 1 for an extra (anonymous) one. */
  readonly channel: number
  /** Which side counted the channel, both from 1; left out: channel 0, or a dialler that does not say. */
  readonly counted?: 'dialler' | 'acceptor'
  readonly policy: PolicyKind
  /** The id that a new session would get: 32 hexadecimal digits. */
  readonly fresh: string
  /** Sessions that the dialler can resume, with its marks per lane; at most 2. */
  readonly resume: readonly Resumable[]
  readonly grant: Grant
  /**
   * The session is open on another link of the two, and is to move to this one; `holdMs`: how long the promise is to be kept,
   * 0 for no longer than others. Only for a peer that knows of it; see WireCapabilities.
   */
  readonly move?: { readonly holdMs: number }
  /** Private to the protocol: what its own `arbitrate` must know beside this. */
  readonly note?: unknown
}

/** OPENED: the acceptor promises one. */
export interface SessionAnswer {
  readonly id: string
  /** True when `id` is one of `resume`; then `marks` says what the acceptor has of it. */
  readonly resumed: boolean
  readonly marks: readonly Marks[]
  readonly policy: PolicyKind
  readonly grant: Grant
}
