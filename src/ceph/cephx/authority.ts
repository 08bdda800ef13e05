/**
 * The authority of a cluster: a monitor that holds the keys of its clients and services, and answers what they ask of it,
 * in the handshake and in MAuth messages over an open session alike.
 *
 *   GET_AUTH_SESSION_KEY       a name proves that it has its key, and gets a ticket for the authority itself
 *   GET_PRINCIPAL_SESSION_KEY  the bearer of such a ticket gets tickets for services
 *   GET_ROTATING_KEY           a service gets the secrets that the tickets for its type are encrypted with
 *
 * Nothing is kept per client. A refusal is an AuthRefused with a reason for the operator; the peer hears a number.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Reader } from '../msgr2/codec.ts'
import { Malformed, Writer } from '../msgr2/codec.ts'
import { MONITORS_SECRET_ID, openAuthorizer, type Showable, type TicketReader } from './authorizer.ts'
import { MONITORS } from './entity-name.ts'
import { bitOf } from '../msgr2/format.ts'
import { aesKey, AES_SECRET_BYTES, encrypt, USAGE, writeKey, type Key } from './key.ts'
import type { Keys } from './keyring.ts'
import { proofOf, type RandomBytes } from './proof.ts'
import { writeSecrets, type DerivedSecrets, type ServiceSecret } from './service-secrets.ts'
import { checkTime, openTicket, sealTicket, writeTime, type TicketContents } from './ticket-contents.ts'
import { readTicketBlob, SERVICE_AUTH, writeTicketBlob, type TicketBlob } from './tickets.ts'

export const REQUEST = { AUTH_SESSION_KEY: 0x0100, PRINCIPAL_SESSION_KEY: 0x0200, ROTATING_KEY: 0x0400 } as const
/** Types that there are tickets for: mon, mds, osd, mgr. */
export const SERVICES = [1, 2, 4, 16] as const
/** Those that are given the secrets of their type. */
export const SECRET_KEEPERS: readonly number[] = [2, 4, 16]

export interface AuthorityParts {
  readonly keys: Keys
  readonly secrets: DerivedSecrets
  /** How long a ticket for this service lives, in ms. */
  ticketMs(service: number): number
  wallMs(): number
  readonly randomBytes: RandomBytes
}

/** Whom one link is with, as far as the authority knows. */
export interface Login {
  readonly name: string
  /** The number that was asked for again, or a fresh one. */
  readonly globalId: bigint
  readonly challenge: bigint
}

export interface LoginReply {
  readonly payload: Uint8Array
  readonly sessionKey: Key
  /** True when the old ticket proved that the number is the client's. */
  readonly reclaimed: boolean
}

export class Authority implements TicketReader {
  readonly secrets: DerivedSecrets
  readonly #parts: AuthorityParts

  constructor(parts: AuthorityParts) {
    this.#parts = parts
    this.secrets = parts.secrets
  }

  get monitorsKey(): Key | null {
    return this.#parts.keys.get(MONITORS) ?? null
  }

  wallMs(): number {
    return this.#parts.wallMs()
  }

  /**
   * Answers GET_AUTH_SESSION_KEY, from behind its type. `connectionSecret` is null over an open session. `renumber` gives
   * another number to a login whose old ticket does not prove that its number is its own.
   */
  logIn(reader: Reader, login: Login, connectionSecret: Uint8Array | null, renumber: () => bigint): LoginReply & Login {
    const version = reader.u8()
    const [clientChallenge, proof] = [reader.u64(), reader.u64()]
    const old = readTicketBlob(reader)
    const wanted = version >= 2 ? reader.u32() : 0
    const secret = this.#prove(login, clientChallenge, proof)
    const before = this.#oldTicket(old, login)
    const globalId = before === null ? renumber() : login.globalId
    const ticket = this.#issue(SERVICE_AUTH, login.name, globalId)
    const writer = new Writer().u16(REQUEST.AUTH_SESSION_KEY).u32(0)
    this.#writeTickets(writer, secret, [ticket], before?.sessionKey ?? null)
    if (wanted !== 0) {
      const { sessionKey } = ticket.contents
      writer.blob(
        connectionSecret === null
          ? NOTHING
          : textual(encrypt(sessionKey, USAGE.CONNECTION_SECRET, textual(connectionSecret))),
      )
      const extra = new Writer()
      this.#writeTickets(extra, sessionKey, this.#issueAll(wanted, login.name, globalId), null)
      writer.blob(extra.done())
    } else if (connectionSecret !== null && connectionSecret.length > 0) {
      throw new AuthRefused('the client is older than secure mode')
    }
    const { sessionKey } = ticket.contents
    return { ...login, globalId, payload: writer.done(), sessionKey, reclaimed: before !== null }
  }

  /** Answers what came in a MAuth message over the session of `login`. */
  answer(reader: Reader, login: Login): Uint8Array {
    const type = reader.u16()
    switch (type) {
      case REQUEST.AUTH_SESSION_KEY: {
        // The number of an open session stays: a renewal must show the ticket that it renews.
        const refuse = (): never => {
          throw new AuthRefused(`${login.name} did not show the ticket that it wants to renew`)
        }
        return this.logIn(reader, login, null, refuse).payload
      }
      case REQUEST.PRINCIPAL_SESSION_KEY:
        return this.#ticketsFor(reader, login)
      case REQUEST.ROTATING_KEY:
        return this.#secretsFor(login)
      default:
        throw new Malformed(`a request of type ${type}`)
    }
  }

