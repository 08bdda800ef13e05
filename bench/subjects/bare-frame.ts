/** The frame of the ceiling: a header of 48 bytes with a crc32c over all but itself, then records of 8 bytes and a body. */

export const HEADER_BYTES = 48
export const RECORD_BYTES = 8
export const LENGTH_OFFSET = 4
export const CHECKSUM_OFFSET = 8
export const COUNT_OFFSET = 12
/** A frame is closed when its payload has so many bytes. */
export const FRAME_BYTES = 64 * 1024
/** A body of this size or more is sent by reference. */
export const BY_REFERENCE_BYTES = 16 * 1024
