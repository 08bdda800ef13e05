/**
 * The handler of one kind of call, and which of its calls runs next: inline or from the queue, so many at once, in order by key.
 *
 * Those that wait are kept by connection and lane: urgent lanes first, connections in turn, so that one that calls much does not
 * keep another waiting. Limit: `waitingMax` per connection; beyond it calls are refused (`quota`, `BUSY`), before the rest of
 * their request is read.
 */
import { Deque } from '../common/deque.ts'
import type { Scope } from '../messenger/scope.ts'
import { LANES } from '../wire/message.ts'
import type { AnyCall } from './asked-call.ts'
import type { ServerCall } from './handler-call.ts'
import type { CallFailure } from './machine/words.ts'

/** How calls are served, with every default. */
export interface ServeRules {
  readonly mode: 'inline' | 'queued'
  readonly concurrency: number
  readonly waitingMax: number
  readonly retryAfterMs: number
  readonly orderKey: ((body: never, call: ServerCall) => unknown) | null
}

/** What waits for a handler. */
export interface WaitingCall {
  readonly lane: number
  /** Of which connection it is. */
  readonly calls: object
  /** Of calls with the same one, one runs at a time. */
  readonly orderKey: unknown
  /** It has its key, and waits for its turn. */
  isNext: boolean
}

/** How often an inline handler may keep the input waiting before it runs from the queue. */
const STRIKES_MAX = 3

export class ServedKind<Call extends WaitingCall> {
  readonly definition: AnyCall
  readonly handler: (body: unknown, call: ServerCall) => unknown
  readonly scope: Scope
  readonly rules: ServeRules
  /** It runs in the turn of receipt. */
  isInline: boolean
  isPaused = false
  /** Handlers that run. */
  running = 0
  #strikes = 0
  /** By lane. */
  readonly #waiting: readonly Map<object, Set<Call>>[] = Array.from({ length: LANES }, () => new Map())
  readonly #counts = new Map<object, number>()
  /** By key: those that wait for one that runs. */
  readonly #keys = new Map<unknown, Deque<Call>>()

  constructor(
    definition: AnyCall,
    handler: (body: unknown, call: ServerCall) => unknown,
    scope: Scope,
    rules: ServeRules,
  ) {
    this.definition = definition
    this.handler = handler
    this.scope = scope
    this.rules = rules
    this.isInline = rules.mode === 'inline'
  }

  /** Null: one more of this connection may come. */
  admit(calls: object): CallFailure | null {
    const { callName } = this.definition
    const waiting = this.#counts.get(calls) ?? 0
    // Those that came in this turn and may run are no more than on their way.
    const free = this.isPaused ? 0 : Math.max(0, this.rules.concurrency - this.running)
    if (waiting < this.rules.waitingMax + free) return null
    const detail = `${waiting} calls of ${callName} wait: that is the limit`
    return { reason: 'quota', code: 'BUSY', detail, indeterminate: false, retryAfterMs: this.rules.retryAfterMs }
  }

  /** One more handler may run. */
  get hasRoom(): boolean {
    return !this.isPaused && this.running < this.rules.concurrency
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0
  }

  add(call: Call): void {
    const lane = this.#waiting[call.lane]!
    const calls = lane.get(call.calls)
    if (calls === undefined) lane.set(call.calls, new Set([call]))
    else calls.add(call)
    this.#counts.set(call.calls, (this.#counts.get(call.calls) ?? 0) + 1)
  }

  /** It waits no more. */
  remove(call: Call): void {
    const lane = this.#waiting[call.lane]!
    const calls = lane.get(call.calls)
    if (calls?.delete(call) !== true) {
      this.#removeKeyed(call)
      return
    }
    if (calls.size === 0) lane.delete(call.calls)
    this.#count(call)
    if (call.isNext) this.#passKey(call)
  }

  /** The next one that may run, which waits no more; undefined: there is none. */
  take(): Call | undefined {
    if (!this.hasRoom) return undefined
    for (const lane of this.#waiting) {
      for (const [calls, waiting] of lane) {
        for (const call of waiting) {
          waiting.delete(call)
          // The next connection's turn.
          lane.delete(calls)
          if (waiting.size > 0) lane.set(calls, waiting)
          if (this.#mayRun(call)) {
            this.#count(call)
            return call
          }
          return this.take()
        }
      }
    }
    return undefined
  }

  /** A handler has ended; the one that waited for its key waits for its turn. */
  ended(call: Call): void {
    this.running--
    this.#passKey(call)
  }

  /** An inline handler took too long, or answered by a promise. True: once too often. */
  strike(): boolean {
    if (++this.#strikes >= STRIKES_MAX) this.isInline = false
    return !this.isInline
  }

  /** Every call that waits. */
  *all(): Generator<Call> {
    for (const lane of this.#waiting) for (const waiting of lane.values()) yield* waiting
    for (const behind of this.#keys.values()) yield* behind
  }

  /** False: one with its key runs, and it waits for that. */
  #mayRun(call: Call): boolean {
    if (this.rules.orderKey === null || call.isNext) return true
    const behind = this.#keys.get(call.orderKey)
    if (behind === undefined) {
      this.#keys.set(call.orderKey, new Deque())
      return true
    }
    behind.push(call)
    return false
  }

  /** The next one with this key waits for its turn. */
  #passKey(call: Call): void {
    if (this.rules.orderKey === null) return
    const next = this.#keys.get(call.orderKey)?.shift()
    if (next === undefined) {
      this.#keys.delete(call.orderKey)
      return
    }
    next.isNext = true
    this.#count(next)
    this.add(next)
  }

  #removeKeyed(call: Call): void {
    const behind = this.rules.orderKey === null ? undefined : this.#keys.get(call.orderKey)
    for (let index = 0; behind !== undefined && index < behind.length; index++) {
      if (behind.at(index) !== call) continue
      behind.remove(index)
      this.#count(call)
      return
    }
  }

  #count(call: Call): void {
    const left = (this.#counts.get(call.calls) ?? 1) - 1
    if (left === 0) this.#counts.delete(call.calls)
    else this.#counts.set(call.calls, left)
  }
}
