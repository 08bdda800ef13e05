/**
 * A message on its way out and on its way in: what every wire protocol carries and no session changes.
 *
 * Three segments as in Ceph: `front` (the body of a typed message), `middle` (rarely used), `data` (bulk).
 */
import type { MessageFate } from '../common/errors.ts'
import { INSPECT, printed, type Inspect } from '../common/inspect.ts'
import { Stamp } from './stamp.ts'
import type { Failure } from './verdict.ts'

/** The smallest priority of the high lane, of the normal lane, and the default (Ceph's HIGH, LOW and DEFAULT). */
export const PRIORITY = { LOW: 63, DEFAULT: 127, HIGH: 196, HIGHEST: 255 } as const

/** Lanes, most urgent first. Messages of one lane stay in order; lanes overtake each other. */
export const LANES = 3

/**
 * The lane of control words, beside those of messages: what layers over sessions have to say to each other at once. It is
 * before all other lanes, and data credit does not count there: a side may be this many words ahead of what its peer has
 * finished, each of at most so many bytes, extension block included.
 */
export const CONTROL_LANE = LANES
export const CONTROL_WORDS = 32
export const CONTROL_WORD_BYTES = 2048
/** An extension block is for a few fields; what is larger belongs into a segment. */
export const EXTENSION_BYTES_MAX = 1024

/** The lane that a priority travels in: 0 from 196 on, 1 from 64 on, 2 below. */
export function laneOf(priority: number): number {
  return priority >= PRIORITY.HIGH ? 0 : priority > PRIORITY.LOW ? 1 : 2
}

/** What becomes of a message that somebody waits for. */
export interface Settle {
  /** True: nobody waits for it to be told, so it needs no ack sooner than any message does. */
  readonly isPatient?: boolean
  acked(): void
  /**
   * `unknown`: it was put on a link and never acked. `undelivered`: it never was. `failed`: the peer says so. The message is the
   * one that it is about: several may be settled by the same.
   */
  failed(fate: MessageFate, reason: Error, message: OutboundMessage): void
}

/** A message in the queue of a lane. The bytes must not change until it is acked. */
export interface OutboundMessage {
  readonly type: number
  readonly version: number
  readonly priority: number
  readonly tid: number
  readonly front: Uint8Array | null
  readonly middle: Uint8Array | null
  readonly data: Uint8Array | null
  /** What a layer over sessions says with it; opaque to the session. Only for peers that know of such blocks. */
  readonly extension: Uint8Array | null
  /** Length of all segments and of the extension, in bytes, when the message was queued. */
  readonly bytes: number
  /** @internal of those two then; what is left is data, and an extension, which is nobody else's. */
  readonly frontBytes: number
  /** @internal */
  readonly middleBytes: number
  /** @internal who waits for its outcome. */
  readonly settle: Settle | null
  /** @internal true: its ack is waited for no more than that of any message, whatever `settle` says of others. */
  isPatient?: boolean
  /** @internal when nobody wants it any more, by this messenger's own clock, in ms; left out: never. */
  readonly dueMs?: number
}

/**
 * True while each segment is as long as it was when the message was queued. Their memory is the caller's: what is transferred
 * away meanwhile has no bytes, and a buffer that can be resized has any number.
 *
 * By `byteLength`: of an array that was transferred away V8 11 (Node 20) goes on to answer the old `length`, in optimized
 * code that has seen buffers that can be resized.
 */
export function isIntact(message: OutboundMessage): boolean {
  const { extension, front, middle, data, bytes, frontBytes, middleBytes } = message
  const rest = (extension?.byteLength ?? 0) + (data?.byteLength ?? 0)
  return (
    (front?.byteLength ?? 0) === frontBytes &&
    (middle?.byteLength ?? 0) === middleBytes &&
    rest === bytes - frontBytes - middleBytes
  )
}

/**
 * Whose the memory of a body is when it comes out of a wire: nobody else's, one that bodies of the same frame lie in and
 * nobody writes to any more, or the chunk's, which is read over when the wire returns.
 */
export type Standing = 'own' | 'shared' | 'borrowed'

/** What holds the memory of a received message. */
export interface MessageLoan {
  /** Nobody looks at it any more. */
  done(): void
}

/** Who must hear that a received message is finished. */
export interface MessageOwner {
  finished(message: InboundMessage, failure?: Failure): void
}

const EMPTY = new Uint8Array(0)

/**
 * A received message. The segments are views of memory that is never used again, unless the policy says `bodies: 'lend'`:
 * then they are right until the handler has finished (or `ack()` was called). See `fastDispatch` for what it is given.
 */
