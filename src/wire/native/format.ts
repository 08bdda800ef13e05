/**
 * The numbers of the native protocol: tags, flags, sizes and bounds. docs/PROTOCOL.md explains them.
 *
 * Changing one changes the protocol; the hex examples of that page are held against the code by a test.
 */

/** What the banner and HELLO state; the banner's must be equal on both sides. */
export const PROTOCOL_VERSION = 1

/** First byte of a frame. */
export const TAG = {
  HELLO: 1,
  AUTH_REQUEST: 2,
  AUTH_CHALLENGE: 3,
  AUTH_RESPONSE: 4,
  AUTH_DONE: 5,
  AUTH_REJECTED: 6,
  OPEN: 7,
  OPENED: 8,
  CONFIRM: 9,
  YIELD: 10,
  REJECT: 11,
  ACK: 12,
  FAILED: 13,
  KEEPALIVE: 14,
  KEEPALIVE_ACK: 15,
  GOODBYE: 16,
  END: 17,
  MESSAGES: 32,
} as const

export type TagName = keyof typeof TAG

const NAMES = new Map<number, TagName>(Object.entries(TAG).map(([name, tag]) => [tag, name as TagName]))

/** The name of a tag; undefined when there is none. */
export function tagName(tag: number): TagName | undefined {
  return NAMES.get(tag)
}

export const BANNER_BYTES = 16
export const CONTROL_HEADER_BYTES = 12
export const MESSAGES_HEADER_BYTES = 48
/** What both kinds of header begin with, and all that is needed to judge a frame before memory is taken for it. */
export const COMMON_HEADER_BYTES = 12
/** The checksum lies here in both kinds of header, and is the only part of a frame that it does not cover. */
export const CHECKSUM_OFFSET = 8

/** Checksum kinds. The number of a kind is its place in the banner's bit mask and its value in a frame's flags. */
export const CHECKSUM = { CRC32C: 0, NONE: 1 } as const
export type ChecksumKind = (typeof CHECKSUM)[keyof typeof CHECKSUM]

/** Flags of a MESSAGES frame, beside the checksum kind in the low two bits. */
export const FRAME_FLAG = { CHECKSUM: 3, ACK_NOW: 4 } as const

/**
 * Flags of a record: how it takes part in chunking, and which optional fields follow. There is no bit left for EXPIRES in
 * their byte: it is one of the word with the version, 2^8 further up.
 */
export const RECORD_FLAG = {
  CHUNK: 1,
  CONTINUATION: 2,
  TID: 4,
  VERSION: 8,
  FRONT: 16,
  MIDDLE: 32,
  DATA: 64,
  EXTENSION: 128,
  EXPIRES: 256,
} as const

/** type, priority and flags; then the optional fields. */
export const RECORD_BYTES = 4
/** A record with every field. */
export const RECORD_BYTES_MAX = 40

// Limits of a control frame after authentication; until then `limits.handshakeBytes` bounds everything together.
export const CONTROL_BYTES_MAX = 4096
export const ADDRESSES_MAX = 8
export const ADDRESS_CHARS_MAX = 256
/** Printable ASCII: an address is compared, logged and shown, and must look like what it is. */
export const ADDRESS = /^[\x21-\x7e]+$/
export const BALLOT_BYTES_MAX = 64
export const RESUME_MAX = 2
export const REASON_CHARS_MAX = 512
export const ID_BYTES = 16
/** Feature records in HELLO, known and unknown ones together, and the bytes of one's value. */
export const FEATURES_MAX = 64
export const FEATURE_BYTES_MAX = 256

/** Every implementation takes MESSAGES payloads of this size; one that takes less cannot be spoken to. */
export const FRAME_BYTES_MIN = 4096
/** Largest message, whatever its receiver's window is. */
export const MESSAGE_BYTES_MAX = 2 ** 31 - 1
