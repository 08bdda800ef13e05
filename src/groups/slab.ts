/**
 * Copies of what is published, one behind the other in the same memory: those of a turn go out as they lie there.
 *
 * A block is let go of with the last message in it. Larger data has memory of its own.
 */
const BLOCK_BYTES = 64 * 1024
const SMALL_BYTES_MAX = 4 * 1024

export class Slab {
  #block = new ArrayBuffer(0)
  #at = 0

  copyOf(data: Uint8Array): Uint8Array {
    const { length } = data
    if (length > SMALL_BYTES_MAX) return new Uint8Array(data)
    if (this.#at + length > this.#block.byteLength) {
      this.#block = new ArrayBuffer(BLOCK_BYTES)
      this.#at = 0
    }
    const copy = new Uint8Array(this.#block, this.#at, length)
    copy.set(data)
    this.#at += length
    return copy
  }
}
