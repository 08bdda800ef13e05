/**
 * The 41 bytes before every message ("header2"). Lengths are in the preamble, the sender is known from the handshake.
 *
 * Numbers of 64 bits are plain numbers here: a sequence number or a correlation number above 2^53 - 1 is refused.
 */
import { readUint16, readUint32, readUint64, writeUint16, writeUint32, writeUint64 } from '../native/bytes.ts'
import { HEADER_BYTES } from './format.ts'

export interface MessageHeader {
  readonly seq: number
  readonly tid: number
  readonly type: number
  readonly priority: number
  readonly version: number
  readonly dataPrePaddingBytes: number
  readonly dataOff: number
  readonly ackSeq: number
  readonly flags: number
  readonly compatVersion: number
  readonly reserved: number
}

export function readMessageHeader(bytes: Uint8Array): MessageHeader {
  return {
    seq: readUint64(bytes, 0),
    tid: readUint64(bytes, 8),
    type: readUint16(bytes, 16),
    priority: readUint16(bytes, 18),
    version: readUint16(bytes, 20),
    dataPrePaddingBytes: readUint32(bytes, 22),
    dataOff: readUint16(bytes, 26),
    ackSeq: readUint64(bytes, 28),
    flags: bytes[36]!,
    compatVersion: readUint16(bytes, 37),
    reserved: readUint16(bytes, 39),
  }
}

export function writeMessageHeader(header: MessageHeader): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES)
  writeUint64(bytes, 0, header.seq)
  writeUint64(bytes, 8, header.tid)
  writeUint16(bytes, 16, header.type)
  writeUint16(bytes, 18, header.priority)
  writeUint16(bytes, 20, header.version)
  writeUint32(bytes, 22, header.dataPrePaddingBytes)
  writeUint16(bytes, 26, header.dataOff)
  writeUint64(bytes, 28, header.ackSeq)
  bytes[36] = header.flags
  writeUint16(bytes, 37, header.compatVersion)
  writeUint16(bytes, 39, header.reserved)
  return bytes
}

/** Why a header cannot be taken; null when it can. */
export function refuseHeader({ seq, tid, priority, ackSeq }: MessageHeader): string | null {
  if (seq < 1 || seq > Number.MAX_SAFE_INTEGER) return `a message with sequence number ${seq}`
  if (tid > Number.MAX_SAFE_INTEGER) return 'a message whose tid is above 2^53 - 1'
  if (ackSeq > Number.MAX_SAFE_INTEGER) return 'a message that acks what was never sent'
  if (priority > 255) return `a message of priority ${priority}`
  return null
}
