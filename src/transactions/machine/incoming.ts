/**
 * One direction of a transaction, as its reader has it: pieces that are put together, parts that wait to be read, and the
 * credit that comes back.
 *
 * Credit comes back when a part is read, or when it is thrown away. A record that is larger than the window gives its own
 * pieces' credit back while it is put together, but only when no part before it waits: so a reader who does not read holds a
 * window and one part. One who keeps up gets a larger window. Pure; a peer that breaks the rules is told why.
 */
import { concat } from '../../common/bytes.ts'
import { Deque } from '../../common/deque.ts'
import { CALLS } from './limits.ts'
import { FLAG } from './words.ts'

const NO_BYTES = new Uint8Array(0)
/** Who has read all that came must never owe so much that a piece has to wait for it: nothing else would make it say so. */
const PIECE_COST_MAX = CALLS.pieceBytes + CALLS.partOverheadBytes

/** A whole record. */
export interface InRecord {
  readonly front: Uint8Array
  readonly data: Uint8Array
}

interface Unread extends InRecord {
  /** What reading it gives back. */
  readonly cost: number
}

/** What all transactions of a session hold together. */
export class Holdings {
  grownBytes = 0
  assemblyBytes = 0
  /** Those that put a record together, in the order in which they began. */
  readonly assembling = new Set<Incoming>()
  readonly #freed: () => void

  /** `freed`: one of them has come to its end, and who was held up may go on. */
  constructor(freed: () => void) {
    this.#freed = freed
  }

  /** Whether one more piece of it gives its credit back at once. The oldest always goes on: so each comes to its end. */
  mayGoOn(incoming: Incoming): boolean {
    if (this.assemblyBytes <= CALLS.assemblyBytesMax) return true
    const [oldest] = this.assembling
    return oldest === incoming
  }

  /** It is put together, or never will be. */
  leave(incoming: Incoming, bytes: number): void {
    this.assembling.delete(incoming)
    this.assemblyBytes -= bytes
    this.#freed()
  }
}

export class Incoming {
  /** `answering`: a reply comes, and no part any more. `ended`: all has come. `discarded`: what comes is thrown away. */
  life: 'open' | 'answering' | 'ended' | 'discarded' = 'open'
  /** Free-running, with the overhead: what came, what was read, and what the sender was told. */
  received = 0
  consumed = 0
  told: number = CALLS.windowBytes
  #window: number = CALLS.windowBytes
  readonly #unread = new Deque<Unread>()
  readonly #holdings: Holdings
  #fronts: Uint8Array[] = []
  #datas: Uint8Array[] = []
  #assembled = 0
  /** Cost of the pieces of the record that is put together whose credit is not given back. */
  #pending = 0

  constructor(holdings: Holdings) {
    this.#holdings = holdings
  }

  get isAssembling(): boolean {
    return this.#assembled > 0
  }

  get unread(): number {
    return this.#unread.length
  }

  /** How far the sender may go by now. */
  get grant(): number {
    return this.consumed + this.#window
  }

