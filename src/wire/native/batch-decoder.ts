/**
 * Reads MESSAGES frames: runs of messages, and chunks that are put together to large ones.
 *
 * The session is asked before anything is built: which messages of the run it has already, and whether each fits the
 * credit it gave. Messages of a run are views of the frame; a large one that is alone in it and comes in parts gets memory of its
 * own at once. The body of a chunked message gets memory as its chunks come
 * (see growing.ts); one that the session has already is counted and thrown away, and its sender, once it learns that, may
 * leave the rest of it out. Chunks of different lanes interleave, those of one message do not, so there is at most one unfinished
 * message per lane.
 */
import { CONTROL_LANE, InboundMessage, LANES, type Standing } from '../message.ts'
import type { BatchHeader, WireCapabilities, WireContext, WireSink } from '../wire.ts'
import { Assembly, memoryFor, refuseContinuation } from './assembly.ts'
import { emptyHeader, readHeader } from './batch-header.ts'
import { readUint16 } from './bytes.ts'
import { MESSAGES_HEADER_BYTES, MESSAGE_BYTES_MAX, RECORD_FLAG } from './format.ts'
import type { Place } from './pouring.ts'
import { RecordReader } from './record.ts'
import { roomFor } from '../growing.ts'

const { CHUNK, CONTINUATION } = RECORD_FLAG
/** From here on a body is written to its place as it comes: a read of its own costs less than the copy. */
export const PLACED_BYTES_MIN = 16 * 1024
const PAST_CREDIT = 'the peer sent past its credit'

export class BatchDecoder {
  readonly #sink: WireSink
  readonly #allocate: WireContext['allocate']
  readonly #record: RecordReader
  readonly #assemblies = new Array<Assembly | null>(CONTROL_LANE + 1).fill(null)
  /** Lanes that the peer knows. */
  readonly #lanes: number
  /** The one header that the sink sees; see BatchHeader. */
  readonly #header: BatchHeader = emptyHeader()

  /** How many messages of the frame the session has already. */
  #skip = 0
  /** Where the body of the one message of the frame goes that comes now. */
  #body: Uint8Array | null = null

  /** `capabilities`: by the peer's HELLO. */
  constructor(sink: WireSink, allocate: WireContext['allocate'], capabilities: WireCapabilities) {
    this.#sink = sink
    this.#allocate = allocate
    this.#record = new RecordReader(capabilities)
    this.#lanes = capabilities.controlLane ? CONTROL_LANE + 1 : LANES
  }

