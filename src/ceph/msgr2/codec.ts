/**
 * Ceph's way to write plain values: little-endian numbers, strings and blobs with a length, 64-bit numbers as bigint.
 *
 * A Reader throws Malformed for bytes that end too early; whoever reads a peer's bytes catches it at one place and makes
 * it a fault. Control frames and authentication use these; messages have a path of their own.
 */
export class Malformed extends Error {}

const TEXT = new TextDecoder('utf-8', { fatal: true })

export class Reader {
  readonly bytes: Uint8Array
  #at: number
  readonly #end: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.#at = at
    this.#end = end
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#end - this.#at
  }

  u8(): number {
    return this.#take(1)[0]!
  }

  u16(): number {
    const [a, b] = this.#take(2)
    return a! | (b! << 8)
  }

  u32(): number {
    const [a, b, c, d] = this.#take(4)
    return (a! | (b! << 8) | (c! << 16) | (d! << 24)) >>> 0
  }

  i32(): number {
    return this.u32() | 0
  }

  u64(): bigint {
    const low = this.u32()
    return (BigInt(this.u32()) << 32n) | BigInt(low)
  }

  i64(): bigint {
    return BigInt.asIntN(64, this.u64())
  }

  bool(): boolean {
    return this.u8() !== 0
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    return this.#take(length)
  }

  /** Bytes behind their length; a view. */
  blob(): Uint8Array {
    return this.#take(this.u32())
  }

  text(): string {
    try {
      return TEXT.decode(this.blob())
    } catch (thrown) {
      if (thrown instanceof Malformed) throw thrown
      throw new Malformed('a string is not UTF-8')
    }
  }

  list<T>(max: number, item: () => T): T[] {
    const count = this.u32()
    if (count > max) throw new Malformed(`${count} items of at most ${max}`)
    return Array.from({ length: count }, item)
  }

  /** What follows must be nothing. */
  finish(): void {
    if (this.left > 0) throw new Malformed(`${this.left} bytes too many`)
  }

  #take(length: number): Uint8Array {
    if (length > this.left) throw new Malformed(`it ends ${length - this.left} bytes too early`)
    const start = this.#at
    this.#at += length
    return this.bytes.subarray(start, this.#at)
  }
}

/** Grows as it is written; `done()` gives exactly what was written. */
export class Writer {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  u8(value: number): this {
    const at = this.#room(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#room(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  u32(value: number): this {
    const at = this.#room(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  u64(value: bigint): this {
    const at = this.#room(8)
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true)
    return this
  }

  bool(value: boolean): this {
    return this.u8(value ? 1 : 0)
  }

  raw(bytes: Uint8Array): this {
    const at = this.#room(bytes.length)
    this.#bytes.set(bytes, at)
    return this
  }

  blob(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes)
  }

  text(value: string): this {
    return this.blob(new TextEncoder().encode(value))
  }

  list<T>(items: readonly T[], item: (value: T) => void): this {
    this.u32(items.length)
    for (const value of items) item(value)
    return this
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** Call it before `#bytes` or `#view` is read: it may replace both. */
  #room(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      larger.set(this.#bytes)
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    return at
  }
}

/** Compares in a time that does not depend on where the first difference is. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= a[index]! ^ b[index]!
  return difference === 0
}
