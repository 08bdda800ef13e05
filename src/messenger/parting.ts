/**
 * Links that carried sessions and close in order: held until their peers close their side, or the transport's patience ends.
 *
 * A peer decides how long that is and how many there are, so the oldest make room. Limits: `connectionsMax` in all,
 * `connectionsPerNameMax` of one proved name; those of a name make room for those of that name first.
 */
import type { LinkPort } from './link-port.ts'
import { accountOf } from './name-quota.ts'

export class Parting {
  readonly #limits: { readonly connectionsMax: number; readonly connectionsPerNameMax: number }
  /** The oldest first. */
  readonly #all = new Set<LinkPort>()
  readonly #byName = new Map<string, Set<LinkPort>>()

  constructor(limits: { readonly connectionsMax: number; readonly connectionsPerNameMax: number }) {
    this.#limits = limits
  }

  /** One more; returns the one that makes room for it, which is not held any more. */
  add(port: LinkPort): LinkPort | undefined {
    const { connectionsMax, connectionsPerNameMax } = this.#limits
    const name = nameOf(port)
    const of = this.#byName.get(name) ?? new Set()
    const [oldest] = of.size >= connectionsPerNameMax ? of : this.#all.size >= connectionsMax ? this.#all : []
    if (oldest !== undefined) this.delete(oldest)
    this.#all.add(port)
    this.#byName.set(name, of.add(port))
    return oldest
  }

  delete(port: LinkPort): void {
    if (!this.#all.delete(port)) return
    const name = nameOf(port)
    const of = this.#byName.get(name)
    of?.delete(port)
    if (of?.size === 0) this.#byName.delete(name)
  }
}

function nameOf({ peer }: LinkPort): string {
  return peer === null ? '' : accountOf(peer)
}
