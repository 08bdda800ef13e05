/**
 * Which ballots are believed: a word of a peer may name any number and any members.
 *
 * Each change needs a number above all that were seen. Whoever names one near the end of the numbers would leave none for the changes
 * to come, be it out of malice or by a broken bit. So numbers are held to the wall clock: sixteen changes in each of its
 * milliseconds are far more than any group makes, and even behind the highest that is believed there is always room for the next.
 */
import { GROUPS } from './limits.ts'
import type { GroupWord, MemberId } from './terms.ts'

const BALLOTS_PER_MS = 16
/** For clocks that differ, or that begin at zero: of 50 days. */
const SLACK = 2 ** 36

/** The highest ballot that anybody may have come to by now. */
export function ballotsUpTo(wallMs: number): number {
  return SLACK + BALLOTS_PER_MS * Math.max(0, wallMs)
}

/** The highest number that a word makes its receiver go beyond. */
export function ballotIn(word: GroupWord): number {
  switch (word.kind) {
    case 'prepare':
      return word.ballot.number
    case 'refuse':
      return word.promised
    case 'probe':
      return word.view.id.number
    default:
      return 0
  }
}

/** Ids of a view are in rising order, each once, and so many at most. */
export function isMembership(members: readonly MemberId[]): boolean {
  return members.length <= GROUPS.membersMax && members.every((member, at) => at === 0 || members[at - 1]! < member)
}
