/**
 * Reads and writes the fields of words that layers say to each other: little-endian numbers, bytes, and texts in UTF-8 behind
 * their length of 16 bits.
 *
 * A reader never throws: what is not there, or is not as it must be, reads as nothing and makes it bad for good, and all that
 * follows reads as nothing. Lists end where the bytes do.
 */
const BYTES_AT_FIRST = 256
const WORD = 2 ** 32
/** The largest number of 48 bits. */
export const UINT48_MAX = 2 ** 48 - 1
const NO_BYTES = new Uint8Array(0)

const encoder = new TextEncoder()
/** A mark of the order of bytes is part of a text: what was written reads back as it was. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class FieldWriter {
  #bytes = new Uint8Array(BYTES_AT_FIRST)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  uint8(value: number): this {
    const at = this.#grow(1)
    this.#bytes[at] = value
    return this
  }

  uint16(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  uint32(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  uint48(value: number): this {
    const at = this.#grow(6)
    this.#view.setUint32(at, value % WORD, true)
    this.#view.setUint16(at + 4, Math.floor(value / WORD), true)
    return this
  }

  text(text: string): this {
    return text === '' ? this.uint16(0) : this.bytes(encoder.encode(text))
  }

  /** Behind their length. */
  bytes(bytes: Uint8Array): this {
    return this.uint16(bytes.length).raw(bytes)
  }

  /** Without a length: the reader knows it. */
  raw(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length)
    this.#bytes.set(bytes, at)
    return this
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

export class FieldReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0
  #state: 'reading' | 'failed' = 'reading'

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Where the next field begins. */
  get at(): number {
    return this.#at
  }

  /** Bytes that were not read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** Something was not there, or not as it must be. */
  get isBad(): boolean {
    return this.#state === 'failed'
  }

  /** All was there, and nothing else. */
  get isAtEnd(): boolean {
    return !this.isBad && this.left === 0
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

  /** Of so many bytes at most. Whatever is no UTF-8 is replaced. */
  text(bytesMax = 0xffff): string {
    const bytes = this.bytes(bytesMax)
    return bytes.length === 0 ? '' : decoder.decode(bytes)
  }

  /** A text of 1 to so many bytes, in the one form that it has: what is no UTF-8 is none. */
  strictText(bytesMax: number): string {
    const bytes = this.bytes(bytesMax)
    if (bytes.length === 0) this.fail()
    try {
      return strictDecoder.decode(bytes)
    } catch {
      this.fail()
      return ''
    }
  }

  /** A view of those that stand behind their length. */
  bytes(most: number): Uint8Array {
    const length = this.uint16()
    if (length > most) this.fail()
    return this.raw(length)
  }

  /** A view of so many. */
  raw(length: number): Uint8Array {
    const at = this.#take(length)
    return at < 0 ? NO_BYTES : this.#bytes.subarray(at, at + length)
  }

  /** As many as are said to come, and no more than are there. */
  list<T>(item: () => T): T[] {
    const items: T[] = []
    for (let left = this.uint16(); left > 0 && !this.isBad; left--) items.push(item())
    return items
  }

  #take(count: number): number {
    if (this.isBad || count > this.left) {
      this.fail()
      return -1
    }
    this.#at += count
    return this.#at - count
  }
}
