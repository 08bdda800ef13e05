/**
 * A serialised reference: a header, what holders have added to it, and a MAC over all of that.
 *
 *     version  instance  id  size  rights  expiry  owner's name  addresses  digest of the contents
 *     caveats  MAC  contents
 *
 * The owner makes the MAC of the header with its key, and each holder that of its caveat with the MAC before. So anybody can add a
 * caveat, nobody can take one away, and the owner needs nothing but its key to know. Everything has one form: what is left over, too
 * long, or empty is no reference.
 */
import { toHex, fromHex } from '../../common/bytes.ts'
import { narrow, READ, WRITE, type Caveat, type Claims } from './claims.ts'
import { REFERENCE } from './limits.ts'
import { Reader, Writer } from './octets.ts'

export const MAC_BYTES = 32
export const DIGEST_BYTES = 16
const VERSION = 1
const INSTANCE_BYTES = 16
const CAVEAT = { rights: 1, range: 2, expiry: 3, peers: 4, via: 5 } as const

export interface Header {
  /** The owner's name. */
  readonly owner: string
  /** 32 hexadecimal digits. */
  readonly instance: string
  readonly id: number
  readonly size: number
  readonly rights: number
  /** Wall time in ms since 1970; Infinity: never. */
  readonly expiresAtMs: number
  /** Where the owner can be dialled. */
  readonly addresses: readonly string[]
  /** Of the contents that ride along; null: none do, or did. */
  readonly digest: Uint8Array | null
}

/** A link of the chain, as it is read and as the MAC covers it. */
export interface Link<T> {
  readonly value: T
  readonly bytes: Uint8Array
}

export interface Token {
  readonly header: Link<Header>
  readonly caveats: readonly Link<Caveat>[]
  readonly mac: Uint8Array
  /** Null: none ride along. */
  readonly contents: Uint8Array | null
}

/** What the reference grants. */
export function claimsOf({ header: { value }, caveats }: Token): Claims {
  const { rights, size, expiresAtMs } = value
  const all: Claims = { rights, range: { offset: 0, length: size }, expiresAtMs, peers: [] }
  return caveats.reduce((claims, caveat) => narrow(claims, caveat.value), all)
}

export function encodeHeader(header: Header): Uint8Array {
  const { owner, instance, id, size, rights, expiresAtMs, addresses, digest } = header
  const writer = new Writer().byte(VERSION).bytes(fromHex(instance)).whole(id).whole(size).byte(rights)
  writer.whole(expiresAtMs === Infinity ? 0 : expiresAtMs).text(owner)
  writer.byte(addresses.length)
  for (const address of addresses) writer.text(address)
  writer.byte(digest === null ? 0 : 1)
  return digest === null ? writer.done() : writer.bytes(digest).done()
}

export function encodeCaveat(caveat: Caveat): Uint8Array {
  const writer = new Writer().byte(CAVEAT[caveat.kind])
  switch (caveat.kind) {
    case 'rights':
      return writer.byte(caveat.rights).done()
    case 'range':
      return writer.whole(caveat.offset).whole(caveat.length).done()
    case 'expiry':
      return writer.whole(caveat.expiresAtMs).done()
    case 'peers':
      writer.byte(caveat.peers.length)
      for (const peer of caveat.peers) writer.text(peer)
      return writer.done()
    case 'via':
      return writer.text(caveat.name).text(caveat.address).done()
  }
}

export function encodeToken({ header, caveats, mac, contents }: Token): Uint8Array {
  const writer = new Writer().bytes(header.bytes).byte(caveats.length)
  for (const { bytes } of caveats) writer.bytes(bytes)
  writer.bytes(mac)
  return contents === null ? writer.done() : writer.bytes(contents).done()
}

/** Null: it is none. Whether it is genuine is another question. Copies what it keeps. */
export function decodeToken(given: Uint8Array): Token | null {
  if (given.length > REFERENCE.bytesMax) return null
  const bytes = given.slice()
  const reader = new Reader(bytes)
  const header = link(reader, bytes, readHeader)
  const count = reader.byte()
  if (header === null || count > REFERENCE.caveatsMax) return null
  const caveats: Link<Caveat>[] = []
  while (caveats.length < count) {
    const caveat = link(reader, bytes, readCaveat)
    if (caveat === null) return null
    caveats.push(caveat)
  }
  const mac = reader.bytes(MAC_BYTES)
  const rest = reader.bytes(reader.left)
  if (reader.isBad || rest.length > REFERENCE.contentsBytesMax) return null
  // A digest without contents is fine: whoever narrows a reference leaves them out.
  if (rest.length > 0 && header.value.digest === null) return null
  return { header, caveats, mac, contents: rest.length === 0 ? null : rest }
}

function link<T>(reader: Reader, bytes: Uint8Array, read: (reader: Reader) => T | null): Link<T> | null {
  const start = reader.at
  const value = read(reader)
  return value === null || reader.isBad ? null : { value, bytes: bytes.subarray(start, reader.at) }
}

function readHeader(reader: Reader): Header | null {
  if (reader.byte() !== VERSION) return null
  const instance = toHex(reader.bytes(INSTANCE_BYTES))
  const id = reader.whole()
  const size = reader.whole()
  const rights = reader.byte()
  const expiry = reader.whole()
  const owner = reader.text(REFERENCE.nameBytesMax)
  const count = reader.byte()
  if (id === 0 || !areRights(rights) || count > REFERENCE.addressesMax) return null
  const addresses: string[] = []
  while (addresses.length < count) addresses.push(reader.text(REFERENCE.addressBytesMax))
  const hasDigest = reader.byte()
  if (hasDigest > 1) return null
  const digest = hasDigest === 1 ? reader.bytes(DIGEST_BYTES) : null
  return { owner, instance, id, size, rights, expiresAtMs: expiry === 0 ? Infinity : expiry, addresses, digest }
}

function readCaveat(reader: Reader): Caveat | null {
  switch (reader.byte()) {
    case CAVEAT.rights: {
      const rights = reader.byte()
      return areRights(rights) ? { kind: 'rights', rights } : null
    }
    case CAVEAT.range:
      return { kind: 'range', offset: reader.whole(), length: reader.whole() }
    case CAVEAT.expiry:
      return { kind: 'expiry', expiresAtMs: reader.whole() }
    case CAVEAT.peers: {
      const count = reader.byte()
      if (count === 0 || count > REFERENCE.peersMax) return null
      const peers: string[] = []
      while (peers.length < count) peers.push(reader.text(REFERENCE.nameBytesMax))
      return { kind: 'peers', peers }
    }
    case CAVEAT.via:
      return { kind: 'via', name: reader.text(REFERENCE.nameBytesMax), address: reader.text(REFERENCE.addressBytesMax) }
    default:
      return null
  }
}

function areRights(rights: number): boolean {
  return rights > 0 && (rights & ~(READ | WRITE)) === 0
}
