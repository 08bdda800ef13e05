/**
 * The handler of one kind of call, and which of its calls runs next: inline or from the queue, so many at once, in order by key.
 *
 * Those that wait are kept by connection and lane: urgent lanes first, connections in turn, so that one that calls much does not
 * keep another waiting. Limit: `waitingMax` per connection; beyond it calls are refused (`quota`, `BUSY`), before the rest of
 * their request is read.
 */
import { Deque } from '../common/deque.ts'
import { atOnce } from '../common/user-code.ts'
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
/** Every so often the least urgent one that waits comes first, so that none starves. */
const FAIR_TURN = 16

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
  #taken = 0
  /** By lane: the lines of connections where somebody waits, in turn. */
  readonly #turns: readonly Deque<Line<Call>>[] = Array.from({ length: LANES }, () => new Deque())
  /** Kept when nobody waits in them: they go with their connection. */
  readonly #crowds = new WeakMap<object, Crowd<Call>>()
  /** Those that wait, also for one with their key. */
  #count = 0
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

  /** What a request says. Throws what its codec does. */
  decode(front: Uint8Array): unknown {
    return this.scope.run(decode, this.definition, front, undefined)
  }

  /** Which one it must come behind, where there is an order. */
  keyOf(body: unknown, call: ServerCall): unknown {
    return this.scope.run(callWith, this.rules.orderKey!, body, call)
  }

  /** Null: one more of this connection may come. */
  admit(calls: object): CallFailure | null {
    const { callName } = this.definition
    const waiting = this.#crowds.get(calls)?.count ?? 0
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
    return this.#count === 0
  }

  add(call: Call): void {
    const crowd = this.#crowdOf(call)
    crowd.count++
    this.#count++
    this.#queue(call, crowd)
  }

  /** It waits no more. */
  remove(call: Call): void {
    if (leave(this.#crowdOf(call).lines[call.lane]!, call)) {
      this.#left(call)
      if (call.isNext) this.#passKey(call)
      return
    }
    const behind = this.rules.orderKey === null ? undefined : this.#keys.get(call.orderKey)
    if (behind !== undefined && leave(behind, call)) this.#left(call)
  }

  /** The next one that may run, which waits no more; undefined: there is none. */
  take(): Call | undefined {
    if (!this.hasRoom) return undefined
    const fair = ++this.#taken % FAIR_TURN === 0
    for (let step = 0; step < LANES; step++) {
      const turns = this.#turns[fair ? LANES - 1 - step : step]!
      for (let line = turns.shift(); line !== undefined; line = turns.shift()) {
        const call = line.shift()
        // The next connection's turn.
        if (line.length > 0) turns.push(line)
        else line.isInTurn = false
        if (call === undefined || !this.#mayRun(call)) continue
        this.#left(call)
        return call
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
    for (const turns of this.#turns) for (const line of turns) yield* line
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
    this.#queue(next, this.#crowdOf(next))
  }

  #queue(call: Call, { lines }: Crowd<Call>): void {
    const line = lines[call.lane]!
    line.push(call)
    if (line.isInTurn) return
    line.isInTurn = true
    this.#turns[call.lane]!.push(line)
  }

  #left(call: Call): void {
    this.#crowdOf(call).count--
    this.#count--
  }

  #crowdOf({ calls }: Call): Crowd<Call> {
    let crowd = this.#crowds.get(calls)
    if (crowd === undefined) this.#crowds.set(calls, (crowd = new Crowd()))
    return crowd
  }
}

/** Those of one connection and lane. */
class Line<Call> extends Deque<Call> {
  /** It stands among those whose turn comes; it may be empty by then. */
  isInTurn = false
}

/** Those of one connection. */
class Crowd<Call> {
  count = 0
  readonly lines: readonly Line<Call>[] = Array.from({ length: LANES }, () => new Line())
}

/** False: it is not there. */
function leave<Call>(line: Deque<Call>, call: Call): boolean {
  for (let index = 0; index < line.length; index++) {
    if (line.at(index) !== call) continue
    line.remove(index)
    return true
  }
  return false
}

function decode(this: AnyCall, front: Uint8Array): unknown {
  return atOnce(this.request.decode(front), 'decode()')
}

function callWith(this: (body: never, call: ServerCall) => unknown, body: unknown, call: ServerCall): unknown {
  return this.call(undefined, body as never, call)
}
