/** The cryptography of references: a chain of HMAC-SHA-256, and the digest of those whose contents ride along. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { DIGEST_BYTES, encodeToken, type Link, type Token } from './machine/token.ts'

/** The MAC of what comes next, by the owner's key or by the MAC before. */
export function macOf(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(bytes).digest()
}

/** Whether the owner of this key has made it, and nothing was changed or left out. Takes as long either way. */
export function isGenuine(
  key: Uint8Array,
  { header, caveats, mac }: Pick<Token, 'header' | 'caveats' | 'mac'>,
): boolean {
  const chain: readonly Link<unknown>[] = [header, ...caveats]
  const wanted = chain.reduce((before, { bytes }) => macOf(before, bytes), key)
  return timingSafeEqual(wanted, mac)
}

/** Of a whole reference with these contents. Anybody can make it: it tells of bits that fell over, not of who changed them. */
export function digestOf(token: Token, contents: Uint8Array): Uint8Array {
  const hash = createHash('sha256')
    .update(encodeToken({ ...token, contents: null }))
    .update(contents)
  return hash.digest().subarray(0, DIGEST_BYTES)
}
