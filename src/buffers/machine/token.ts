/**
 * A serialised reference: a header, what holders have added to it, and a MAC over all of that.
 *
 *     version  instance  id  size  rights  expiry  owner's name  addresses
 *     caveats  MAC  contents and a digest of all before it, or nothing
 *
 * The owner makes the MAC of the header with its key, and each holder that of its caveat with the MAC before. So anybody can add a
 * caveat, nobody can take one away, and the owner needs nothing but its key to know. Contents are read without asking it: so the
 * digest must hold, or nobody would notice that what came is not what was sent. Everything has one form: what is left over, too
 * long, or empty is no reference.
 */
import { toHex, fromHex } from '../../common/bytes.ts'
import { narrow, READ, WRITE, type Caveat, type Claims } from './claims.ts'
import { REFERENCE } from './limits.ts'
import { FieldReader, FieldWriter } from '../../common/fields.ts'

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
}

/** Bytes that ride along, as they were when the buffer was registered. */
export interface Contents {
  readonly bytes: Uint8Array
  /** Of the whole reference up to here. */
  readonly digest: Uint8Array
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
  readonly contents: Contents | null
}

/** What the reference grants. */
export function claimsOf({ header: { value }, caveats }: Token): Claims {
  const { rights, size, expiresAtMs } = value
  const all: Claims = { rights, range: { offset: 0, length: size }, expiresAtMs, peers: [] }
  return caveats.reduce((claims, caveat) => narrow(claims, caveat.value), all)
}

export function encodeHeader(header: Header): Uint8Array {
  const { owner, instance, id, size, rights, expiresAtMs, addresses } = header
  const writer = new FieldWriter().uint8(VERSION).raw(fromHex(instance)).uint48(id).uint48(size).uint8(rights)
  writer.uint48(expiresAtMs === Infinity ? 0 : expiresAtMs).text(owner)
  writer.uint8(addresses.length)
  for (const address of addresses) writer.text(address)
  return writer.take()
}

export function encodeCaveat(caveat: Caveat): Uint8Array {
  const writer = new FieldWriter().uint8(CAVEAT[caveat.kind])
  switch (caveat.kind) {
    case 'rights':
      return writer.uint8(caveat.rights).take()
    case 'range':
      return writer.uint48(caveat.offset).uint48(caveat.length).take()
    case 'expiry':
      return writer.uint48(caveat.expiresAtMs).take()
    case 'peers':
      writer.uint8(caveat.peers.length)
      for (const peer of caveat.peers) writer.text(peer)
      return writer.take()
    case 'via':
      return writer.text(caveat.name).text(caveat.address).take()
  }
}

export function encodeToken({ header, caveats, mac, contents }: Token): Uint8Array {
  const writer = new FieldWriter().raw(header.bytes).uint8(caveats.length)
  for (const { bytes } of caveats) writer.raw(bytes)
  writer.raw(mac)
  return contents === null ? writer.take() : writer.raw(contents.bytes).raw(contents.digest).take()
}

/** Null: it is none. Whether it is genuine is another question. Copies what it keeps. */
export function decodeToken(given: Uint8Array): Token | null {
  if (given.length > REFERENCE.bytesMax) return null
  const bytes = given.slice()
  const reader = new FieldReader(bytes)
  const header = link(reader, bytes, readHeader)
  const count = reader.uint8()
  if (header === null || count > REFERENCE.caveatsMax) return null
  const caveats: Link<Caveat>[] = []
  while (caveats.length < count) {
    const caveat = link(reader, bytes, readCaveat)
    if (caveat === null) return null
    caveats.push(caveat)
  }
  const mac = reader.raw(MAC_BYTES)
  if (reader.left === 0) return reader.isBad ? null : { header, caveats, mac, contents: null }
  const { size } = header.value
  // Whoever narrows a reference leaves its contents out.
  if (count > 0 || size > REFERENCE.contentsBytesMax || reader.left !== size + DIGEST_BYTES) return null
  return { header, caveats, mac, contents: { bytes: reader.raw(size), digest: reader.raw(DIGEST_BYTES) } }
}

function link<T>(reader: FieldReader, bytes: Uint8Array, read: (reader: FieldReader) => T | null): Link<T> | null {
  const start = reader.at
  const value = read(reader)
  return value === null || reader.isBad ? null : { value, bytes: bytes.subarray(start, reader.at) }
}

function readHeader(reader: FieldReader): Header | null {
  if (reader.uint8() !== VERSION) return null
  const instance = toHex(reader.raw(INSTANCE_BYTES))
  const id = reader.uint48()
  const size = reader.uint48()
  const rights = reader.uint8()
  const expiry = reader.uint48()
  const owner = reader.strictText(REFERENCE.nameBytesMax)
  const count = reader.uint8()
  if (id === 0 || !areRights(rights) || count > REFERENCE.addressesMax) return null
  const addresses: string[] = []
  while (addresses.length < count) addresses.push(reader.strictText(REFERENCE.addressBytesMax))
  return { owner, instance, id, size, rights, expiresAtMs: expiry === 0 ? Infinity : expiry, addresses }
}

function readCaveat(reader: FieldReader): Caveat | null {
  switch (reader.uint8()) {
    case CAVEAT.rights: {
      const rights = reader.uint8()
      return areRights(rights) ? { kind: 'rights', rights } : null
    }
    case CAVEAT.range:
      return { kind: 'range', offset: reader.uint48(), length: reader.uint48() }
    case CAVEAT.expiry:
      return { kind: 'expiry', expiresAtMs: reader.uint48() }
    case CAVEAT.peers: {
      const count = reader.uint8()
      if (count === 0 || count > REFERENCE.peersMax) return null
      const peers: string[] = []
      while (peers.length < count) peers.push(reader.strictText(REFERENCE.nameBytesMax))
      return { kind: 'peers', peers }
    }
    case CAVEAT.via:
      return {
        kind: 'via',
        name: reader.strictText(REFERENCE.nameBytesMax),
        address: reader.strictText(REFERENCE.addressBytesMax),
      }
    default:
      return null
  }
}

function areRights(rights: number): boolean {
  return rights > 0 && (rights & ~(READ | WRITE)) === 0
}
