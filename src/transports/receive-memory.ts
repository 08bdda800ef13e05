/**
 * The memory that one socket reads into: shared scratch space while it is calm, a block of its own while it is busy.
 *
 * A chunk in the scratch space is gone with the next read of any socket. A chunk in a block can be held: the next reads
 * go behind it, and the block is used again when all that was held of it was given back, also when its socket is long
 * gone. Native code writes here behind the back of JavaScript, and applications may see it through `.buffer`; so it is
 * memory that nobody can transfer away or free (see `unmovable`). Limits: one scratch space, BLOCKS_MAX blocks in the
 * process; a socket that gets none stays with the scratch space, and what its receivers need they copy.
 */
import { keepHere } from '../late/modules.ts'
import type { Lease } from './transport.ts'

/** One read takes at most this much. */
const SCRATCH_BYTES = 256 * 1024
const BLOCK_BYTES = 512 * 1024
/** 64 MiB: beyond it handlers are slow, and a copy costs less than more of these. */
const BLOCKS_MAX = 128
/** So many wait for their next use. */
const SPARE_BLOCKS = 4
/** A block with less room than this is used up: smaller reads cost more than the rest is worth. */
const ROOM_BYTES_MIN = 64 * 1024
/** A read of this size makes a socket busy. */
const BUSY_BYTES = 32 * 1024
/** A busy socket is calm again after this many reads in a row below CALM_BYTES. */
const CALM_BYTES = 8 * 1024
const CALM_READS = 16

/** Made on first use, so that importing the package costs no memory. It holds nothing between reads. */
let scratch: Uint8Array | undefined
const spares: Block[] = []
/** All that there are: of sockets, held, and spare ones. */
let blocks = 0

/** A block, and how many chunks of it are held. */
class Block implements Lease {
  readonly bytes = unmovable(BLOCK_BYTES)
  /** A socket reads into it. */
  inUse = true
  #held = 0

  get isHeld(): boolean {
    return this.#held > 0
  }

  hold(): void {
    this.#held++
  }

  release(): void {
    this.#held--
    this.giveBack()
  }

  /** To whoever needs one next, unless somebody still reads or writes it. */
  giveBack(): void {
    if (this.inUse || this.#held > 0) return
    if (spares.length < SPARE_BLOCKS) spares.push(this)
    else blocks--
  }
}

export class ReceiveMemory {
  #block: Block | null = null
  /** Where the next read goes in the block. */
  #at = 0
  #calmReads = 0
  #next: Uint8Array = shared()

  /** Holds the chunk of the read that just ended; undefined when it cannot be held. */
  get lease(): Lease | undefined {
    return this.#block ?? undefined
  }

  /** Where the next read goes. */
  get buffer(): Uint8Array {
    return this.#next
  }

  /** A read of `count` bytes ended, and whoever holds its chunk has said so. */
  advance(count: number): void {
    this.#calmReads = count < CALM_BYTES ? this.#calmReads + 1 : 0
    const block = this.#block
    if (block === null) {
      if (count >= BUSY_BYTES) this.#begin()
    } else if (this.#calmReads >= CALM_READS) this.#end()
    else if (!block.isHeld) this.#place(block, 0)
    else if (BLOCK_BYTES - this.#at - count >= ROOM_BYTES_MIN) this.#place(block, this.#at + count)
    else {
      this.#end()
      this.#begin()
    }
  }

  /** The socket is gone. What is held stays as it is. */
  close(): void {
    this.#end()
  }

  #begin(): void {
    const block = takeBlock()
    if (block !== null) this.#place(block, 0)
  }

  #place(block: Block, at: number): void {
    if (block === this.#block && at === this.#at) return
    this.#block = block
    this.#at = at
    this.#next = block.bytes.subarray(at)
  }

  #end(): void {
    const block = this.#block
    this.#block = null
    this.#next = shared()
    if (block === null) return
    block.inUse = false
    block.giveBack()
  }
}

function takeBlock(): Block | null {
  const spare = spares.pop()
  if (spare !== undefined) {
    spare.inUse = true
    return spare
  }
  if (blocks >= BLOCKS_MAX) return null
  blocks++
  return new Block()
}

function shared(): Uint8Array {
  return (scratch ??= unmovable(SCRATCH_BYTES))
}

const WASM_PAGE_BYTES = 64 * 1024

/** The part of the WebAssembly API that is used; Node's type declarations leave it to the DOM's. */
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/**
 * Memory that stays where it is for as long as anything refers to it: that of a WebAssembly.Memory cannot be detached by
 * any means. Without WebAssembly it is at least marked, which `postMessage` heeds and `ArrayBuffer.prototype.transfer` does not.
 */
function unmovable(bytes: number): Uint8Array {
  try {
    const pages = bytes / WASM_PAGE_BYTES
    return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer)
  } catch {
    const memory = new ArrayBuffer(bytes)
    keepHere(memory)
    return new Uint8Array(memory)
  }
}
