/**
 * What the wire needs of cryptography, as an interface: the implementation (src/ceph/cephx/node-crypto.ts) is injected,
 * so that this room stays pure. And the nonces of secure mode, which are arithmetic.
 */
import type { ConMode } from './format.ts'

export interface WireCrypto {
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array
  /** AES-128-GCM without associated data, 12-byte nonces, 16-byte tags. */
  gcm(key: Uint8Array): GcmCipher
}

export interface GcmCipher {
  /** The parts end to end as ciphertext, and the tag behind it. */
  seal(nonce: Uint8Array, parts: readonly Uint8Array[]): Uint8Array
  /** The plaintext of what `seal` gave; null when a bit of it was altered. */
  open(nonce: Uint8Array, sealed: Uint8Array): Uint8Array | null
}

/** What authentication leaves behind for the link. */
export interface LinkSecrets {
  readonly mode: ConMode
  /** Signs the transcript; null after an authentication without keys. */
  readonly sessionKey: Uint8Array | null
  /** At least 40 bytes in secure mode. */
  readonly connectionSecret: Uint8Array | null
}

/** Of the connection secret: 16 bytes of key, then the first nonce of each direction. */
export const CONNECTION_SECRET_BYTES_MIN = 40
const NONCE_BYTES = 12

/** One direction of a link in secure mode: a key and a nonce that never repeats. */
export class SecureChannel {
  readonly #cipher: GcmCipher
  readonly #nonce: Uint8Array
  readonly #first: Uint8Array
  #used = false

  constructor(crypto: WireCrypto, secret: Uint8Array, from: 'server' | 'client') {
    const at = from === 'server' ? 16 : 28
    this.#cipher = crypto.gcm(secret.slice(0, 16))
    this.#nonce = secret.slice(at, at + NONCE_BYTES)
    this.#first = this.#nonce.slice()
  }

  /** Null when every nonce was used: the link must end, because a second use would give the key away. */
  seal(parts: readonly Uint8Array[]): Uint8Array | null {
    if (this.#spent()) return null
    const sealed = this.#cipher.seal(this.#nonce, parts)
    this.#step()
    return sealed
  }

  open(sealed: Uint8Array): Uint8Array | null {
    if (this.#spent()) return null
    const plain = this.#cipher.open(this.#nonce, sealed)
    this.#step()
    return plain
  }

  #spent(): boolean {
    return this.#used && this.#nonce.every((byte, index) => byte === this.#first[index])
  }

  /** 4 fixed bytes, then a little-endian counter. */
  #step(): void {
    this.#used = true
    for (let index = 4; index < NONCE_BYTES; index++) {
      const byte = (this.#nonce[index]! + 1) & 0xff
      this.#nonce[index] = byte
      if (byte !== 0) return
    }
  }
}