  /** True when that is worth a word: a quarter of the window, or so much that what is left may be too little for a whole piece. */
  get owesCredit(): boolean {
    const worth = Math.min(this.#window / 4, this.#window - PIECE_COST_MAX + 1)
    return this.life !== 'ended' && this.grant - this.told >= worth
  }

  /** The sender is told. Who has read all keeps up, and gets a larger window. */
  tell(): number {
    const doubled = Math.min(this.#window * 2, CALLS.windowBytesMax)
    const more = doubled - this.#window
    const isWanted = this.life === 'open' || this.life === 'answering'
    if (isWanted && this.unread === 0 && this.#holdings.grownBytes + more <= CALLS.grownBytesMax) {
      this.#window = doubled
      this.#holdings.grownBytes += more
    }
    this.told = this.grant
    return this.told
  }

  /**
   * A piece came. Returns the record that it completes, null when there is none (yet), or what is wrong with it. `free`: there
   * was room kept for it.
   */
  piece(front: Uint8Array, data: Uint8Array, flags: number, free: boolean): InRecord | null | string {
    const bytes = front.length + data.length
    const isFirst = (flags & FLAG.FIRST) !== 0
    const more = (flags & FLAG.MORE) !== 0
    if (this.life === 'ended') return 'a part came behind the end'
    if (bytes > CALLS.pieceBytes) return `a piece of ${bytes} bytes is above the limit of ${CALLS.pieceBytes}`
    if (more && bytes < CALLS.pieceBytesMin) return `a piece of ${bytes} bytes that goes on is too small`
    // The bare end is no part and costs nothing.
    if (bytes === 0 && !isFirst) return this.isAssembling ? 'the end came in the middle of a part' : null
    const cost = free ? 0 : bytes + CALLS.partOverheadBytes
    this.received += cost
    if (this.received > this.told) return 'a part is past its credit'
    if (this.life === 'discarded') {
      this.consumed += cost
      return null
    }
    if (isFirst === this.isAssembling) return 'the pieces of a part do not follow each other'
    if (more || this.isAssembling) return this.#assemble(front, data, cost, more)
    this.#pending = cost
    return { front, data }
  }

  /** A part is whole: it waits to be read, and gives its credit back then. */
  keep(record: InRecord): void {
    // Spelled out: a spread takes several times as long, and every part passes here.
    this.#unread.push({ front: record.front, data: record.data, cost: this.#pending })
    this.#pending = 0
  }

  /** The record is handed over at once. */
  pass(): void {
    this.consumed += this.#pending
    this.#pending = 0
  }

  /** The next part; undefined: none waits. */
  read(): InRecord | undefined {
    const next = this.#unread.shift()
    if (next === undefined) return undefined
    this.consumed += next.cost
    this.goOn()
    return next
  }

  /** What is put together waits for others that were there before: no piece of it comes until it goes on. */
  get isHeldUp(): boolean {
    return this.isAssembling && this.#pending > 0 && this.unread === 0
  }

  /** The credit of what is put together comes back as soon as that may go on. */
  goOn(): void {
    if (!this.isAssembling || this.unread > 0 || !this.#holdings.mayGoOn(this)) return
    this.pass()
  }

  /** All has come. */
  end(): void {
    if (this.life === 'open') this.life = 'ended'
  }

  /** The first piece of the reply comes: who wants no more parts wants that all the same. */
  answer(): void {
    if (this.life !== 'ended') this.life = 'answering'
  }

  /** Throws away the parts that wait and those that come; their credit comes back. */
  discard(): void {
    this.#dropUnread()
    if (this.life !== 'answering') this.drop()
  }

  /** Throws away all that comes, the reply, too. */
  drop(): void {
    this.#dropUnread()
    this.pass()
    this.#forget()
    if (this.life !== 'ended') this.life = 'discarded'
  }

  /** The transaction is over: what it took of what all share is free. Parts that are whole may still be read. */
  close(): void {
    this.#forget()
    this.life = 'ended'
    this.#holdings.grownBytes -= this.#window - CALLS.windowBytes
    this.#window = CALLS.windowBytes
  }

  #assemble(front: Uint8Array, data: Uint8Array, cost: number, more: boolean): InRecord | null | string {
    const bytes = front.length + data.length
    this.#pending += cost
    this.#holdings.assembling.add(this)
    this.#holdings.assemblyBytes += bytes
    this.#assembled += bytes
    if (this.#assembled > CALLS.partBytesMax) return `a part is above the limit of ${CALLS.partBytesMax} bytes`
    if (front.length > 0) this.#fronts.push(front)
    if (data.length > 0) this.#datas.push(data)
    if (more) {
      this.goOn()
      return null
    }
    const record = { front: whole(this.#fronts), data: whole(this.#datas) }
    this.#forget()
    return record
  }

  #dropUnread(): void {
    for (let part = this.#unread.shift(); part !== undefined; part = this.#unread.shift()) this.consumed += part.cost
  }

  #forget(): void {
    const bytes = this.#assembled
    if (bytes === 0) return
    this.#assembled = 0
    this.#fronts = []
    this.#datas = []
    this.#holdings.leave(this, bytes)
  }
}

function whole(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length > 1 ? concat(pieces) : (pieces[0] ?? NO_BYTES)
}
