/**
 * Keys of cephx, as they travel: a type, the time of making, and a secret. What is done with one depends on its type:
 *
 *   aes      AES-128-CBC with one fixed vector; the only one until Ceph had another
 *   aes256k  see aes256k.ts; the default of the newest releases. It matters what is encrypted: see USAGE
 *
 * A key of another type can be held, and says what it is as soon as somebody wants to use it. A magic number in front of
 * everything that is encrypted tells a wrong key.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../../common/bytes.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import { Reader, Writer } from '../msgr2/codec.ts'
import { AES256K_SECRET_BYTES, open, seal } from './aes256k.ts'

export interface Key {
  readonly type: number
  readonly secret: Uint8Array
}

export const KEY_TYPE = { AES: 1, AES256K: 2 } as const

/** What is encrypted, as Ceph numbers it. */
export const USAGE = {
  CONNECTION_SECRET: 0x03,
  TICKET_SESSION_KEY: 0x04,
  TICKET_BLOB: 0x05,
  AUTHORIZE: 0x10,
  AUTHORIZE_CHALLENGE: 0x11,
  AUTHORIZE_REPLY: 0x12,
  ROTATING_SECRET: 0x20,
  TICKET_INFO: 0x30,
} as const

export type Usage = (typeof USAGE)[keyof typeof USAGE] | 0

export const AES_SECRET_BYTES = 16
const SECRET_BYTES: Readonly<Record<number, number>> = {
  [KEY_TYPE.AES]: AES_SECRET_BYTES,
  [KEY_TYPE.AES256K]: AES256K_SECRET_BYTES,
}
const VECTOR = Buffer.from('cephsageyudagreg')
const MAGIC = 0xff009cad8826aa55n

/** A key of type `aes`, which everybody knows. */
export function aesKey(secret: Uint8Array): Key {
  return { type: KEY_TYPE.AES, secret }
}

export function isKnown({ type }: Key): boolean {
  return SECRET_BYTES[type] !== undefined
}

/** Throws AuthRefused when the secret is not as long as its type says, and Malformed. */
export function readKey(reader: Reader): Key {
  const type = reader.u16()
  reader.raw(8)
  const secret = new Uint8Array(reader.raw(reader.u16()))
  const bytes = SECRET_BYTES[type]
  if (bytes !== undefined && secret.length !== bytes) {
    throw new AuthRefused(`a key of type ${type} and ${secret.length} bytes, which should have ${bytes}`)
  }
  return { type, secret }
}

export function writeKey(writer: Writer, { type, secret }: Key): void {
  writer.u16(type).u32(0).u32(0).u16(secret.length).raw(secret)
}

/** What cephx encrypts, without a length before it. Throws AuthRefused for a key of a type that is not known. */
export function encrypt(key: Key, usage: Usage, plain: Uint8Array): Uint8Array {
  const marked = new Writer().u8(1).u64(MAGIC).raw(plain).done()
  switch (key.type) {
    case KEY_TYPE.AES: {
      const cipher = createCipheriv('aes-128-cbc', key.secret, VECTOR)
      return concat([cipher.update(marked), cipher.final()])
    }
    case KEY_TYPE.AES256K:
      return seal(key.secret, usage, marked)
    default:
      throw unknownType(key)
  }
}

/** Throws AuthRefused when the key is another one; `what` was to be read. */
export function decrypt(key: Key, usage: Usage, sealed: Uint8Array, what: string): Reader {
  const plain = decipher(key, usage, sealed)
  const reader = new Reader(plain ?? new Uint8Array(0))
  if (reader.left < 9 || reader.u8() < 1 || reader.u64() !== MAGIC) {
    throw new AuthRefused(`${what} is encrypted with another key: is it the key that this cluster knows?`)
  }
  return reader
}

/** Why a key is of no use here. */
export function unknownType({ type }: Key): AuthRefused {
  return new AuthRefused(`a key of type ${type}: the types that are known here are 1 (aes) and 2 (aes256k)`)
}

function decipher(key: Key, usage: Usage, sealed: Uint8Array): Uint8Array | null {
  switch (key.type) {
    case KEY_TYPE.AES:
      try {
        const decipher = createDecipheriv('aes-128-cbc', key.secret, VECTOR)
        return concat([decipher.update(sealed), decipher.final()])
      } catch {
        return null
      }
    case KEY_TYPE.AES256K:
      return open(key.secret, usage, sealed)
    default:
      throw unknownType(key)
  }
}
