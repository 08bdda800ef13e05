/**
 * The writing end of a ring. Copies in as much as fits; what does not fit is the caller's to keep.
 *
 * Total: with a peer that tells nonsense it takes nothing more and says why in `fault`.
 */
import { ahead, ENDED, WORD, type Ring } from './ring.ts'

export class RingWriter {
  readonly #ring: Ring
  #fault: string | null = null
  #written: number
  /** What the reader was told last. */
  #told: number
  /** What the reader told last. */
  #read: number

  /** The ring is new. Both ends begin to count at the same number. */
  constructor(ring: Ring, start = 0) {
    this.#ring = ring
    this.#written = this.#told = this.#read = start
  }

  /** Why this ring is of no use any more; null as long as it is. */
  get fault(): string | null {
    return this.#fault ?? this.#ring.fault
  }

  /** Bytes that lie in the ring, as far as the reader has told. */
  get used(): number {
    this.#look()
    return ahead(this.#written, this.#read)
  }

  /** Bytes that fit now; 0 after a fault. */
  get free(): number {
    this.#look()
    return this.fault === null ? this.#ring.size - ahead(this.#written, this.#read) : 0
  }

  /** The reader will read no more. */
  get isReaderGone(): boolean {
    return this.#ring.load(WORD.GONE) !== 0
  }

  /** Copies what fits of `chunk` from `at` on, and answers how much that was. The reader sees it once it is told. */
  write(chunk: Uint8Array, at = 0): number {
    const { size } = this.#ring
    const start = this.#written & (size - 1)
    const count = Math.min(chunk.length - at, this.#roomFor(chunk.length - at))
    if (count <= 0) return 0
    const first = Math.min(count, size - start)
    this.#ring.put(start, chunk, at, first)
    if (count > first) this.#ring.put(0, chunk, at + first, count - first)
    this.#written = (this.#written + count) >>> 0
    return count
  }

  /** Tells the reader of what was written. True: it sleeps, and the caller must wake it. */
  tell(): boolean {
    if (this.#told === this.#written) return false
    this.#told = this.#written
    this.#ring.store(WORD.WRITTEN, this.#written | 0)
    return this.#ring.takeBell(WORD.READER_SLEEPS)
  }

  /** The reader is woken for another reason, if it sleeps. */
  wakes(): void {
    this.#ring.takeBell(WORD.READER_SLEEPS)
  }

  /** Nothing will follow what was written. True: the reader sleeps, and the caller must wake it. */
  end(): boolean {
    this.#told = this.#written
    this.#ring.store(WORD.WRITTEN, this.#written | 0)
    this.#ring.store(WORD.END, ENDED)
    return this.#ring.takeBell(WORD.READER_SLEEPS)
  }

  /** About to wait until the reader has made room. False: there is room for `bytes` already, or there will never be. */
  sleep(bytes = 1): boolean {
    this.#ring.store(WORD.WRITER_SLEEPS, bytes)
    if (this.free < bytes && this.fault === null && !this.isReaderGone) return true
    this.wake()
    return false
  }

  /** Awake, for whatever reason. */
  wake(): void {
    this.#ring.store(WORD.WRITER_SLEEPS, 0)
  }

  /** The reader is asked only when what is known does not suffice: its word lies in the cache of another core. */
  #roomFor(bytes: number): number {
    if (this.fault !== null) return 0
    const known = this.#ring.size - ahead(this.#written, this.#read)
    return known >= bytes ? known : this.free
  }

  /** The reader's counter, which only grows, and never beyond what was written. */
  #look(): void {
    if (this.fault !== null) return
    const read = this.#ring.load(WORD.READ) >>> 0
    if (ahead(read, this.#read) > ahead(this.#told, this.#read))
      this.#fault = 'the reader of a ring says that it has read what was never written there'
    else this.#read = read
  }
}
