/**
 * Reads MESSAGES frames: runs of messages, and chunks that are put together to large ones.
 *
 * The session is asked before anything is built: which messages of the run it has already, and whether each fits the
 * credit it gave. Messages of a run are views of the frame. The body of a chunked message is allocated once, at its first
 * chunk; one that the session has already is counted and thrown away. Chunks of different lanes interleave, those of one
 * message do not, so there is at most one unfinished message per lane.
 */
import { InboundMessage, LANES } from '../message.ts'
import type { BatchHeader, WireSink } from '../wire.ts'
import { readStampCounter, readStampMs, readUint16, readUint64 } from './bytes.ts'
import { FRAME_FLAG, MESSAGES_HEADER_BYTES, MESSAGE_BYTES_MAX, RECORD_FLAG } from './format.ts'
import { RecordReader } from './record.ts'

const { CHUNK, CONTINUATION } = RECORD_FLAG
const PAST_CREDIT = 'the peer sent past its credit'

/** A message of which some chunks are here. */
interface Assembly {
  readonly seq: number
  readonly type: number
  readonly priority: number
  readonly totalBytes: number
  /** Null when the session has it already. */
  readonly message: InboundMessage | null
  filledBytes: number
}

export class BatchDecoder {
  readonly #sink: WireSink
  readonly #record = new RecordReader()
  readonly #assemblies = new Array<Assembly | null>(LANES).fill(null)
  /** The one header that the sink sees; see BatchHeader. */
  readonly #header: BatchHeader = {
    lane: 0,
    firstSeq: 0,
    count: 0,
    received: 0,
    processed: 0,
    stampMs: 0,
    stampCounter: 0,
    ackNow: false,
  }

  constructor(sink: WireSink) {
    this.#sink = sink
  }

  /** Reads the frame at `bytes[at, end)`. Returns null, or how the peer broke the protocol. */
  decode(bytes: Uint8Array, at: number, end: number, stable: boolean): string | null {
    const header = this.#header
    const reason = this.#readHeader(bytes, at)
    if (reason !== null) return reason
    const start = at + MESSAGES_HEADER_BYTES
    const wrong = this.#record.read(bytes, start, end)
    if (wrong !== null) return wrong
    const unfinished = this.#assemblies[header.lane]!
    if (unfinished !== null && !(this.#record.flags & CONTINUATION)) return 'a message begins inside a chunked one'
    const skip = this.#sink.batch(header)
    if (skip < 0) return `sequence gap: lane ${header.lane} goes on at ${header.firstSeq}`
    if (this.#record.flags & CHUNK) return this.#chunk(bytes, start + this.#record.recordBytes, end, skip)
    return this.#run(bytes, start, end, skip, stable)
  }

  #readHeader(bytes: Uint8Array, at: number): string | null {
    const header = this.#header
    header.ackNow = (bytes[at + 1]! & FRAME_FLAG.ACK_NOW) !== 0
    header.lane = bytes[at + 2]!
    header.count = readUint16(bytes, at + 12)
    header.firstSeq = readUint64(bytes, at + 16)
    header.received = readUint64(bytes, at + 24)
    header.processed = readUint64(bytes, at + 32)
    header.stampMs = readStampMs(bytes, at + 40)
    header.stampCounter = readStampCounter(bytes, at + 40)
    if (header.count === 0) return 'a run of no messages'
    if (readUint16(bytes, at + 14) !== 0) return 'reserved bits of a frame are set'
    if (header.firstSeq < 1 || header.firstSeq + header.count > Number.MAX_SAFE_INTEGER) {
      return 'a sequence number is outside 1 to 2^53 - 1'
    }
    if (header.received > Number.MAX_SAFE_INTEGER) return 'a received mark is above 2^53 - 1'
    return header.processed > header.received ? 'a processed mark is above the received mark' : null
  }

  #run(bytes: Uint8Array, start: number, end: number, skip: number, stable: boolean): string | null {
    const { lane, firstSeq, count, stampMs, stampCounter } = this.#header
    const record = this.#record
    let at = start
    for (let index = 0; index < count; index++) {
      const wrong = record.read(bytes, at, end)
      if (wrong !== null) return wrong
      if (record.flags & CHUNK) return 'a chunk inside a run'
      at += record.recordBytes
      const bodyBytes = record.bodyBytes
      if (bodyBytes > end - at) return 'a message runs past the end of its frame'
      if (!this.#sink.admit(bodyBytes, index < skip)) return PAST_CREDIT
      if (index >= skip) {
        const { type, version, priority, tid, frontBytes, middleBytes, dataBytes } = record
        const seq = firstSeq + index
        // prettier-ignore
        this.#sink.message(new InboundMessage(
          type, version, priority, tid, seq, lane, stampMs, stampCounter, bytes, at, frontBytes, middleBytes, dataBytes,
        ), stable)
      }
      at += bodyBytes
    }
    return at === end ? null : 'bytes are left over behind the last message of a frame'
  }

  #chunk(bytes: Uint8Array, at: number, end: number, skip: number): string | null {
    const { count, lane } = this.#header
    const { flags, chunkBytes } = this.#record
    if (count !== 1) return 'a chunk inside a run'
    if (chunkBytes !== end - at || chunkBytes === 0) return 'the length of a chunk is not that of its frame'
    const reason = flags & CONTINUATION ? this.#refuseContinuation() : this.#beginAssembly(skip > 0)
    if (reason !== null) return reason
    const assembly = this.#assemblies[lane]!
    const filled = assembly.filledBytes
    if (filled + chunkBytes > assembly.totalBytes) return 'the chunks of a message exceed its length'
    assembly.message?.body.set(bytes.subarray(at, end), filled)
    assembly.filledBytes = filled + chunkBytes
    if (assembly.filledBytes === assembly.totalBytes) {
      this.#assemblies[lane] = null
      if (assembly.message !== null) this.#sink.message(assembly.message, true)
    }
    return null
  }

  #refuseContinuation(): string | null {
    const assembly = this.#assemblies[this.#header.lane]!
    if (assembly === null) return 'a chunk continues a message that did not begin'
    const { flags, type, priority } = this.#record
    if (flags !== (CHUNK | CONTINUATION)) return 'a continuation repeats fields of its first chunk'
    const same = assembly.seq === this.#header.firstSeq && assembly.type === type && assembly.priority === priority
    return same ? null : 'a chunk continues another message than the unfinished one'
  }

  /** Memory is taken here, and only for what the session admitted. */
  #beginAssembly(skipped: boolean): string | null {
    const { lane, firstSeq, stampMs, stampCounter } = this.#header
    const { type, version, priority, tid, frontBytes, middleBytes, dataBytes, bodyBytes } = this.#record
    if (bodyBytes > MESSAGE_BYTES_MAX) return `a message of ${bodyBytes} bytes; the limit is ${MESSAGE_BYTES_MAX}`
    if (!this.#sink.admit(bodyBytes, skipped)) return PAST_CREDIT
    const body = skipped ? null : allocate(bodyBytes)
    if (body === undefined) return `there is no memory for a message of ${bodyBytes} bytes`
    // prettier-ignore
    const message = body && new InboundMessage(
      type, version, priority, tid, firstSeq, lane, stampMs, stampCounter, body, 0, frontBytes, middleBytes, dataBytes,
    )
    this.#assemblies[lane] = { seq: firstSeq, type, priority, totalBytes: bodyBytes, message, filledBytes: 0 }
    return null
  }
}

/** A window without a bound admits what no machine can hold; that is the peer's fault, not a crash of this side. */
function allocate(bytes: number): Uint8Array | undefined {
  try {
    return new Uint8Array(bytes)
  } catch {
    return undefined
  }
}
