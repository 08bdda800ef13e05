/** The ciphers of msgr2, by node:crypto. Everything is synchronous: what is encrypted here is small. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { concat } from '../../common/bytes.ts'
import type { WireCrypto } from '../msgr2/crypto.ts'

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
