/**
 * What a link was given and has not passed on, in order and by reference, and whether its owner waits for room.
 *
 * `write` may answer false and goes on taking: the limit is its owner's, who is told of it.
 */
import { Deque } from '../common/deque.ts'
import type { Unsent } from './unsent.ts'

export class WriteQueue {
  readonly #highWaterBytes: number
  readonly #chunks = new Deque<Unsent>()
  /** How much of the first chunk was passed on, and what is left of all. */
  #at = 0
  #bytes = 0
  /** push() answered false, and nobody was told since that there is room. */
  #blocked = false

  constructor(highWaterBytes: number) {
    this.#highWaterBytes = highWaterBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#chunks.length
  }

  /** The oldest chunk; undefined: there is none. */
  get first(): Unsent | undefined {
    return this.#chunks.at(0)
  }

  /** How much of it was passed on. */
  get at(): number {
    return this.#at
  }

  push(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      this.#chunks.push({ chunk, bytes: chunk.length })
      this.#bytes += chunk.length
    }
  }

  /** So much of the first chunk was passed on. Nothing happens when all was dropped meanwhile. */
  pass(count: number): void {
    const { first } = this
    if (first === undefined) return
    this.#bytes -= count
    this.#at += count
    if (this.#at < first.bytes) return
    this.#at = 0
    this.#chunks.shift()
  }

  /** What `write` answers. False: more waits than should, and `hasRoom` will say when that is over. */
  accepts(): boolean {
    if (this.#bytes <= this.#highWaterBytes) return true
    this.#blocked = true
    return false
  }

  /** True once behind each false of `accepts`, when half of it has gone. */
  hasRoom(): boolean {
    if (!this.#blocked || this.#bytes > this.#highWaterBytes >> 1) return false
    this.#blocked = false
    return true
  }

  drop(): void {
    this.#chunks.takeAll()
    this.#bytes = this.#at = 0
  }
}
