/**
 * Numbers and texts as bytes, for references and requests: little-endian, of fixed width, texts in UTF-8 behind their length.
 *
 * A reader never throws: what is not there, or is no text, makes it `bad`, and zeroes follow.
 */
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const NO_BYTES = new Uint8Array(0)
/** The largest number of 48 bits. */
export const WHOLE_MAX = 2 ** 48 - 1

export class Writer {
  readonly #octets: number[] = []

  byte(value: number): this {
    this.#octets.push(value & 0xff)
    return this
  }

  /** 16 bits. */
  short(value: number): this {
    return this.byte(value).byte(value >>> 8)
  }

  /** 48 bits. */
  whole(value: number): this {
    let rest = value
    for (let at = 0; at < 6; at++) {
      this.byte(rest % 256)
      rest = Math.floor(rest / 256)
    }
    return this
  }

  bytes(bytes: Uint8Array): this {
    for (const octet of bytes) this.#octets.push(octet)
    return this
  }

  text(text: string): this {
    const bytes = encoder.encode(text)
    return this.short(bytes.length).bytes(bytes)
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#octets)
  }
}

export class Reader {
  readonly #bytes: Uint8Array
  at = 0
  isBad = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  byte(): number {
    if (this.left < 1) this.isBad = true
    return this.isBad ? 0 : this.#bytes[this.at++]!
  }

  short(): number {
    const low = this.byte()
    return low | (this.byte() << 8)
  }

  whole(): number {
    let value = 0
    for (let at = 0, unit = 1; at < 6; at++, unit *= 256) value += this.byte() * unit
    return value
  }

  /** A view. */
  bytes(length: number): Uint8Array {
    if (this.left < length) this.isBad = true
    if (this.isBad) return NO_BYTES
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  /** A text of 1 to so many bytes. */
  text(bytesMax: number): string {
    const length = this.short()
    if (length === 0 || length > bytesMax) this.isBad = true
    const bytes = this.bytes(length)
    try {
      return decoder.decode(bytes)
    } catch {
      this.isBad = true
      return ''
    }
  }
}
