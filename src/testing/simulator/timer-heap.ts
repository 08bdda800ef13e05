/**
 * What waits in virtual time: a binary heap by time, then by order of arrival, so that ties never depend on chance.
 *
 * A cancelled task stays where it is and is skipped when its time comes; that costs nothing but its place.
 */

/** Something that happens later. */
export interface Task {
  readonly atUs: number
  readonly order: number
  /** Null when it was cancelled, or has run. */
  run: (() => void) | null
}

export class TimerHeap {
  readonly #heap: Task[] = []

  get length(): number {
    return this.#heap.length
  }

  push(task: Task): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(task)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(task, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = task
  }

  /** The task that is due first, without taking it. Cancelled ones are dropped on the way. */
  peek(): Task | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.run === null) this.#shift()
    return this.#heap[0]
  }

  /** Takes the task that is due first. */
  shift(): Task | undefined {
    const first = this.peek()
    if (first !== undefined) this.#shift()
    return first
  }

  #shift(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function before(a: Task, b: Task): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order)
}
