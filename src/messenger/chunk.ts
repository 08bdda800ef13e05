/**
 * Who owns received memory: one at a time. A chunk is the transport's, and leased to the messenger while it is read.
 *
 * What an application gets of it is one of three. *Its own* (the default): copied out, for good; large bodies alone, small
 * ones a few together, so that one that is kept pins little and none pins a block. *Lent* (`bodies: 'lend'`): where it lies,
 * held until its handler has finished, and never moved meanwhile. *Shown* (`fastDispatch`): where it lies, during the call.
 * Memory that cannot be held (the chunk has no lease) is neither lent nor shown, but copied first.
 *
 * What is lent or shown will be used again. So a message that forwards such bytes copies them (see `lasting`): they would
 * be others by the time that they are acked.
 */
import { keepHere } from '../late/modules.ts'
import type { Lease } from '../transports/transport.ts'
import type { InboundMessage, Standing } from '../wire/message.ts'
import { copied } from './fresh-memory.ts'

/** From here on a body gets memory of its own; below, that costs more than a few neighbours weigh. */
const OWN_BYTES_MIN = 1024
/**
 * Small bodies that came one behind the other lie together in so much. An ArrayBuffer costs a microsecond, whatever its size:
 * with 1 KiB messages of 100 bytes are 5 % dearer, with 4 KiB one of forty that is kept holds the other thirty-nine.
 */
const SLAB_BYTES = 2 * 1024
/** A smaller body is never used again alone. */
const BODY_BYTES_MIN = 32 * 1024

/** Memory that applications see, and that is used again later. */
const reused = new WeakSet<ArrayBufferLike>()
/** How many bodies in such memory handlers have now, in the whole process. */
let seen = 0

/** The bytes as they will still be when their handler is done: a copy of those whose memory is used again then. */
export function lasting(bytes: Uint8Array): Uint8Array {
  // The buffer is asked for last: a small array gets one only then.
  return seen > 0 && reused.has(bytes.buffer) ? Buffer.from(bytes) : bytes
}

/** What one chunk has lent. It is held until all of it is given back. */
class Loan {
  readonly #lease: Lease
  /** The chunk itself, while it is read, and each message. */
  #count = 1

  constructor(lease: Lease) {
    this.#lease = lease
    lease.hold()
  }

  add(): void {
    this.#count++
    seen++
  }

  /** A message is finished. */
  done(): void {
    seen--
    this.end()
  }

  /** No more is lent of the chunk. */
  end(): void {
    if (--this.#count === 0) this.#lease.release()
  }
}

/** Of a body that has memory of its own: there is nothing to hold. */
const BODY_LOAN = {
  done(): void {
    seen--
  },
}

const NOWHERE = new ArrayBuffer(0)

/** As many as links hand over chunks within each other: one, where no transport calls back while it is written to. */
const spare: Chunk[] = []

/** For what a link hands over now; `endChunk` follows. */
export function beginChunk(bytes: Uint8Array, lease: Lease | undefined): Chunk {
  const chunk = spare.pop() ?? new Chunk()
  chunk.begin(bytes, lease)
  return chunk
}

export function endChunk(chunk: Chunk): void {
  chunk.end()
  spare.push(chunk)
}

/** The chunk that one link hands over now. */
export class Chunk {
  #memory: ArrayBufferLike | null = null
  #end = 0
  #lease: Lease | undefined
  #loan: Loan | null = null
  /** The memory that is known as used again. */
  #shown: ArrayBufferLike | null = null
  /** Memory of several messages that cannot be transferred. */
  #guarded: ArrayBufferLike | null = null
  /** A copy that small bodies share, and which part of which memory it is of. */
  #slab: ArrayBufferLike = NOWHERE
  #of: ArrayBufferLike | null = null
  #from = 0
  #to = 0

  begin(chunk: Uint8Array, lease: Lease | undefined): void {
    this.#memory = chunk.buffer
    this.#end = chunk.byteOffset + chunk.length
    this.#lease = lease
  }

  end(): void {
    this.#loan?.end()
    this.#memory = this.#of = this.#loan = this.#shown = this.#guarded = null
    this.#slab = NOWHERE
    this.#lease = undefined
  }

  /** Gives a body to the application for good. */
  give(message: InboundMessage, standing: Standing): void {
    const { memory, offset, bytes } = message
    if (standing === 'own') return
    if (standing === 'shared' && memory.byteLength <= SLAB_BYTES) this.#guard(memory)
    else if (bytes === 0 || bytes >= OWN_BYTES_MIN) {
      message.memory = bytes === 0 ? NOWHERE : copied(memory, offset, offset + bytes)
      message.offset = 0
    } else {
      if (memory !== this.#of || offset < this.#from || offset + bytes > this.#to) this.#renew(message)
      message.memory = this.#slab
      message.offset = offset - this.#from
    }
  }

  /** Lends a body until its handler has finished; one that cannot be held is given. */
  lend(message: InboundMessage, standing: Standing): void {
    if (standing === 'shared') this.#guard(message.memory)
    else if (standing === 'own') {
      if (message.bytes < BODY_BYTES_MIN) return
      reused.add(message.memory)
      message.loan = BODY_LOAN
      seen++
    } else if (this.#isLeased(message)) {
      this.#note(message)
      const loan = (this.#loan ??= new Loan(this.#lease!))
      loan.add()
      message.loan = loan
    } else this.give(message, standing)
  }

  /**
   * Prepares a body for who looks at it in this turn and no longer; `hide` follows. True when it is given for good: memory
   * that cannot be held could also be transferred away, with what others rely on.
   */
  show(message: InboundMessage, standing: Standing): boolean {
    seen++
    if (standing === 'shared') this.#guard(message.memory)
    else if (standing === 'own') {
      if (message.bytes >= BODY_BYTES_MIN) this.#note(message)
    } else if (this.#isLeased(message)) this.#note(message)
    else {
      this.give(message, standing)
      return true
    }
    return false
  }

  hide(): void {
    seen--
  }

  #note({ memory }: InboundMessage): void {
    if (memory !== this.#shown) reused.add(memory)
    this.#shown = memory
  }

  /** What is not read yet, or was handed over before, would go with it. */
  #guard(memory: ArrayBufferLike): void {
    if (memory !== this.#guarded) keepHere(memory)
    this.#guarded = memory
  }

  #isLeased({ memory }: InboundMessage): boolean {
    return this.#lease !== undefined && memory === this.#memory
  }

  /** A new slab: this body and as many behind it as fit, with whatever lies between. */
  #renew({ memory, offset, bytes }: InboundMessage): void {
    const end = memory === this.#memory ? this.#end : memory.byteLength
    this.#of = memory
    this.#from = offset
    this.#to = Math.min(end, offset + SLAB_BYTES)
    this.#slab = copied(memory, this.#from, this.#to)
    // Who transfers a body away would take its neighbours along.
    if (this.#to - offset > bytes) keepHere(this.#slab)
  }
}
