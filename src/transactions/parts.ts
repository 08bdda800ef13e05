/**
 * Reading and sending the parts of a transaction, with promises: what `for await` and `await send()` wait for.
 *
 * A layer that only copies parts to their place takes them as they come instead: they are lent to it where the link has put them.
 * Limit: one reader waits at a time; senders wait once `CALLS.unsentBytesMax` is queued.
 */
import { isBytes, localBytes } from '../common/bytes.ts'
import { InkwireError, asError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import { lasting } from '../messenger/chunk.ts'
import { CALLS } from './machine/limits.ts'
import type { InRecord } from './machine/incoming.ts'
import type { AnyHalf } from './machine/pump.ts'
import type { SessionCalls } from './session-calls.ts'

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

/** Gets a part, whose bytes are its own only until it returns. What it throws ends the taking: no more parts are wanted. */
export type PartTaker = (part: Uint8Array) => void

export class PartReader implements AsyncIterator<Uint8Array, undefined> {
  readonly #half: AnyHalf
  readonly #calls: SessionCalls
  #waiting: Waiting<IteratorResult<Uint8Array, undefined>> | null = null
  #taking: (Waiting<void> & { readonly take: PartTaker }) | null = null
  /** Nothing more comes; and why, when it should have. */
  #end: { readonly error: Error | null } | null = null

  constructor(half: AnyHalf, calls: SessionCalls) {
    this.#half = half
    this.#calls = calls
  }

  /** True once all that there is has been handed over. */
  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#waiting !== null) {
      const text = 'a part is waited for already: read one after the other, as `for await` does'
      return Promise.reject(new InkwireError('INK_BAD_ARGUMENT', text))
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.wake()
    })
  }

  /** Hands over each part in the turn in which it comes. Resolves and rejects as iterating ends. */
  take(take: PartTaker): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#taking = { take, resolve, reject }
      this.#half.takesAtOnce = true
      this.wake()
    })
  }

  /** The reader leaves its loop: it wants no more. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#calls.exchange.parts.stop(this.#half, 'its reader has stopped', true)
    this.finish(null)
    return Promise.resolve(DONE)
  }

  /** Nothing more comes. Of several reasons the first counts. */
  finish(error: Error | null): void {
    this.#end ??= { error }
    this.wake()
  }

  /** There may be something to hand over. */
  wake(): void {
    if (this.#taking !== null) {
      this.#handOver()
      return
    }
    const waiting = this.#waiting
    if (waiting === null) return
    const record = this.#calls.exchange.parts.read(this.#half)
    if (record === undefined && this.#end === null) return
    this.#waiting = null
    if (record !== undefined) waiting.resolve({ done: false, value: record.data })
    else if (this.#end?.error == null) waiting.resolve(DONE)
    else waiting.reject(this.#end.error)
  }

  #handOver(): void {
    const taking = this.#taking!
    try {
      // Until it is empty: what is lent must not be left.
      for (let record = this.#next(); record !== undefined; record = this.#next()) taking.take(record.data)
    } catch (thrown) {
      this.#rest()
      this.#calls.exchange.parts.stop(this.#half, 'its reader has stopped', true)
      taking.reject(asError(thrown))
      return
    }
    if (this.#end === null || this.#taking === null) return
    this.#rest()
    if (this.#end.error === null) taking.resolve()
    else taking.reject(this.#end.error)
  }

  /** Undefined also once it takes no more: a taker may end its own transaction. */
  #next(): InRecord | undefined {
    return this.#taking === null ? undefined : this.#calls.exchange.parts.read(this.#half)
  }

  #rest(): void {
    this.#taking = null
    this.#half.takesAtOnce = false
  }
}

const DONE = { done: true, value: undefined } as const

export class PartWriter {
  readonly #half: AnyHalf
  readonly #calls: SessionCalls
  #waiting: Waiting<boolean>[] = []
  #error: Error | null = null

  constructor(half: AnyHalf, calls: SessionCalls) {
    this.#half = half
    this.#calls = calls
  }

  /** Resolves when the next part may be sent, as less than `unsentBytes` wait; false: nobody wants it. */
  async send(what: string, part: Uint8Array, unsentBytes: number = CALLS.unsentBytesMax): Promise<boolean> {
    const data = checkPart(what, part)
    if (this.#error !== null) throw this.#error
    if (!this.#calls.exchange.parts.send(this.#half, data, this.#calls.nowMs)) return false
    while (this.#half.out !== null && this.#half.out.waitingBytes >= unsentBytes) {
      if (!(await new Promise<boolean>((resolve, reject) => this.#waiting.push({ resolve, reject })))) return false
    }
    return true
  }

  /** There is room; or nobody wants any more (false). */
  wake(wanted: boolean): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const { resolve } of waiting) resolve(wanted)
  }

  fail(error: Error): void {
    this.#error = error
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) reject(error)
  }
}

function checkPart(what: string, part: Uint8Array): Uint8Array {
  if (!isBytes(part)) {
    throw new InkwireError('INK_BAD_ARGUMENT', `${what}: a part is a Uint8Array, not ${describe(part)}`)
  }
  checkSize(what, part.byteLength)
  return lasting(localBytes(part))
}

/** Throws `INK_MESSAGE_TOO_LARGE`. */
export function checkSize(what: string, bytes: number): void {
  if (bytes <= CALLS.partBytesMax) return
  const text = `${what}: ${bytes} bytes are above the limit of ${CALLS.partBytesMax}: send it in parts`
  throw new InkwireError('INK_MESSAGE_TOO_LARGE', text)
}
