/**
 * Authorizers: how the bearer of a ticket shows it to a service, both halves.
 *
 *   request  bearer  → the ticket, and a nonce encrypted with its session key
 *   more     service → a challenge, encrypted with the session key that it found in the ticket
 *   answer   bearer  → the same again, now with the challenge + 1: a recorded request is of no use to anybody
 *   done     service → the nonce + 1 and the connection secret: it could open the ticket, so it is the service
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import { Reader, Writer } from '../msgr2/codec.ts'
import { MONITORS } from './entity-name.ts'
import { decrypt, encrypt, USAGE, type Key } from './key.ts'
import type { SecretSource } from './service-secrets.ts'
import { checkTime, openTicket, type TicketContents } from './ticket-contents.ts'
import { readTicketBlob, writeTicketBlob, type TicketBlob } from './tickets.ts'

export const MODE_AUTHORIZER = 1
/** Of a ticket between monitors: encrypted with their own key, which does not change. */
export const MONITORS_SECRET_ID = 0xffffffffffffffffn

/** What a bearer shows. */
export interface Showable extends TicketBlob {
  readonly sessionKey: Key
}

/** The bearer's half. */
export class Authorizer {
  readonly #base: Uint8Array
  readonly #key: Key
  readonly #nonce: bigint

  constructor(globalId: bigint, service: number, ticket: Showable, nonce: bigint) {
    const writer = new Writer().u8(MODE_AUTHORIZER).u64(globalId).u32(service)
    writeTicketBlob(writer, ticket)
    this.#base = writer.done()
    this.#key = ticket.sessionKey
    this.#nonce = nonce
  }

  request(): Uint8Array {
    return this.#show(null)
  }

  answer(challenge: Uint8Array): Uint8Array {
    const reader = decrypt(this.#key, USAGE.AUTHORIZE_CHALLENGE, challenge, "the daemon's challenge")
    reader.u8()
    return this.#show(plusOne(reader.u64()))
  }

  /** The connection secret, if there is one. Throws AuthRefused when the service did not open the ticket. */
  done(payload: Uint8Array): Uint8Array | null {
    const reply = decrypt(this.#key, USAGE.AUTHORIZE_REPLY, new Reader(payload).blob(), "the daemon's reply")
    const version = reply.u8()
    if (reply.u64() !== plusOne(this.#nonce)) throw new AuthRefused('the daemon did not open our ticket')
    const secret = version >= 2 ? new Uint8Array(reply.blob()) : null
    return secret !== null && secret.length > 0 ? secret : null
  }

  #show(challenge: bigint | null): Uint8Array {
    const plain = new Writer().u8(2).u64(this.#nonce)
    plain.bool(challenge !== null).u64(challenge ?? 0n)
    return new Writer()
      .raw(this.#base)
      .blob(encrypt(this.#key, USAGE.AUTHORIZE, plain.done()))
      .done()
  }
}

/** What a service needs to look into a ticket. */
export interface TicketReader {
  readonly secrets: SecretSource
  /** The key of all monitors; null for whoever is no monitor, or does not hold it. */
  readonly monitorsKey: Key | null
  wallMs(): number
}

/** An authorizer that was opened: who shows it, and what was proved with its key. */
export interface Shown {
  readonly ticket: TicketContents
  readonly nonce: bigint
  /** The challenge + 1; null when none was answered. */
  readonly answer: bigint | null
}

/** The service's half of looking: throws AuthRefused with what is wrong, or Malformed. */
export function openAuthorizer(reader: Reader, service: number, keys: TicketReader): Shown {
  reader.u8()
  const globalId = reader.u64()
  const asked = reader.u32()
  const { secretId, blob } = readTicketBlob(reader)
  if (asked !== service) throw new AuthRefused('the ticket is for another type of service')
  const between = secretId === MONITORS_SECRET_ID
  const secret = between ? keys.monitorsKey : keys.secrets.find(service, secretId)
  if (secret === null)
    throw new AuthRefused(`the ticket is encrypted with key ${secretId}, which is not held here (any more)`)
  const ticket = openTicket(secret, blob, 'the ticket')
  if (ticket.globalId !== globalId) throw new AuthRefused('the ticket belongs to somebody else')
  if (between && ticket.name !== MONITORS) throw new AuthRefused('the ticket is that of a monitor, and does not say so')
  checkTime(ticket, keys.wallMs(), 'the ticket')
  const plain = decrypt(ticket.sessionKey, USAGE.AUTHORIZE, reader.blob(), 'the proof beside the ticket')
  const version = plain.u8()
  const nonce = plain.u64()
  const answer = version >= 2 && plain.bool() ? plain.u64() : null
  return { ticket, nonce, answer }
}

/** The service's challenge. */
export function sealChallenge(sessionKey: Key, challenge: bigint): Uint8Array {
  return encrypt(sessionKey, USAGE.AUTHORIZE_CHALLENGE, new Writer().u8(1).u64(challenge).done())
}

/** The service's last word; an empty secret is left out. */
export function sealReply({ ticket, nonce }: Shown, connectionSecret: Uint8Array): Uint8Array {
  const plain = new Writer().u8(connectionSecret.length > 0 ? 2 : 1).u64(plusOne(nonce))
  if (connectionSecret.length > 0) plain.blob(connectionSecret)
  return new Writer().blob(encrypt(ticket.sessionKey, USAGE.AUTHORIZE_REPLY, plain.done())).done()
}

export function plusOne(value: bigint): bigint {
  return BigInt.asUintN(64, value + 1n)
}
