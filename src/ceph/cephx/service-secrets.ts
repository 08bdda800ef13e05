/**
 * The secrets that tickets are encrypted with: three per type of service, of which the middle one is in use. They change
 * before the tickets made with them end: previous, current, next.
 *
 * An authority derives them from one root: each is in use during one period since 1970. So all monitors with the
 * same root and roughly the same time agree, also after a restart, without a word between them. A service gets its three
 * from a monitor and asks again when the current one has had its time.
 */
import { createHmac } from 'node:crypto'
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Reader, Writer } from '../msgr2/codec.ts'
import { aesKey, AES_SECRET_BYTES, readKey, writeKey, type Key } from './key.ts'
import { readTime, writeTime } from './ticket-contents.ts'

export interface ServiceSecret {
  readonly id: bigint
  readonly secret: Key
  /** By the wall clock, in ms since 1970: until then it is the one in use. */
  readonly expiresMs: number
}

/** Where a service looks up what a ticket was encrypted with. */
export interface SecretSource {
  find(service: number, id: bigint): Key | null
}

const SECRETS = 3
/** A monitor could send more; nobody needs them. */
const SECRETS_MAX = 16

/** The secrets of an authority. */
export class DerivedSecrets implements SecretSource {
  readonly #root: Uint8Array
  readonly #periodMs: (service: number) => number
  readonly #wallMs: () => number

  /** `periodMs` is as long as the tickets for a service live. */
  constructor(root: Uint8Array, periodMs: (service: number) => number, wallMs: () => number) {
    this.#root = root
    this.#periodMs = periodMs
    this.#wallMs = wallMs
  }

  /** Previous, current, next. */
  all(service: number): readonly [ServiceSecret, ServiceSecret, ServiceSecret] {
    const periodMs = this.#periodMs(service)
    const now = Math.floor(this.#wallMs() / periodMs)
    const of = (period: number): ServiceSecret => ({
      id: BigInt(period + 1), // never 0, which some take for none
      secret: this.#derive(service, periodMs, period),
      expiresMs: (period + 1) * periodMs,
    })
    return [of(now - 1), of(now), of(now + 1)]
  }

  current(service: number): ServiceSecret {
    return this.all(service)[1]
  }

  find(service: number, id: bigint): Key | null {
    return this.all(service).find((one) => one.id === id)?.secret ?? null
  }

  /** Periods of other lengths have other secrets: a number alone does not say which time it means. */
  #derive(service: number, periodMs: number, period: number): Key {
    const hmac = createHmac('sha256', this.#root).update(`inkwire cephx secret ${service} ${periodMs} ${period}`)
    return aesKey(new Uint8Array(hmac.digest().subarray(0, AES_SECRET_BYTES)))
  }
}

/** The secrets of one service, as a monitor gave them. */
export class FetchedSecrets implements SecretSource {
  readonly #service: number
  #secrets: readonly ServiceSecret[] = []

  constructor(service: number) {
    this.#service = service
  }

  find(service: number, id: bigint): Key | null {
    if (service !== this.#service) return null
    return this.#secrets.find((one) => one.id === id)?.secret ?? null
  }

  take(secrets: readonly ServiceSecret[]): void {
    this.#secrets = secrets
  }

  /** When to ask again, in ms since 1970: a monitor makes the next one only when the current one has ended. */
  get dueMs(): number {
    const [, current, next] = this.#secrets
    if (current === undefined || next === undefined) return -Infinity
    const periodMs = Math.max(0, next.expiresMs - current.expiresMs)
    return current.expiresMs + Math.min(30_000, periodMs / 4)
  }
}

export function writeSecrets(writer: Writer, secrets: readonly ServiceSecret[]): void {
  writer.u8(1).list(secrets, ({ id, secret, expiresMs }) => {
    writer.u64(id).u8(1)
    writeKey(writer, secret)
    writeTime(writer, expiresMs)
  })
  writer.u64(secrets.at(-1)?.id ?? 0n)
}

/** In order of their numbers. Throws Malformed, and AuthRefused when there are too few to work with. */
export function readSecrets(reader: Reader): ServiceSecret[] {
  reader.u8()
  const secrets = reader.list(SECRETS_MAX, () => {
    const id = reader.u64()
    reader.u8()
    return { id, secret: readKey(reader), expiresMs: readTime(reader) }
  })
  if (secrets.length < SECRETS) throw new AuthRefused(`the monitor gave ${secrets.length} service keys, not ${SECRETS}`)
  return secrets.sort((a, b) => (a.id < b.id ? -1 : 1))
}
