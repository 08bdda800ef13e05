/**
 * Bytes: whether something is that, as lower-case hexadecimal and back, and several arrays as one. What more than one room
 * needs, and nothing else.
 */

/** Reads the name of any typed array, of whatever realm; undefined for all else, and it never throws. */
const nameOfArray = Reflect.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)!.get!

/** Also bytes of another realm (node:vm, jest), which are no `instanceof Uint8Array` here. */
export function isBytes(value: unknown): value is Uint8Array {
  return nameOfArray.call(value) === 'Uint8Array'
}

/** The same bytes, as an array of this realm. */
export function localBytes(bytes: Uint8Array): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : here(bytes)
}

function here({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** A call takes so many arguments at once without a doubt. */
const HEX_BYTES = 4096

/** One flat string: concatenated ones keep a tree of pieces alive, and names of instances and sessions live long. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length <= HEX_BYTES) return hexOf(bytes)
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += HEX_BYTES) parts.push(hexOf(bytes.subarray(at, at + HEX_BYTES)))
  return parts.join('')
}

function hexOf(bytes: Uint8Array): string {
  const digits = new Array<number>(bytes.length * 2)
  for (let index = 0; index < bytes.length; index++) {
    digits[index * 2] = DIGITS[bytes[index]! >> 4]!
    digits[index * 2 + 1] = DIGITS[bytes[index]! & 15]!
  }
  return String.fromCharCode.apply(null, digits)
}

/** Bytes of an even number of hexadecimal digits. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >> 1)
  for (let index = 0; index < bytes.length; index++)
    bytes[index] = (digitOf(text.charCodeAt(index * 2)) << 4) | digitOf(text.charCodeAt(index * 2 + 1))
  return bytes
}

/** Of a decimal digit's code the low four bits are its value; of a letter's, in either case, nine less. */
function digitOf(code: number): number {
  return (code & 15) + (code > 57 ? 9 : 0)
}

/** All parts in one array of its own. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
