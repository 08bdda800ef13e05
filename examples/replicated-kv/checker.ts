/**
 * Is a history linearisable? Could each operation have happened at one moment between its beginning and its end,
 * so that every read saw the last write before it?
 *
 * Keys are independent of each other, so each is a history of its own (Herlihy and Wing). Of one key the search takes, as that of Wing and
 * Gong does, any operation that may be next: none that is left has ended before it began. Where it has been with the same operations taken
 * and the same value it does not go again (Lowe), so that a history with few operations at a time takes steps in proportion to its length.
 * Pure.
 */
import type { Operation } from './history.ts'
import type { Value } from './messages.ts'

export interface Verdict {
  readonly isLinearisable: boolean
  /** What no order has room for: the first operation that the best attempt could not place. */
  readonly stuckAt: Operation | null
  readonly steps: number
}

/** A point of the search: `taken` has a bit for each operation from `first` on; all before `first` are taken. */
interface Point {
  readonly first: number
  readonly taken: bigint
  readonly value: Value
}

export function check(history: readonly Operation[]): Verdict {
  let steps = 0
  for (const operations of byKey(history).values()) {
    const verdict = checkKey(operations)
    steps += verdict.steps
    if (!verdict.isLinearisable) return { ...verdict, steps }
  }
  return { isLinearisable: true, stuckAt: null, steps }
}

function checkKey(history: readonly Operation[]): Verdict {
  const operations = relevant(history)
  const been = new Set<string>()
  const toTry: Point[] = [{ first: 0, taken: 0n, value: null }]
  let furthest = 0
  for (let point = toTry.pop(); point !== undefined; point = toTry.pop()) {
    furthest = Math.max(furthest, point.first)
    const next = [...candidates(operations, point)]
    // Those that nobody heard the end of need not happen.
    if (next.every((index) => operations[index]?.ended === Infinity)) {
      return { isLinearisable: true, stuckAt: null, steps: been.size }
    }
    for (const index of next.reverse()) {
      const after = take(operations, point, index)
      if (after === null) continue
      const place = `${after.first} ${after.taken.toString(36)} ${after.value ?? ''}`
      if (!been.has(place)) toTry.push(after)
      been.add(place)
    }
  }
  return { isLinearisable: false, stuckAt: operations[furthest] ?? null, steps: been.size }
}

/** Operations that may be next: in order of their beginnings, up to the first end of one that is left. */
function* candidates(operations: readonly Operation[], { first, taken }: Point): Generator<number> {
  let firstEnd = Infinity
  for (let index = first; index < operations.length; index++) {
    const { began, ended } = operations[index] as Operation
    if (began > firstEnd) return
    if ((taken >> BigInt(index - first)) & 1n) continue
    firstEnd = Math.min(firstEnd, ended)
    yield index
  }
}

/** The point behind this operation; null when it is a read that would have seen another value. */
function take(operations: readonly Operation[], { first, taken, value }: Point, index: number): Point | null {
  const operation = operations[index] as Operation
  if (operation.command.kind === 'get' && operation.value !== value) return null
  let [from, bits] = [first, taken | (1n << BigInt(index - first))]
  for (; bits & 1n; bits >>= 1n) from++
  return { first: from, taken: bits, value: operation.value }
}

/** In order of beginning, without what might as well not have happened: reads without an end, writes without one that nobody saw. */
function relevant(history: readonly Operation[]): Operation[] {
  const seen = new Set(history.filter(({ command }) => command.kind === 'get').map(({ value }) => value))
  return history
    .filter(({ command, ended, value }) => ended !== Infinity || (command.kind === 'put' && seen.has(value)))
    .sort((one, other) => one.began - other.began)
}

function byKey(history: readonly Operation[]): Map<string, Operation[]> {
  const keys = new Map<string, Operation[]>()
  for (const operation of history) {
    const { key } = operation.command
    keys.set(key, [...(keys.get(key) ?? []), operation])
  }
  return keys
}
