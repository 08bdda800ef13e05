/**
 * What is known by its number, for as long as that takes: a hash table whose slots are used again in place.
 *
 * A `Map` makes a new table whenever its slots are used up, and V8 keeps the old one pointing at the new one. Of a table that
 * lives long and changes all the time, such as that of calls, tables that are dead but old so keep all alive that was in them
 * when they were left, until the whole heap is marked. Here nothing that was taken out stays reachable.
 *
 * Invariants: a power of two of slots, at most half of them full; what has a number stands between the slot that it says and the
 * next empty one. It grows by doubling, and never shrinks. It knows no limit: its owner holds one, also where a peer chooses numbers,
 * of which the worst make it look at all that are there.
 */
const SLOTS_MIN = 8

export class Numbered<T extends { readonly id: number }> {
  #slots: (T | undefined)[] = emptySlots(SLOTS_MIN)
  #size = 0

  /** How many there are. */
  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    return this.#slots[this.#slotOf(id)]
  }

  /** Its number must not be here yet, and must not change while it is. */
  add(one: T): void {
    if (++this.#size * 2 > this.#slots.length) this.#grow()
    this.#slots[this.#slotOf(one.id)] = one
  }

  /** False: there was none. */
  delete(id: number): boolean {
    let gap = this.#slotOf(id)
    if (this.#slots[gap] === undefined) return false
    this.#size--
    const mask = this.#slots.length - 1
    // Those behind it that stand there only because it was in their way move up.
    for (let at = (gap + 1) & mask; this.#slots[at] !== undefined; at = (at + 1) & mask) {
      const home = this.#slots[at]!.id & mask
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      this.#slots[gap] = this.#slots[at]
      gap = at
    }
    this.#slots[gap] = undefined
    return true
  }

  /** Removes and returns everything, in no order. */
  takeAll(): T[] {
    const all = [...this]
    this.#slots = emptySlots(SLOTS_MIN)
    this.#size = 0
    return all
  }

  *[Symbol.iterator](): Generator<T> {
    for (const one of this.#slots) if (one !== undefined) yield one
  }

  /** Where it is, or would be. */
  #slotOf(id: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let at = id & mask
    for (let one = slots[at]; one !== undefined && one.id !== id; one = slots[at]) at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = emptySlots(before.length * 2)
    for (const one of before) if (one !== undefined) this.#slots[this.#slotOf(one.id)] = one
  }
}

function emptySlots(count: number): undefined[] {
  return new Array<undefined>(count).fill(undefined)
}
