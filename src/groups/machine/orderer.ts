/**
 * What a group machine needs of whoever orders the messages of a view: the seam at which another way of ordering fits in.
 *
 * An orderer lives for one view. It fills the log, knows up to where all members have it, and is frozen when a change begins:
 * from then on it accepts nothing. What a peer does wrong it returns as a sentence.
 */
import type { Entry, GroupWord, MemberId, View } from './terms.ts'
import type { ViewLog } from './view-log.ts'

/** A word of the stream inside a view. */
export type StreamWord = Extract<GroupWord, { readonly kind: 'data' | 'orders' | 'ack' | 'stable' }>

export interface OrdererHost {
  readonly self: MemberId
  readonly view: View
  send(to: MemberId, word: GroupWord): void
  /** Words go to and fro between the two. */
  isReached(member: MemberId): boolean
}

/** What is wrong with a word. `lost`: words before it did not come, so the stream is cut. */
export type StreamFault = { readonly kind: 'lost' } | { readonly kind: 'broken'; readonly reason: string }

export interface Orderer {
  readonly log: ViewLog
  /** Every member has what lies before. */
  readonly stable: number
  /** Own pieces, to be ordered. */
  submit(entry: Entry): void
  /** A word from a member of the view. */
  accept(from: MemberId, word: StreamWord): StreamFault | null
  /** What was gathered in this turn goes out; `consumed` is how far this member's application is. */
  turn(consumed: number, nowMs: number): void
  /** From time to time: a sign of life, and what could wait. */
  remind(consumed: number): void
  /** Who has held up all others for so long; null: nobody has. */
  slowest(nowMs: number, slowMs: number): MemberId | null
}

export function isOfStream(word: GroupWord): word is StreamWord {
  return word.kind === 'data' || word.kind === 'orders' || word.kind === 'ack' || word.kind === 'stable'
}
