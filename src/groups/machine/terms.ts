/**
 * What the members of a group say to one another, and what a group machine is told and answers: the terms, said once.
 *
 * A view is named by the ballot that installed it; its installer is its sequencer. Ballots are ordered by number, then by the
 * installer's id, so no two views share a name and every member goes through views of rising names.
 */

/** One life of a member. Compared as text; a process that starts again is another member. */
export type MemberId = string

/** A ballot, and the name of the view that it installs. */
export interface ViewId {
  readonly number: number
  readonly installer: MemberId
}

export interface View {
  readonly id: ViewId
  /** In rising order. */
  readonly members: readonly MemberId[]
}

/** `fifo` is delivered as `agreed`. `safe`: not before every member of the view has it. */
export type Order = 'fifo' | 'agreed' | 'safe'

/** Which of the messages that wait at their sender goes first. It promises nothing between senders. */
export type Urgency = 'high' | 'medium' | 'low'

/** Why a member is not in a view any more. */
export type LeftReason = 'leave' | 'process-down' | 'node-down' | 'partition' | 'slow'
/** Why a member is new in a view: it joined, or two views became one. */
export type JoinedReason = 'join' | 'merge'

/** A piece of a message, with its place in the order. A small message is one piece. */
export interface Entry {
  readonly from: MemberId
  /** Of the message, among those of its sender. */
  readonly number: number
  /** Where this piece begins in the message, and how long all of it is, in bytes. */
  readonly offset: number
  readonly total: number
  readonly isSafe: boolean
  readonly type: number
  /** Who asked the sender to publish it, of an open group; empty: the sender itself. */
  readonly origin: string
  readonly data: Uint8Array
}

/** What is said from member to member. Between two, words arrive in order until the link between them is cut. */
export type GroupWord =
  /** To the sequencer: to be ordered in this view, and in no other. */
  | { readonly kind: 'data'; readonly view: ViewId; readonly entries: readonly Entry[] }
  /** From the sequencer: entries from `index` on, and up to where every member has them. */
  | {
      readonly kind: 'orders'
      readonly view: ViewId
      readonly index: number
      readonly stable: number
      readonly entries: readonly Entry[]
    }
  /** `needsStable`: it cannot find out by itself what all have. */
  | {
      readonly kind: 'ack'
      readonly view: ViewId
      readonly received: number
      readonly consumed: number
      readonly needsStable: boolean
    }
  | { readonly kind: 'stable'; readonly view: ViewId; readonly stable: number }
  /** A change begins: stop accepting orders, and say what you have of `view` from `length` on (of another view: all). */
  | {
      readonly kind: 'prepare'
      readonly ballot: ViewId
      readonly candidates: readonly MemberId[]
      readonly view: ViewId
      readonly length: number
    }
  | { readonly kind: 'refuse'; readonly ballot: ViewId; readonly promised: number }
  /** To the initiator, before `flushed`: what I have of my view. */
  | {
      readonly kind: 'held'
      readonly ballot: ViewId
      readonly view: ViewId
      readonly index: number
      readonly entries: readonly Entry[]
    }
  | ({ readonly kind: 'flushed'; readonly ballot: ViewId } & Flushed)
  /** From the initiator, before `install`: what you lack of your view. */
  | {
      readonly kind: 'cut'
      readonly ballot: ViewId
      readonly view: ViewId
      readonly index: number
      readonly entries: readonly Entry[]
    }
  | {
      readonly kind: 'install'
      readonly ballot: ViewId
      readonly members: readonly MemberId[]
      readonly lineages: readonly Lineage[]
      readonly reasons: readonly (readonly [MemberId, LeftReason])[]
    }
  /** A sequencer shows its view to who is not in it; a member, to who was left behind. */
  | { readonly kind: 'probe'; readonly view: View }
  /** To the sequencer: our link was cut inside the view, so form it anew. */
  | { readonly kind: 'reform'; readonly view: ViewId }
  | { readonly kind: 'leave'; readonly view: ViewId }
  /** I am gone; wait for nothing of mine. */
  | { readonly kind: 'bye' }
  /** From the sequencer: you held up all others for too long. */
  | { readonly kind: 'evict' }
  /** From the sequencer: form a view of the same members, and order in my place. */
  | { readonly kind: 'relieve'; readonly view: ViewId }

