/**
 * What became of the links of one connection: why the last one failed, how many did, and who was told.
 *
 * A link that failed is told exactly once: to the connection's owner as `fault`; or, where the application knows of no
 * connection yet, to the operator as a link that was refused. One that gives way to another of its pair is only counted.
 */
import type { Action } from '../session/action.ts'
import type { DropCause } from '../session/machine.ts'
import type { LinkCounters } from './dump.ts'
import type { LinkPort } from './link-port.ts'
import type { Caller } from './caller.ts'
import type { Shared } from './shared.ts'

export class LinkRecord {
  readonly counters: { -readonly [Name in keyof LinkCounters]: number } = {
    faults: 0,
    races: 0,
    sessions: 0,
    resumes: 0,
    switches: 0,
  }
  lastFault: string | null = null
  readonly #shared: Shared
  readonly #caller: Caller

  constructor(shared: Shared, caller: Caller) {
    this.#shared = shared
    this.#caller = caller
  }

  /** A link carries the session. */
  began(how: Extract<Action, { type: 'begun' }>['how']): void {
    if (how === 'moved') this.counters.switches++
    else if (how === 'resumed') this.counters.resumes++
    else this.counters.sessions++
  }

  /** A link failed, also one that nobody had heard of. */
  fault(port: LinkPort | undefined, reason: string): void {
    this.count(reason)
    if (this.#caller.shown) this.#shared.report({ type: 'fault', connection: this.#caller.connection, reason })
    else if (port !== undefined) this.#shared.refusals.tell(port, reason)
  }

  /** A failure that is told elsewhere, or to nobody: the connection has ended already. */
  count(reason: string): void {
    this.counters.faults++
    this.lastFault = reason
  }

  /** The session gives a link up. */
  dropped(port: LinkPort | undefined, cause: DropCause, reason: string): void {
    if (cause === 'fault') this.fault(port, reason)
    else if (port !== undefined) {
      if (cause === 'race') this.counters.races++
      if (!this.#caller.shown) this.#shared.refusals.tell(port, reason)
    }
  }
}
