/**
 * Entity addresses as Ceph writes them, as bytes and as text: `v2:10.0.0.1:3300/0`, `[v2:…,v1:…]`.
 *
 * The nonce behind the slash tells incarnations at one address apart: 0 for monitors, else a number of the process.
 * Type `any` is how a side calls itself that nobody can dial. An address is kept with its raw tail, so that it goes out
 * with the bytes that it came with. Limit: at most 32 addresses in a vector.
 */
import { toHex } from '../../common/bytes.ts'
import { formatIp, parseIp } from '../../common/ip.ts'
import { Malformed, Reader, Writer } from './codec.ts'

export type AddressType = 'none' | 'v1' | 'v2' | 'any'

export interface EntityAddress {
  readonly type: AddressType
  readonly nonce: number
  /** Linux' number: 0 nothing, 2 IPv4, 10 IPv6. */
  readonly family: number
  /** What follows the family in a socket address: port (big-endian), IP, padding. */
  readonly tail: Uint8Array
}

const TYPES: readonly AddressType[] = ['none', 'v1', 'v2', 'any']
export const AF_INET = 2
export const AF_INET6 = 10
const INET_TAIL_BYTES = 14
const INET6_TAIL_BYTES = 26
const VECTOR_MAX = 32
const LEGACY_STORAGE_BYTES = 128

export const BLANK: EntityAddress = { type: 'none', nonce: 0, family: 0, tail: new Uint8Array(0) }

/** An address from its parts; the host is an IP literal. */
export function entityAddress(type: AddressType, host: string, port: number, nonce: number): EntityAddress | null {
  const ip = parseIp(host)
  if (ip === null) return null
  const tail = new Uint8Array(ip.length === 4 ? INET_TAIL_BYTES : INET6_TAIL_BYTES)
  tail[0] = port >> 8
  tail[1] = port & 0xff
  tail.set(ip, ip.length === 4 ? 2 : 6)
  return { type, nonce, family: ip.length === 4 ? AF_INET : AF_INET6, tail }
}

export function portOf(address: EntityAddress): number {
  return address.tail.length < 2 ? 0 : (address.tail[0]! << 8) | address.tail[1]!
}

/** The IP as text, IPv6 without brackets; empty when there is none. */
export function hostOf({ family, tail }: EntityAddress): string {
  if (family === AF_INET && tail.length >= 6) return formatIp(tail.subarray(2, 6))
  if (family === AF_INET6 && tail.length >= 22) return formatIp(tail.subarray(6, 22))
  return ''
}

/** `v2:10.0.0.1:3300/0`; `-` for no address. */
export function formatEntity(address: EntityAddress): string {
  const host = hostOf(address)
  if (host === '') return '-'
  return `${address.type}:${host.includes(':') ? `[${host}]` : host}:${portOf(address)}/${address.nonce}`
}

/** Null when the text is no such address. The nonce may be left out: it is 0 then. */
export function parseEntity(text: string): EntityAddress | null {
  const match = /^(v1|v2|any):(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})(?:\/(\d{1,10}))?$/.exec(text)
  if (match === null) return null
  const [, type, six, four, port, nonce] = match
  if (Number(port) > 65535 || Number(nonce ?? 0) > 0xffffffff) return null
  return entityAddress(type as AddressType, six ?? four ?? '', Number(port), Number(nonce ?? 0))
}

/** One address, or a vector in brackets. Null when the text is neither. */
export function parseVector(text: string): EntityAddress[] | null {
  // A bracket right behind a colon belongs to an IPv6 literal.
  const inner = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  const addresses = inner.split(',').map((part) => parseEntity(part.trim()))
  return addresses.every((address) => address !== null) ? addresses : null
}

export function formatVector(addresses: readonly EntityAddress[]): string {
  const texts = addresses.map(formatEntity)
  return texts.length === 1 ? texts[0]! : `[${texts.join(',')}]`
}

export function writeEntity(writer: Writer, { type, nonce, family, tail }: EntityAddress): void {
  const elen = family === 0 && tail.length === 0 ? 0 : tail.length + 2
  writer
    .u8(1)
    .u8(1)
    .u8(1)
    .u32(12 + elen)
  writer.u32(TYPES.indexOf(type)).u32(nonce).u32(elen)
  if (elen > 0) writer.u16(family).raw(tail)
}

export function readEntity(reader: Reader): EntityAddress {
  const marker = reader.u8()
  if (marker === 0) return readLegacy(reader)
  if (marker !== 1) throw new Malformed(`an address begins with marker ${marker}`)
  return readMarked(reader)
}

function readMarked(reader: Reader): EntityAddress {
  reader.u8()
  if (reader.u8() > 1) throw new Malformed('an address is of a newer kind')
  const body = new Reader(reader.blob())
  const type = TYPES[body.u32()]
  if (type === undefined) throw new Malformed('an address of an unknown type')
  const nonce = body.u32()
  const elen = body.u32()
  if (elen === 0) return { type, nonce, family: 0, tail: new Uint8Array(0) }
  if (elen < 2 || elen > LEGACY_STORAGE_BYTES) throw new Malformed(`an address of ${elen} bytes`)
  const family = body.u16()
  return { type, nonce, family, tail: new Uint8Array(body.raw(elen - 2)) }
}

/** Before Ceph 12: a socket address as the sender's kernel keeps it, with the family in network order. */
function readLegacy(reader: Reader): EntityAddress {
  reader.raw(3)
  const nonce = reader.u32()
  const storage = reader.raw(LEGACY_STORAGE_BYTES)
  const family = (storage[0]! << 8) | storage[1]!
  const length = family === AF_INET6 ? INET6_TAIL_BYTES : family === AF_INET ? INET_TAIL_BYTES : 0
  const tail = new Uint8Array(storage.subarray(2, 2 + length))
  return { type: family === 0 ? 'none' : 'v1', nonce, family, tail }
}

export function writeVector(writer: Writer, addresses: readonly EntityAddress[]): void {
  writer.u8(2).u32(addresses.length)
  for (const address of addresses) writeEntity(writer, address)
}

export function readVector(reader: Reader): EntityAddress[] {
  const marker = reader.u8()
  if (marker === 0) return [readLegacy(reader)]
  if (marker === 1) return [readMarked(reader)]
  if (marker !== 2) throw new Malformed(`addresses begin with marker ${marker}`)
  return reader.list(VECTOR_MAX, () => readEntity(reader))
}

/** Same type, nonce, family, port and IP. */
export function sameEntity(a: EntityAddress, b: EntityAddress): boolean {
  return sortKey(a) === sortKey(b)
}

/** Same IP and port. */
export function sameSocket(a: EntityAddress, b: EntityAddress): boolean {
  return hostOf(a) === hostOf(b) && portOf(a) === portOf(b)
}

/**
 * How Ceph compares two addresses in a race: the bytes of its struct, nonce first, as hexadecimal text that compares as
 * those bytes do.
 */
export function sortKey({ type, nonce, family, tail }: EntityAddress): string {
  const writer = new Writer().u32(TYPES.indexOf(type)).u32(nonce).u16(family).raw(tail)
  const bytes = new Uint8Array(36)
  bytes.set(writer.done().subarray(0, 36))
  return toHex(bytes)
}

/** What a race compares: the first v2 address, or else nothing. */
export function raceKey(addresses: readonly EntityAddress[]): string {
  return sortKey(addresses.find(({ type }) => type === 'v2') ?? BLANK)
}
