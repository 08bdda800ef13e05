/** Parts of an outcome: what a session gives back is the application's, or a service's. */
import { type OutboundMessage } from '../wire/message.ts'
import { sizeOf, type Outcome } from '../wire/outcome.ts'

/** Those that belong there; an outcome of nothing is not looked at. */
export function partOf(outcome: Outcome, belongs: (message: OutboundMessage) => boolean): Outcome {
  if (sizeOf(outcome) === 0) return outcome
  return { undelivered: outcome.undelivered.filter(belongs), unknown: outcome.unknown.filter(belongs) }
}

/** Both, the earlier one first. */
export function joined(earlier: Outcome, later: Outcome): Outcome {
  return {
    undelivered: [...earlier.undelivered, ...later.undelivered],
    unknown: [...earlier.unknown, ...later.unknown],
  }
}
