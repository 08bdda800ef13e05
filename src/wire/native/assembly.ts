/**
 * A large message of which some chunks are here, and the memory that it grows into as they come.
 *
 * What is only announced takes no memory: see growing.ts. Limit: one per lane; how large it may be the session has said before it began.
 */
import { roomFor } from '../growing.ts'
import type { InboundMessage } from '../message.ts'
import type { BatchHeader, WireContext } from '../wire.ts'
import { RECORD_FLAG } from './format.ts'
import type { RecordReader } from './record.ts'

export class Assembly {
  readonly seq: number
  readonly type: number
  readonly priority: number
  readonly totalBytes: number
  /** Null when the session has it already, and so has its body. */
  readonly message: InboundMessage | null
  /** All of it, or its beginning. */
  body: Uint8Array | null
  filledBytes = 0

  constructor(
    seq: number,
    type: number,
    priority: number,
    totalBytes: number,
    message: InboundMessage | null,
    body: Uint8Array | null,
  ) {
    this.seq = seq
    this.type = type
    this.priority = priority
    this.totalBytes = totalBytes
    this.message = message
    this.body = body
  }

  /** Its body, with more room when it is full or `here` bytes do not fit; undefined: there is no such memory. */
  room(here: number, allocate: WireContext['allocate']): Uint8Array | undefined {
    const { body, message, filledBytes, totalBytes } = this
    if (body === null || message === null) return undefined
    if (here <= body.length && filledBytes < body.length) return body
    const larger = memoryFor(allocate, Math.max(here, roomFor(totalBytes, here)))
    if (larger === undefined) return undefined
    larger.set(body.subarray(0, filledBytes))
    this.body = larger
    message.memory = larger.buffer
    message.offset = larger.byteOffset
    return larger
  }
}

/** Undefined: there is none. A window without a bound admits what no machine can hold; that is the peer's fault, and no crash. */
export function memoryFor(allocate: WireContext['allocate'], bytes: number): Uint8Array | undefined {
  try {
    return allocate(bytes)
  } catch {
    return undefined
  }
}

/** Why the chunk that comes does not continue what is unfinished in its lane; null: it does. */
export function refuseContinuation(
  assembly: Assembly | null,
  { firstSeq }: BatchHeader,
  { flags, type, priority }: RecordReader,
): string | null {
  if (assembly === null) return 'a chunk continues a message that did not begin'
  if (flags !== (RECORD_FLAG.CHUNK | RECORD_FLAG.CONTINUATION))
    return 'a continuation repeats fields of its first chunk'
  const same = assembly.seq === firstSeq && assembly.type === type && assembly.priority === priority
  return same ? null : 'a chunk continues another message than the unfinished one'
}
