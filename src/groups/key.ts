/**
 * The key of a group: 32 raw bytes, as openais had them. A shorter name is padded with zeroes, a longer one is refused, since cut
 * names would make one group of two.
 */
import { isBytes, toHex } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'

export const KEY_BYTES = 32

const encoder = new TextEncoder()

/** @throws InkwireError `INK_BAD_ARGUMENT` for what is neither text nor bytes, is empty or longer than 32 bytes. */
export function groupKey(key: string | Uint8Array): Uint8Array {
  const bytes: unknown = typeof key === 'string' ? encoder.encode(key) : key
  if (!isBytes(bytes) || bytes.length === 0 || bytes.length > KEY_BYTES) {
    throw new InkwireError(
      'INK_BAD_ARGUMENT',
      `the key of a group is a text or a Uint8Array of 1 to ${KEY_BYTES} bytes`,
    )
  }
  const padded = new Uint8Array(KEY_BYTES)
  padded.set(bytes)
  return padded
}

/** For maps and for reading. */
export function keyText(key: Uint8Array): string {
  return toHex(key)
}

/** For people: the text that it was made of, or, where it was none, hex. */
export function keyName(key: Uint8Array): string {
  const text = new TextDecoder().decode(key.subarray(0, key.findLastIndex((byte) => byte !== 0) + 1))
  return /^[\x20-\x7e]+$/.test(text) ? text : keyText(key)
}
