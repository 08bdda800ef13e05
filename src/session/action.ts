/**
 * What a session wants done, in the order in which it must be done; and what of it is void by the time when it is its turn.
 *
 * Effects of the machine, completed with what only the lanes know. Whoever carries them out decides nothing: what became of
 * the world while it did so is told to `isVoid`.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Marks, SessionAnswer, SessionOffer } from '../wire/wire.ts'
import type { CloseCause, Effect, LinkId } from './machine.ts'
import type { SessionEvent } from './event.ts'
import type { Unfinished } from './out-lane.ts'
import type { Path } from './path/path.ts'

/** What must be done. */
export type Action =
  | { readonly type: 'dial'; readonly link: LinkId; readonly offer: SessionOffer }
  | { readonly type: 'answer'; readonly link: LinkId; readonly answer: SessionAnswer }
  /** `marks`: what this side has by now, where the session moves; else null. */
  | { readonly type: 'confirm'; readonly link: LinkId; readonly marks: readonly Marks[] | null }
  /** There is something to say on the path's link about the end of its messages; the path knows what. */
  | { readonly type: 'part'; readonly link: LinkId }
  /** The session is on this link from now on. */
  | { readonly type: 'adopt'; readonly link: LinkId; readonly continues: boolean }
  /** After `adopt`: its caller is told. */
  | {
      readonly type: 'begun'
      readonly link: LinkId
      readonly how: 'dialled' | 'accepted' | 'resumed' | 'moved'
      readonly replayed: number
    }
  /** After `adopt`, of a lossy session that was accepted: the client's earlier one is over. */
  | { readonly type: 'displace' }
  | {
      readonly type: 'remoteReset'
      readonly code: InkwireErrorCode
      readonly reason: string
      readonly outcome: Unfinished
    }
  | {
      readonly type: 'closed'
      readonly cause: CloseCause
      readonly code: InkwireErrorCode
      readonly reason: string
      readonly outcome: Unfinished
    }
  /** `path`: what the last words are taken from; null: the session had left the link already. */
  | { readonly type: 'goodbye'; readonly link: LinkId; readonly reason: string; readonly path: Path | null }
  | Extract<Effect, { type: 'yield' | 'again' | 'reject' | 'replaced' | 'drop' }>

/**
 * True when nothing is to be done any more, because of what waits to be handled: whoever was called for the actions before
 * it has ended the connection, which dials and adopts nothing then, or is closing it, and hears of no beginning; or the link is lost.
 */
export function isVoid(action: Action, waiting: readonly SessionEvent[]): boolean {
  switch (action.type) {
    case 'dial':
      return isEnding(waiting)
    case 'adopt':
      return isEnding(waiting) || isLost(action.link, waiting)
    case 'begun':
      return (
        (action.how === 'resumed' || action.how === 'moved' ? isEnding(waiting) : isLeaving(waiting)) ||
        isLost(action.link, waiting)
      )
    default:
      return false
  }
}

/** True when what waits ends the connection. */
export function isEnding(waiting: readonly SessionEvent[]): boolean {
  return waiting.some(({ type }) => type === 'markDown')
}

/** True when what waits ends the connection, or begins to close it. */
export function isLeaving(waiting: readonly SessionEvent[]): boolean {
  return waiting.some(({ type }) => type === 'close' || type === 'markDown')
}

function isLost(link: LinkId, waiting: readonly SessionEvent[]): boolean {
  return waiting.some((event) => event.type === 'fault' && event.link === link)
}