  /** Reads the frame at `bytes[at, end)`. Returns null, or how the peer broke the protocol. */
  decode(bytes: Uint8Array, at: number, end: number, stable: boolean): string | null {
    const start = at + MESSAGES_HEADER_BYTES
    const reason = this.#begin(bytes, at, end)
    if (reason !== null) return reason
    if ((this.#record.flags & CHUNK) === 0) return this.#run(bytes, start, end, stable)
    const bodyAt = start + this.#record.recordBytes
    const wrong = this.#admitChunk(end - bodyAt, bytes, bodyAt)
    if (wrong !== null) return wrong
    const assembly = this.#assemblies[this.#header.lane]!
    const inPlace = assembly.body === bytes
    if (assembly.body !== null && !inPlace) {
      const { filledBytes } = assembly
      const body = assembly.room(filledBytes + end - bodyAt, this.#allocate)
      if (body === undefined) return noMemory(assembly.totalBytes)
      body.set(bytes.subarray(bodyAt, end), filledBytes)
    }
    this.#fill(assembly, stable || !inPlace ? 'own' : 'borrowed')
    return null
  }

  /**
   * Where the rest of the frame that begins at `bytes[at, have)` may be written before its checksum is known: behind the
   * chunks of the unfinished message that it continues, or into memory of its own for a large message that is all of it. Null
   * when it is no such frame, or not all of its headers are here.
   */
  place(bytes: Uint8Array, at: number, have: number, total: number): Place | null {
    const record = this.#record
    if (record.read(bytes, at + MESSAGES_HEADER_BYTES, have) !== null) return null
    const headBytes = MESSAGES_HEADER_BYTES + record.recordBytes
    // A message that is little more than a batch comes as one chunk, which is all of it: so does each piece of a transfer.
    const isWhole = (record.flags & (CHUNK | CONTINUATION)) === CHUNK && record.chunkBytes === record.bodyBytes
    if (isWhole || (record.flags & CHUNK) === 0) return this.#placeWhole(bytes, at, have, headBytes, total)
    return this.#placeChunk(this.#assemblies[bytes[at + 2]!], headBytes, total)
  }

  #placeWhole(bytes: Uint8Array, at: number, have: number, headBytes: number, total: number): Place | null {
    const { bodyBytes } = this.#record
    if (this.#sink.reusesBodies !== true) return null
    if (readUint16(bytes, at + 12) !== 1 || bodyBytes < PLACED_BYTES_MIN || headBytes + bodyBytes !== total) return null
    // Not for what is only announced: such a frame is collected as it comes.
    if (roomFor(total, have - at) < total) return null
    const body = memoryFor(this.#allocate, bodyBytes)
    if (body === undefined) return null
    this.#body = body
    return { headBytes, body, offset: 0, isWarm: true }
  }

  #placeChunk(assembly: Assembly | null | undefined, headBytes: number, total: number): Place | null {
    const { flags, chunkBytes } = this.#record
    if (!assembly?.body || (flags & CONTINUATION) === 0) return null
    if (chunkBytes === 0 || headBytes + chunkBytes !== total) return null
    const { filledBytes } = assembly
    const end = filledBytes + chunkBytes
    // Room for what is here: this chunk is only announced, too.
    const body = assembly.room(filledBytes, this.#allocate)
    if (body === undefined || body.length < end) return null
    return { headBytes, body, offset: filledBytes, isWarm: this.#sink.reusesBodies === true }
  }

  /** Reads a frame whose body was written to its place; `head` are its headers. Answers as `decode`. */
  decodePlaced(head: Uint8Array): string | null {
    const body = this.#body
    this.#body = null
    const reason = this.#begin(head, 0, head.length)
    if (reason !== null) return reason
    if (body !== null) return this.#whole(body)
    const wrong = this.#admitChunk(this.#record.chunkBytes, head, 0)
    if (wrong === null) this.#fill(this.#assemblies[this.#header.lane]!, 'own')
    return wrong
  }

  /** The one message of a frame is in its place. */
  #whole(body: Uint8Array): string | null {
    const isKnown = this.#skip > 0
    if (!this.#sink.admit(body.length, isKnown)) return PAST_CREDIT
    if (!isKnown) this.#sink.message(this.#message(this.#header.firstSeq, body.buffer, body.byteOffset), 'own')
    return null
  }

  /** Reads the header and the first record, and asks the session. */
  #begin(bytes: Uint8Array, at: number, end: number): string | null {
    const header = this.#header
    const reason =
      readHeader(header, bytes, at, this.#lanes) ?? this.#record.read(bytes, at + MESSAGES_HEADER_BYTES, end)
    if (reason !== null) return reason
    if (header.lane === CONTROL_LANE && this.#record.flags & CHUNK) return 'a control word is cut into chunks'
    if (!(this.#record.flags & CONTINUATION) && !this.#leaves(header)) return 'a message begins inside a chunked one'
    this.#skip = this.#sink.batch(header)
    return this.#skip < 0 ? `sequence gap: lane ${header.lane} goes on at ${header.firstSeq}` : null
  }

  /** A message begins: what is unfinished in its lane must be one that nobody waits for, and it is behind it. */
  #leaves({ lane, firstSeq }: BatchHeader): boolean {
    const unfinished = this.#assemblies[lane]!
    if (unfinished === null) return true
    if (unfinished.message !== null || firstSeq <= unfinished.seq) return false
    this.#assemblies[lane] = null
    return true
  }

  #run(bytes: Uint8Array, start: number, end: number, stable: boolean): string | null {
    const { firstSeq, count } = this.#header
    const record = this.#record
    const skip = this.#skip
    const standing = !stable ? 'borrowed' : count === 1 ? 'own' : 'shared'
    // Asked for once: it is no plain field of an array.
    const { buffer, byteOffset } = bytes
    let at = start
    for (let index = 0; index < count; index++) {
      const wrong = record.read(bytes, at, end)
      if (wrong !== null) return wrong
      if (record.flags & CHUNK) return 'a chunk inside a run'
      at += record.recordBytes
      const bodyBytes = record.bodyBytes
      if (bodyBytes > end - at) return 'a message runs past the end of its frame'
      if (!this.#sink.admit(bodyBytes, index < skip)) return PAST_CREDIT
      if (index >= skip) this.#sink.message(this.#message(firstSeq + index, buffer, byteOffset + at), standing)
      at += bodyBytes
    }
    return at === end ? null : 'bytes are left over behind the last message of a frame'
  }

  /** The message of the record that was read; its body lies at `memory[offset, …)`. */
  #message(seq: number, memory: ArrayBufferLike, offset: number): InboundMessage {
    const { lane, stampMs, stampCounter } = this.#header
    const { type, version, priority, tid, frontBytes, middleBytes, dataBytes, extensionBytes } = this.#record
    const { remainingMs } = this.#record
    const dueMs = remainingMs === Infinity ? null : (this.#sink.dueMs?.(remainingMs) ?? null)
    // prettier-ignore
    return new InboundMessage(
      type, version, priority, tid, seq, lane, stampMs, stampCounter,
      memory, offset, frontBytes, middleBytes, dataBytes, extensionBytes, dueMs,
    )
  }

  /** A chunk of this many bytes: does it fit? The first one begins a message. */
  #admitChunk(bodyBytes: number, bytes: Uint8Array, bodyAt: number): string | null {
    const { count, lane } = this.#header
    const { flags, chunkBytes } = this.#record
    if (count !== 1) return 'a chunk inside a run'
    if (chunkBytes !== bodyBytes || chunkBytes === 0) return 'the length of a chunk is not that of its frame'
    const continues = (flags & CONTINUATION) !== 0
    const reason = continues
      ? refuseContinuation(this.#assemblies[lane]!, this.#header, this.#record)
      : this.#beginAssembly(bytes, bodyAt)
    if (reason !== null) return reason
    const { filledBytes, totalBytes } = this.#assemblies[lane]!
    return filledBytes + chunkBytes > totalBytes ? 'the chunks of a message exceed its length' : null
  }

  /** The chunk is in its place. */
  #fill(assembly: Assembly, standing: Standing): void {
    assembly.filledBytes += this.#record.chunkBytes
    if (assembly.filledBytes < assembly.totalBytes) return
    this.#assemblies[this.#header.lane] = null
    if (assembly.message !== null) this.#sink.message(assembly.message, standing)
  }

  /**
   * Memory is taken here, and only for what the session admitted; none when the one chunk is all of the message: that stays
   * where it is, at `bytes[bodyAt, …)`.
   */
  #beginAssembly(bytes: Uint8Array, bodyAt: number): string | null {
    const { lane, firstSeq } = this.#header
    const { type, priority, chunkBytes, bodyBytes } = this.#record
    if (bodyBytes > MESSAGE_BYTES_MAX) return `a message of ${bodyBytes} bytes; the limit is ${MESSAGE_BYTES_MAX}`
    const skipped = this.#skip > 0
    if (!this.#sink.admit(bodyBytes, skipped)) return PAST_CREDIT
    const whole = chunkBytes === bodyBytes
    const body = skipped ? null : whole ? bytes : memoryFor(this.#allocate, roomFor(bodyBytes, chunkBytes))
    if (body === undefined) return noMemory(bodyBytes)
    const message = body && this.#message(firstSeq, body.buffer, body.byteOffset + (whole ? bodyAt : 0))
    this.#assemblies[lane] = new Assembly(firstSeq, type, priority, bodyBytes, message, body)
    return null
  }
}

function noMemory(bytes: number): string {
  return `there is no memory for a message of ${bytes} bytes`
}
