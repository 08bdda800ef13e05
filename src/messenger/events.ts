/**
 * What a messenger tells its operator: one stream of plain events, each with its connection where there is one.
 *
 * Nothing here is needed for correctness: dispatchers are told what they must know. Limit: none is kept.
 */
import type { InkwireError } from '../common/errors.ts'
import type { InboundMessage, OutboundMessage } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import type { Connection } from './connection.ts'
import type { PathInfo, SwitchReason } from './path-info.ts'

/**
 * What a messenger tells its operator, told apart by `type`; see `messenger.events()` and `messenger.events$`.
 * Nothing here is needed for correctness.
 */
export type MessengerEvent =
  /** A session began on a link that we dialled (`connect`) or accepted (`accept`). */
  | { readonly type: 'connect' | 'accept'; readonly connection: Connection }
  /** A session continues on a new link. */
  | { readonly type: 'resume'; readonly connection: Connection; readonly replayed: number }
  /**
   * The session went to another path while messages flowed: because its caller `asked`, because this side found a `better` one,
   * because the old one was `lost`, or because the `peer` has moved it. `replayed`: so many messages may be sent again; none, when
   * both sides left the old path in order. No fault is told of the old path.
   */
  | {
      readonly type: 'pathSwitched'
      readonly connection: Connection
      /** Where it was; null: nobody knows any more. */
      readonly from: string | null
      readonly path: PathInfo
      readonly why: SwitchReason
      readonly replayed: number
    }
  /** A path that the session was to go to, or that was kept ready, came to nothing; the session stays where it is. */
  | { readonly type: 'pathFailed'; readonly connection: Connection; readonly address: string; readonly reason: string }
  /** A link of the connection was lost, or a dial failed. */
  | { readonly type: 'fault'; readonly connection: Connection; readonly reason: string }
  /** An inline handler kept the input waiting, or answered by a promise; `demoted`: it is queued from now on. */
  | {
      readonly type: 'inlineBlocked'
      readonly connection: Connection
      /** The name of the call. */
      readonly call: string
      readonly tookMs: number
      readonly demoted: boolean
    }
  /**
   * Calls wait on a connection whose peer can hardly send their replies: handlers here hold what it may have under way, and nothing
   * of its calls came for a second. When those handlers wait for these calls, they wait for ever.
   */
  | {
      readonly type: 'waitCycle'
      readonly connection: Connection
      /** The names of the calls that wait, at most 8. */
      readonly calls: readonly string[]
      /** Messages whose handlers have not ended. */
      readonly heldMessages: number
    }
  /** The session is over, and the connection with it. */
  | { readonly type: 'reset'; readonly connection: Connection; readonly reason: string; readonly outcome: Outcome }
  /** The peer lost the session; the connection goes on with a new one. */
  | {
      readonly type: 'remoteReset'
      readonly connection: Connection
      readonly reason: string
      readonly outcome: Outcome
    }
  /**
   * A dial of ours was refused for good; or nobody listens, or whoever answered is not believed, for the first time in a row:
   * then dialling goes on (`INK_CONNECTION_REFUSED`, `INK_AUTH_REFUSED`), and the connection is not closed. What is refused
   * here to those who dial us is `linkRefused`.
   */
  | { readonly type: 'refused'; readonly connection: Connection; readonly error: InkwireError }
  /** The connection was closed here. */
  | { readonly type: 'closed'; readonly connection: Connection }
  /** An accepted link ended before it carried a session, or a link that arrived could not be taken. */
  | {
      readonly type: 'linkRefused'
      /** The other end; '' when it was gone before it could be asked for. */
      readonly address: string
      /** The address of ours where it arrived. */
      readonly local: string
      readonly reason: string
      /** How many links this event stands for: above `limits.refusalsToldMax` in a second all others are told as one. */
      readonly count: number
    }
  /** A message that was queued and has expired, turned out too large for this peer, or whose bytes were transferred or resized since. */
  | {
      readonly type: 'undeliverable'
      readonly connection: Connection
      readonly message: OutboundMessage
      /** `unknown`: it was on a link of a session that was lost, and queued anew since. */
      readonly fate: 'undelivered' | 'unknown'
      readonly error: InkwireError
    }
  /** A message of ours failed at the peer: its handler threw, nobody handles its type, or its body does not decode there. */
  | {
      readonly type: 'failed'
      readonly connection: Connection
      readonly message: OutboundMessage
      readonly error: InkwireError
    }
  /**
   * A handler or dispatcher threw or rejected: the message counts as failed, and its sender is told so where the protocol
   * can. It is also a warning of the process, at most one a second, whoever listens here.
   */
  | {
      readonly type: 'dispatchError'
      readonly connection: Connection
      readonly message: InboundMessage | null
      readonly error: Error
    }
  /**
   * A subscriber of a connection's `messages$` or `state$`, or of the messenger's `messages$`, or a watcher of calls (`calls`), threw
   * or rejected; it, and all others, hear what comes later. What subscribers of `events$` throw becomes a warning of the process.
   */
  | {
      readonly type: 'subscriberError'
      readonly stream: 'messages$' | 'state$' | 'path$' | 'calls'
      readonly connection: Connection
      readonly error: Error
    }
  | { readonly type: 'subscriberError'; readonly stream: 'messages$'; readonly error: Error }
  /** Nobody took the message: it counts as failed, and its sender is told so where the protocol can. */
  | { readonly type: 'unhandled'; readonly connection: Connection; readonly message: InboundMessage }
  /** A message had expired when it was its turn: no handler is given it, and its sender is told so where the protocol can. */
  | { readonly type: 'expired'; readonly connection: Connection; readonly message: InboundMessage }
  /** Authentication over an open session failed: a renewal of ours, which is tried again, or a peer's request. */
  | { readonly type: 'authFailed'; readonly connection: Connection; readonly reason: string }
  /**
   * `stamps.save()` threw: stamps go on, and a process that starts again may repeat them. The next bound is tried when this
   * one is reached.
   */
  | { readonly type: 'stampsUnsaved'; readonly boundMs: number; readonly error: Error }
  /** The `disconnect` of an endpoint has not ended for so long: nothing connects at either end until it does. */
  | { readonly type: 'slowDisconnect'; readonly connection: Connection; readonly afterMs: number }
  /** A peer's clock is further ahead than the limit; its stamps are not merged. */
  | { readonly type: 'clockSkew'; readonly connection: Connection; readonly aheadMs: number }
