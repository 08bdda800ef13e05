/**
 * The messages of a member that wait for their outcome: each ends once, with the place where it was told, or with an error.
 *
 * Limits: what waits is bounded in bytes and in messages; above the low mark `isWritable` is false, beyond the high one a publish
 * is refused.
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import type { Published } from './terms.ts'

export const PUBLISHES = Object.freeze({
  /** Above it `writable` is false. */
  softBytes: 1024 * 1024,
  softMessages: 1024,
  /** Beyond it a publish is refused: one message of the largest size, and what fits beside it. */
  hardBytes: 64 * 1024 * 1024,
  hardMessages: 65_536,
})

interface Waiting {
  readonly bytes: number
  readonly resolve: (published: Published) => void
  readonly reject: (error: InkwireError) => void
  readonly release: () => void
}

export class Publishes {
  readonly #waiting = new Map<number, Waiting>()
  #next: number
  #bytes = 0
  #drains: (() => void)[] = []

  /** `next` is the number of the first one. */
  constructor(next = 1) {
    this.#next = next
  }

  get next(): number {
    return this.#next
  }

  get isWritable(): boolean {
    return this.#bytes < PUBLISHES.softBytes && this.#waiting.size < PUBLISHES.softMessages
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#waiting.size
  }

  /** Throws `INK_QUEUE_FULL`. `hand` gives it to the machine, under its number. */
  add(bytes: number, signal: AbortSignal | undefined, hand: (number: number) => void): Promise<Published> {
    if (this.#waiting.size >= PUBLISHES.hardMessages || this.#bytes + bytes > PUBLISHES.hardBytes) {
      throw new InkwireError('INK_QUEUE_FULL', 'publish(): too much waits to be published; wait for drained()')
    }
    const number = this.#next++
    return new Promise<Published>((resolve, reject) => {
      const release = onAbort(signal, () => {
        const text = 'publish() was aborted by its signal; the message goes on'
        reject(new InkwireError('INK_ABORTED', text, { cause: signal?.reason, outcome: 'unknown' }))
      })
      this.#waiting.set(number, { bytes, resolve, reject, release })
      this.#bytes += bytes
      hand(number)
    })
  }

  published(number: number, where: Published): void {
    this.#end(number)?.resolve(where)
  }

  failed(number: number, isIndeterminate: boolean): void {
    const text = isIndeterminate
      ? 'the view changed before the message was told here; members that left may have been told it'
      : 'the view changed before the message was sent; nobody was told it'
    const outcome = isIndeterminate ? 'unknown' : 'undelivered'
    this.#end(number)?.reject(new InkwireError('INK_VIEW_CHANGED', text, { outcome }))
  }

  /** Calls back when there is room; at once when there is. */
  whenWritable(callback: () => void): void {
    if (this.isWritable) callback()
    else this.#drains.push(callback)
  }

  #end(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number)
    if (waiting === undefined) return undefined
    this.#waiting.delete(number)
    this.#bytes -= waiting.bytes
    waiting.release()
    if (this.#drains.length > 0 && this.isWritable) {
      const drains = this.#drains
      this.#drains = []
      for (const drain of drains) drain()
    }
    return waiting
  }
}
