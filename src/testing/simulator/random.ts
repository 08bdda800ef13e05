/**
 * Chance from a seed: the same seed gives the same numbers on every machine and every version of Node.
 *
 * xoshiro128** on 32-bit integers; only operations that IEEE 754 and the language define exactly are used (no `log`, no
 * `pow`). A fork has a stream of its own that depends on the seed and the fork's name, never on how much was drawn
 * before: adding a draw in one place changes nothing in another.
 */
import { invariant } from '../../common/errors.ts'
import type { Random } from '../../messenger/runtime.ts'

/** Chance with helpers; fits `new Messenger({ runtime: { random } })`. */
export interface SeededRandom extends Random {
  /** What it was made from, for reports. */
  readonly seed: string
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number
  /** A number from `min` up to `max`. */
  between(min: number, max: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** One of the items; there must be one. */
  pick<T>(items: readonly T[]): T
  /** The items in random order; the array is not changed. */
  shuffled<T>(items: readonly T[]): T[]
  /** An independent stream with this name. */
  fork(name: string): SeededRandom
}

/** A source of chance; numbers and texts are both fine as seeds. */
export function seededRandom(seed: number | string): SeededRandom {
  return new Xoshiro(String(seed))
}

class Xoshiro implements SeededRandom {
  readonly seed: string
  readonly #state: Uint32Array

  constructor(seed: string) {
    this.seed = seed
    this.#state = spread(seed)
  }

  /** Thirty-two random bits. */
  #word(): number {
    const s = this.#state
    const result = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0
    const shifted = s[1]! << 9
    s[2]! ^= s[0]!
    s[3]! ^= s[1]!
    s[1]! ^= s[2]!
    s[0]! ^= s[3]!
    s[2]! ^= shifted
    s[3] = rotate(s[3]!, 11)
    return result
  }

  next(): number {
    const high = this.#word() >>> 5
    return (high * 67_108_864 + (this.#word() >>> 6)) / 9_007_199_254_740_992
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let index = 0; index < count; index++) bytes[index] = this.#word() >>> 24
    return bytes
  }

  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    invariant(items.length > 0, 'pick() needs something to choose from')
    return items[this.integer(0, items.length - 1)] as T
  }

  shuffled<T>(items: readonly T[]): T[] {
    const all = [...items]
    for (let last = all.length - 1; last > 0; last--) {
      const other = this.integer(0, last)
      const moved = all[last] as T
      all[last] = all[other] as T
      all[other] = moved
    }
    return all
  }

  fork(name: string): SeededRandom {
    return new Xoshiro(`${this.seed}/${name}`)
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

/** Four words from a text: FNV-1a over its UTF-16 units, then splitmix to spread similar seeds apart. */
function spread(text: string): Uint32Array {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ (text.charCodeAt(index) & 0xff), 0x01000193)
    hash = Math.imul(hash ^ (text.charCodeAt(index) >>> 8), 0x01000193)
  }
  const state = new Uint32Array(4)
  for (let index = 0; index < 4; index++) {
    hash = (hash + 0x9e3779b9) | 0
    let word = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
    state[index] = word ^ (word >>> 15)
  }
  // The one state that never changes.
  if (state.every((word) => word === 0)) state[0] = 1
  return state
}
