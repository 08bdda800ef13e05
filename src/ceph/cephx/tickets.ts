/**
 * The tickets of one messenger: what a monitor gave it to show to the daemons, one per type of service.
 *
 * A ticket is opaque here; beside it stand the session key that its reader will find inside, and until when it is good.
 * Limit: one per type. Times come from the clock that is passed in.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Writer } from '../msgr2/codec.ts'
import { Reader } from '../msgr2/codec.ts'
import { entityType } from '../msgr2/format.ts'
import { decrypt, readKey, USAGE, type Key } from './key.ts'
import { readTime } from './ticket-contents.ts'

/** The service that stands for the monitors' own authentication. */
export const SERVICE_AUTH = 32
const TICKETS_MAX = 16

/** A ticket as it travels. */
export interface TicketBlob {
  /** Which secret of the service it is encrypted with. */
  readonly secretId: bigint
  readonly blob: Uint8Array
}

export interface Ticket extends TicketBlob {
  readonly sessionKey: Key
  readonly expiresMs: number
  /** From then on a new one should be asked for: a quarter of its life is left. */
  readonly renewMs: number
}

export class Tickets {
  readonly #nowMs: () => number
  readonly #byService = new Map<number, Ticket>()
  globalId: bigint | null = null

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** A ticket that is still good. */
  get(service: number): Ticket | null {
    const ticket = this.#byService.get(service)
    return ticket === undefined || ticket.expiresMs <= this.#nowMs() ? null : ticket
  }

  /** When the first of these should be asked for, in ms; -Infinity when one is missing. */
  renewMs(services: readonly number[]): number {
    return Math.min(...services.map((service) => this.#byService.get(service)?.renewMs ?? -Infinity))
  }

  /** Those of these services whose tickets are missing, or should be renewed now. */
  due(services: readonly number[]): number[] {
    const nowMs = this.#nowMs()
    return services.filter((service) => (this.#byService.get(service)?.renewMs ?? -Infinity) <= nowMs)
  }

  /** A monitor's reply: tickets by service, whose session keys are encrypted with `key`. */
  read(reader: Reader, key: Key): ReadonlyMap<number, Ticket> {
    const version = reader.u8()
    if (version < 1) throw new AuthRefused(`tickets of version ${version}`)
    return new Map(reader.list(TICKETS_MAX, () => this.#read(reader, key)))
  }

  /** From now on these are shown. */
  keep(tickets: ReadonlyMap<number, Ticket>): void {
    for (const [service, ticket] of tickets) this.#byService.set(service, ticket)
  }

  /** Reads, and keeps. */
  take(reader: Reader, key: Key): void {
    this.keep(this.read(reader, key))
  }

  /** Somebody refused this ticket: a new one is due. Until it comes the old one is shown, for anybody could say so. */
  doubt(service: number): void {
    const ticket = this.#byService.get(service)
    if (ticket !== undefined) this.#byService.set(service, { ...ticket, renewMs: -Infinity })
  }

  #read(reader: Reader, key: Key): [number, Ticket] {
    const service = reader.u32()
    reader.u8()
    const what = `the ticket for ${service === SERVICE_AUTH ? 'auth' : (entityType(service) ?? service)}`
    const secret = decrypt(key, USAGE.TICKET_SESSION_KEY, reader.blob(), what)
    secret.u8()
    const sessionKey = readKey(secret)
    const validMs = readTime(secret)
    const sealed = reader.bool()
    const old = this.#byService.get(service)?.sessionKey
    if (sealed && old === undefined) throw new AuthRefused(`${what} is encrypted with a key that was never given`)
    const inner = sealed ? decrypt(old!, USAGE.TICKET_BLOB, reader.blob(), what) : null
    const { secretId, blob } = readTicketBlob(inner === null ? new Reader(reader.blob()) : new Reader(inner.blob()))
    const nowMs = this.#nowMs()
    const ticket = { sessionKey, secretId, blob, expiresMs: nowMs + validMs, renewMs: nowMs + validMs * 0.75 }
    return [service, ticket]
  }
}

export function readTicketBlob(reader: Reader): TicketBlob {
  reader.u8()
  return { secretId: reader.u64(), blob: new Uint8Array(reader.blob()) }
}

export function writeTicketBlob(writer: Writer, ticket: TicketBlob | null): void {
  writer
    .u8(1)
    .u64(ticket?.secretId ?? 0n)
    .blob(ticket?.blob ?? new Uint8Array(0))
}
