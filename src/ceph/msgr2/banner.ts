/**
 * The first bytes of both sides: `ceph v2`, and which framings and handshakes a side knows or insists on.
 *
 * Both sides send theirs without waiting. Limit: a banner longer than ours (a later protocol) is refused, because nothing
 * that comes after it could be understood.
 */
import { Reader, Writer } from './codec.ts'
import { BANNER_FEATURE } from './format.ts'

export interface Banner {
  readonly supported: bigint
  readonly required: bigint
}

const MAGIC = new TextEncoder().encode('ceph v2\n')
const OLD_MAGIC = new TextEncoder().encode('ceph v0')
const PAYLOAD_BYTES = 16
export const BANNER_BYTES = MAGIC.length + 2 + PAYLOAD_BYTES

/** What this side offers. Compression is not offered, so that a peer never asks for it. */
export const OUR_BANNER: Banner = { supported: BANNER_FEATURE.REVISION_1, required: 0n }

export function writeBanner({ supported, required }: Banner): Uint8Array {
  return new Writer().raw(MAGIC).u16(PAYLOAD_BYTES).u64(supported).u64(required).done()
}

/** Why the first `filled` bytes are no beginning of a banner; null while they may be. */
export function refuseBannerBytes(bytes: Uint8Array, filled: number): string | null {
  for (let index = 0; index < Math.min(filled, MAGIC.length); index++) {
    if (bytes[index] === MAGIC[index]) continue
    const old = OLD_MAGIC.slice(0, filled).every((byte, at) => bytes[at] === byte)
    return old ? "the peer speaks Ceph's msgr1: use its v2 address" : 'the peer does not speak msgr2'
  }
  const sized = filled >= MAGIC.length + 2
  const length = bytes[MAGIC.length]! | (bytes[MAGIC.length + 1]! << 8)
  if (sized && length !== PAYLOAD_BYTES) return `a banner of ${length} bytes: a protocol that is not known here`
  return null
}

/** A whole banner that was not refused. */
export function readBanner(bytes: Uint8Array): Banner {
  const reader = new Reader(bytes, MAGIC.length + 2)
  return { supported: reader.u64(), required: reader.u64() }
}

/** Why the two do not fit; null when they do. */
export function refuseBanner(ours: Banner, theirs: Banner): string | null {
  const missing = theirs.required & ~ours.supported
  if (missing !== 0n) return `the peer requires protocol features that Inkwire does not have: 0x${missing.toString(16)}`
  const lacking = ours.required & ~theirs.supported
  return lacking === 0n ? null : `the peer lacks protocol features that this side requires: 0x${lacking.toString(16)}`
}
