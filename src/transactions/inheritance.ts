/**
 * What a call inherits from the one in whose handler it is made: its deadline, a little earlier, so that there is time to answer.
 *
 * Costs nothing for calls without a deadline: the context of a handler is only made when there is something to inherit.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

/** What is inherited from. */
export interface Inherited {
  /** When its time is up, in ms of its own messenger's clock; Infinity: it has all the time. */
  readonly deadlineMs: number
  /** What is left of it now, in ms. */
  readonly leftMs: number
}

/** What a handler needs to make something of an answer that comes in the last moment. */
const MARGIN_MS = 1

const handling = new AsyncLocalStorage<Inherited>()

/** Runs a handler, so that what it calls inherits from its call. */
export function inheriting<Answer>(inherited: Inherited, run: () => Answer): Answer {
  return inherited.deadlineMs === Infinity ? run() : handling.run(inherited, run)
}

/** How long a call that is made now may take, in ms, by the one in whose handler it is made. Infinity: as long as it likes. */
export function inheritedMs(): number {
  const from = handling.getStore()
  return from === undefined ? Infinity : Math.max(0, from.leftMs - MARGIN_MS)
}
