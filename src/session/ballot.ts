/**
 * The one number that orders all links of a pair of messengers.
 *
 * A dialler takes an epoch one above any it has seen for this peer. A higher epoch wins; of equal epochs the link dialled
 * by the lower entity address wins (Ceph's rule for racing connects, made to hold for every link, also a late one).
 *
 * What is seen may be a lie, and must not take the pair out of its field for ever. So the order holds only between
 * epochs that are in step. One that is far away is neither older nor newer: with a link at hand the other side is told
 * where we are, and comes there; without one its number counts from now on. And who stands at the end of the numbers
 * begins anew, at a place out of step with all that may still be on its way from before somebody lied.
 */
import { EPOCH_MAX } from '../wire/wire.ts'
import type { Ballot } from '../wire/wire.ts'

/** Sorts behind every hexadecimal address, so that it loses every tie. */
const NOBODY = '~'

/** Below every ballot that was ever dialled. */
export const NO_BALLOT: Ballot = { epoch: 0, dialler: NOBODY }

/**
 * Two ends of a pair are never this many dials apart, but by a lie: at 5 a second it takes more than two days in which
 * neither heard of the other. Should it happen, they find together all the same.
 */
export const EPOCH_STEP_MAX = 2 ** 20

/** Where no pair comes by dialling, and from where there are as many numbers again. */
export const EPOCH_ANEW = 2 ** 31

/** False when one of the two cannot have come about by dialling beside the other. Who has seen nothing is in step with all. */
export function inStep(best: Ballot, epoch: number): boolean {
  return best.epoch === 0 || Math.abs(epoch - best.epoch) <= EPOCH_STEP_MAX
}

/** True when the link of `a` goes before the link of `b`. */
export function outranks(a: Ballot, b: Ballot): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.dialler < b.dialler)
}

export function sameBallot(a: Ballot, b: Ballot): boolean {
  return a.epoch === b.epoch && a.dialler === b.dialler
}

/** What a node's best becomes when a peer says that it knows `epoch`: never lower, unless one of the two is far off. */
export function corrected(best: Ballot, epoch: number): Ballot {
  return epoch > best.epoch || !inStep(best, epoch) ? { epoch, dialler: NOBODY } : best
}

/** The ballot of a node's next dial. */
export function nextBallot(best: Ballot, self: string): Ballot {
  return { epoch: best.epoch < EPOCH_MAX ? best.epoch + 1 : EPOCH_ANEW, dialler: self }
}
