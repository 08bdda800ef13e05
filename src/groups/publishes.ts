/**
 * The messages of a member that wait for their outcome: each ends once, with the place where it was told, or with an error.
 *
 * Limits: what waits is bounded in bytes and in messages; above the low mark `isWritable` is false, beyond the high one a publish
 * is refused.
 */
import { onAbort } from '../common/abort.ts'
import { Deque } from '../common/deque.ts'
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
  state: 'waits' | 'over'
  readonly bytes: number
  readonly resolve: (published: Published) => void
  readonly reject: (error: InkwireError) => void
  readonly release: (() => void) | null
}

export class Publishes {
  /** By number, up to the next one, from the oldest that waits: what is urgent ends before it, but not without end. */
  readonly #waiting = new Deque<Waiting>()
  #next: number
  #count = 0
  #bytes = 0
  #drains: (() => void)[] = []
  #drain: 'none' | 'due' = 'none'
  readonly #soon: (callback: () => void) => void

  /** `soon` calls back behind I/O; `next` is the number of the first one. */
  constructor(soon: (callback: () => void) => void, next = 1) {
    this.#soon = soon
    this.#next = next
  }

  get next(): number {
    return this.#next
  }

  get isWritable(): boolean {
    return this.#bytes < PUBLISHES.softBytes && this.#count < PUBLISHES.softMessages
  }

  get bytes(): number {
    return this.#bytes
  }

  get count(): number {
    return this.#count
  }

  /** One more, under the next number. Throws `INK_QUEUE_FULL`. */
  add(bytes: number, signal: AbortSignal | undefined): Promise<Published> {
    if (this.#waiting.length >= PUBLISHES.hardMessages || this.#bytes + bytes > PUBLISHES.hardBytes) {
      throw new InkwireError('INK_QUEUE_FULL', 'publish(): too much waits to be published; wait for drained()')
    }
    this.#next++
    this.#count++
    this.#bytes += bytes
    return new Promise<Published>((resolve, reject) => {
      const release = signal === undefined ? null : onAbort(signal, () => reject(aborted(signal)))
      this.#waiting.push({ state: 'waits', bytes, resolve, reject, release })
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
    const waiting = this.#waiting.at(this.#waiting.length - (this.#next - number))
    if (waiting?.state !== 'waits') return undefined
    waiting.state = 'over'
    this.#count--
    this.#bytes -= waiting.bytes
    while (this.#waiting.at(0)?.state === 'over') this.#waiting.shift()
    waiting.release?.()
    if (this.#drains.length > 0 && this.isWritable) this.#drainSoon()
    return waiting
  }

  /**
   * Behind I/O: whoever orders is told its own messages at once, and would publish on and on until the window is full, while what others
   * have consumed waits to be read.
   */
  #drainSoon(): void {
    if (this.#drain === 'due') return
    this.#drain = 'due'
    this.#soon(() => {
      this.#drain = 'none'
      const drains = this.#drains
      this.#drains = []
      for (const drain of drains) this.whenWritable(drain)
    })
  }
}

function aborted({ reason }: AbortSignal): InkwireError {
  const text = 'publish() was aborted by its signal; the message goes on'
  return new InkwireError('INK_ABORTED', text, { cause: reason, outcome: 'unknown' })
}
