/**
 * How Ceph frames what is in its messages: structs with a version and a length, lists, maps, times and ids.
 *
 * Every count is held against the bytes that are left before anything is made for it, so a short message cannot ask for
 * much memory. What is wrong throws Malformed; a message's `read` makes an error with a code of it.
 */
import { fromHex, toHex } from '../common/bytes.ts'
import { Malformed, Reader, type Writer } from './msgr2/codec.ts'

/** A point in time as Ceph writes it. */
export interface CephTime {
  /** Since 1970, 0 to 2^32 - 1. */
  readonly seconds: number
  /** 0 to 999,999,999. */
  readonly nanoseconds: number
}

const UUID_BYTES = 16
const LOOSE = new TextDecoder()

/**
 * A struct behind its version, the oldest version that can read it, and its length. What a newer writer appended is
 * skipped with the rest of the length.
 */
export function readStruct<T>(
  reader: Reader,
  known: number,
  what: string,
  body: (reader: Reader, version: number) => T,
): T {
  const version = reader.u8()
  const compat = reader.u8()
  if (compat > known) throw new Malformed(`${what} of version ${compat}, of which ${known} is known here`)
  return body(new Reader(reader.blob()), version)
}

/** A struct is made of `body`, so its length is always right. */
export function writeStruct(writer: Writer, version: number, compat: number, body: Uint8Array): void {
  writer.u8(version).u8(compat).blob(body)
}

/** Items behind their count; each takes at least `bytesMin`. */
export function readList<T>(reader: Reader, bytesMin: number, item: () => T): T[] {
  const count = readCount(reader, bytesMin)
  return Array.from({ length: count }, item)
}

/** Pairs behind their count; each takes at least `bytesMin`. */
export function readMap<K, V>(reader: Reader, bytesMin: number, key: () => K, value: () => V): Map<K, V> {
  const map = new Map<K, V>()
  for (let count = readCount(reader, bytesMin); count > 0; count--) {
    const name = key()
    map.set(name, value())
  }
  return map
}

export function writeMap<K, V>(writer: Writer, map: ReadonlyMap<K, V>, pair: (key: K, value: V) => void): void {
  writer.u32(map.size)
  for (const [key, value] of map) pair(key, value)
}

function readCount(reader: Reader, bytesMin: number): number {
  const count = reader.u32()
  if (count * bytesMin > reader.left) throw new Malformed(`${count} items in ${reader.left} bytes`)
  return count
}

/** Text that people chose: bytes that are not UTF-8 become U+FFFD instead of spoiling the message. */
export function readLooseText(reader: Reader): string {
  return LOOSE.decode(reader.blob())
}

export function readTime(reader: Reader): CephTime {
  return { seconds: reader.u32(), nanoseconds: reader.u32() }
}

export function writeTime(writer: Writer, { seconds, nanoseconds }: CephTime): void {
  writer.u32(seconds).u32(nanoseconds)
}

/** Now, to the millisecond. */
export function cephTime(ms: number): CephTime {
  return { seconds: Math.floor(ms / 1000), nanoseconds: (Math.floor(ms) % 1000) * 1_000_000 }
}

/** Milliseconds since 1970, with fractions. */
export function timeMs({ seconds, nanoseconds }: CephTime): number {
  return seconds * 1000 + nanoseconds / 1_000_000
}

/** `3b4aefbb-25ce-4c36-a3df-6c23122791c2`. */
export function readUuid(reader: Reader): string {
  const hex = toHex(reader.raw(UUID_BYTES))
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

export function writeUuid(writer: Writer, uuid: string): void {
  writer.raw(fromHex(uuid.replaceAll('-', '')))
}

/** A 64-bit number that counts something real: above 2^53 - 1 it is malformed. */
export function readSize(reader: Reader): number {
  const size = reader.u64()
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new Malformed(`a number of ${size}`)
  return Number(size)
}

/** A signed 64-bit number, such as the id of a pool. */
export function readId(reader: Reader): number {
  const id = reader.i64()
  if (BigInt(Number(id)) !== id || !Number.isSafeInteger(Number(id))) throw new Malformed(`an id of ${id}`)
  return Number(id)
}
