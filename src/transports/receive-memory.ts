/**
 * The memory that one socket reads into: shared scratch space while it is calm, a block of its own while it is busy.
 *
 * A chunk in the scratch space is gone with the next read of any socket, so whoever wants to keep it copies it. A busy
 * socket reads into its own block instead, one read behind the other, and its chunks can be kept as they are: for a
 * stream of large messages that saves a copy of every byte. A block is left to the garbage collector when it is used up;
 * a chunk that nobody keeps is overwritten by the next read. Limit: BLOCK_BYTES per busy socket, none per idle one.
 */

/** One read takes at most this much. */
const SCRATCH_BYTES = 256 * 1024
const BLOCK_BYTES = 512 * 1024
/** A block with less room than this is used up: smaller reads cost more than the rest is worth. */
const ROOM_BYTES_MIN = 64 * 1024
/** A read of this size makes a socket busy. */
const BUSY_BYTES = 32 * 1024
/** A busy socket is calm again after this many reads in a row below CALM_BYTES. */
const CALM_BYTES = 8 * 1024
const CALM_READS = 16

/** Made on first use, so that importing the package costs no memory. It holds nothing between reads. */
let scratch: Uint8Array | undefined

export class ReceiveMemory {
  #block: Uint8Array | null = null
  /** Where the next read goes in the block. */
  #at = 0
  #calmReads = 0
  #next: Uint8Array = shared()

  /** True when the chunk of the read that just ended can be kept. */
  get keepable(): boolean {
    return this.#block !== null
  }

  /** Where the next read goes. */
  get buffer(): Uint8Array {
    return this.#next
  }

  /** A read of `count` bytes ended; `kept` says that its chunk must not be overwritten. */
  advance(count: number, kept: boolean): void {
    this.#calmReads = count < CALM_BYTES ? this.#calmReads + 1 : 0
    if (this.#block === null) {
      if (count < BUSY_BYTES) return
      this.#renew()
    } else if (this.#calmReads >= CALM_READS) {
      this.#block = null
      this.#next = shared()
      return
    } else if (kept) {
      this.#at += count
      if (BLOCK_BYTES - this.#at < ROOM_BYTES_MIN) this.#renew()
    } else return
    this.#next = this.#block!.subarray(this.#at)
  }

  #renew(): void {
    this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
    this.#at = 0
  }
}

function shared(): Uint8Array {
  return (scratch ??= new Uint8Array(SCRATCH_BYTES))
}
