/**
 * Where frames are encoded: one slab that small things are written into, and references to large things between them.
 *
 * `take()` hands out the chunks of everything written since the last take, in order, ready for one gathered write. The
 * slab is reused when the caller says that the link has passed everything on (`recycle`). All connections of a messenger
 * share one slab, so it is not rewound as long as any of them may still read from it: what follows is written behind, and
 * when half is used up, the slab is left to the garbage collector and a fresh one is made.
 */
const SLAB_BYTES = 128 * 1024

export class OutBuffer {
  /** Where `reserve` gave room; write through `bytes` or `view`, never past the reserved end. */
  bytes: Uint8Array
  view: DataView
  #chunks: Uint8Array[] = []
  #written = 0
  /** Start of the part of the slab that is not in `#chunks` yet, and its end. */
  #start = 0
  #end = 0
  /** Some link may still read what was written into this slab. */
  #lent = false

  constructor() {
    this.bytes = new Uint8Array(SLAB_BYTES)
    this.view = new DataView(this.bytes.buffer)
  }

  /** Bytes written since the last take. */
  get length(): number {
    return this.#written
  }

  /** Room for `count` contiguous bytes; returns their offset in `bytes`. Bytes are not cleared: write every one. */
  reserve(count: number): number {
    if (this.#end + count > this.bytes.length) {
      this.#seal()
      this.#renew(Math.max(SLAB_BYTES, count))
    }
    const offset = this.#end
    this.#end += count
    this.#written += count
    return offset
  }

  /** Puts bytes behind what was written, by reference. */
  attach(bytes: Uint8Array): void {
    this.#seal()
    this.#chunks.push(bytes)
    this.#written += bytes.length
  }

  /** Everything since the last take, as chunks in order. */
  take(): Uint8Array[] {
    this.#seal()
    const chunks = this.#chunks
    this.#chunks = []
    this.#written = 0
    return chunks
  }

  /** After a take: what was taken may be overwritten (`free`), or a link still reads from it. */
  recycle(free: boolean): void {
    if (!free) this.#lent = true
    if (!this.#lent) {
      this.#start = 0
      this.#end = 0
    } else if (this.#end > this.bytes.length >> 1) {
      this.#renew(SLAB_BYTES)
    }
  }

  #seal(): void {
    if (this.#end > this.#start) this.#chunks.push(this.bytes.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  #renew(size: number): void {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
    this.#start = 0
    this.#end = 0
    this.#lent = false
  }
}
