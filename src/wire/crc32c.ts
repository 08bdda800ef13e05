/**
 * CRC-32C (Castagnoli), the checksum of every frame. The check value of "123456789" is e3069283.
 *
 * Short inputs go through sixteen tables, sixteen bytes per step and then four; plain bytes are read instead of words,
 * because a word view per call would cost more than it saves. Long inputs are copied into a WebAssembly kernel
 * (assembly/crc32c.ts), which is five to seven times as fast; where WebAssembly or its SIMD is missing, the tables do all.
 */
import { CRC32C_KERNEL } from './crc32c-kernel.ts'

/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78
const SLICES = 16
const TABLES = makeTables()

/** From this many bytes on the kernel is faster, its copy included. */
const KERNEL_BYTES_MIN = 1024

/** What the kernel exports. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  input(): number
  inputBytes(): number
  readonly update: (register: number, length: number) => number
}

/** The part of the WebAssembly API that is used; Node's type declarations leave it to the DOM's. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

interface Kernel {
  readonly memory: Uint8Array
  readonly input: number
  readonly inputBytes: number
  readonly update: KernelExports['update']
}

const KERNEL = makeKernel()

/** The checksum of `bytes[start, end)`, as an unsigned number. `seed` is the checksum of what goes before. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, seed = 0): number {
  const long = KERNEL !== null && end - start >= KERNEL_BYTES_MIN
  return ~(long ? throughKernel(KERNEL, bytes, start, end, ~seed) : throughTables(bytes, start, end, ~seed)) >>> 0
}

function throughKernel(kernel: Kernel, bytes: Uint8Array, start: number, end: number, register: number): number {
  let crc = register
  for (let at = start; at < end; at += kernel.inputBytes) {
    const length = Math.min(kernel.inputBytes, end - at)
    kernel.memory.set(bytes.subarray(at, at + length), kernel.input)
    crc = kernel.update(crc, length)
  }
  return crc
}

function throughTables(bytes: Uint8Array, start: number, end: number, register: number): number {
  const t = TABLES
  let crc = register
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
  for (const wide = end - 4; i <= wide; i += 4) {
    crc =
      t[768 + ((crc & 255) ^ bytes[i]!)]! ^
      t[512 + (((crc >>> 8) & 255) ^ bytes[i + 1]!)]! ^
      t[256 + (((crc >>> 16) & 255) ^ bytes[i + 2]!)]! ^
      t[(crc >>> 24) ^ bytes[i + 3]!]!
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ t[(crc & 255) ^ bytes[i]!]!
  return crc
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

/** The kernel with its tables in place; null where it cannot run. */
function makeKernel(): Kernel | null {
  try {
    const code = Uint8Array.from(atob(CRC32C_KERNEL), (letter) => letter.charCodeAt(0))
    const exports = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as KernelExports
    new Int32Array(exports.memory.buffer).set(TABLES)
    const memory = new Uint8Array(exports.memory.buffer)
    return { memory, input: exports.input(), inputBytes: exports.inputBytes(), update: exports.update }
  } catch {
    return null
  }
}
