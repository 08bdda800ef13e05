/**
 * IP literals as bytes and as canonical text, without a resolver: IPv4 in dotted decimal, IPv6 as RFC 5952 writes it (lower
 * case, the longest run of zero groups as `::`).
 *
 * A zone (`fe80::1%eth0`) is kept in canonical text, because dialling needs it, and is no part of the bytes, because it
 * means something on one host only. An IPv4-mapped IPv6 literal is canonically the IPv4 address that it stands for.
 */

const [DOT, ZERO] = [0x2e, 0x30]

/** 4 or 16 bytes; null when the text is no IP literal, and for one with a zone. */
export function parseIp(text: string): Uint8Array | null {
  return text.includes(':') ? parseSix(text) : parseFour(text)
}

/** The text of 4 or 16 bytes. An IPv4-mapped address stays one of IPv6. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const group = (index: number): string => ((bytes[2 * index]! << 8) | bytes[2 * index + 1]!).toString(16)
  return compress(Array.from({ length: 8 }, (_, index) => group(index)))
}

/** 4 or 6 for an IP literal in any spelling, after unmapping; 0 for anything else. */
export function ipFamily(host: string): 4 | 6 | 0 {
  const bytes = withoutZone(host)
  if (bytes === null) return 0
  return bytes.length === 4 || isMapped(bytes) ? 4 : 6
}

/** The canonical text of an IP literal; any other text as it is. */
export function canonicalIp(literal: string): string {
  // IPv4 has one spelling.
  if (!literal.includes(':')) return literal
  const bytes = withoutZone(literal)
  if (bytes === null) return literal
  if (bytes.length === 16 && isMapped(bytes)) return formatIp(bytes.subarray(12))
  const zone = literal.indexOf('%')
  return formatIp(bytes) + (zone === -1 ? '' : literal.slice(zone))
}

/** The 16 bytes of an IP literal, IPv4 as v4-mapped; none of any other text. */
export function ipBytes(literal: string): number[] {
  const bytes = withoutZone(literal) ?? []
  return bytes.length === 4 ? [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...bytes] : [...bytes]
}

/** As `parseIp`, for literals of IPv6 that may have a zone. */
function withoutZone(literal: string): Uint8Array | null {
  if (!literal.includes(':')) return parseFour(literal)
  const [, address = literal] = /^([^%]*:[^%]*)%[0-9a-zA-Z.:-]+$/.exec(literal) ?? []
  return parseIp(address)
}

/** Character by character, because every connection asks several times. */
function parseFour(text: string): Uint8Array | null {
  const bytes = new Uint8Array(4)
  let index = 0
  let digits = 0
  let byte = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      if (digits === 0 || index === 3) return null
      bytes[index++] = byte
      digits = byte = 0
      continue
    }
    // No leading zeros: some read them as octal.
    if (code < ZERO || code > ZERO + 9 || (digits > 0 && byte === 0)) return null
    digits++
    byte = byte * 10 + code - ZERO
    if (byte > 255) return null
  }
  if (index < 3 || digits === 0) return null
  bytes[index] = byte
  return bytes
}

function parseSix(text: string): Uint8Array | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [left = '', right] = halves
  const head = groupsOf(left, right === undefined)
  const tail = right === undefined ? [] : groupsOf(right, true)
  if (head === null || tail === null) return null
  const missing = 8 - head.length - tail.length
  if (right === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 16-bit groups between colons; a dotted end is two of them. */
function groupsOf(text: string, isEnd: boolean): number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const four = isEnd && index === parts.length - 1 ? parseFour(part) : null
    if (four !== null) groups.push((four[0]! << 8) | four[1]!, (four[2]! << 8) | four[3]!)
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff))
}

/** The first of the longest runs of two or more zero groups becomes `::`. */
function compress(groups: readonly string[]): string {
  let best = { start: 0, length: 1 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  if (best.length === 1) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}
