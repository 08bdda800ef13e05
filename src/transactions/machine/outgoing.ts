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

/** What goes into one message. */
export interface OutPiece {
  readonly record: OutRecord
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
  readonly #records = new Deque<OutRecord>()
  /** Bytes of the first record that are sent. */
  #offset = 0
  /** The last piece said that it is the end. */
  #saidEnd = false

  get isEmpty(): boolean {
    return this.#records.length === 0
  }

  /** True once a sender of parts must wait. */
  get isFull(): boolean {
    return this.waitingBytes >= CALLS.unsentBytesMax
  }

  push(record: OutRecord): void {
    this.#records.push(record)
    this.waitingBytes += bytesOf(record) + CALLS.partOverheadBytes
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
      if (record.kind !== KIND.PART || (index === 0 && this.#offset > 0)) this.push(record)
    })
  }

  /** True when a piece may go now. */
  get isReady(): boolean {
    const record = this.#records.at(0)
    if (record === undefined) return this.life === 'ending' && !this.#saidEnd
    return this.#isFree(record) || this.used + this.#nextBytes(record) + CALLS.partOverheadBytes <= this.granted
  }

  /** The next piece, counted as sent. Only when `isReady`. A null record: the bare end. */
  next(): OutPiece {
    const record = this.#records.at(0) ?? BARE
    const isFirst = this.#offset === 0
    const bytes = this.#nextBytes(record)
    const end = this.#offset + bytes
    const more = end < bytesOf(record)
    if (record !== BARE && !this.#isFree(record)) this.used += bytes + CALLS.partOverheadBytes
    const piece = { record, isFirst, isBare: record === BARE, more, bytes, ...this.#cut(record, this.#offset, end) }
    this.#offset = more ? end : 0
    if (!more) {
      this.#records.shift()
      this.waitingBytes -= record === BARE ? 0 : bytesOf(record) + CALLS.partOverheadBytes
    }
    const last = !more && this.life === 'ending' && this.isEmpty
    if (last) this.#saidEnd = true
    return { ...piece, end: last }
  }

  /** The reader gives credit up to this total. */
  grant(total: number): void {
    if (total > this.granted) this.granted = total
  }

  #isFree({ kind }: OutRecord): boolean {
    return kind !== KIND.PART && this.#offset === 0
  }

  #nextBytes(record: OutRecord): number {
    return Math.min(CALLS.pieceBytes, bytesOf(record) - this.#offset)
  }

  #cut({ front, data }: OutRecord, from: number, to: number): Pick<OutPiece, 'front' | 'data'> {
    const frontBytes = front?.length ?? 0
    if (from === 0 && to === frontBytes + (data?.length ?? 0)) return { front, data }
    return {
      front: from < frontBytes ? front!.subarray(from, Math.min(to, frontBytes)) : null,
      data: to > frontBytes ? data!.subarray(Math.max(0, from - frontBytes), to - frontBytes) : null,
    }
  }
}

/** Says the end alone. */
const BARE: OutRecord = { kind: KIND.PART, front: null, data: null }

export function bytesOf({ front, data }: Pick<OutRecord, 'front' | 'data'>): number {
  return (front?.length ?? 0) + (data?.length ?? 0)
}
