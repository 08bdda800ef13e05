/**
 * What became of the links of one connection: why the last one failed, how many did, and who was told.
 *
 * A link that failed is told exactly once: to the connection's owner as `fault`; or, where the application knows of no
 * connection yet, to the operator as a link that was refused. One that gives way to another of its pair is only counted.
 */
import type { DropCause } from '../session/machine.ts'
import type { LinkCounters } from './dump.ts'
import type { LinkPort } from './link-port.ts'
import type { PeerCore } from './peer-core.ts'
import type { World } from './world.ts'

export class LinkRecord {
  readonly counters: { -readonly [Name in keyof LinkCounters]: number } = {
    faults: 0,
    races: 0,
    sessions: 0,
    resumes: 0,
  }
  lastFault: string | null = null
  readonly #world: World
  readonly #core: PeerCore

  constructor(world: World, core: PeerCore) {
    this.#world = world
    this.#core = core
  }

  /** A link failed, also one that nobody had heard of. */
  fault(port: LinkPort | undefined, reason: string): void {
    this.count(reason)
    if (this.#core.shown) this.#world.report({ type: 'fault', connection: this.#core.connection, reason })
    else if (port !== undefined) this.#world.refusals.tell(port, reason)
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
      if (!this.#core.shown) this.#world.refusals.tell(port, reason)
    }
  }
}
