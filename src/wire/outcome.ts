/**
 * What becomes of messages that were not acked when a session ended or was lost: none is dropped in silence.
 */
import type { OutboundMessage } from './message.ts'

/** Messages whose outcome was decided by a reset, and what is known of them. */
export interface Outcome {
  /** Never put on any link: the peer cannot have them. */
  readonly undelivered: readonly OutboundMessage[]
  /** Put on a link and not acked: the peer may have handled them or not. */
  readonly unknown: readonly OutboundMessage[]
}

/** That of nothing. */
export const NO_OUTCOME: Outcome = { undelivered: [], unknown: [] }

/** How many messages were given back, in both of their fates. */
export function sizeOf({ undelivered, unknown }: Outcome): number {
  return undelivered.length + unknown.length
}
