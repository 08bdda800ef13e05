/**
 * The links of a session beside the one that carries it: where each was dialled, for whom, and why the last one failed.
 *
 * One at most, or two while one takes the place of the other.
 */
import { asError } from '../common/errors.ts'
import type { ConnectionState } from '../session/machine.ts'
import type { Link } from '../transports/transport.ts'
import type { SwitchReason } from './path-info.ts'

/** Where a link beside leads, and whether a caller asked for it. */
export interface Aside {
  readonly address: string
  readonly why: 'asked' | 'better'
}

export class Beside {
  /** Where the next one is dialled. */
  #next: Aside | null = null
  /** Made for the first one: most sessions stay where they are. */
  #dialled: Map<number, Aside> | null = null
  /** Why the last link of the session was given up. */
  lastReason = ''

  /** The next one is dialled there. */
  plan(next: Aside): void {
    this.#next = next
  }

  /** What the session wants dialled; or why nothing is. */
  dial(id: number, dial: (address: string) => Link): Link | string {
    const next = this.#next
    if (next === null) return 'nobody says where'
    this.#note(id, next)
    try {
      return dial(next.address)
    } catch (thrown) {
      return asError(thrown).message
    }
  }

  /** Undefined: it is none of these. */
  of(id: number): Aside | undefined {
    return this.#dialled?.get(id)
  }

  /** Why the session went to this link, now that it has. */
  whyMoved(id: number, state: ConnectionState): SwitchReason {
    const dialled = this.#dialled?.get(id)
    if (dialled === undefined) return 'peer'
    // The link that was left in order is still there.
    return state.name === 'open' && state.move?.name === 'left' ? dialled.why : 'lost'
  }

  /** A link that is there already is what a caller asks for now. */
  claim(id: number, address: string): void {
    this.#note(id, { address, why: 'asked' })
  }

  /** It carries the session, or is no more. */
  forget(id: number): void {
    this.#dialled?.delete(id)
  }

  clear(): void {
    this.#dialled = null
  }

  #note(id: number, aside: Aside): void {
    this.#dialled ??= new Map()
    this.#dialled.set(id, aside)
  }
}
