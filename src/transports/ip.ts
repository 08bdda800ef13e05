/**
 * IP literals as bytes and as canonical text: IPv4 in dotted decimal, IPv6 as RFC 5952 writes it (lower case, the
 * longest run of zero groups as `::`), and an IPv4-mapped IPv6 literal as the IPv4 address that it stands for.
 *
 * A zone (`fe80::1%eth0`) is kept in the text, because dialling needs it, and is no part of the bytes, because it means
 * something on one host only.
 */
import { isIP, isIPv4 } from 'node:net'

/** 4 or 6 for an IP literal in any spelling, after unmapping; 0 for anything else. */
export function ipFamily(host: string): 4 | 6 | 0 {
  if (isIP(host) === 0) return 0
  return isMapped(ipBytes(host)) ? 4 : 6
}

/** The canonical text of an IP literal. */
export function canonicalIp(literal: string): string {
  const bytes = ipBytes(literal)
  if (isMapped(bytes)) return bytes.slice(12).join('.')
  const zone = literal.indexOf('%')
  return compress(groupsOf(bytes)) + (zone === -1 ? '' : literal.slice(zone))
}

/** The 16 bytes of an IP literal, IPv4 as v4-mapped. */
export function ipBytes(literal: string): number[] {
  if (isIPv4(literal)) return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...literal.split('.').map(Number)]
  const [address = ''] = literal.split('%')
  const [left = '', right] = address.split('::')
  const head = groupBytes(left)
  const tail = right === undefined ? [] : groupBytes(right)
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]
}

/** Bytes of `1:2:3`, or of `1:2:3.4.5.6`; none of ''. */
function groupBytes(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff))
}

function groupsOf(bytes: readonly number[]): string[] {
  return Array.from({ length: 8 }, (_, index) => ((bytes[index * 2]! << 8) | bytes[index * 2 + 1]!).toString(16))
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