  /** A monitor needs nobody to give it a ticket: it makes its own, for monitors with the key of all monitors. */
  ownTicket(service: number): Showable {
    if (service !== bitOf(MONITORS)) {
      const { contents, blob } = this.#issue(service, MONITORS, 0n)
      return { ...blob, sessionKey: contents.sessionKey }
    }
    const key = this.monitorsKey
    if (key === null) throw new AuthRefused('the keyring holds no key for mon., which monitors show each other')
    const contents = this.#contents(service, MONITORS, 0n)
    return { secretId: MONITORS_SECRET_ID, blob: sealTicket(key, contents), sessionKey: contents.sessionKey }
  }

  #prove({ name, challenge }: Login, clientChallenge: bigint, proof: bigint): Key {
    const secret = this.#parts.keys.get(name)
    if (secret === undefined) throw new AuthRefused(`the keyring here holds no key for ${name}`)
    if (proofOf(secret, challenge, clientChallenge) !== proof) {
      throw new AuthRefused(`${name} did not prove that it has the key which the keyring here holds for it`)
    }
    return secret
  }

  /** What the client's old ticket says, when it proves that the number is its own. */
  #oldTicket({ secretId, blob }: TicketBlob, { name, globalId }: Login): TicketContents | null {
    const secret = blob.length === 0 ? null : this.secrets.find(SERVICE_AUTH, secretId)
    if (secret === null) return null
    try {
      const old = openTicket(secret, blob, 'the old ticket')
      checkTime(old, this.#parts.wallMs(), 'the old ticket')
      return old.name === name && old.globalId === globalId ? old : null
    } catch (thrown) {
      if (thrown instanceof AuthRefused || thrown instanceof Malformed) return null
      throw thrown
    }
  }

  #ticketsFor(reader: Reader, login: Login): Uint8Array {
    const { ticket } = openAuthorizer(reader, SERVICE_AUTH, this)
    if (ticket.name !== login.name || ticket.globalId !== login.globalId) {
      throw new AuthRefused(`${login.name} shows a ticket of ${ticket.name}`)
    }
    reader.u8()
    const wanted = reader.u32()
    const writer = new Writer().u16(REQUEST.PRINCIPAL_SESSION_KEY).u32(0)
    this.#writeTickets(writer, ticket.sessionKey, this.#issueAll(wanted, login.name, login.globalId), null)
    return writer.done()
  }

  #secretsFor({ name }: Login): Uint8Array {
    const key = this.#parts.keys.get(name)
    const service = bitOf(name)
    if (key === undefined || !SECRET_KEEPERS.includes(service)) {
      throw new AuthRefused(`${name} is no service, and asks for the secrets of one`)
    }
    const plain = new Writer()
    writeSecrets(plain, this.secrets.all(service))
    return new Writer()
      .u16(REQUEST.ROTATING_KEY)
      .u32(0)
      .blob(encrypt(key, USAGE.ROTATING_SECRET, plain.done()))
      .done()
  }

  #issueAll(wanted: number, name: string, globalId: bigint): Issued[] {
    return SERVICES.filter((service) => (wanted & service) !== 0).map((service) => this.#issue(service, name, globalId))
  }

  #issue(service: number, name: string, globalId: bigint): Issued {
    const { id, secret }: ServiceSecret = this.secrets.current(service)
    const contents = this.#contents(service, name, globalId)
    return { service, contents, blob: { secretId: id, blob: sealTicket(secret, contents) } }
  }

  #contents(service: number, name: string, globalId: bigint): TicketContents {
    const createdMs = this.#parts.wallMs()
    const sessionKey = aesKey(this.#parts.randomBytes(AES_SECRET_BYTES))
    return { name, globalId, createdMs, expiresMs: createdMs + this.#parts.ticketMs(service), sessionKey }
  }

  /** Session keys go encrypted with `key`; the tickets too, with `sealWith`, when the client has an older one. */
  #writeTickets(writer: Writer, key: Key, tickets: readonly Issued[], sealWith: Key | null): void {
    writer.u8(1).list(tickets, ({ service, contents, blob }) => {
      const plain = new Writer().u8(1)
      writeKey(plain, contents.sessionKey)
      writeTime(plain, this.#parts.ticketMs(service))
      writer
        .u32(service)
        .u8(1)
        .blob(encrypt(key, USAGE.TICKET_SESSION_KEY, plain.done()))
      const ticket = new Writer()
      writeTicketBlob(ticket, blob)
      writer.bool(sealWith !== null)
      if (sealWith === null) writer.blob(ticket.done())
      else writer.blob(encrypt(sealWith, USAGE.TICKET_BLOB, textual(ticket.done())))
    })
  }
}

const NOTHING = new Uint8Array(0)

interface Issued {
  readonly service: number
  readonly contents: TicketContents
  readonly blob: TicketBlob
}

/** Bytes behind their length. */
function textual(bytes: Uint8Array): Uint8Array {
  return new Writer().blob(bytes).done()
}
