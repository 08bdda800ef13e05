/**
 * When whose time is up: a heap, in which each knows its place, so that one that needs no alarm any more is out at once.
 *
 * So there is one timer for all of them, and nothing of whoever waits is left behind it. Pure. Limit: its owner's; it holds whoever was
 * put in and not taken out.
 */

export interface Timed {
  readonly deadlineMs: number
  /** Where it is in the heap; NOWHERE: it is not. Kept by the heap. */
  place: number
}

export const NOWHERE = -1

export class Deadlines<T extends Timed> {
  readonly #heap: T[] = []

  get size(): number {
    return this.#heap.length
  }

  /** The earliest; Infinity: there is none. */
  get nextMs(): number {
    return this.#heap[0]?.deadlineMs ?? Infinity
  }

  /** Adds one, or notes that its deadline has changed. */
  set(timed: T): void {
    if (timed.place === NOWHERE) {
      timed.place = this.#heap.length
      this.#heap.push(timed)
    }
    this.#settle(timed)
  }

  remove(timed: T): void {
    const { place } = timed
    if (place === NOWHERE) return
    timed.place = NOWHERE
    const last = this.#heap.pop()!
    if (last === timed) return
    this.#put(last, place)
    this.#settle(last)
  }

  /** Takes out the earliest whose time is up. */
  due(nowMs: number): T | undefined {
    const first = this.#heap[0]
    if (first === undefined || first.deadlineMs > nowMs) return undefined
    this.remove(first)
    return first
  }

  #settle(timed: T): void {
    let at = timed.place
    for (let above = (at - 1) >> 1; at > 0 && this.#heap[above]!.deadlineMs > timed.deadlineMs; above = (at - 1) >> 1) {
      this.#put(this.#heap[above]!, at)
      at = above
    }
    for (let below = this.#smaller(at); below > 0; below = this.#smaller(at)) {
      if (this.#heap[below]!.deadlineMs >= timed.deadlineMs) break
      this.#put(this.#heap[below]!, at)
      at = below
    }
    this.#put(timed, at)
  }

  /** The place of the earlier child; 0: there is none. */
  #smaller(at: number): number {
    const left = 2 * at + 1
    if (left >= this.#heap.length) return 0
    const right = this.#heap[left + 1]
    return right !== undefined && right.deadlineMs < this.#heap[left]!.deadlineMs ? left + 1 : left
  }

  #put(timed: T, place: number): void {
    this.#heap[place] = timed
    timed.place = place
  }
}
