/** Capture files made here: TCP segments in packets of every kind that `inkwire decode` reads, in every file format. */
import { concat } from '../../../src/common/bytes.ts'

export interface Part {
  readonly from: { readonly host: readonly number[]; readonly port: number }
  readonly to: { readonly host: readonly number[]; readonly port: number }
  readonly seq: number
  readonly flags?: number
  readonly payload?: Uint8Array
  /** Of the payload, so much was captured. */
  readonly kept?: number
}

export const FLAGS = { fin: 1, syn: 2, rst: 4, ack: 16 } as const

/** LINKTYPEs, and the head that each puts before IP. */
export const LINKS: Readonly<Record<string, readonly [type: number, head: (version: 4 | 6) => number[]]>> = {
  ethernet: [1, (version) => [...zeros(12), ...ethertype(version)]],
  vlan: [1, (version) => [...zeros(12), 0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, ...ethertype(version)]],
  'BSD loopback': [0, (version) => [version === 4 ? 2 : 30, 0, 0, 0]],
  'Linux any': [113, (version) => [...zeros(14), ...ethertype(version)]],
  'Linux any, second version': [276, (version) => [...ethertype(version), ...zeros(18)]],
  'raw IP': [101, () => []],
}

export const FORMATS = ['pcap', 'pcap, big-endian', 'pcap, nanoseconds', 'pcapng', 'pcapng, big-endian'] as const
export type Format = (typeof FORMATS)[number]

export function packet(link: string, { from, to, seq, flags = FLAGS.ack, payload, kept }: Part): Uint8Array {
  const body = payload ?? new Uint8Array(0)
  const version = from.host.length === 4 ? 4 : 6
  // A time stamp option, as most connections have.
  const options = [1, 1, 8, 10, ...zeros(8)]
  const tcp = [...big16(from.port), ...big16(to.port), ...big32(seq), ...zeros(4), 8 << 4, flags, 255, 255, ...zeros(4)]
  const bytes = tcp.length + options.length + body.length
  const ip =
    version === 4
      ? [0x46, 0, ...big16(24 + bytes), 0, 1, 0x40, 0, 64, 6, 0, 0, ...from.host, ...to.host, 1, 1, 1, 1]
      : // With an extension header for the destination.
        [0x60, 0, 0, 0, ...big16(8 + bytes), 60, 64, ...from.host, ...to.host, 6, 0, 1, 4, ...zeros(4)]
  const data = body.subarray(0, kept ?? body.length)
  // Ethernet fills frames up to 60 bytes.
  const padding = link === 'ethernet' && kept === undefined && data.length === 0 ? zeros(6) : []
  return concat([
    Uint8Array.from([...LINKS[link]![1](version), ...ip, ...tcp, ...options]),
    data,
    Uint8Array.from(padding),
  ])
}

/** A file of packets, a millisecond apart. */
export function captureFile(format: Format, linkType: number, packets: readonly Uint8Array[]): Uint8Array {
  const isBig = format.endsWith('big-endian')
  const u16 = (value: number): number[] => (isBig ? big16(value) : big16(value).reverse())
  const u32 = (value: number): number[] => (isBig ? big32(value) : big32(value).reverse())
  if (!format.startsWith('pcapng')) {
    const isNano = format === 'pcap, nanoseconds'
    const head = [
      ...u32(isNano ? 0xa1b23c4d : 0xa1b2c3d4),
      ...u16(2),
      ...u16(4),
      ...zeros(8),
      ...u32(262_144),
      ...u32(linkType),
    ]
    const records = packets.map((bytes, index) => {
      const fraction = u32(index * (isNano ? 1e6 : 1000))
      return concat([
        Uint8Array.from([...u32(1_700_000_000), ...fraction, ...u32(bytes.length), ...u32(bytes.length)]),
        bytes,
      ])
    })
    return concat([Uint8Array.from(head), ...records])
  }
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const length = u32(12 + body.length)
    return concat([Uint8Array.from([...u32(type), ...length]), body, Uint8Array.from(length)])
  }
  const padded = (bytes: Uint8Array): Uint8Array => concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)])
  const section = block(
    0x0a0d0d0a,
    Uint8Array.from([...u32(0x1a2b3c4d), ...u16(1), ...u16(0), ...u32(2 ** 32 - 1), ...u32(2 ** 32 - 1)]),
  )
  // The interface says that its times are in milliseconds.
  const described = block(
    1,
    Uint8Array.from([...u16(linkType), 0, 0, ...u32(0), ...u16(9), ...u16(1), 3, 0, 0, 0, ...u32(0)]),
  )
  const unknown = block(0x0bad, new Uint8Array(64))
  const records = packets.map((bytes, index) =>
    block(
      6,
      padded(
        concat([
          Uint8Array.from([...u32(0), ...u32(0), ...u32(index), ...u32(bytes.length), ...u32(bytes.length)]),
          bytes,
        ]),
      ),
    ),
  )
  return concat([section, unknown, described, ...records.flatMap((record) => [record, unknown])])
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0)
}

function ethertype(version: 4 | 6): number[] {
  return version === 4 ? [0x08, 0x00] : [0x86, 0xdd]
}

function big16(value: number): number[] {
  return [(value >>> 8) & 255, value & 255]
}

function big32(value: number): number[] {
  return [...big16(value >>> 16), ...big16(value)]
}
