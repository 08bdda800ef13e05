/** The header of a MESSAGES frame: which messages of which lane it brings, with what marks, and what can be wrong with that. */
import type { BatchHeader } from '../wire.ts'
import { readStampCounter, readStampMs, readUint16, readUint64 } from './bytes.ts'
import { FRAME_FLAG } from './format.ts'

/** To be read into. */
export function emptyHeader(): BatchHeader {
  return {
    lane: 0,
    firstSeq: 0,
    count: 0,
    received: 0,
    processed: 0,
    stampMs: 0,
    stampCounter: 0,
    ackNow: false,
  }
}

/** Reads the header at `bytes[at, …)`. Returns null, or how the peer broke the protocol; `lanes` are those that it knows. */
export function readHeader(header: BatchHeader, bytes: Uint8Array, at: number, lanes: number): string | null {
  header.ackNow = (bytes[at + 1]! & FRAME_FLAG.ACK_NOW) !== 0
  header.lane = bytes[at + 2]!
  header.count = readUint16(bytes, at + 12)
  header.firstSeq = readUint64(bytes, at + 16)
  header.received = readUint64(bytes, at + 24)
  header.processed = readUint64(bytes, at + 32)
  header.stampMs = readStampMs(bytes, at + 40)
  header.stampCounter = readStampCounter(bytes, at + 40)
  if (header.lane >= lanes) return `lane ${header.lane} is none that this peer knows`
  if (header.count === 0) return 'a run of no messages'
  if (readUint16(bytes, at + 14) !== 0) return 'reserved bits of a frame are set'
  if (header.firstSeq < 1 || header.firstSeq + header.count > Number.MAX_SAFE_INTEGER) {
    return 'a sequence number is outside 1 to 2^53 - 1'
  }
  if (header.received > Number.MAX_SAFE_INTEGER) return 'a received mark is above 2^53 - 1'
  return header.processed > header.received ? 'a processed mark is above the received mark' : null
}
