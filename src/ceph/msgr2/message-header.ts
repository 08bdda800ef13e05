/**
 * The 41 bytes before every message ("header2"). Lengths are in the preamble, the sender is known from the handshake.
 *
 * Numbers of 64 bits are plain numbers here: a sequence number or a correlation number above 2^53 - 1 is refused.
 */
import { readUint16, readUint32, readUint64, writeUint16, writeUint32, writeUint64 } from '../../wire/native/bytes.ts'

/** A decoder has one and overwrites it, and so has an encoder: there is one per message. */
export interface MessageHeader {
  seq: number
  tid: number
  type: number
  priority: number
  version: number
  dataPrePaddingBytes: number
  dataOff: number
  ackSeq: number
  flags: number
  compatVersion: number
  reserved: number
}

export function emptyHeader(): MessageHeader {
  const numbers = { seq: 0, tid: 0, type: 0, priority: 0, version: 0 }
  return { ...numbers, dataPrePaddingBytes: 0, dataOff: 0, ackSeq: 0, flags: 0, compatVersion: 0, reserved: 0 }
}

export function readMessageHeader(bytes: Uint8Array, at: number, into: MessageHeader): void {
  into.seq = readUint64(bytes, at)
  into.tid = readUint64(bytes, at + 8)
  into.type = readUint16(bytes, at + 16)
  into.priority = readUint16(bytes, at + 18)
  into.version = readUint16(bytes, at + 20)
  into.dataPrePaddingBytes = readUint32(bytes, at + 22)
  into.dataOff = readUint16(bytes, at + 26)
  into.ackSeq = readUint64(bytes, at + 28)
  into.flags = bytes[at + 36]!
  into.compatVersion = readUint16(bytes, at + 37)
  into.reserved = readUint16(bytes, at + 39)
}

/** Writes HEADER_BYTES at `at`. */
export function writeMessageHeader(bytes: Uint8Array, at: number, header: MessageHeader): void {
  writeUint64(bytes, at, header.seq)
  writeUint64(bytes, at + 8, header.tid)
  writeUint16(bytes, at + 16, header.type)
  writeUint16(bytes, at + 18, header.priority)
  writeUint16(bytes, at + 20, header.version)
  writeUint32(bytes, at + 22, header.dataPrePaddingBytes)
  writeUint16(bytes, at + 26, header.dataOff)
  writeUint64(bytes, at + 28, header.ackSeq)
  bytes[at + 36] = header.flags
  writeUint16(bytes, at + 37, header.compatVersion)
  writeUint16(bytes, at + 39, header.reserved)
}

/** Why a header cannot be taken; null when it can. */
export function refuseHeader({ seq, tid, priority, ackSeq }: MessageHeader): string | null {
  if (seq < 1 || seq > Number.MAX_SAFE_INTEGER) return `a message with sequence number ${seq}`
  if (tid > Number.MAX_SAFE_INTEGER) return 'a message whose tid is above 2^53 - 1'
  if (ackSeq > Number.MAX_SAFE_INTEGER) return 'a message that acks what was never sent'
  if (priority > 255) return `a message of priority ${priority}`
  return null
}
