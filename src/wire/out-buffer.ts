/**
 * Where frames are encoded: slabs that small things are written into, and references to large things between them.
 *
 * `take()` hands out the chunks of everything written since the last take, in order, ready for one gathered write. A slab
 * is written over only when every link that was given parts of it has passed them on; until then it waits in the pool
 * and another one is used. So warm memory is used again and again, and no link ever sends what came later. One buffer
 * serves all connections of a messenger. Limit: POOL_SLABS slabs wait; more are left to the garbage collector.
 */
/** From this size on a segment is attached: below it, one more entry of a gathered write costs more than the copy. */
export const ATTACH_BYTES_MIN = 16 * 1024
const SLAB_BYTES = 128 * 1024
const POOL_SLABS = 12

/** A link that was given chunks: how many bytes it has taken in all its life, and how many of them it has passed on. */
export interface Borrower {
  readonly takenBytes: number
  readonly passedBytes: number
}

interface Slab {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** Who still reads from it, and up to where each must have passed its bytes on. */
  readonly lentTo: Map<Borrower, number>
}

/**
 * Where a protocol encodes frames: small things into slabs, large things by reference, taken out as chunks for one
 * gathered write.
 */
export class OutBuffer {
  #slab = makeSlab(SLAB_BYTES)
  /** Full slabs whose chunks were not taken yet. */
  #sealed: Slab[] = []
  /** Slabs that were lent, oldest first. */
  readonly #pool: Slab[] = []
  #chunks: Uint8Array[] = []
  #written = 0
  /** Start of the part of the slab that is not in `#chunks` yet, and its end. */
  #start = 0
  #end = 0

  /** Where `reserve` gave room; write through `bytes` or `view`, never past the reserved end. */
  get bytes(): Uint8Array {
    return this.#slab.bytes
  }

  /** Of the slab that is written to now: take it anew after each `reserve`. */
  get view(): DataView {
    return this.#slab.view
  }

  /** Bytes written since the last take. */
  get length(): number {
    return this.#written
  }

  /** Room for `count` contiguous bytes; returns their offset in `bytes`. Bytes are not cleared: write every one. */
  reserve(count: number): number {
    if (this.#end + count > this.#slab.bytes.length) this.#renew(count)
    const offset = this.#end
    this.#end += count
    this.#written += count
    return offset
  }

  /**
   * Puts bytes behind what was written, by reference. As they are now: an array that follows the length of its buffer would
   * grow in the link's queue, behind a frame that says how long it is.
   */
  attach({ buffer, byteOffset, byteLength }: Uint8Array): void {
    this.#seal()
    this.#chunks.push(new Uint8Array(buffer, byteOffset, byteLength))
    this.#written += byteLength
  }

  /** Everything since the last take, as chunks in order. Call `lend` when they are written. */
  take(): Uint8Array[] {
    this.#seal()
    const chunks = this.#chunks
    this.#chunks = []
    this.#written = 0
    return chunks
  }

  /** What was taken last is with this link now. */
  lend(borrower: Borrower): void {
    const passed = borrower.passedBytes === borrower.takenBytes
    for (const slab of this.#sealed) {
      if (!passed) slab.lentTo.set(borrower, borrower.takenBytes)
      if (slab.bytes.length === SLAB_BYTES && this.#pool.length < POOL_SLABS) this.#pool.push(slab)
    }
    this.#sealed.length = 0
    if (!passed) this.#slab.lentTo.set(borrower, borrower.takenBytes)
    if (isFree(this.#slab)) this.#start = this.#end = 0
  }

  #seal(): void {
    if (this.#end > this.#start) this.#chunks.push(this.#slab.bytes.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  /** The slab is full: goes on in one that nobody reads from. */
  #renew(count: number): void {
    this.#seal()
    this.#sealed.push(this.#slab)
    const free = count > SLAB_BYTES ? -1 : this.#pool.findIndex(isFree)
    const [slab] = free < 0 ? [] : this.#pool.splice(free, 1)
    this.#slab = slab ?? makeSlab(Math.max(SLAB_BYTES, count))
    this.#start = this.#end = 0
  }
}

function makeSlab(size: number): Slab {
  const bytes = new Uint8Array(size)
  return { bytes, view: new DataView(bytes.buffer), lentTo: new Map() }
}

function isFree(slab: Slab): boolean {
  for (const [borrower, until] of slab.lentTo) {
    if (borrower.passedBytes < until) return false
    slab.lentTo.delete(borrower)
  }
  return true
}
