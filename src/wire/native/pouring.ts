/**
 * A MESSAGES frame whose body goes to its place as it comes, because its receiver knows that place already.
 *
 * Its checksum is known last: until then nothing of the frame is believed, and what was poured is nobody's. Limit: one frame.
 */
import { crc32c } from '../crc32c.ts'
import { readUint32 } from './bytes.ts'
import { CHECKSUM, CHECKSUM_OFFSET, type ChecksumKind } from './format.ts'

/** A smaller rest is read with what follows, and copied. */
const ROOM_BYTES_MIN = 8 * 1024

/** Where the body of a frame goes, and how much of the frame comes before it. */
export interface Place {
  readonly headBytes: number
  readonly body: Uint8Array
  readonly offset: number
  /** The rest had best be read there, and not only written. */
  readonly isWarm: boolean
}

export class Pouring {
  /** The headers, checksum included. */
  readonly head: Uint8Array
  readonly #body: Uint8Array
  #at: number
  readonly #end: number
  readonly #isWarm: boolean
  readonly #agreed: ChecksumKind
  /** Of what came up to now, without the checksum's own bytes. */
  #checksum: number

  /** The frame of `total` bytes begins at `chunk[start]`, with all of its headers. */
  constructor(
    { headBytes, body, offset, isWarm }: Place,
    chunk: Uint8Array,
    start: number,
    total: number,
    agreed: ChecksumKind,
  ) {
    const head = Uint8Array.prototype.slice.call(chunk, start, start + headBytes)
    this.head = head
    this.#body = body
    this.#at = offset
    this.#end = offset + total - headBytes
    this.#isWarm = isWarm
    this.#agreed = agreed
    this.#checksum = crc32c(head, CHECKSUM_OFFSET + 4, headBytes, crc32c(head, 0, CHECKSUM_OFFSET))
  }

  /** Where the next bytes of it had best be read to; null: anywhere. */
  get room(): Uint8Array | null {
    const isWorth = this.#isWarm && this.#end - this.#at >= ROOM_BYTES_MIN
    return isWorth ? this.#body.subarray(this.#at, this.#end) : null
  }

  get isWhole(): boolean {
    return this.#at === this.#end
  }

  /** Takes what `chunk` has of it from `start` on; returns where that ends. */
  take(chunk: Uint8Array, start: number): number {
    const end = Math.min(chunk.length, start + this.#end - this.#at)
    if (this.#agreed !== CHECKSUM.NONE) this.#checksum = crc32c(chunk, start, end, this.#checksum)
    // What was read into `room` lies there already.
    if (chunk.buffer !== this.#body.buffer) this.#body.set(chunk.subarray(start, end), this.#at)
    this.#at += end - start
    return end
  }

  /** Whether it is what was sent, once it is whole. */
  get holds(): boolean {
    const expected = this.#agreed === CHECKSUM.NONE ? 0 : this.#checksum
    return readUint32(this.head, CHECKSUM_OFFSET) === expected
  }
}
