/**
 * The reading end of a ring. Copies out: bytes that the other side can still change must not be checked in one place and
 * used in another.
 *
 * Total: with a peer that tells nonsense it gives nothing more and says why in `fault`.
 */
import { ahead, ENDED, WORD, type Ring } from './ring.ts'

export class RingReader {
  readonly #ring: Ring
  #fault: string | null = null
  #read: number
  /** What the writer told last. */
  #written: number

  /** The ring is new. Both ends begin to count at the same number. */
  constructor(ring: Ring, start = 0) {
    this.#ring = ring
    this.#read = this.#written = start
  }

  /** Why this ring is of no use any more; null as long as it is. */
  get fault(): string | null {
    return this.#fault ?? this.#ring.fault
  }

  /** Bytes that can be read now; 0 after a fault. */
  get available(): number {
    if (this.fault !== null) return 0
    const written = this.#ring.load(WORD.WRITTEN) >>> 0
    if (this.fault !== null) return 0
    const available = ahead(written, this.#read)
    // Also less than was told before: that is behind what was read, or will be missed by the writer itself.
    if (available > this.#ring.size || available < ahead(this.#written, this.#read)) {
      this.#fault = 'the writer of a ring says that it has written what cannot be there'
      return 0
    }
    this.#written = written
    return available
  }

  /**
   * The writer has ended, and everything that it wrote was read. The end is looked at first: what it wrote before is told by
   * then.
   */
  get isAtEnd(): boolean {
    return this.#hasEnded() && this.available === 0 && this.fault === null
  }

  /** Copies out as much as is there and fits, and answers how much that was. Its room is the writer's once that is told. */
  read(into: Uint8Array): number {
    const { size } = this.#ring
    const start = this.#read & (size - 1)
    const known = ahead(this.#written, this.#read)
    const count = Math.min(into.length, known > 0 ? known : this.available)
    if (count === 0 || this.fault !== null) return 0
    const first = Math.min(count, size - start)
    this.#ring.take(start, into, 0, first)
    if (count > first) this.#ring.take(0, into, first, count - first)
    if (this.#ring.fault !== null) return 0
    this.#read = (this.#read + count) >>> 0
    return count
  }

  /** Tells the writer what was read. True: it waits for as much room as there is now, and the caller must wake it. */
  tell(): boolean {
    const { size } = this.#ring
    this.#ring.store(WORD.READ, this.#read | 0)
    const wanted = this.#ring.load(WORD.WRITER_SLEEPS) >>> 0
    if (wanted === 0 || Math.min(wanted, size) > size - this.available) return false
    return this.#ring.takeBell(WORD.WRITER_SLEEPS)
  }

  /** The writer is woken for another reason, if it sleeps. */
  wakes(): void {
    this.#ring.takeBell(WORD.WRITER_SLEEPS)
  }

  /** Reads no more. True: the writer waits for room, and the caller must wake it. */
  leave(): boolean {
    this.#ring.store(WORD.GONE, ENDED)
    return this.#ring.takeBell(WORD.WRITER_SLEEPS)
  }

  /** About to sleep. False: there is something to read, the end of it all, or a fault. */
  sleep(): boolean {
    this.#ring.store(WORD.READER_SLEEPS, 1)
    if (this.available === 0 && !this.#hasEnded() && this.fault === null) return true
    this.wake()
    return false
  }

  /** Awake, for whatever reason. */
  wake(): void {
    this.#ring.store(WORD.READER_SLEEPS, 0)
  }

  #hasEnded(): boolean {
    const end = this.#ring.load(WORD.END)
    if (end !== 0 && end !== ENDED) this.#fault ??= 'the writer of a ring ends it with a word that means nothing'
    return end === ENDED
  }
}
