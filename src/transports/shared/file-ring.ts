/**
 * A ring in a file of tmpfs that both sides have open, by positional reads and writes: for runtimes that cannot map memory.
 *
 * Nobody can do harm with such a file: where it was cut off, a read is short, and that is a fault with a reason.
 *
 * The kernel copies byte by byte where it likes, so a word may be seen half written. Therefore each is followed by its seal, a
 * number that is made of it; a word without its seal is read again, and one that stays so is a fault. The words that one side
 * writes lie together, and a read brings all of them; each is used once, and none after this side has written a word: who
 * sleeps, and who rings, must see what came after. The kernel takes a page by its reference count, with a full barrier, so
 * words are seen in the order in which they were written.
 */
import { readSync, writeSync } from 'node:fs'
import { asError } from '../../common/errors.ts'
import { checkRingSize, RING_WORDS, WORD, type Ring } from '../ring/ring.ts'

/** A word and its seal. */
const SLOT_BYTES = 8
export const FILE_HEADER_BYTES = RING_WORDS * SLOT_BYTES
/** The words of one side are this many, from its first one on. */
const GROUP = 3
/** So often a word without its seal is read again: its writer is in the middle of eight bytes. */
const TRIES_MAX = 1000

const MULTIPLIER = 0x9e3779b1
const ADDEND = 0x5bd1e995

/** Never zero for the zeros of a file that nobody has written to: that is a word without a seal. */
function sealOf(value: number): number {
  return (Math.imul(value, MULTIPLIER) + ADDEND) | 0
}

export class FileRing implements Ring {
  readonly size: number
  fault: string | null = null
  readonly #fd: number
  readonly #offset: number
  /** What the last read brought: the words of a group, its first word, and which of them were not used yet. */
  readonly #group = new Uint8Array(GROUP * SLOT_BYTES)
  readonly #view = new DataView(this.#group.buffer)
  #groupAt = -1
  readonly #fresh = [false, false, false]
  readonly #slot = new Uint8Array(SLOT_BYTES)
  readonly #slotView = new DataView(this.#slot.buffer)

  /** At `offset` of the file. */
  constructor(fd: number, offset: number, bytes: number) {
    checkRingSize(bytes)
    this.#fd = fd
    this.#offset = offset
    this.size = bytes
  }

  /** Before anybody reads them: all words are zero. */
  clear(): void {
    for (const word of Object.values(WORD)) this.store(word, 0)
  }

  /** Touches the file no more; its descriptor may be another's when this returns. */
  release(): void {
    this.fault ??= 'its memory was given back'
  }

  load(word: number): number {
    const first = word < WORD.READ ? WORD.WRITTEN : WORD.READ
    const index = word - first
    if (this.#groupAt === first && this.#fresh[index] === true) {
      this.#fresh[index] = false
      return this.#view.getInt32(index * SLOT_BYTES, true)
    }
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      this.#read(this.#offset + first * SLOT_BYTES, this.#group, 0, this.#group.length)
      if (this.fault !== null) return 0
      if (this.#isSealed(index)) return this.#use(first, index)
    }
    this.fault = 'a word of it is none that the other side can have written'
    return 0
  }

  store(word: number, value: number): void {
    this.#groupAt = -1
    this.#slotView.setInt32(0, value, true)
    this.#slotView.setInt32(4, sealOf(value), true)
    this.#write(this.#offset + word * SLOT_BYTES, this.#slot, 0, SLOT_BYTES)
  }

  /** Not in one step: whoever sleeps again in between has looked once more, and is woken once too often. */
  takeBell(word: number): boolean {
    if (this.load(word) === 0) return false
    this.store(word, 0)
    return true
  }

  put(at: number, from: Uint8Array, start: number, count: number): void {
    this.#write(this.#offset + FILE_HEADER_BYTES + at, from, start, count)
  }

  take(at: number, into: Uint8Array, start: number, count: number): void {
    this.#read(this.#offset + FILE_HEADER_BYTES + at, into, start, count)
  }

  /** This word is used now, and the others of its group next time, if they are whole. */
  #use(first: number, index: number): number {
    this.#groupAt = first
    // The end is looked at first, and then what was written before it: what came along with the end may be older.
    const isEnd = first === WORD.WRITTEN && index === WORD.END
    for (let other = 0; other < GROUP; other++) this.#fresh[other] = !isEnd && other !== index && this.#isSealed(other)
    return this.#view.getInt32(index * SLOT_BYTES, true)
  }

  #isSealed(index: number): boolean {
    const at = index * SLOT_BYTES
    return this.#view.getInt32(at + 4, true) === sealOf(this.#view.getInt32(at, true))
  }

  #read(position: number, into: Uint8Array, start: number, count: number): void {
    if (this.fault !== null) return
    try {
      const got = readSync(this.#fd, into, start, count, position)
      if (got < count) this.fault = 'its memory was cut off'
    } catch (thrown) {
      this.fault = `its memory cannot be read: ${asError(thrown).message}`
    }
  }

  #write(position: number, from: Uint8Array, start: number, count: number): void {
    if (this.fault !== null) return
    try {
      const put = writeSync(this.#fd, from, start, count, position)
      if (put < count) this.fault = 'its memory took less than was written to it'
    } catch (thrown) {
      this.fault = `its memory cannot be written to: ${asError(thrown).message}`
    }
  }
}
