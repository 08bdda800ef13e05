/**
 * CRC-32C (Castagnoli), the checksum of every frame: sixteen bytes per step through sixteen tables.
 *
 * Plain bytes are read instead of words: a word view per call would cost more than it saves on frames of some hundred
 * bytes, and frames start at any offset. The check value of "123456789" is e3069283.
 */

/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78
const SLICES = 16
const TABLES = makeTables()

/** The checksum of `bytes[start, end)`, as an unsigned number. `seed` is the checksum of what goes before. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  const t = TABLES
  let crc = ~seed
  let i = start
  // Indexes are inside the array and the tables by construction, so no element is ever undefined.
  for (const wide = end - SLICES; i <= wide; i += SLICES) {
    crc =
      t[3840 + ((crc & 255) ^ bytes[i]!)]! ^
      t[3584 + (((crc >>> 8) & 255) ^ bytes[i + 1]!)]! ^
      t[3328 + (((crc >>> 16) & 255) ^ bytes[i + 2]!)]! ^
      t[3072 + ((crc >>> 24) ^ bytes[i + 3]!)]! ^
      t[2816 + bytes[i + 4]!]! ^
      t[2560 + bytes[i + 5]!]! ^
      t[2304 + bytes[i + 6]!]! ^
      t[2048 + bytes[i + 7]!]! ^
      t[1792 + bytes[i + 8]!]! ^
      t[1536 + bytes[i + 9]!]! ^
      t[1280 + bytes[i + 10]!]! ^
      t[1024 + bytes[i + 11]!]! ^
      t[768 + bytes[i + 12]!]! ^
      t[512 + bytes[i + 13]!]! ^
      t[256 + bytes[i + 14]!]! ^
      t[bytes[i + 15]!]!
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc & 255) ^ bytes[i]!]!
  return ~crc >>> 0
}

/** Table k, at 256 * k, says what a byte does to the checksum k bytes later. */
function makeTables(): Int32Array {
  const tables = new Int32Array(256 * SLICES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0)
    tables[byte] = crc
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256]!
    tables[index] = (before >>> 8) ^ tables[before & 255]!
  }
  return tables
}
