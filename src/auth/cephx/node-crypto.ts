/** The ciphers of msgr2 and cephx, by node:crypto. Everything is synchronous: what is encrypted here is small. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { AuthRefused } from '../../wire/auth-method.ts'
import { concat } from '../../common/bytes.ts'
import { Reader, Writer } from '../../wire/msgr2/codec.ts'
import type { WireCrypto } from '../../wire/msgr2/crypto.ts'

const TAG_BYTES = 16
/** Up to here a copy is cheaper than the calls of the cipher that it saves. */
const JOIN_BYTES_MAX = 16 * 1024

export const NODE_CRYPTO: WireCrypto = Object.freeze({
  hmacSha256: (key: Uint8Array, data: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(data).digest()),
  gcm: (key: Uint8Array) => ({
    seal(nonce: Uint8Array, parts: readonly Uint8Array[]) {
      const cipher = createCipheriv('aes-128-gcm', key, nonce)
      const bytes = parts.reduce((sum, part) => sum + part.length, 0)
      const pieces = parts.length > 1 && bytes <= JOIN_BYTES_MAX ? [concat(parts)] : parts
      const sealed = pieces.map((piece) => cipher.update(piece))
      cipher.final()
      return concat([...sealed, cipher.getAuthTag()])
    },
    open(nonce: Uint8Array, sealed: Uint8Array) {
      const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: TAG_BYTES })
      const end = sealed.length - TAG_BYTES
      decipher.setAuthTag(sealed.subarray(end))
      const plain = decipher.update(sealed.subarray(0, end))
      try {
        decipher.final()
      } catch {
        return null
      }
      return new Uint8Array(plain.buffer, plain.byteOffset, plain.length)
    },
  }),
})

/** cephx encrypts with AES-128-CBC and one fixed vector; a magic number in front tells a wrong key. */
const VECTOR = Buffer.from('cephsageyudagreg')
const MAGIC = 0xff009cad8826aa55n

/** What cephx encrypts, without a length before it. */
export function encrypt(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-cbc', key, VECTOR)
  return concat([cipher.update(new Writer().u8(1).u64(MAGIC).raw(plain).done()), cipher.final()])
}

/** Throws AuthRefused when the key is another one; `what` was to be read. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, what: string): Reader {
  const reader = new Reader(decipher(key, sealed, what))
  if (reader.left < 9 || reader.u8() < 1 || reader.u64() !== MAGIC) throw wrongKey(what)
  return reader
}

function decipher(key: Uint8Array, sealed: Uint8Array, what: string): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, VECTOR)
    return concat([decipher.update(sealed), decipher.final()])
  } catch {
    throw wrongKey(what)
  }
}

function wrongKey(what: string): AuthRefused {
  return new AuthRefused(`${what} is encrypted with another key: is it the key that this cluster knows?`)
}
