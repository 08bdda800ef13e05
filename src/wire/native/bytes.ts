/**
 * Little-endian numbers at any offset of plain bytes, and identifiers as hexadecimal text.
 *
 * Reads and writes are not checked here: callers have compared the offset with the frame's end. Plain byte accesses
 * instead of a DataView, because received chunks come without one and making it costs more than reading a header.
 */
const WORD = 2 ** 32

export function readUint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8)
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

/** Two words, low first. The result is above Number.MAX_SAFE_INTEGER when it is no number of this protocol. */
export function readUint64(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at + 4) * WORD + readUint32(bytes, at)
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

export function writeUint64(bytes: Uint8Array, at: number, value: number): void {
  writeUint32(bytes, at, value >>> 0)
  writeUint32(bytes, at + 4, Math.floor(value / WORD))
}

/** The hybrid logical clock's stamp is big-endian, so that stamps compare as bytes. */
export function writeStamp(bytes: Uint8Array, at: number, ms: number, counter: number): void {
  const low = ms >>> 0
  const high = Math.floor(ms / WORD)
  bytes[at] = high >>> 8
  bytes[at + 1] = high
  bytes[at + 2] = low >>> 24
  bytes[at + 3] = low >>> 16
  bytes[at + 4] = low >>> 8
  bytes[at + 5] = low
  bytes[at + 6] = counter >>> 8
  bytes[at + 7] = counter
}

export function readStampMs(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 8) | bytes[at + 1]!
  const low = (bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!
  return high * WORD + (low >>> 0)
}

export function readStampCounter(bytes: Uint8Array, at: number): number {
  return (bytes[at + 6]! << 8) | bytes[at + 7]!
}
