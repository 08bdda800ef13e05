/**
 * What the frames of all links in a capture may hold together. Each direction holds the one that is not whole yet, up to 128
 * MiB and in memory of up to eight times what is there of it; a capture may have thousands that stay so.
 */
import type { Allocate } from '../piece.ts'

/** A frame is not held any more; says why. */
export class NoMemory extends Error {}

export class FrameMemory {
  readonly #max: number
  readonly #held = new Map<object, number>()
  #total = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Memory for `holder`, who lets go of the frame before when it asks for the next. Throws {@link NoMemory}. */
  of(holder: object): Allocate {
    return (bytes) => {
      this.free(holder)
      if (this.#total + bytes > this.#max)
        throw new NoMemory(
          `a frame takes ${bytes} bytes so far, and those of other links hold ${this.#total} of ${this.#max}`,
        )
      this.#held.set(holder, bytes)
      this.#total += bytes
      return new Uint8Array(bytes)
    }
  }

  free(holder: object): void {
    this.#total -= this.#held.get(holder) ?? 0
    this.#held.delete(holder)
  }
}
