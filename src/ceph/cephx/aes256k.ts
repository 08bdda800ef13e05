/**
 * What keys of type `aes256k` encrypt: aes256-cts-hmac-sha384-192 of Kerberos (RFC 8009), as newer releases of Ceph use it.
 *
 *   sealed = AES-256-CBC with ciphertext stealing of (16 random bytes, plain), then 24 bytes of HMAC-SHA384 over a zero vector and that
 *
 * Both keys follow from the secret and from what it is used for, so that nothing sealed for one purpose opens for another.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { concat } from '../../common/bytes.ts'

export const AES256K_SECRET_BYTES = 32
const BLOCK_BYTES = 16
const MAC_BYTES = 24
const VECTOR = new Uint8Array(BLOCK_BYTES)
const CIPHER = 'aes-256-cbc'
/** What a derived key is for, and how long it is. */
const INTEGRITY = { kind: 0x55, bytes: MAC_BYTES }
const ENCRYPTION = { kind: 0xaa, bytes: 32 }

/** `confounder` is given by tests; it makes two seals of the same bytes differ. */
export function seal(secret: Uint8Array, usage: number, plain: Uint8Array, confounder?: Uint8Array): Uint8Array {
  const hidden = steal(derive(secret, usage, ENCRYPTION), concat([confounder ?? randomBytes(BLOCK_BYTES), plain]))
  return concat([hidden, mac(secret, usage, hidden)])
}

/** Null when it was sealed with another secret or for another purpose, or was altered. */
export function open(secret: Uint8Array, usage: number, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < BLOCK_BYTES + MAC_BYTES) return null
  const hidden = sealed.subarray(0, sealed.length - MAC_BYTES)
  if (!timingSafeEqual(mac(secret, usage, hidden), sealed.subarray(hidden.length))) return null
  return unsteal(derive(secret, usage, ENCRYPTION), hidden).subarray(BLOCK_BYTES)
}

/** The KDF of RFC 8009, section 3, with its one block. */
export function derive(secret: Uint8Array, usage: number, { kind, bytes }: typeof INTEGRITY): Uint8Array {
  const input = Buffer.alloc(14)
  input.writeUInt32BE(1, 0)
  input.writeUInt32BE(usage, 4)
  input.writeUInt8(kind, 8)
  input.writeUInt32BE(bytes * 8, 10)
  return new Uint8Array(createHmac('sha384', secret).update(input).digest().subarray(0, bytes))
}

function mac(secret: Uint8Array, usage: number, hidden: Uint8Array): Uint8Array {
  const hmac = createHmac('sha384', derive(secret, usage, INTEGRITY))
    .update(VECTOR)
    .update(hidden)
  return new Uint8Array(hmac.digest().subarray(0, MAC_BYTES))
}

/** The last two blocks change places, and what then hangs over is cut off (CS3). At least one block. */
function steal(key: Uint8Array, plain: Uint8Array): Uint8Array {
  const padded = new Uint8Array(blocks(plain.length) * BLOCK_BYTES)
  padded.set(plain)
  const cipher = createCipheriv(CIPHER, key, VECTOR).setAutoPadding(false)
  const whole = concat([cipher.update(padded), cipher.final()])
  if (plain.length <= BLOCK_BYTES) return whole
  const last = padded.length - BLOCK_BYTES
  const rest = plain.length - last
  const before = last - BLOCK_BYTES
  return concat([whole.subarray(0, before), whole.subarray(last), whole.subarray(before, before + rest)])
}

function unsteal(key: Uint8Array, hidden: Uint8Array): Uint8Array {
  const whole = hidden.length <= BLOCK_BYTES ? hidden : inOrder(key, hidden)
  const decipher = createDecipheriv(CIPHER, key, VECTOR).setAutoPadding(false)
  return concat([decipher.update(whole), decipher.final()]).subarray(0, hidden.length)
}

/** What was cut off is in the last block, which was encrypted over zeroes there. */
function inOrder(key: Uint8Array, hidden: Uint8Array): Uint8Array {
  const last = (blocks(hidden.length) - 1) * BLOCK_BYTES
  const before = last - BLOCK_BYTES
  const [lastBlock, cut] = [hidden.subarray(before, last), hidden.subarray(last)]
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  const mixed = concat([decipher.update(lastBlock), decipher.final()])
  return concat([hidden.subarray(0, before), cut, mixed.subarray(cut.length), lastBlock])
}

function blocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES)
}
