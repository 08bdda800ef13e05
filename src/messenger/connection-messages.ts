/**
 * `for await (const message of connection.messages())`: a loop in the place of a handler.
 *
 * A message belongs to the loop until it asks for the next one: only then is it acked, and its credit and memory are given
 * back, so that a slow loop slows its peer down, and nobody else. What has come and was not asked for when the loop ends goes
 * on to the handlers; what has expired goes to nobody. Limit: as many as the policy's `concurrency` lets run, within the window.
 */
import { onAbort } from '../common/abort.ts'
import { Deque } from '../common/deque.ts'
import { InkwireError } from '../common/errors.ts'
import { signalOf } from '../common/signal-option.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Connection } from './connection.ts'
import type { MessageLoop } from './connection-core.ts'
import { aborted } from './waiters.ts'
import type { WaitOptions } from './waiters.ts'

const WHAT = 'messages()'

/** A message that is the loop's. `leave(false)`: nobody has looked at it, the next may have it. */
interface Held {
  readonly message: InboundMessage
  readonly leave: (taken: boolean) => void
}

interface Pull {
  readonly resolve: (result: IteratorResult<InboundMessage, undefined>) => void
  readonly reject: (error: InkwireError) => void
}

const DONE: IteratorResult<InboundMessage, undefined> = { done: true, value: undefined }

/** The loops of one messenger, one per connection at most. */
export class MessageFeeds {
  /** Null while there is none: then it costs a message nothing. */
  #all: Map<Connection, MessageFeed> | null = null

  of(connection: Connection): MessageFeed | null {
    return this.#all?.get(connection) ?? null
  }

  /** Takes all messages of a connection from now on; `expires` is asked of each when it is its turn, and sees to those that do. */
  open(connection: Connection, options: WaitOptions, expires: (message: InboundMessage) => boolean): MessageFeed {
    const signal = signalOf(WHAT, options)
    if (this.of(connection) !== null) {
      const text = `${WHAT}: the messages of this connection go to a loop already: leave that one first, or share its messages`
      throw new InkwireError('INK_BAD_ARGUMENT', text)
    }
    const feed = new MessageFeed(signal, expires, () => {
      this.#all?.delete(connection)
      if (this.#all?.size === 0) this.#all = null
    })
    if (connection.state === 'closed') feed.end()
    else if (signal?.aborted !== true) (this.#all ??= new Map()).set(connection, feed)
    return feed
  }

  /** The connection is over: its loop ends when it asks again. */
  end(connection: Connection): void {
    this.of(connection)?.end()
  }
}

export class MessageFeed implements MessageLoop {
  readonly #signal: AbortSignal | undefined
  readonly #expires: (message: InboundMessage) => boolean
  readonly #gone: () => void
  readonly #release: () => void
  /** Handed over and not asked for. */
  readonly #waiting = new Deque<Held>()
  readonly #pulls = new Deque<Pull>()
  #inHand: Held | null = null
  #life: 'running' | 'aborted' | 'over' = 'running'

  /** `gone` is called once, when it takes no more messages. */
  constructor(signal: AbortSignal | undefined, expires: (message: InboundMessage) => boolean, gone: () => void) {
    this.#signal = signal
    this.#expires = expires
    this.#gone = gone
    if (signal?.aborted === true) this.#life = 'aborted'
    const abort = (): void => {
      this.#stop('aborted')
      for (const { reject } of this.#pulls.takeAll()) reject(this.#tellAborted())
    }
    this.#release = onAbort(this.#life === 'running' ? signal : undefined, abort)
  }

  /** A message for the loop: answers true when the loop has done with it, false when it ended before it asked for it. */
  take(message: InboundMessage): Promise<boolean> {
    return new Promise((leave) => {
      const held = { message, leave }
      const pull = this.#pulls.shift()
      if (pull === undefined) this.#waiting.push(held)
      else pull.resolve(this.#give(held))
    })
  }

  /** The connection is over. */
  end(): void {
    if (this.#life !== 'running') return
    this.#stop('over')
    for (const { resolve } of this.#pulls.takeAll()) resolve(DONE)
  }

  /** Done with the message in hand; the next one. */
  async next(): Promise<IteratorResult<InboundMessage, undefined>> {
    this.#letGo()
    if (this.#life === 'aborted') throw this.#tellAborted()
    if (this.#life === 'over') return DONE
    for (let held = this.#waiting.shift(); held !== undefined; held = this.#waiting.shift()) {
      if (!this.#expires(held.message)) return this.#give(held)
      held.leave(true)
    }
    return await new Promise((resolve, reject) => {
      this.#pulls.push({ resolve, reject })
    })
  }

  /** The loop was left: by `break`, `return` or an error. */
  async return(): Promise<IteratorResult<InboundMessage, undefined>> {
    this.#letGo()
    this.end()
    this.#life = 'over'
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #give(held: Held): IteratorResult<InboundMessage, undefined> {
    this.#letGo()
    this.#inHand = held
    return { done: false, value: held.message }
  }

  #letGo(): void {
    const held = this.#inHand
    this.#inHand = null
    held?.leave(true)
  }

  #stop(life: 'aborted' | 'over'): void {
    this.#life = life
    this.#release()
    this.#gone()
    for (const { leave } of this.#waiting.takeAll()) leave(false)
  }

  /** Whoever asks is told once; after that there is nothing more. */
  #tellAborted(): InkwireError {
    this.#life = 'over'
    return aborted(WHAT, this.#signal)
  }
}
