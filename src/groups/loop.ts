/**
 * A loop over the events of a group: `for await (const event of group.events())`.
 *
 * It has done with an event when it asks for the next one. What is there already it is given at once; else it waits, one question
 * at a time.
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import type { GroupEvent } from './terms.ts'

/** What `group.events()` returns: for a `for await` loop. */
export interface GroupLoop extends AsyncDisposable {
  /** Done with the event before; the next one, or the end. */
  next(): Promise<IteratorResult<GroupEvent, undefined>>
  /** Ends the loop: nothing more is kept for it. */
  return(): Promise<IteratorResult<GroupEvent, undefined>>
  /** Itself: `for await` ends it when the loop is left. */
  [Symbol.asyncIterator](): this
}

/** Where a loop has its events from. */
export interface LoopSource {
  /** The next one, if it is there. */
  take(): GroupEvent | null
  /** The loop waits for the next one. */
  pump(): void
  /** The loop has done with this one. */
  done(event: GroupEvent): void
  /** The loop is over. */
  left(): void
}

const DONE = { done: true, value: undefined } as const

interface Asking {
  readonly resolve: (result: IteratorResult<GroupEvent, undefined>) => void
  readonly reject: (error: InkwireError) => void
}

export class Loop implements GroupLoop {
  readonly #source: LoopSource
  readonly #release: () => void
  #hand: GroupEvent | null = null
  #asks: Asking | null = null
  #failure: InkwireError | null = null
  #state: 'open' | 'over' = 'open'

  constructor(source: LoopSource, signal: AbortSignal | undefined) {
    this.#source = source
    this.#release = onAbort(signal, () => this.#abort(signal))
    if (signal?.aborted === true) this.#abort(signal)
  }

  get isAsking(): boolean {
    return this.#asks !== null
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  give(event: GroupEvent): void {
    const asks = this.#asks
    this.#asks = null
    this.#hand = event
    asks?.resolve({ done: false, value: event })
  }

  next(): Promise<IteratorResult<GroupEvent, undefined>> {
    this.#finish()
    if (this.#failure !== null) {
      const failure = this.#failure
      this.#failure = null
      return Promise.reject(failure)
    }
    if (this.#state === 'over') return Promise.resolve(DONE)
    if (this.#asks !== null) {
      return Promise.reject(new InkwireError('INK_BAD_ARGUMENT', 'next(): wait for the event that was asked for'))
    }
    const event = this.#source.take()
    if (event !== null) {
      this.#hand = event
      return Promise.resolve({ done: false, value: event })
    }
    return new Promise((resolve, reject) => {
      this.#asks = { resolve, reject }
      this.#source.pump()
    })
  }

  return(): Promise<IteratorResult<GroupEvent, undefined>> {
    this.#finish()
    this.end()
    return Promise.resolve(DONE)
  }

  end(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#release()
    this.#asks?.resolve(DONE)
    this.#asks = null
    this.#source.left()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #finish(): void {
    const event = this.#hand
    this.#hand = null
    if (event !== null) this.#source.done(event)
  }

  #abort(signal: AbortSignal | undefined): void {
    const failure = new InkwireError('INK_ABORTED', 'events() was aborted by its signal', { cause: signal?.reason })
    const asks = this.#asks
    this.#asks = null
    if (asks === null) this.#failure = failure
    else asks.reject(failure)
    this.end()
  }
}
