/**
 * Reads and writes the fields of words: little-endian numbers, texts and bytes behind their length.
 *
 * A reader never throws: what is not there reads as nothing, and `isAtEnd` is false for good. Lists end where the bytes do.
 */
const BYTES_AT_FIRST = 256
const WORD = 2 ** 32

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export class ByteWriter {
  #bytes = new Uint8Array(BYTES_AT_FIRST)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  uint8(value: number): void {
    const at = this.#grow(1)
    this.#bytes[at] = value
  }

  uint16(value: number): void {
    const at = this.#grow(2)
    this.#view.setUint16(at, value, true)
  }

  uint32(value: number): void {
    const at = this.#grow(4)
    this.#view.setUint32(at, value, true)
  }

  uint48(value: number): void {
    const at = this.#grow(6)
    this.#view.setUint32(at, value % WORD, true)
    this.#view.setUint16(at + 4, Math.floor(value / WORD), true)
  }

  text(text: string): void {
    this.bytes(encoder.encode(text))
  }

  bytes(bytes: Uint8Array): void {
    this.uint16(bytes.length)
    const at = this.#grow(bytes.length)
    this.#bytes.set(bytes, at)
  }

  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length <= this.#bytes.length) return at
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length))
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
    return at
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #state: 'reading' | 'failed' = 'reading'

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** All was there, and nothing else. */
  get isAtEnd(): boolean {
    return this.#state === 'reading' && this.#at === this.#bytes.length
  }

  fail(): void {
    this.#state = 'failed'
  }

  uint8(): number {
    const at = this.#take(1)
    return at < 0 ? 0 : this.#view.getUint8(at)
  }

  uint16(): number {
    const at = this.#take(2)
    return at < 0 ? 0 : this.#view.getUint16(at, true)
  }

  uint32(): number {
    const at = this.#take(4)
    return at < 0 ? 0 : this.#view.getUint32(at, true)
  }

  uint48(): number {
    const at = this.#take(6)
    return at < 0 ? 0 : this.#view.getUint32(at, true) + this.#view.getUint16(at + 4, true) * WORD
  }

  text(): string {
    return decoder.decode(this.bytes(0xffff))
  }

  bytes(most: number): Uint8Array {
    const length = this.uint16()
    if (length > most) this.fail()
    const at = this.#take(length)
    return at < 0 ? new Uint8Array(0) : this.#bytes.subarray(at, at + length)
  }

  /** As many as are said to come, and no more than are there. */
  list<T>(item: () => T): T[] {
    const items: T[] = []
    for (let left = this.uint16(); left > 0 && this.#state === 'reading'; left--) items.push(item())
    return items
  }

  #take(count: number): number {
    if (this.#state === 'failed' || this.#at + count > this.#bytes.length) {
      this.#state = 'failed'
      return -1
    }
    this.#at += count
    return this.#at - count
  }
}
