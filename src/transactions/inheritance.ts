/**
 * What a call inherits from the one in whose handler it is made: its deadline, a little earlier, so that there is time to answer,
 * and the trace in its metadata.
 *
 * Costs nothing for calls without either: the context of a handler is only made when there is something to inherit.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Metadata } from '../messenger/calls.ts'

/** What is inherited from. */
export interface Inherited {
  /** When its time is up, in ms of its own messenger's clock; Infinity: it has all the time. */
  readonly deadlineMs: number
  /** What is left of it now, in ms. */
  readonly leftMs: number
  /** What `metadata` is read from. */
  readonly note: Uint8Array
  readonly metadata: Metadata
}

/** What a handler needs to make something of an answer that comes in the last moment. */
const MARGIN_MS = 1
const SOMETHING = new Uint8Array(1)

const handling = new AsyncLocalStorage<Inherited | undefined>()

/** Runs `run` with `args`, so that what it calls inherits from this call. */
export function inheriting<Args extends unknown[], Answer>(
  call: Inherited,
  run: (...args: Args) => Answer,
  ...args: Args
): Answer {
  if (call.deadlineMs !== Infinity || call.note.length > 0) return handling.run(call, run, ...args)
  // One that was registered in another's handler is in its context.
  return handling.getStore() === undefined ? run(...args) : handling.run(undefined, run, ...args)
}

/** The same call, with these entries in the place of its own: a watcher has made a span of it. */
export function inheritedWith(call: Inherited, more: Metadata): Inherited {
  const { deadlineMs, note } = call
  const metadata = Object.freeze({ ...call.metadata, ...more })
  return {
    deadlineMs,
    metadata,
    // Of a call without any, something is inherited all the same.
    note: note.length > 0 ? note : SOMETHING,
    get leftMs() {
      return call.leftMs
    },
  }
}

/** The call in whose handler this runs, when there is something to inherit from it. */
export function inherited(): Inherited | undefined {
  return handling.getStore()
}

/** How long a call that inherits from `from` may take, in ms. Infinity: as long as it likes. */
export function inheritedMs(from: Inherited | undefined): number {
  return from === undefined ? Infinity : Math.max(0, from.leftMs - MARGIN_MS)
}
