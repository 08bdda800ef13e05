/**
 * What is inside a ticket: only the issuer and the services can look, because it is encrypted with a secret of theirs.
 *
 * It says who the bearer is, until when, and the session key that the bearer holds too. Ceph puts capabilities in; Inkwire
 * leaves them out and does not look at them.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Reader } from '../msgr2/codec.ts'
import { Writer } from '../msgr2/codec.ts'
import { readEntityName, writeEntityName } from './entity-name.ts'
import { decrypt, encrypt, readKey, USAGE, writeKey, type Key } from './key.ts'

export interface TicketContents {
  /** Who got it, such as `client.admin`. */
  readonly name: string
  readonly globalId: bigint
  /** By the issuer's wall clock, in ms since 1970. */
  readonly createdMs: number
  readonly expiresMs: number
  readonly sessionKey: Key
}

/** Ceph's "no user id", which older releases used. */
const NO_USER = 0xffffffffffffffffn
/** How far the clocks of issuer and service may be apart, in ms. */
export const CLOCK_SKEW_MS = 60_000

export function sealTicket(secret: Key, contents: TicketContents): Uint8Array {
  const writer = new Writer().u8(1).u8(2)
  writeEntityName(writer, contents.name)
  writer.u64(contents.globalId).u64(NO_USER)
  writeTime(writer, contents.createdMs)
  writeTime(writer, contents.expiresMs)
  writer.u8(1).bool(false).blob(new Uint8Array(0)).u32(0)
  writeKey(writer, contents.sessionKey)
  return encrypt(secret, USAGE.TICKET_INFO, writer.done())
}

/** Throws AuthRefused when it is encrypted with another secret, Malformed when it is no ticket. */
export function openTicket(secret: Key, sealed: Uint8Array, what: string): TicketContents {
  const reader = decrypt(secret, USAGE.TICKET_INFO, sealed, what)
  reader.u8()
  const version = reader.u8()
  const name = readEntityName(reader)
  const globalId = reader.u64()
  if (version >= 2) reader.u64()
  const [createdMs, expiresMs] = [readTime(reader), readTime(reader)]
  reader.u8()
  reader.bool()
  reader.blob()
  reader.u32()
  return { name, globalId, createdMs, expiresMs, sessionKey: readKey(reader) }
}

/** Throws AuthRefused for a ticket whose time is over. */
export function checkTime({ expiresMs }: TicketContents, wallMs: number, what: string): void {
  if (expiresMs + CLOCK_SKEW_MS < wallMs) throw new AuthRefused(`${what} has expired`)
}

/** Seconds and nanoseconds. */
export function writeTime(writer: Writer, ms: number): void {
  writer.u32(Math.floor(ms / 1000)).u32(Math.floor((ms % 1000) * 1e6))
}

export function readTime(reader: Reader): number {
  return reader.u32() * 1000 + Math.floor(reader.u32() / 1e6)
}
