/**
 * The record in front of each message's segments: type, priority, flags, and only those fields that are not zero.
 *
 * So a message of a type and some data costs eight bytes. A first chunk states the lengths of the whole segments and its
 * own length; a continuation states only its own.
 */
import { EXTENSION_BYTES_MAX, type OutboundMessage } from '../message.ts'
import { readUint16, readUint32, readUint64, writeUint16, writeUint32, writeUint64 } from './bytes.ts'
import type { WireCapabilities } from '../wire.ts'
import { RECORD_BYTES, RECORD_FLAG } from './format.ts'

const { CHUNK, CONTINUATION, TID, VERSION, FRONT, MIDDLE, DATA, EXTENSION, EXPIRES } = RECORD_FLAG
/** Between the flag of the word with the version and what it is here. */
const HIGH_FLAGS_SHIFT = 8

/** The flags of a message's optional fields, for a peer that knows of expiry or does not. */
export function fieldFlags(message: OutboundMessage, expiry: boolean): number {
  let flags = message.data !== null && message.data.length > 0 ? DATA : 0
  if (message.front !== null && message.front.length > 0) flags |= FRONT
  if (message.middle !== null && message.middle.length > 0) flags |= MIDDLE
  if (message.tid !== 0) flags |= TID
  if (message.version !== 0) flags |= VERSION
  if (message.extension !== null) flags |= EXTENSION
  if (expiry && message.dueMs !== undefined) flags |= VERSION | EXPIRES
  return flags
}

/** Bytes of a record by its flags. */
const SIZES = Uint8Array.from({ length: 2 * EXPIRES }, (_, flags) => {
  const words = [CHUNK, VERSION, EXTENSION, FRONT, MIDDLE, DATA, EXPIRES].filter((flag) => flags & flag).length
  return RECORD_BYTES + words * 4 + (flags & TID ? 8 : 0)
})

export function recordBytes(flags: number): number {
  return SIZES[flags]!
}

/** Writes a record of `recordBytes(flags)`; `chunkBytes` only counts in a chunk, and `nowMs` where it expires. */
export function writeRecord(
  bytes: Uint8Array,
  start: number,
  message: OutboundMessage,
  flags: number,
  chunkBytes: number,
  nowMs: number,
) {
  writeUint16(bytes, start, message.type)
  bytes[start + 2] = message.priority
  bytes[start + 3] = flags
  let at = start + RECORD_BYTES
  if (flags & TID) {
    writeUint64(bytes, at, message.tid)
    at += 8
  }
  if (flags & VERSION) at = writeWord(bytes, at, message.version | ((flags & EXPIRES) << HIGH_FLAGS_SHIFT))
  if (flags & EXPIRES) at = writeWord(bytes, at, remainingMs(message, nowMs))
  if (flags & EXTENSION) at = writeWord(bytes, at, message.extension!.length)
  if (flags & FRONT) at = writeWord(bytes, at, message.front!.length)
  if (flags & MIDDLE) at = writeWord(bytes, at, message.middle!.length)
  if (flags & DATA) at = writeWord(bytes, at, message.data!.length)
  if (flags & CHUNK) writeWord(bytes, at, chunkBytes)
}

/** What is left of its time, rounded up: nobody is given less than the sender wanted. */
function remainingMs({ dueMs = Infinity }: OutboundMessage, nowMs: number): number {
  return Math.min(Math.max(0, Math.ceil(dueMs - nowMs)), 0xffff_ffff)
}

function writeWord(bytes: Uint8Array, at: number, value: number): number {
  writeUint32(bytes, at, value)
  return at + 4
}

/** The last record that was read. One object for all records, because there is one per message. */
export class RecordReader {
  type = 0
  priority = 0
  flags = 0
  tid = 0
  version = 0
  extensionBytes = 0
  frontBytes = 0
  middleBytes = 0
  dataBytes = 0
  chunkBytes = 0
  /** What is left of its time, in ms; Infinity: it does not expire. */
  remainingMs = Infinity
  /** Flags that this peer must not set. */
  readonly #foreign: number

  /** By the peer's HELLO. */
  constructor({ extensions, expiry }: WireCapabilities) {
    this.#foreign = (extensions ? 0 : EXTENSION) | (expiry === true ? 0 : EXPIRES)
  }

  /** Reads the record at `start`. Returns null, or what is wrong with it; then no field means anything. */
  read(bytes: Uint8Array, start: number, end: number): string | null {
    if (end - start < RECORD_BYTES) return PAST_END
    let flags = bytes[start + 3]!
    if (flags & this.#foreign) return 'a record has an extension block, which this peer does not know'
    if (end - start < SIZES[flags]!) return PAST_END
    if ((flags & (CHUNK | CONTINUATION)) === CONTINUATION) return 'a continuation is not a chunk'
    this.type = readUint16(bytes, start)
    this.priority = bytes[start + 2]!
    let at = start + RECORD_BYTES
    this.tid = flags & TID ? readUint64(bytes, at) : 0
    if (flags & TID) at += 8
    let version = 0
    if (flags & VERSION) {
      version = readUint32(bytes, at)
      at += 4
      const high = (version >>> HIGH_FLAGS_SHIFT) & EXPIRES & ~this.#foreign
      version -= high << HIGH_FLAGS_SHIFT
      flags |= high
      if (high !== 0 && end - start < SIZES[flags]!) return PAST_END
    }
    this.version = version
    this.flags = flags
    this.remainingMs = flags & EXPIRES ? readUint32(bytes, at) : Infinity
    if (flags & EXPIRES) at += 4
    this.extensionBytes = flags & EXTENSION ? readUint32(bytes, at) : 0
    if (flags & EXTENSION) at += 4
    this.frontBytes = flags & FRONT ? readUint32(bytes, at) : 0
    if (flags & FRONT) at += 4
    this.middleBytes = flags & MIDDLE ? readUint32(bytes, at) : 0
    if (flags & MIDDLE) at += 4
    this.dataBytes = flags & DATA ? readUint32(bytes, at) : 0
    if (flags & DATA) at += 4
    this.chunkBytes = flags & CHUNK ? readUint32(bytes, at) : 0
    if (this.tid > Number.MAX_SAFE_INTEGER) return 'a tid is above 2^53 - 1'
    if (this.extensionBytes > EXTENSION_BYTES_MAX) return 'an extension block is too long'
    return this.version > 0xffff ? 'reserved bits of a record are set' : null
  }

  /** Length of the record that was read, and of all its segments. */
  get recordBytes(): number {
    return SIZES[this.flags]!
  }

  get bodyBytes(): number {
    return this.extensionBytes + this.frontBytes + this.middleBytes + this.dataBytes
  }
}

const PAST_END = 'a record runs past the end of its frame'
