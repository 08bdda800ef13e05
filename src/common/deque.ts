/**
 * A double-ended queue on a ring: push at the tail, shift and unshift at the head, read anywhere, all in constant time; and
 * remove one, in the time that its distance from the nearer end takes.
 *
 * Invariants: capacity is zero or a power of two; empty slots hold `undefined`, so nothing shifted stays reachable. It grows
 * by doubling and shrinks when seven eighths empty: a queue that swings between half full and full is never copied. It
 * knows no limit: its owner holds one.
 */
const CAPACITY_MIN = 4
/** The ring of every deque that never held anything: most never do, and there are many per connection. Never written. */
const NO_RING: readonly never[] = []

/** A queue with two ends: `push`, `shift`, `unshift` and reading anywhere take constant time. */
export class Deque<T> {
  #ring: (T | undefined)[] = NO_RING as unknown as (T | undefined)[]
  #head = 0
  #length = 0

  /** How many items it holds. */
  get length(): number {
    return this.#length
  }

  /** Adds one at the tail. */
  push(item: T): void {
    if (this.#length === this.#ring.length) this.#resize(Math.max(CAPACITY_MIN, this.#ring.length * 2))
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item
    this.#length++
  }

  /** At the head. */
  unshift(item: T): void {
    if (this.#length === this.#ring.length) this.#resize(Math.max(CAPACITY_MIN, this.#ring.length * 2))
    this.#head = (this.#head - 1) & (this.#ring.length - 1)
    this.#ring[this.#head] = item
    this.#length++
  }

  /** Takes the one at the head; undefined: it is empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined
    const item = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#length--
    if (this.#ring.length > 1024 && this.#length < this.#ring.length >> 3) this.#resize(this.#ring.length >> 1)
    return item
  }

  /** The item at `index` from the head; undefined outside. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#length) return undefined
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)]
  }

  /** Removes the item at `index`; the others keep their order. */
  remove(index: number): T | undefined {
    const item = this.at(index)
    if (item === undefined) return undefined
    const mask = this.#ring.length - 1
    const slot = (at: number): number => (this.#head + at) & mask
    if (index * 2 < this.#length) {
      for (let at = index; at > 0; at--) this.#ring[slot(at)] = this.#ring[slot(at - 1)]
      this.shift()
    } else {
      for (let at = index; at < this.#length - 1; at++) this.#ring[slot(at)] = this.#ring[slot(at + 1)]
      this.#ring[slot(--this.#length)] = undefined
    }
    return item
  }

  /** Removes this item; the others keep their order. False: it is not here. */
  delete(item: T): boolean {
    for (let index = 0; index < this.#length; index++) {
      if (this.at(index) !== item) continue
      this.remove(index)
      return true
    }
    return false
  }

  /** Removes and returns everything, head first. */
  takeAll(): T[] {
    if (this.#length === 0) return []
    const all = [...this]
    this.#ring = NO_RING as unknown as (T | undefined)[]
    this.#head = 0
    this.#length = 0
    return all
  }

  /** From the head to the tail. It must not be changed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.#length; index++) yield this.at(index) as T
  }

  #resize(capacity: number): void {
    const next = new Array<T | undefined>(capacity)
    for (let index = 0; index < this.#length; index++) next[index] = this.at(index)
    this.#ring = next
    this.#head = 0
  }
}
