/**
 * What can happen to a connection, and what its driver supplies with it: time, chance and fresh names are inputs. Plain data; what
 * each event makes of each state stands in edges.ts and transition.ts.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Marks, SessionAnswer, SessionOffer, WireCapabilities } from '../wire/wire.ts'
import type { LinkId, MovePurpose } from './machine.ts'

export type SessionEvent =
  | { readonly type: 'connect' }
  | { readonly type: 'work' }
  | {
      readonly type: 'offer'
      readonly link: LinkId
      readonly instance: string
      readonly offer: SessionOffer
      readonly replaced: boolean
    }
  | {
      readonly type: 'opened'
      readonly link: LinkId
      readonly instance: string
      readonly answer: SessionAnswer
      /** What the link can do; left out: all that the protocol can. */
      readonly capabilities?: WireCapabilities
    }
  | { readonly type: 'yielded'; readonly link: LinkId; readonly epoch: number }
  | { readonly type: 'rejected'; readonly link: LinkId; readonly code: InkwireErrorCode; readonly reason: string }
  /** `marks`: what its dialler has by now, where the session moved. */
  | {
      readonly type: 'confirmed'
      readonly link: LinkId
      readonly capabilities?: WireCapabilities
      readonly marks?: readonly Marks[] | null
    }
  /** Another link is wanted beside the one that carries the session. */
  | { readonly type: 'move'; readonly purpose: MovePurpose }
  /** The session goes to the link that is kept ready. */
  | { readonly type: 'take' }
  /** The peer's last message on this link has come, for the sake of the link with this epoch; `stays`: it goes on after all. */
  | { readonly type: 'parted'; readonly link: LinkId; readonly epoch: number; readonly stays: boolean }
  | { readonly type: 'fault'; readonly link: LinkId; readonly reason: string }
  | { readonly type: 'deadline' }
  /** The peer has ended the session: it said so, or (INK_RESET) what it claims to have shows that it has another one. */
  | {
      readonly type: 'goodbye'
      readonly link: LinkId
      readonly code: 'INK_PEER_CLOSED' | 'INK_RESET'
      readonly reason: string
    }
  | { readonly type: 'close'; readonly deadlineMs: number }
  | { readonly type: 'drained' }
  /** Ends it at once: for the caller (`local`), or because the peer is known to be gone for good (`fault`). */
  | {
      readonly type: 'markDown'
      readonly cause: 'local' | 'fault'
      readonly code: InkwireErrorCode
      readonly reason: string
    }

export type EventName = SessionEvent['type']

/** What the caller supplies with every event: time, chance and fresh names are inputs. */
export interface Input {
  readonly nowMs: number
  /** In [0, 1). */
  readonly random: number
  /** An id that no session had before. */
  readonly freshId: string
  /** A number that no link had before. */
  readonly freshLink: LinkId
  /** False when the peer has not said where it can be dialled. */
  readonly canDial: boolean
  /** At how many places the peer may be: all are tried before any of them again. Left out: one. */
  readonly places?: number
  /** True when a message is queued or unacked; while closing, also when a handler still runs. */
  readonly hasWork: boolean
  /** True when the peer may not know all that was finished here. */
  readonly owesAcks: boolean
  /** True when the link that carries the session has moved something: a message came whole, or one was acked. */
  readonly progressed: boolean
  /** True when the session has ever carried something. */
  readonly isUseful: boolean
}

/** What the session's driver supplies; the rest the session knows itself. */
export interface Given extends Omit<Input, 'hasWork' | 'owesAcks' | 'progressed' | 'isUseful'> {
  /** True when a handler runs for whose answers a closing connection waits, beside those whose messages are not acked. */
  readonly handling?: boolean
}
