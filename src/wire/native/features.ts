/**
 * What two sides may know beyond version 1 of the protocol, by number, and what a link can do when both know it.
 *
 * Each HELLO names all that its sender knows. What both name is on for this link, the rest is ignored: so a cluster is
 * upgraded one daemon at a time, and nothing new is ever said to who does not know it. A number is never used again.
 */
import { EVERYTHING, type WireCapabilities } from '../wire.ts'

export const FEATURE = {
  /** A record may carry an extension block. */
  EXTENSIONS: 1,
  /** There is a fourth lane, of control words, and a mark for it. */
  CONTROL_LANE: 2,
  /** A receiver says which messages failed. */
  VERDICTS: 3,
  /** An open session can move to another link. */
  MOVES: 5,
  /** A record may say how long its message is wanted. */
  EXPIRY: 6,
  /** A call may say that it is to run once, however often it is asked. */
  ONCE: 7,
  /** A peer may say anew where it can be dialled. */
  ADDRESSES: 8,
} as const

/** A record in HELLO. */
export interface Feature {
  readonly number: number
  /** What the feature has to say about itself; all of today's say nothing. */
  readonly value: Uint8Array
}

const NOTHING = new Uint8Array(0)

const NUMBERS: ReadonlySet<number> = new Set(Object.values(FEATURE))

/** What this side says that it knows. */
export const OFFERED: readonly Feature[] = Object.values(FEATURE).map((number) => ({ number, value: NOTHING }))

/** One object for all links that can do the same, by a bit for each feature. */
const KNOWN: WireCapabilities[] = []

/** What a link can do with a peer that offers these; none: with every peer. */
export function capabilitiesWith(offered: readonly Feature[]): WireCapabilities {
  let known = 0
  for (const { number } of offered) if (NUMBERS.has(number)) known |= 1 << number
  return (KNOWN[known] ??= capabilitiesOf(known))
}

function capabilitiesOf(known: number): WireCapabilities {
  const knows = (wanted: number): boolean => (known & (1 << wanted)) !== 0
  return Object.freeze({
    ...EVERYTHING,
    batchMax: 4096,
    extensions: knows(FEATURE.EXTENSIONS),
    controlLane: knows(FEATURE.CONTROL_LANE),
    verdicts: knows(FEATURE.VERDICTS),
    moves: knows(FEATURE.MOVES),
    expiry: knows(FEATURE.EXPIRY),
    once: knows(FEATURE.ONCE),
    addresses: knows(FEATURE.ADDRESSES),
  })
}
