/** Bytes as lower-case hexadecimal, and nothing else. */

/** The two digits of each byte, as character codes. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => {
  const text = byte.toString(16).padStart(2, '0')
  return [text.charCodeAt(0), text.charCodeAt(1)] as const
})

/** One flat string: concatenated ones keep a tree of pieces alive, and names of instances and sessions live long. */
export function toHex(bytes: Uint8Array): string {
  const codes: number[] = []
  for (const byte of bytes) codes.push(...DIGITS[byte]!)
  return String.fromCharCode(...codes)
}
