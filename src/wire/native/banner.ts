/**
 * The sixteen bytes that both sides begin with: who we are, which version, which checksums.
 *
 * Told apart at the first byte that differs, so that a browser, a TLS client or a Ceph daemon at the wrong port is
 * named at once instead of after a timeout. The verdict depends on that byte only, never on how the bytes were split.
 * The last four bytes are 0 here and are not looked at: what a newer peer knows beyond this version is in its HELLO.
 */
import { readUint16, writeUint16 } from './bytes.ts'
import { BANNER_BYTES, PROTOCOL_VERSION } from './format.ts'

const MAGIC = new TextEncoder().encode('INKWIRE\n')
const VERSION_OFFSET = 8
const CHECKSUMS_OFFSET = 10

/** What other protocols begin with. */
const STRANGERS: Readonly<Record<number, string>> = {
  0x15: 'TLS: one of us has tls://, and the other tcp://', // an alert
  0x16: 'TLS: one of us has tls://, and the other tcp://',
  0x47: 'HTTP', // GET
  0x48: 'HTTP', // HEAD, and a server's HTTP/1.1
  0x4f: 'HTTP', // OPTIONS
  0x50: 'HTTP', // POST, PUT, PRI
  0x53: 'SSH',
  0x63: "Ceph's messenger (ceph v2)",
}

/** `checksums` is a mask of `1 << kind`. */
export function encodeBanner(checksums: number): Uint8Array {
  const banner = new Uint8Array(BANNER_BYTES)
  banner.set(MAGIC)
  writeUint16(banner, VERSION_OFFSET, PROTOCOL_VERSION)
  writeUint16(banner, CHECKSUMS_OFFSET, checksums)
  return banner
}

/** What is wrong with the first `length` bytes of a banner, or null. */
export function refuseMagic(bytes: Uint8Array, length: number): string | null {
  for (let index = 0; index < Math.min(length, MAGIC.length); index++) {
    if (bytes[index] !== MAGIC[index]) return describeStranger(index, bytes[index]!)
  }
  return null
}

/** What is wrong with a whole banner that begins as ours does, or null. */
export function refuseBanner(banner: Uint8Array): string | null {
  const version = readUint16(banner, VERSION_OFFSET)
  if (version === PROTOCOL_VERSION) return null
  return `the peer speaks version ${version} of the protocol, this side version ${PROTOCOL_VERSION}`
}

/** The mask of checksums of a whole banner. */
export function bannerChecksums(banner: Uint8Array): number {
  return readUint16(banner, CHECKSUMS_OFFSET)
}

function describeStranger(index: number, byte: number): string {
  const stranger = index === 0 ? STRANGERS[byte] : undefined
  const what = stranger ? `it looks like ${stranger}` : `byte ${index} is 0x${byte.toString(16).padStart(2, '0')}`
  return `the peer does not speak Inkwire: ${what}`
}
