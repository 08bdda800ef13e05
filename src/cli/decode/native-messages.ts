/**
 * What is in a MESSAGES frame: its header, and each record with its segments.
 *
 * The decoder that ships judges the frame. To it every message is one that is here already, so it builds none and takes no memory for
 * the chunks of a large one.
 */
import { BatchDecoder } from '../../wire/native/batch-decoder.ts'
import { readUint16 } from '../../wire/native/bytes.ts'
import { capabilitiesWith, OFFERED } from '../../wire/native/features.ts'
import { MESSAGES_HEADER_BYTES, RECORD_FLAG } from '../../wire/native/format.ts'
import { RecordReader } from '../../wire/native/record.ts'
import type { BatchHeader, WireCapabilities, WireContext, WireSink } from '../../wire/wire.ts'
import { namesOf, shown, type Field } from './piece.ts'

const nothing = (): void => undefined

/** Hears of headers alone. */
class Counting implements WireSink {
  header: BatchHeader | null = null
  readonly offer = nothing
  readonly opened = nothing
  readonly yielded = nothing
  readonly rejected = nothing
  readonly confirmed = nothing
  readonly message = nothing
  readonly marks = nothing
  readonly credit = nothing
  readonly verdicts = nothing
  readonly keepalive = nothing
  readonly keepaliveAck = nothing
  readonly goodbye = nothing
  readonly fault = nothing

  batch(header: BatchHeader): number {
    this.header = { ...header }
    return header.count
  }

  admit(): boolean {
    return true
  }
}

export class MessagesReader {
  readonly #sink = new Counting()
  readonly #allocate: WireContext['allocate']
  readonly #max: number
  #record: RecordReader
  #batches: BatchDecoder

  constructor(allocate: WireContext['allocate'], max: number) {
    this.#allocate = allocate
    this.#max = max
    const everything = capabilitiesWith(OFFERED)
    this.#record = new RecordReader(everything)
    this.#batches = new BatchDecoder(this.#sink, allocate, everything)
  }

  /** The HELLO of this direction. Before one, its sender is taken to know everything. */
  know(capabilities: WireCapabilities): void {
    this.#record = new RecordReader(capabilities)
    this.#batches = new BatchDecoder(this.#sink, this.#allocate, capabilities)
  }

  /** A whole frame that begins at `at`. `wrong`: how it breaks the protocol; the fields are what could be read until there. */
  read(frame: Uint8Array, at: number): { readonly fields: readonly Field[]; readonly wrong: string | null } {
    this.#sink.header = null
    const wrong = this.#batches.decode(frame, 0, frame.length, false)
    const header = this.#sink.header as BatchHeader | null
    if (header === null) return { fields: [], wrong }
    const { count, firstSeq, received, processed, stampMs, stampCounter } = header
    const fields = [
      { at: at + 12, name: 'messages', value: count },
      { at: at + 16, name: 'first', value: firstSeq },
      { at: at + 24, name: 'received', value: received },
      { at: at + 32, name: 'processed', value: processed },
      {
        at: at + 40,
        name: 'stamp',
        value: { time: new Date(stampMs).toISOString(), ms: stampMs, counter: stampCounter },
      },
    ]
    return { fields: [...fields, ...this.#records(frame, at, firstSeq)], wrong }
  }

  #records(frame: Uint8Array, at: number, firstSeq: number): Field[] {
    const fields: Field[] = []
    const record = this.#record
    const count = readUint16(frame, 12)
    let from = MESSAGES_HEADER_BYTES
    for (let index = 0; index < count && record.read(frame, from, frame.length) === null; index++) {
      const bodyAt = from + record.recordBytes
      const isChunk = (record.flags & RECORD_FLAG.CHUNK) !== 0
      const bodyEnd = isChunk ? frame.length : bodyAt + record.bodyBytes
      if (bodyEnd > frame.length) break
      const value = { ...this.#recordValue(), ...this.#bodyValue(frame, bodyAt, bodyEnd) }
      fields.push({ at: at + from, name: `message ${firstSeq + index}`, value })
      from = bodyEnd
    }
    return fields
  }

  #recordValue(): object {
    const { type, priority, flags, tid, version, remainingMs } = this.#record
    return {
      type,
      priority,
      flags: namesOf(flags, RECORD_FLAG),
      ...((flags & RECORD_FLAG.TID) !== 0 && { tid }),
      ...((flags & RECORD_FLAG.VERSION) !== 0 && { version }),
      ...((flags & RECORD_FLAG.EXPIRES) !== 0 && { remainingMs }),
    }
  }

  #bodyValue(frame: Uint8Array, bodyAt: number, bodyEnd: number): object {
    const { extensionBytes, frontBytes, middleBytes, dataBytes, flags } = this.#record
    const lengths = { extension: extensionBytes, front: frontBytes, middle: middleBytes, data: dataBytes }
    const there = Object.entries(lengths).filter(([, length]) => length > 0)
    if ((flags & RECORD_FLAG.CHUNK) !== 0) {
      // Lengths are those of the whole segments, and a chunk cuts through them.
      const whole = there.map(([name, length]) => [`${name}BytesInAll`, length] as const)
      return { ...Object.fromEntries(whole), chunk: shown(frame.subarray(bodyAt, bodyEnd), this.#max) }
    }
    let at = bodyAt
    const segments = there.map(([name, length]) => {
      const segment = shown(frame.subarray(at, at + length), this.#max)
      at += length
      return [name, segment] as const
    })
    return Object.fromEntries(segments)
  }
}
