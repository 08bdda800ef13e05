/**
 * Follows one direction of a link and says where Inkwire's frames begin and end, without looking into them.
 *
 * It needs only the banner's length and the common head of a frame (docs/PROTOCOL.md). Bytes of another protocol are
 * recognised at the first tag that does not exist; from there on everything passes as one nameless stretch.
 */
import { BANNER_BYTES, CONTROL_HEADER_BYTES, MESSAGES_HEADER_BYTES, TAG, tagName } from '../../wire/native/format.ts'
import type { TagName } from '../../wire/native/format.ts'
import { readUint32 } from '../../wire/native/bytes.ts'

/** What begins at a piece. */
export type FrameName = 'banner' | TagName

/** A stretch of one frame. */
export interface Piece {
  readonly bytes: Uint8Array
  /** The frame that begins with the first byte; null inside a frame. */
  readonly begins: FrameName | null
  /** True when the last byte is the last of its frame. */
  readonly ends: boolean
}

/** Tag, flags, lane and length: all that is needed to know where a frame ends. */
const HEAD_BYTES = 8

export class FrameTap {
  #state: 'banner' | 'head' | 'body' | 'foreign' = 'banner'
  #left = BANNER_BYTES
  readonly #head = new Uint8Array(HEAD_BYTES)
  #filled = 0
  #atStart = true

  /** Cuts a chunk at the borders of frames. */
  cut(chunk: Uint8Array): Piece[] {
    const pieces: Piece[] = []
    for (let at = 0; at < chunk.length;) {
      const begins = this.#begin(chunk[at]!)
      const end = this.#advance(chunk, at)
      pieces.push({ bytes: chunk.subarray(at, end), begins, ends: this.#atStart })
      at = end
    }
    return pieces
  }

  #begin(tag: number): FrameName | null {
    if (!this.#atStart || this.#state === 'foreign') return null
    this.#atStart = false
    if (this.#state === 'banner') return 'banner'
    const name = tagName(tag)
    if (name === undefined) this.#state = 'foreign'
    return name ?? null
  }

  /** Where the piece that begins at `at` ends. */
  #advance(chunk: Uint8Array, at: number): number {
    if (this.#state === 'foreign') return chunk.length
    let end = at
    if (this.#state === 'head') {
      while (end < chunk.length && this.#filled < HEAD_BYTES) this.#head[this.#filled++] = chunk[end++]!
      if (this.#filled < HEAD_BYTES) return end
      const header = this.#head[0] === TAG.MESSAGES ? MESSAGES_HEADER_BYTES : CONTROL_HEADER_BYTES
      this.#left = header + readUint32(this.#head, 4) - HEAD_BYTES
      this.#state = 'body'
    }
    const taken = Math.min(chunk.length - end, this.#left)
    this.#left -= taken
    if (this.#left === 0) {
      this.#state = 'head'
      this.#filled = 0
      this.#atStart = true
    }
    return end + taken
  }
}