/** Where a member stands when a change begins. */
export interface Flushed {
  readonly view: ViewId
  readonly length: number
  readonly stable: number
  /** It wants to go: it takes part in the change for the last time. */
  readonly isLeaving: boolean
  /** It has never been in a view with another. */
  readonly isFresh: boolean
  /** Its own account of the group's votes and state, opaque to the order. */
  readonly account: Uint8Array
}

/** What becomes of one old view: how much of it is delivered, by whom, who of it goes on together. */
export interface Lineage {
  readonly view: ViewId
  readonly length: number
  readonly stable: number
  readonly transitional: readonly MemberId[]
  /** None of it was in a view with another before. */
  readonly isFresh: boolean
  readonly accounts: readonly (readonly [MemberId, Uint8Array])[]
}

export interface Delivered {
  readonly from: MemberId
  readonly origin: string
  readonly number: number
  readonly view: ViewId
  /** Of its last piece. */
  readonly index: number
  readonly type: number
  readonly isSafe: boolean
  /** Delivered behind the transitional signal: not every member of its view may have it. */
  readonly isTransitional: boolean
  readonly data: Uint8Array
}

export interface ViewChange {
  readonly view: View
  readonly previous: ViewId | null
  /** Who came from the same view as this member, and so has delivered the same. */
  readonly transitional: readonly MemberId[]
  readonly left: readonly (readonly [MemberId, LeftReason])[]
  readonly joined: readonly (readonly [MemberId, JoinedReason])[]
  readonly lineages: readonly Lineage[]
}

export interface Publish {
  /** Rising, from 1. */
  readonly number: number
  readonly order: Order
  readonly urgency: Urgency
  readonly type: number
  readonly origin: string
  readonly data: Uint8Array
  /** Send it in this view or not at all; null: in the one that holds when it is its turn. */
  readonly onlyIn: ViewId | null
}

export type GroupEvent =
  | { readonly kind: 'up'; readonly peer: MemberId }
  | { readonly kind: 'down'; readonly peer: MemberId; readonly reason: LeftReason }
  | { readonly kind: 'word'; readonly from: MemberId; readonly word: GroupWord }
  | { readonly kind: 'publish'; readonly publish: Publish }
  /** The application is done with so many more of the delivered messages. */
  | { readonly kind: 'consumed'; readonly count: number }
  | { readonly kind: 'leave' }
  /** A new view is wanted, of the same members. */
  | { readonly kind: 'reform' }
  /** Another member is to order in its place, if it does. */
  | { readonly kind: 'relieve' }
  /** Leaves without waiting for anybody. */
  | { readonly kind: 'give-up'; readonly reason: LeftReason }
  /** `random` from 0 up to 1. */
  | { readonly kind: 'tick'; readonly random: number }
  /** The end of an event-loop turn: what was gathered goes out. */
  | { readonly kind: 'turn' }

export type GroupAction =
  | { readonly kind: 'send'; readonly to: MemberId; readonly word: GroupWord }
  | ({ readonly kind: 'deliver' } & Delivered)
  /** What follows, up to the next view, was not known to be everywhere. */
  | { readonly kind: 'transitional'; readonly view: ViewId; readonly members: readonly MemberId[] }
  | { readonly kind: 'view'; readonly change: ViewChange }
  /** An own message was delivered here. */
  | {
      readonly kind: 'published'
      readonly number: number
      readonly view: ViewId
      readonly index: number
      readonly isTransitional: boolean
    }
  /** An own message will not be delivered here. `isIndeterminate`: others, who left this member's view, may deliver it. */
  | { readonly kind: 'failed'; readonly number: number; readonly view: ViewId; readonly isIndeterminate: boolean }
  /** The peer broke the protocol. */
  | { readonly kind: 'fault'; readonly peer: MemberId; readonly reason: string }
  | { readonly kind: 'left'; readonly reason: LeftReason }

/** Where actions go, in order. */
export type Act = (action: GroupAction) => void

export function viewKey({ number, installer }: ViewId): string {
  return `${number}.${installer}`
}

export function sameView(one: ViewId, other: ViewId): boolean {
  return one.number === other.number && one.installer === other.installer
}

/** True when the ballot `one` beats the `other`. */
export function isAbove(one: ViewId, other: ViewId): boolean {
  return one.number > other.number || (one.number === other.number && one.installer > other.installer)
}
