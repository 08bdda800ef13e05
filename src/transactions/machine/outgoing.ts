/**
 * One direction of a transaction, as its sender has it: records that wait, and the credit that their reader gives.
 *
 * A record is a request, a part or a reply. Large ones are cut into pieces, so that no transaction is ahead of the next one's
 * turn by more. Parts never pass their reader's credit; the first piece of a request or a reply has room kept for it. Pure.
 * Limit: what waits is bounded by `CALLS.unsentBytesMax`; the sender of parts waits then.
 */
import { Deque } from '../../common/deque.ts'
import { CALLS } from './limits.ts'
import { KIND } from './words.ts'

/** A record on its way out. The bytes must not change until it is sent and acked. */
export interface OutRecord {
  readonly kind: typeof KIND.OPEN | typeof KIND.PART | typeof KIND.REPLY
  readonly front: Uint8Array | null
  readonly data: Uint8Array | null
}

/** One that waits, as long as it was when it was queued. */
export interface WaitingRecord extends OutRecord {
  readonly bytes: number
}

/** What goes into one message. */
export interface OutPiece {
  readonly record: WaitingRecord
  readonly front: Uint8Array | null
  readonly data: Uint8Array | null
  readonly isFirst: boolean
  /** It is no record, but says the end alone. */
  readonly isBare: boolean
  readonly more: boolean
  /** Nothing of this direction comes behind it. */
  readonly end: boolean
  readonly bytes: number
}

export class Outgoing {
  /** Free-running, with the overhead: what was sent, and how far the reader lets it go. */
  used = 0
  granted: number = CALLS.windowBytes
  /** What waits, with the overhead. */
  waitingBytes = 0
  /** `ending`: nothing more is queued. `over`: nothing more is sent, as the reader wants no more or the sender gave up. */
  life: 'open' | 'ending' | 'over' = 'open'
  readonly #records = new Deque<WaitingRecord>()
  /** Bytes of the first record that are sent. */
  #offset = 0
  /** The last piece said that it is the end. */
  #saidEnd = false
  #hasParts = false

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  /** True once a sender of parts must wait. */
  get isFull(): boolean {
    return this.waitingBytes >= CALLS.unsentBytesMax
  }

  push({ kind, front, data }: OutRecord): void {
    if (kind === KIND.PART) this.#hasParts = true
    this.#keep({ kind, front, data, bytes: bytesOf({ front, data }) })
  }

  /** Nothing is queued behind what waits. */
  end(): void {
    if (this.life === 'open') this.life = 'ending'
  }

  /** Forgets the parts that wait; a request or a reply, and the rest of a record that the reader has begun, still go. */
  drop(): void {
    const rest = this.#records.takeAll()
    this.waitingBytes = 0
    rest.forEach((record, index) => {
      if (record.kind !== KIND.PART || (index === 0 && this.#offset > 0)) this.#keep(record)
    })
  }

  /**
   * Its caller wants no more of it: parts that wait are forgotten, and no end is said where some are missing. True: its reader has
   * seen parts, or was to see some, and none of them is the last.
   */
  cut(): boolean {
    const { length } = this.#records
    this.drop()
    const isCut = this.#records.length < length || (this.life === 'open' && this.#hasParts)
    if (isCut) this.life = 'over'
    return isCut
  }

  /** Sends nothing more, not even the rest of a record that the reader has begun: it is told that there is none. */
  abandon(): void {
    this.#records.takeAll()
    this.waitingBytes = this.#offset = 0
    this.life = 'over'
  }

  /** True when a piece may go now. */
  get isReady(): boolean {
    const record = this.#records.at(0)
    if (record === undefined) return this.life === 'ending' && !this.#saidEnd
    return this.#isFree(record) || this.used + this.#nextBytes(record) + CALLS.partOverheadBytes <= this.granted
  }

  /** The next piece, counted as sent; null: its bytes are gone. Only when `isReady`. */
  next(): OutPiece | null {
    const record = this.#records.at(0) ?? BARE
    if (!isWhole(record)) return null
    const isFirst = this.#offset === 0
    const bytes = this.#nextBytes(record)
    const end = this.#offset + bytes
    const more = end < record.bytes
    if (record !== BARE && !this.#isFree(record)) this.used += bytes + CALLS.partOverheadBytes
    const isWholeRecord = isFirst && !more
    const { front, data } = isWholeRecord ? record : this.#cut(record, this.#offset, end)
    this.#offset = more ? end : 0
    if (!more) {
      this.#records.shift()
      this.waitingBytes -= record === BARE ? 0 : record.bytes + CALLS.partOverheadBytes
    }
    const last = !more && this.life === 'ending' && this.isEmpty
    if (last) this.#saidEnd = true
    return { record, front, data, isFirst, isBare: record === BARE, more, end: last, bytes }
  }

  /** The reader gives credit up to this total. */
  grant(total: number): void {
    if (total > this.granted) this.granted = total
  }

  #keep(record: WaitingRecord): void {
    this.#records.push(record)
    this.waitingBytes += record.bytes + CALLS.partOverheadBytes
  }

  #isFree({ kind }: OutRecord): boolean {
    return kind !== KIND.PART && this.#offset === 0
  }

  #nextBytes({ bytes }: WaitingRecord): number {
    return Math.min(CALLS.pieceBytes, bytes - this.#offset)
  }

  #cut({ front, data }: WaitingRecord, from: number, to: number): Pick<OutPiece, 'front' | 'data'> {
    const frontBytes = front?.byteLength ?? 0
    return {
      front: from < frontBytes ? front!.subarray(from, Math.min(to, frontBytes)) : null,
      data: to > frontBytes ? data!.subarray(Math.max(0, from - frontBytes), to - frontBytes) : null,
    }
  }
}

/** Says the end alone. */
const BARE: WaitingRecord = { kind: KIND.PART, front: null, data: null, bytes: 0 }

export function bytesOf({ front, data }: Pick<OutRecord, 'front' | 'data'>): number {
  return (front?.byteLength ?? 0) + (data?.byteLength ?? 0)
}

/** True while it is as long as it was: its memory is the caller's, who may have transferred it away. */
export function isWhole(record: WaitingRecord): boolean {
  return bytesOf(record) === record.bytes
}
