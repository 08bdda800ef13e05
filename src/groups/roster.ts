/** The members of this process, by seat: which of them share a group with whom. */
import type { Group } from './group.ts'
import type { ResolvedGroup } from './options.ts'
import type { RemoteSeat } from './peer-link.ts'
import type { Seat } from './seat.ts'

export interface Joined {
  readonly seat: Seat
  readonly group: Group
  readonly options: ResolvedGroup
  readonly keyText: string
}

export class Roster {
  readonly #joined = new Map<number, Joined>()

  /** In the order of joining. */
  get all(): Joined[] {
    return [...this.#joined.values()]
  }

  get isEmpty(): boolean {
    return this.#joined.size === 0
  }

  at(seat: number): Joined | undefined {
    return this.#joined.get(seat)
  }

  byId(id: string): Joined | undefined {
    return this.all.find(({ seat }) => seat.info.id === id)
  }

  byKey(text: string): Joined | undefined {
    return this.all.find(({ keyText }) => keyText === text)
  }

  /** Those of the same group that were set up with the same. */
  of({ keyText, info }: RemoteSeat): Joined[] {
    return this.#alike(keyText, info.config)
  }

  /** The others of its group, set up with the same. */
  beside(joined: Joined): Joined[] {
    return this.#alike(joined.keyText, joined.options.config).filter((other) => other.seat !== joined.seat)
  }

  add(joined: Joined): void {
    this.#joined.set(joined.seat.info.seat, joined)
  }

  /** False: there was none. */
  delete(seat: number): boolean {
    return this.#joined.delete(seat)
  }

  #alike(text: string, config: string): Joined[] {
    return this.all.filter(({ keyText, options }) => keyText === text && options.config === config)
  }
}
