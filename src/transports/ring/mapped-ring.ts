/** A ring in memory that this thread can address: that of another thread of its process, or of another process. */
import { checkRingSize, RING_WORDS, type Ring } from './ring.ts'

export const MAPPED_HEADER_BYTES = RING_WORDS * Int32Array.BYTES_PER_ELEMENT

/** Copies all of `from` to `at` of `into`. */
export type Copy = (into: Uint8Array, from: Uint8Array, at: number) => void

const plainCopy: Copy = (into, from, at) => {
  into.set(from, at)
}

const NOWHERE = new ArrayBuffer(MAPPED_HEADER_BYTES)

export class MappedRing implements Ring {
  readonly size: number
  fault: string | null = null
  #words: Int32Array
  #bytes: Uint8Array
  readonly #copy: Copy

  /** At `offset` of this memory. `copy`: how bytes come there and back, where there is a better way than `set()`. */
  constructor(memory: ArrayBufferLike, offset: number, bytes: number, copy = plainCopy) {
    checkRingSize(bytes)
    this.#copy = copy
    this.size = bytes
    this.#words = new Int32Array(memory, offset, RING_WORDS)
    this.#bytes = new Uint8Array(memory, offset + MAPPED_HEADER_BYTES, bytes)
  }

  /** Lets go of the memory, which may be gone when this returns. */
  release(): void {
    this.fault ??= 'its memory was given back'
    this.#words = new Int32Array(NOWHERE)
    this.#bytes = new Uint8Array(NOWHERE, 0, 0)
  }

  load(word: number): number {
    return Atomics.load(this.#words, word)
  }

  store(word: number, value: number): void {
    Atomics.store(this.#words, word, value)
  }

  takeBell(word: number): boolean {
    return Atomics.load(this.#words, word) !== 0 && Atomics.exchange(this.#words, word, 0) !== 0
  }

  put(at: number, from: Uint8Array, start: number, count: number): void {
    this.#copy(this.#bytes, start === 0 && count === from.length ? from : from.subarray(start, start + count), at)
  }

  take(at: number, into: Uint8Array, start: number, count: number): void {
    this.#copy(into, this.#bytes.subarray(at, at + count), start)
  }
}
