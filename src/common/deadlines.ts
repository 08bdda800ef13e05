/**
 * Who waits until when, the next one first: a binary heap in which everybody knows its own place, so that one who does not
 * wait any more is taken out from where it stands.
 *
 * Limit: its owner's; it holds whoever was put in and not taken out.
 */

/** Somebody who waits. The time does not change while it is in here. */
export interface Deadline {
  readonly atMs: number
  /** Where it stands; NOWHERE: it is not in here. Only the heap writes it. */
  place: number
}

export const NOWHERE = -1

export class Deadlines<D extends Deadline> {
  readonly #heap: D[] = []

  get size(): number {
    return this.#heap.length
  }

  /** Whose time comes next; undefined: nobody waits. */
  get first(): D | undefined {
    return this.#heap[0]
  }

  /** It is not in here yet. */
  add(one: D): void {
    this.#heap.push(one)
    this.#rise(one, this.#heap.length - 1)
  }

  /** Nothing happens when it is not in here. */
  remove(one: D): void {
    const at = one.place
    if (at === NOWHERE) return
    one.place = NOWHERE
    const last = this.#heap.pop() as D
    if (last === one) return
    this.#sink(last, at)
    this.#rise(last, last.place)
  }

  #rise(one: D, from: number): void {
    const heap = this.#heap
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above] as D
      if (parent.atMs <= one.atMs) break
      heap[at] = parent
      parent.place = at
      at = above
    }
    heap[at] = one
    one.place = at
  }

  #sink(one: D, from: number): void {
    const heap = this.#heap
    let at = from
    for (let below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && (heap[below + 1] as D).atMs < (heap[below] as D).atMs) below++
      const child = heap[below] as D
      if (one.atMs <= child.atMs) break
      heap[at] = child
      child.place = at
      at = below
    }
    heap[at] = one
    one.place = at
  }
}
