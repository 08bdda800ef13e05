/**
 * The one number that orders all links of a pair of messengers.
 *
 * A dialler takes an epoch one above any it has seen for this peer. A higher epoch wins; of equal epochs the link dialled
 * by the lower entity address wins (Ceph's rule for racing connects, made to hold for every link, also a late one).
 */
import type { Ballot } from '../wire/wire.ts'

/** Sorts behind every hexadecimal address, so that it loses every tie. */
const NOBODY = '~'

/** Below every ballot that was ever dialled. */
export const NO_BALLOT: Ballot = { epoch: 0, dialler: NOBODY }

/** An epoch this high is never reached by dialling (5 a second for 27 years); a peer that claims one is refused. */
export const EPOCH_MAX = 0xffff0000

/** True when the link of `a` goes before the link of `b`. */
export function outranks(a: Ballot, b: Ballot): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.dialler < b.dialler)
}

export function sameBallot(a: Ballot, b: Ballot): boolean {
  return a.epoch === b.epoch && a.dialler === b.dialler
}

/** What a node's best becomes when a peer says that it knows `epoch`. */
export function raised(best: Ballot, epoch: number): Ballot {
  return epoch > best.epoch ? { epoch, dialler: NOBODY } : best
}

/** The ballot of a node's next dial. */
export function nextBallot(best: Ballot, self: string): Ballot {
  return { epoch: best.epoch + 1, dialler: self }
}