export class InboundMessage {
  /** 0 to 65535; what the application agreed on. */
  readonly type: number
  /** 0 to 65535; of the type's encoding. */
  readonly version: number
  /** 0 to 255. */
  readonly priority: number
  /** The application's correlation number, 0 to 2^53 - 1. */
  readonly tid: number
  /** Position in its lane, from 1. */
  readonly seq: number
  readonly lane: number
  /** Hybrid logical clock of the sender when it was put on the link: ms since 1970, and a counter. */
  readonly stampMs: number
  readonly stampCounter: number
  /** Length of all segments, in bytes. */
  readonly bytes: number
  /** @internal where the segments lie: extension, front, then middle, then data, without gaps. Shared with other messages. */
  memory: ArrayBufferLike
  /** @internal offset of the first of them in `memory`. */
  offset: number
  /** @internal */
  readonly frontBytes: number
  /** @internal */
  readonly middleBytes: number
  /** @internal */
  readonly extensionBytes: number
  /** @internal set when it is queued for dispatch; null once finished. */
  owner: MessageOwner | null = null
  /** @internal what is to be given back when it is finished. */
  loan: MessageLoan | null = null
  /** @internal the session generation that it arrived in. */
  generation = 0
  /** @internal true: its ack is waited for no more than that of any message, whatever `settle` says of others. */
  isPatient?: boolean
  /** @internal when nobody wants it any more, by this messenger's own clock, in ms; null: never. */
  readonly dueMs: number | null
  /** @internal the number of the service that it is marked for, once that was read; 0: none. */
  mark = 0

  constructor(
    type: number,
    version: number,
    priority: number,
    tid: number,
    seq: number,
    lane: number,
    stampMs: number,
    stampCounter: number,
    memory: ArrayBufferLike,
    offset: number,
    frontBytes: number,
    middleBytes: number,
    dataBytes: number,
    extensionBytes = 0,
    dueMs: number | null = null,
  ) {
    this.type = type
    this.version = version
    this.priority = priority
    this.tid = tid
    this.seq = seq
    this.lane = lane
    this.stampMs = stampMs
    this.stampCounter = stampCounter
    this.memory = memory
    this.offset = offset
    this.frontBytes = frontBytes
    this.middleBytes = middleBytes
    this.extensionBytes = extensionBytes
    this.dueMs = dueMs
    this.bytes = extensionBytes + frontBytes + middleBytes + dataBytes
  }

  /** @internal what a layer over sessions said with it. */
  get extension(): Uint8Array {
    return view(this, 0, this.extensionBytes)
  }

  /** Body of the message; empty when there is none. */
  get front(): Uint8Array {
    return view(this, this.extensionBytes, this.frontBytes)
  }

  /** The second segment; empty when there is none. */
  get middle(): Uint8Array {
    return view(this, this.extensionBytes + this.frontBytes, this.middleBytes)
  }

  /** Bulk data; empty when there is none. */
  get data(): Uint8Array {
    const before = this.extensionBytes + this.frontBytes + this.middleBytes
    return view(this, before, this.bytes - before)
  }

  /**
   * `stampMs` and `stampCounter` as one value that can be kept. Where the protocol has no stamps, as Ceph's, the oldest one that
   * there is. Whatever its receiver stamps from now on is larger, unless the sender's clock was too far ahead (`clockSkew`).
   */
  get stamp(): Stamp {
    return new Stamp(this.stampMs, this.stampCounter)
  }

  /**
   * Says that the application is done with the message, before its handler returns or settles: the peer may forget it.
   * Calling it again does nothing.
   */
  ack(): void {
    const owner = this.owner
    this.owner = null
    owner?.finished(this)
  }

  /** What it is and how large its segments are, for JSON and logs: not the bytes, which may be anything, or long. */
  toJSON(): object {
    const { type, version, priority, tid, seq, lane, stampMs, stampCounter, frontBytes, middleBytes } = this
    const dataBytes = this.bytes - this.extensionBytes - frontBytes - middleBytes
    return { type, version, priority, tid, seq, lane, stampMs, stampCounter, frontBytes, middleBytes, dataBytes }
  }

  /** As `console.log` shows it: its memory is shared with messages of others. */
  [INSPECT](_depth: number, options: object, inspect: Inspect): string {
    return printed('InboundMessage', this.toJSON(), options, inspect)
  }

  /** @internal Says that it failed, unless `ack()` has said before that the application is done with it. */
  fail(failure: Failure): void {
    const owner = this.owner
    this.owner = null
    owner?.finished(this, failure)
  }
}

/** Not a private method: those are installed on every instance. Of the buffer: `subarray` takes three times as long. */
function view({ memory, offset }: InboundMessage, start: number, length: number): Uint8Array {
  return length === 0 ? EMPTY : new Uint8Array(memory, offset + start, length)
}
