/**
 * Addresses as text, in parts, and as the canonical bytes by which entity addresses are compared.
 *
 * One grammar serves every scheme: `scheme://host:port`, `scheme://[IPv6]:port`, `scheme://name`, `scheme:///path` and
 * `scheme://@name`.
 * What a scheme makes of the parts (must there be a port, which names are allowed) is its transport's `parse`.
 * An IP literal has exactly one canonical text, so equal addresses are equal strings.
 */
import { InkwireError } from '../common/errors.ts'
import { canonicalIp, ipBytes, ipFamily } from '../common/ip.ts'
import { nodeCrypto, nodeNet } from '../late/modules.ts'
import type { Address } from './transport.ts'

/** In the place of a name's length: its hash follows. */
const HASHED = 255

/** Limit of `canonicalBytes`: what the wire reserves for an entity address. */
export const CANONICAL_BYTES_MAX = 64

/**
 * The parts of an address, the host of an IP literal in canonical form.
 *
 * @example parseAddress('tcp://[0:0::1]:6800') // { scheme: 'tcp', host: '::1', port: 6800 }
 */
export function parseAddress(text: string): Address {
  if (typeof text !== 'string') {
    throw badAddress(`An address is a string such as 'tcp://127.0.0.1:6800', not ${nameOf(text)}.`)
  }
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/(.+)$/is.exec(text) ?? []
  if (scheme === undefined || rest === undefined) {
    throw badAddress(`'${text}' is no address; write scheme://host:port, such as 'tcp://127.0.0.1:6800'.`)
  }
  return { scheme: scheme.toLowerCase(), ...parsePlace(text, rest) }
}

/** The canonical text: `scheme://host:port`, without the port for names that have none. */
export function formatAddress(address: Address): string {
  const { scheme, host, port } = address
  const family = ipFamily(host)
  if (family === 0) return `${scheme}://${host}${port === 0 ? '' : `:${port}`}`
  const literal = canonicalIp(host)
  return `${scheme}://${literal.includes(':') ? `[${literal}]` : literal}:${port}`
}

/**
 * An entity address as lower-case hexadecimal of at most 64 bytes, to be compared as a string: the scheme, a zero byte,
 * the family (4, 6, or 0 for a name), the 16 bytes of the IP (IPv4 as v4-mapped) or the length and bytes of the name, the
 * port, and the nonce that tells instances at one address apart. A name that is too long for that, as paths may be, has the
 * length 255 and is its SHA-256.
 */
export function canonicalBytes(address: Address, nonceHex: string): string {
  if (typeof nonceHex !== 'string' || !/^(?:[0-9a-f]{2})*$/i.test(nonceHex)) {
    throw badAddress('The nonce of an entity address is given as pairs of hexadecimal digits.')
  }
  const family = ipFamily(address.host)
  const bytes = [...Buffer.from(address.scheme), 0, family]
  if (family === 0) {
    const name = Buffer.from(address.host)
    const fits = bytes.length + 1 + name.length + 2 + nonceHex.length / 2 <= CANONICAL_BYTES_MAX
    if (fits) bytes.push(name.length, ...name)
    else bytes.push(HASHED, ...nodeCrypto().createHash('sha256').update(name).digest())
  } else {
    bytes.push(...ipBytes(address.host))
  }
  bytes.push(address.port >> 8, address.port & 0xff)
  const excess = bytes.length + nonceHex.length / 2 - CANONICAL_BYTES_MAX
  if (excess > 0) {
    throw badAddress(
      `'${formatAddress(address)}' is ${excess} bytes too long for an entity address; use a shorter scheme.`,
    )
  }
  return Buffer.from(bytes).toString('hex') + nonceHex.toLowerCase()
}

/** True for the address that stands for every interface of a host: one can bind it, but nobody can be told to dial it. */
export function isWildcard(address: Address): boolean {
  const host = canonicalIp(address.host)
  return host === '0.0.0.0' || host === '::'
}

/** The error for an address that a caller must change; `sentence` says to what. */
export function badAddress(sentence: string): InkwireError {
  return new InkwireError('INK_BAD_ADDRESS', sentence)
}

function parsePlace(text: string, rest: string): { host: string; port: number } {
  if (rest.startsWith('/') || rest.startsWith('@')) return { host: rest, port: 0 }
  const [, literal, literalPort] = /^\[([^\]]*)\](?::(.*))?$/s.exec(rest) ?? []
  if (literal !== undefined) {
    if (nodeNet().isIPv6(literal)) return { host: canonicalIp(literal), port: parsePort(text, literalPort) }
    throw badAddress(`'${text}' has no IPv6 address in its brackets; write it as 'tcp://[::1]:6800'.`)
  }
  // Every IPv6 address has two of them.
  if (/:.*:/s.test(rest)) {
    throw badAddress(`'${text}' has several colons; write an IPv6 address in brackets, such as 'tcp://[::1]:6800'.`)
  }
  const [host = '', port] = rest.split(':')
  if (!/^[a-z0-9._~-]+$/i.test(host)) {
    throw badAddress(`'${text}' has a host that is neither an IP address nor a name; write only scheme://host:port.`)
  }
  return { host, port: parsePort(text, port) }
}

function parsePort(text: string, digits: string | undefined): number {
  if (digits === undefined) return 0
  const port = Number(digits)
  if (/^\d{1,5}$/.test(digits) && port <= 65535) return port
  throw badAddress(`'${text}' has no port behind its last colon; write a number from 0 to 65535.`)
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : `a value of type ${typeof value}`
}
