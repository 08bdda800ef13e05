/**
 * What is to be said by control words: bits in each transaction, packed into few words when they are said.
 *
 * So it takes no memory that was not there when the transaction opened, and never more words than the seam has room for: credit
 * that is not said yet is overtaken by later credit. Limit: one entry of each kind per transaction. Pure.
 */
import { Deque } from '../../common/deque.ts'
import { concat } from '../../common/bytes.ts'
import { Asked, DUE, type Served } from './half.ts'
import { ENTRY_BYTES_MAX, entryBytes, type Entry } from './entries.ts'

/** A mark has room for so much. */
const WORD_BYTES = 1022

/** Who sends them. */
export interface WordsSink {
  /** Something is to be said. */
  soon(): void
}

export class ControlQueue {
  readonly #dirty = new Deque<Asked | Served>()
  /** Those whose parts wait for others that are put together. */
  readonly #heldUp = new Set<Asked | Served>()
  readonly #sink: WordsSink

  constructor(sink: WordsSink) {
    this.#sink = sink
  }

  get isEmpty(): boolean {
    return this.#dirty.length === 0
  }

  say(half: Asked | Served, what: number): void {
    if (half.due === 0) this.#dirty.push(half)
    half.due |= what
    this.#sink.soon()
  }

  /** Something of it was read or thrown away: its sender gets credit, once that is worth a word. */
  credit(half: Asked | Served): void {
    if (half.incoming === null || half.phase === 'gone') return
    if (half.incoming.isHeldUp) this.#heldUp.add(half)
    if (half.incoming.owesCredit) this.say(half, DUE.CREDIT)
  }

  /** There is room again for parts that are put together: who was held up goes on, as far as it goes. */
  goOn(): void {
    if (this.#heldUp.size === 0) return
    const heldUp = [...this.#heldUp]
    this.#heldUp.clear()
    for (const half of heldUp) {
      half.incoming?.goOn()
      this.credit(half)
    }
  }

  /** The next control word; null when nothing is to be said. */
  take(): Uint8Array | null {
    const parts: Uint8Array[] = []
    let bytes = 0
    for (let half = this.#dirty.at(0); half !== undefined; half = this.#dirty.at(0)) {
      for (let entry = nextEntry(half); entry !== null; entry = nextEntry(half)) {
        const part = entryBytes(entry)
        parts.push(part)
        bytes += part.length
        if (bytes + ENTRY_BYTES_MAX > WORD_BYTES) {
          if (half.due === 0) this.#dirty.shift()
          return concat(parts)
        }
      }
      this.#dirty.shift()
    }
    return parts.length === 0 ? null : concat(parts)
  }

  /** The session is over, and what was said in it. */
  clear(): void {
    for (const half of this.#dirty.takeAll()) half.due = 0
    this.#heldUp.clear()
  }
}

/** Takes what is most urgent. */
function nextEntry(half: Asked | Served): Entry | null {
  const { id, due } = half
  const down = !(half instanceof Asked)
  const take = (bit: number): boolean => {
    if ((due & bit) === 0) return false
    half.due &= ~bit
    return true
  }
  if (half instanceof Asked && take(DUE.CANCEL)) {
    const { why, detail } = half.cancel ?? { why: 'cancelled-remote' as const, detail: '' }
    return { kind: 'cancel', id, lane: half.lane, why, detail }
  }
  if (!(half instanceof Asked) && take(DUE.VERDICT)) return { kind: 'verdict', id, verdict: half.verdict }
  if (take(DUE.RESET)) return { kind: 'reset', id, down, detail: half.resetWhy }
  if (take(DUE.STOP)) return { kind: 'stop', id, down, detail: half.stopWhy }
  if (take(DUE.CREDIT)) {
    if (half.incoming === null || half.phase === 'gone') return nextEntry(half)
    return { kind: 'credit', id, down, total: half.incoming.tell() }
  }
  return null
}
