/** Bytes as lower-case hexadecimal and back, and several arrays as one: what more than one room needs, and nothing else. */

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** One flat string: concatenated ones keep a tree of pieces alive, and names of instances and sessions live long. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => DIGITS[byte]).join('')
}

/** Bytes of an even number of hexadecimal digits. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1)
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16)
  return bytes
}

/** All parts in one array of its own. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
