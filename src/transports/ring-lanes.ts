/**
 * What one end does with the two rings of a link: moves what waits into the one, takes out of the other, and rings for an other
 * end that sleeps. It is told when, and what it means for the link is not its business.
 */
import { RingReader } from './ring/ring-reader.ts'
import { RingWriter } from './ring/ring-writer.ts'
import type { Ring } from './ring/ring.ts'
import type { WriteQueue } from './write-queue.ts'

/** What lies between the two ends. */
export interface Shared {
  /** What this end writes to, and what it reads from. */
  readonly out: Ring
  readonly into: Ring
  /** This end touches them no more. */
  release(): void
}

/** How this end wakes the other one. */
export interface Bell {
  ring(): void
  /** Nothing is rung, and no bell heard, any more. */
  close(): void
}

/** Who holds one end, and wakes the other. */
export interface RingEnd {
  readonly bell: Bell
  readonly localAddress: string
  readonly remoteAddress: string
}

/** `full`: the rest waits for room. `spoilt`: the rings are of no use, or bytes that waited are gone. */
export type Moved = 'all' | 'full' | 'spoilt'

/** How an end learns that there is room, or something to read: it is rung for, or looks by itself for now. */
export type Learns = 'by bell' | 'by looking'

export class RingLanes {
  readonly #shared: Shared
  readonly #bell: Bell
  readonly #writer: RingWriter
  readonly #reader: RingReader
  #hasEnded = false

  constructor(shared: Shared, bell: Bell) {
    this.#shared = shared
    this.#bell = bell
    this.#writer = new RingWriter(shared.out)
    this.#reader = new RingReader(shared.into)
  }

  /** Why the rings are of no use any more; null as long as they are. */
  get fault(): string | null {
    return this.#reader.fault ?? this.#writer.fault
  }

  /** The other end has said its END, and everything before it was read. */
  get isAtEnd(): boolean {
    return this.#reader.isAtEnd
  }

  /** This end has said its END. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Copies out what is there and fits. */
  read(into: Uint8Array): number {
    const count = this.#reader.read(into)
    if (count > 0 && this.#reader.tell()) this.#ring()
    return count
  }

  /** About to sleep until a bell. False: there is something to read, the end of it all, or a fault. */
  sleep(): boolean {
    return this.#reader.sleep()
  }

  /** Moves into the ring what fits. `by bell`: the reader rings when there is room for more. */
  move(waiting: WriteQueue, learns: Learns): Moved {
    const writer = this.#writer
    const enough = this.#shared.out.size >> 1
    for (;;) {
      const isWhole = this.#fill(waiting)
      if (writer.tell()) this.#ring()
      if (!isWhole || writer.fault !== null) return 'spoilt'
      if (waiting.bytes === 0) return 'all'
      if (learns === 'by looking') return 'full'
      if (writer.sleep(Math.min(waiting.bytes, enough)) || writer.isReaderGone) return 'full'
    }
  }

  /** Nothing will follow. */
  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    if (this.#writer.end()) this.#ring()
  }

  /** Reads and writes no more. */
  leave(): void {
    this.#reader.leave()
    this.#shared.release()
  }

  /** The other end looks at both of its rings when it is woken: whatever else it waits for needs no bell of its own. */
  #ring(): void {
    this.#writer.wakes()
    this.#reader.wakes()
    this.#bell.ring()
  }

  /** False: bytes that waited are gone. */
  #fill(waiting: WriteQueue): boolean {
    for (;;) {
      const { first, at } = waiting
      if (first === undefined) return true
      const { chunk, bytes } = first
      if (chunk.byteLength !== bytes) return false
      const count = this.#writer.write(chunk, at)
      waiting.pass(count)
      if (at + count < bytes) return true
    }
  }
}
