/**
 * CRC-32C of what lies in this module's memory, in AssemblyScript: the part of crc32c.ts that is worth a kernel.
 *
 * The fold: 1 + x^65w + x^155w + x^170w + x^195w + x^209w is a multiple of Castagnoli's polynomial (w = 32 bits, distances
 * backwards), so a word may be removed when it is added to the words at these distances behind it. What is left of a long
 * input are its last 209 words; only they go through the tables. No multiplication: four words per step in plain SIMD.
 *
 * Memory: 16 tables of 256 words at 0; the input at INPUT; the folded words at FOLDED, behind 209 words of zero.
 */

const INPUT: usize = 0x10000
const INPUT_BYTES: usize = 0x10000
const REACH: usize = 209 * 4
const FOLDED: usize = INPUT + INPUT_BYTES + 0x1000

/** Where the input goes, and how much of it at once. */
export function input(): usize {
  return INPUT
}

export function inputBytes(): usize {
  return INPUT_BYTES
}

// @ts-ignore: decorator
@inline
function gathered(at: usize): v128 {
  let v = v128.load(at - 65 * 4)
  v = v128.xor(v, v128.load(at - 155 * 4))
  v = v128.xor(v, v128.load(at - 170 * 4))
  v = v128.xor(v, v128.load(at - 195 * 4))
  return v128.xor(v, v128.load(at - 209 * 4))
}

/** The register after `length` bytes of input; `register` before and after is not inverted. */
export function update(register: u32, length: usize): u32 {
  if (length < REACH + 64) return tables(register, INPUT, INPUT + length)
  store<u32>(INPUT, load<u32>(INPUT) ^ register)
  const folded = (length - REACH) & ~15
  for (let i: usize = 0; i < folded; i += 16) {
    v128.store(FOLDED + i, v128.xor(v128.load(INPUT + i), gathered(FOLDED + i)))
  }
  memory.fill(FOLDED + folded, 0, REACH + 16)
  const words = length & ~15
  for (let i = folded; i < words; i += 16) {
    v128.store(INPUT + i, v128.xor(v128.load(INPUT + i), gathered(FOLDED + i)))
  }
  for (let i = words; i < (length & ~3); i += 4) {
    const at = FOLDED + i
    const sum =
      load<u32>(at - 65 * 4) ^ load<u32>(at - 155 * 4) ^ load<u32>(at - 170 * 4) ^ load<u32>(at - 195 * 4) ^ load<u32>(at - 209 * 4)
    store<u32>(INPUT + i, load<u32>(INPUT + i) ^ sum)
  }
  for (let i = length & ~3; i < length; i++) {
    const at = FOLDED + i
    const sum = load<u8>(at - 65 * 4) ^ load<u8>(at - 155 * 4) ^ load<u8>(at - 170 * 4) ^ load<u8>(at - 195 * 4) ^ load<u8>(at - 209 * 4)
    store<u8>(INPUT + i, load<u8>(INPUT + i) ^ sum)
  }
  return tables(0, INPUT + folded, INPUT + length)
}

// @ts-ignore: decorator
@inline
function look(slice: usize, byte: u32): u32 {
  return load<u32>((slice << 10) + ((<usize>byte & 255) << 2))
}

/** Sixteen bytes per step through sixteen tables. */
function tables(register: u32, from: usize, end: usize): u32 {
  let crc = register
  let at = from
  for (; at + 16 <= end; at += 16) {
    const a = load<u32>(at) ^ crc
    const b = load<u32>(at, 4)
    const c = load<u32>(at, 8)
    const d = load<u32>(at, 12)
    crc =
      look(15, a) ^ look(14, a >> 8) ^ look(13, a >> 16) ^ look(12, a >> 24) ^
      look(11, b) ^ look(10, b >> 8) ^ look(9, b >> 16) ^ look(8, b >> 24) ^
      look(7, c) ^ look(6, c >> 8) ^ look(5, c >> 16) ^ look(4, c >> 24) ^
      look(3, d) ^ look(2, d >> 8) ^ look(1, d >> 16) ^ look(0, d >> 24)
  }
  for (; at < end; at++) crc = (crc >> 8) ^ look(0, crc ^ load<u8>(at))
  return crc
}
