/** What an application sees of a group: its views, its messages, and how a stay in it ends. */
import type { JoinedReason, LeftReason, Order, Urgency } from './machine/terms.ts'

export type { JoinedReason, LeftReason, Order, Urgency }

/** A membership on which all its members agree. */
export interface GroupView {
  /** The same at all its members, and of no other view: `number.installer`. */
  readonly id: string
  /** Rises from view to view of a member. */
  readonly number: number
  /** Ids of the members, in rising order: `name/life.seat`, of which the name is proved by the handshake. */
  readonly members: readonly string[]
  /** It may act for all, by the votes of `quorum`. Without that option every view may. */
  readonly isPrimary: boolean
}

/** A new view, as one member sees it. */
export interface GroupChange {
  readonly kind: 'view'
  readonly view: GroupView
  /** Null: it is the first of this member. */
  readonly previous: string | null
  /** Who came from the same view as this member, and was told the same in it. */
  readonly transitional: readonly string[]
  /** Who was in the view before and did not come from it into this one. May be in `joined`, too: out of another view. */
  readonly left: readonly { readonly member: string; readonly reason: LeftReason }[]
  /** Who is in this view and did not come from the one before. They have not been told the same. */
  readonly joined: readonly { readonly member: string; readonly reason: JoinedReason }[]
}

/** A message of a group. It means something only in its view. */
export interface GroupMessage {
  readonly kind: 'message'
  readonly type: number
  /** Shared with the other members of this process: to be read only. */
  readonly data: Uint8Array
  /** The member that published it. */
  readonly from: string
  /** Of an open group: the entity name of who posted it, without being a member. Empty: the member itself. */
  readonly origin: string
  readonly view: string
  /** Its place in the order of its view. Rises; not without gaps. */
  readonly index: number
  readonly order: 'agreed' | 'safe'
  /** Told behind the transitional signal: members that did not come along may not have been told it. */
  readonly isTransitional: boolean
}

/** What follows, up to the next view, is not known to be with all members of the view, only with these. */
export interface GroupTransition {
  readonly kind: 'transitional'
  readonly view: string
  readonly members: readonly string[]
}

/** Everything that a member is told, in one order. */
export type GroupEvent = GroupChange | GroupMessage | GroupTransition

/** What `publish()` takes. */
export interface PublishInit {
  /** 0 to 65535; what the application agreed on. */
  readonly type: number
  /** Up to 20 MiB; copied. Default: none. */
  readonly data?: Uint8Array | undefined
}

/** How a message is published. */
export interface PublishOptions {
  /**
   * `agreed` (default): all members are told in one order. `safe`: and not before every member of the view has it. `fifo`: as
   * `agreed`, which is more than it asks for.
   */
  readonly order?: Order | undefined
  /** Which of this member's messages that wait goes first; between members it promises nothing. Default `medium`. */
  readonly urgency?: Urgency | undefined
  /** The id of a view: publish in this one or not at all. Default: in whichever it comes. */
  readonly view?: string | undefined
  /** True: in this view, and only if it is primary; else `INK_NOT_PRIMARY`, at once. Default false. */
  readonly primary?: boolean | undefined
  /** Ends the wait, not the message. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

/** Options of `move()`. */
export interface MoveOptions {
  /** How long the others keep the place of the member, in ms, 100 to 600,000; then it counts as dead. Default 10,000. */
  readonly holdMs?: number | undefined
  /** Ends the wait for the others with `INK_ABORTED`: the member stays. Default: nothing does. */
  readonly signal?: AbortSignal | undefined
}

/** Where a message was told. */
export interface Published {
  readonly view: string
  readonly index: number
  /** The view changed just then: who is not in the transitional set may not have been told. */
  readonly isTransitional: boolean
}

/** How a stay in a group ended. */
export interface GroupEnd {
  /** `move`: it goes on in another process. */
  readonly reason: LeftReason | 'move'
  /** Why it could not stay: `state.set()` has failed. */
  readonly error?: Error | undefined
}
