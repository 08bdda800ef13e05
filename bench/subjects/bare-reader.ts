/** Reads frames of the ceiling out of one large buffer; the rest of a large one goes straight into another, used again and again. */
import { crc32c } from '../../src/wire/crc32c.ts'
import { CHECKSUM_OFFSET, COUNT_OFFSET, HEADER_BYTES, LENGTH_OFFSET, RECORD_BYTES } from './bare-frame.ts'

const RING_BYTES = 512 * 1024
/** The rest of a frame of this size or more is read to where it stays. */
const LARGE_BYTES = 32 * 1024
/** Less room than this is not worth a read. */
const ROOM_BYTES = 128 * 1024

export class BareReader {
  readonly #deliver: (data: Uint8Array) => void
  readonly #ring = new Uint8Array(RING_BYTES)
  readonly #view = new DataView(this.#ring.buffer)
  #start = 0
  #end = 0
  #large: Uint8Array | null = null
  #spare: Uint8Array = new Uint8Array(0)
  #filled = 0

  constructor(deliver: (data: Uint8Array) => void) {
    this.#deliver = deliver
  }

  /** Where the next read goes. */
  space(): Uint8Array {
    if (this.#large !== null) return this.#large.subarray(this.#filled)
    if (this.#start === this.#end) {
      this.#start = 0
      this.#end = 0
    } else if (RING_BYTES - this.#end < ROOM_BYTES) {
      this.#ring.copyWithin(0, this.#start, this.#end)
      this.#end -= this.#start
      this.#start = 0
    }
    return this.#ring.subarray(this.#end)
  }

  /** So many bytes were read there. */
  take(count: number): void {
    if (this.#large !== null) {
      this.#filled += count
      if (this.#filled < this.#large.length) return
      const frame = this.#large
      this.#large = null
      this.#scan(frame, new DataView(frame.buffer, 0, frame.length), 0, frame.length)
      return
    }
    this.#end += count
    this.#frames()
  }

  #frames(): void {
    while (this.#end - this.#start >= HEADER_BYTES) {
      const total = HEADER_BYTES + this.#view.getUint32(this.#start + LENGTH_OFFSET, true)
      if (this.#end - this.#start >= total) {
        this.#scan(this.#ring, this.#view, this.#start, this.#start + total)
        this.#start += total
        continue
      }
      if (total < LARGE_BYTES) return
      if (this.#spare.length < total) this.#spare = new Uint8Array(total)
      this.#large = this.#spare.subarray(0, total)
      this.#large.set(this.#ring.subarray(this.#start, this.#end))
      this.#filled = this.#end - this.#start
      this.#start = this.#end
    }
  }

  #scan(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    const crc = crc32c(bytes, start + CHECKSUM_OFFSET + 4, end, crc32c(bytes, start, start + CHECKSUM_OFFSET))
    if (crc !== view.getUint32(start + CHECKSUM_OFFSET, true)) throw new Error('a frame of the ceiling was altered')
    let at = start + HEADER_BYTES
    for (let left = view.getUint16(start + COUNT_OFFSET, true); left > 0; left--) {
      const length = view.getUint32(at + 4, true)
      at += RECORD_BYTES
      this.#deliver(bytes.subarray(at, at + length))
      at += length
    }
  }
}
