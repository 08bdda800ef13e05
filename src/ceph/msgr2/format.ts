/**
 * The numbers of Ceph's msgr2 protocol: tags, features, modes, sizes. Nothing here computes.
 *
 * Everything is little-endian. "2.0" and "2.1" are the two framings; a link speaks 2.1 when both banners offer it.
 */
import type { WireCapabilities } from '../../wire/wire.ts'

export const TAG = {
  HELLO: 1,
  AUTH_REQUEST: 2,
  AUTH_BAD_METHOD: 3,
  AUTH_REPLY_MORE: 4,
  AUTH_REQUEST_MORE: 5,
  AUTH_DONE: 6,
  AUTH_SIGNATURE: 7,
  CLIENT_IDENT: 8,
  SERVER_IDENT: 9,
  IDENT_MISSING_FEATURES: 10,
  SESSION_RECONNECT: 11,
  SESSION_RESET: 12,
  SESSION_RETRY: 13,
  SESSION_RETRY_GLOBAL: 14,
  SESSION_RECONNECT_OK: 15,
  WAIT: 16,
  MESSAGE: 17,
  KEEPALIVE2: 18,
  KEEPALIVE2_ACK: 19,
  ACK: 20,
  COMPRESSION_REQUEST: 21,
  COMPRESSION_DONE: 22,
} as const

const NAMES = new Map<number, string>(Object.entries(TAG).map(([name, tag]) => [tag, name]))

/** The name of a frame, for faults; undefined when there is no such tag. */
export function tagName(tag: number): string | undefined {
  return NAMES.get(tag)
}

/** Framing of a link. */
export type Revision = 0 | 1

/** Bits of the banner: which framings and handshakes a side knows. Both banners are asked in full. */
export const BANNER_FEATURE = { REVISION_1: 1n } as const

export const PREAMBLE_BYTES = 32
/** Of a segment's first bytes, what travels inside the first record of a secure frame. */
export const INLINE_BYTES = 48
export const GCM_TAG_BYTES = 16
export const GCM_BLOCK_BYTES = 16
export const SEGMENTS_MAX = 4
/** Alignment that a receiver should give a segment: every one but the data of a message. */
export const ALIGNMENT = 8
export const DATA_ALIGNMENT = 4096

/** Flags of the preamble. */
export const FRAME_COMPRESSED = 1

/** How a frame ended. In 2.0 the byte is a flag, in 2.1 a code that two flipped bits do not turn into the other. */
export const LATE_ABORTED_REVISION_0 = 1
export const LATE_MASK = 0x0f
export const LATE_COMPLETE = 0x0e
export const LATE_ABORTED = 0x01

/** The largest control frame that is taken, in bytes: identities with 8 addresses and tickets stay below 4 KiB. */
export const CONTROL_BYTES_MAX = 64 * 1024

/** How a link is protected after authentication. */
export const CON_MODE = { CRC: 1, SECURE: 2 } as const
export type ConMode = (typeof CON_MODE)[keyof typeof CON_MODE]

export const AUTH_METHOD = { NONE: 1, CEPHX: 2, GSS: 4 } as const

/** Entity types, as bits. */
const ENTITY_TYPES: readonly (readonly [string, number])[] = [
  ['mon', 1],
  ['mds', 2],
  ['osd', 4],
  ['client', 8],
  ['mgr', 16],
  ['auth', 32],
]

export const ENTITY_MON = 1

/** The bit of an entity type; a type that Ceph does not know is a client to it. */
export function entityBit(type: string): number {
  return ENTITY_TYPES.find(([name]) => name === type)?.[1] ?? 8
}

/** The bit of the type of an entity name. */
export function bitOf(name: string): number {
  return entityBit(name.slice(0, name.indexOf('.')))
}

export function entityType(bit: number): string | undefined {
  return ENTITY_TYPES.find(([, known]) => known === bit)?.[0]
}

/** Flags of CLIENT_IDENT and SERVER_IDENT. */
export const IDENT_LOSSY = 1n

/** What Ceph 16 offers and asks for between daemons and clients; messages are encoded by these bits. */
export const FEATURES_SUPPORTED = 0x3f01cfbdfffdffffn
/** Addresses with a type (MSG_ADDR2): what msgr2 itself cannot do without. */
export const FEATURES_REQUIRED = 1n << 59n

export const HEADER_BYTES = 41
/** Flag of a message header: nothing was left out. Ceph 16 sets NOCRC beside it, and nobody looks. */
export const MESSAGE_FLAGS = 3

/** One lane, one ack that says "received", whole messages, and a peer that is slowed by not reading it. */
export const CAPABILITIES: WireCapabilities = Object.freeze({
  lanes: 1,
  credit: false,
  // Each has a frame of its own, but they are asked for together.
  batchMax: 64,
  chunks: false,
  extensions: false,
  controlLane: false,
  verdicts: false,
  // Ceph's lossless_peer goes on where it was when we begin a new session with it.
  startsAnywhere: true,
})
