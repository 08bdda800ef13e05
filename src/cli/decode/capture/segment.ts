/**
 * Finds the TCP segment in a captured packet: below Ethernet with VLAN tags, loopback, Linux "any" and raw IP; in IPv4 and
 * IPv6.
 *
 * Pure and total: whatever the bytes are, the answer is a segment, or a few words why there is none. Fragments of IP are not
 * put together.
 */
import { formatIp } from '../../../common/ip.ts'
import type { Packet } from './capture-file.ts'

export interface Segment {
  /** `10.0.0.1:6800`, `[::1]:6800`. */
  readonly from: string
  readonly to: string
  readonly seq: number
  readonly isSyn: boolean
  /** It asks for a connection, and answers none. */
  readonly opens: boolean
  readonly isReset: boolean
  /** What was captured of it: a part of the packet. */
  readonly payload: Uint8Array
  /** What the capture left out of it. */
  readonly lackedBytes: number
}

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd } as const
const VLAN: readonly number[] = [0x8100, 0x88a8, 0x9100]
const TCP = 6
const FLAG = { syn: 2, rst: 4, ack: 16 } as const
const NOT_TCP = 'are not TCP'
const FRAGMENT = 'are fragments of IP'
const CUT = 'are cut off before their data'

/** By LINKTYPE: where the head of IP begins. */
const HEADS: Readonly<Record<number, (bytes: Uint8Array) => number | null>> = {
  // BSD loopback: a family of 4 bytes, in the order of either host.
  0: () => 4,
  108: () => 4,
  1: (bytes) => afterEthertype(bytes, 12),
  // Linux "any", and its second version.
  113: (bytes) => (isIp(readBig16(bytes, 14)) ? 16 : null),
  276: (bytes) => (isIp(readBig16(bytes, 0)) ? 20 : null),
  // Raw IP, also by the numbers of BSD.
  12: () => 0,
  14: () => 0,
  101: () => 0,
  228: () => 0,
  229: () => 0,
}

/** A segment, or what packets are of which this one is. */
export function segmentOf({ linkType, bytes }: Packet): Segment | string {
  const head = HEADS[linkType]
  if (head === undefined) return `are of link type ${linkType}, which is not known here`
  const at = head(bytes)
  if (at === null) return NOT_TCP
  const version = (bytes[at] ?? 0) >>> 4
  if (version === 4) return ofIpv4(bytes, at)
  return version === 6 ? ofIpv6(bytes, at) : NOT_TCP
}

function isIp(type: number): boolean {
  return type === ETHERTYPE.ipv4 || type === ETHERTYPE.ipv6
}

function afterEthertype(bytes: Uint8Array, at: number): number | null {
  let from = at
  while (VLAN.includes(readBig16(bytes, from))) from += 4
  return isIp(readBig16(bytes, from)) ? from + 2 : null
}

function ofIpv4(bytes: Uint8Array, at: number): Segment | string {
  const headBytes = (bytes[at]! & 15) * 4
  if (bytes.length < at + 20 || headBytes < 20) return CUT
  if (bytes[at + 9] !== TCP) return NOT_TCP
  if ((readBig16(bytes, at + 6) & 0x3fff) !== 0) return FRAGMENT
  // 0: so large that the kernel had not cut it up yet.
  const total = readBig16(bytes, at + 2) || bytes.length - at
  const addresses = [bytes.subarray(at + 12, at + 16), bytes.subarray(at + 16, at + 20)] as const
  return ofTcp(bytes, at + headBytes, at + total, addresses)
}

function ofIpv6(bytes: Uint8Array, at: number): Segment | string {
  if (bytes.length < at + 40) return CUT
  const addresses = [bytes.subarray(at + 8, at + 24), bytes.subarray(at + 24, at + 40)] as const
  const end = at + 40 + (readBig16(bytes, at + 4) || bytes.length - at - 40)
  let next = bytes[at + 6]!
  let from = at + 40
  // Hop by hop, routing, destination: each says how long it is, in eights.
  while (next === 0 || next === 43 || next === 60) {
    if (bytes.length < from + 8) return CUT
    next = bytes[from]!
    from += (bytes[from + 1]! + 1) * 8
  }
  if (next === 44) return FRAGMENT
  return next === TCP ? ofTcp(bytes, from, end, addresses) : NOT_TCP
}

/** The segment from `at` to `end`: what is behind fills up a frame. */
function ofTcp(
  bytes: Uint8Array,
  at: number,
  end: number,
  [source, target]: readonly [Uint8Array, Uint8Array],
): Segment | string {
  if (bytes.length < at + 20) return CUT
  const from = at + (bytes[at + 12]! >>> 4) * 4
  if (from < at + 20 || from > end) return CUT
  const flags = bytes[at + 13]!
  const payload = bytes.subarray(Math.min(from, bytes.length), Math.min(end, bytes.length))
  return {
    from: place(source, readBig16(bytes, at)),
    to: place(target, readBig16(bytes, at + 2)),
    seq: readBig16(bytes, at + 4) * 65_536 + readBig16(bytes, at + 6),
    isSyn: (flags & FLAG.syn) !== 0,
    opens: (flags & (FLAG.syn | FLAG.ack)) === FLAG.syn,
    isReset: (flags & FLAG.rst) !== 0,
    payload,
    lackedBytes: end - from - payload.length,
  }
}

function place(address: Uint8Array, port: number): string {
  const host = formatIp(address)
  return address.length === 4 ? `${host}:${port}` : `[${host}]:${port}`
}

/** What is not there reads as zeros. */
function readBig16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
