/**
 * Where calls meet handlers: which kinds are served here, whose turn it is, and for how long.
 *
 * What waits in the queue runs at the end of the turn in which it came, for a bounded time; what is left runs in the next turn, after
 * I/O. So handlers never starve the network. It runs in portions, and what each has answered leaves before the next one: their caller
 * works on that meanwhile.
 */
import { EarlyFlush } from '../common/early-flush.ts'
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import type { CallType } from '../messenger/calls.ts'
import type { LayerSeam } from '../messenger/layer-seam.ts'
import { Scope } from '../messenger/scope.ts'
import type { AnyCall } from './asked-call.ts'
import { checkCall } from './define-call.ts'
import type { CallKind, Served } from './machine/half.ts'
import type { InRecord } from './machine/incoming.ts'
import { ServedCall, type CallsServed } from './served-call.ts'
import { ServedOnce } from './machine/served-once.ts'
import { rulesOf, type CallHandler, type ServeOptions, type ServedCalls } from './serve-options.ts'
import { ServedKind } from './served-kind.ts'
import type { Desk, SessionCalls } from './session-calls.ts'
import type { CallFailure } from './machine/words.ts'
import type { CallWatchers } from './watch.ts'

const INLINE_BUDGET_MS = 2

export class CallDesk implements Desk {
  readonly #seam: LayerSeam
  readonly #watchers: CallWatchers
  readonly #once: ServedOnce<ServedCall>
  readonly #kinds = new Map<number, CallsServed>()
  /** Where something waits that may run. */
  readonly #due = new Set<CallsServed>()
  #turn: 'none' | 'due' = 'none'
  /** When the time of this turn is up, in ms. */
  #untilMs = 0
  readonly #portion = new EarlyFlush()
  readonly #run = (): void => {
    this.#untilMs = this.#seam.clock.nowMs() + this.#seam.limits.dispatchTurnMs
    this.#portion.begin()
    this.#work()
  }
  readonly #goOn = (): void => {
    this.#work()
  }
  readonly #onEnd = (call: ServedCall): void => {
    call.served.ended(call)
    this.#wake(call.served)
  }

  /** `instance`: that of this messenger. */
  constructor(seam: LayerSeam, watchers: CallWatchers, instance: string) {
    this.#seam = seam
    this.#once = new ServedOnce(instance)
    this.#watchers = watchers
  }

  serve<Body, ReplyBody, RequestInput, ReplyInput>(
    call: CallType<Body, ReplyBody, RequestInput, ReplyInput>,
    handler: CallHandler<Body, ReplyInput>,
    options: ServeOptions<Body>,
  ): ServedCalls {
    checkCall('serve()', call)
    if (typeof handler !== 'function') {
      const text = `serve(${call.callName}): the handler must be a function, not ${describe(handler)}`
      throw new InkwireError('INK_BAD_ARGUMENT', text)
    }
    if (this.#kinds.has(call.type)) {
      const text = `serve(${call.callName}): call ${call.type} has a handler already; remove it first`
      throw new InkwireError('INK_BAD_ARGUMENT', text)
    }
    const rules = rulesOf(call.callName, options)
    const kind = new ServedKind<ServedCall>(call, handler as CallsServed['handler'], new Scope(), rules)
    this.#kinds.set(call.type, kind)
    return {
      pause: () => {
        kind.isPaused = true
      },
      resume: () => {
        kind.isPaused = false
        this.#wake(kind)
      },
      remove: () => {
        this.#remove(kind)
      },
    }
  }

  make(calls: SessionCalls, kind: CallKind, lane: number, id: number, note: Uint8Array): Served {
    return new ServedCall(calls, this.#kinds.get(kind.type) ?? NOBODY, kind, lane, id, note, this.#once.noted(note))
  }

  admit(calls: SessionCalls, { type }: CallKind): CallFailure | null {
    const kind = this.#kinds.get(type)
    return kind === undefined ? unhandled(`nobody serves call ${type} here`) : kind.admit(calls)
  }

  arrived(served: Served, request: InRecord): void {
    if (served instanceof ServedCall) this.#arrived(served, request)
  }

  #arrived(call: ServedCall, request: InRecord): void {
    if (call.arrived(request) && (call.once === null || this.#once.takes(call, call.once))) this.#queue(call)
  }

  #queue(call: ServedCall): void {
    const kind = call.served
    if (this.#kinds.get(call.kind.type) !== kind) {
      call.calls.exchange.replies.fail(
        call,
        unhandled(`nobody serves call ${call.kind.type} any more`),
        call.calls.nowMs,
      )
      return
    }
    if (kind.isInline && kind.hasRoom && kind.isEmpty && kind.rules.orderKey === null) this.#inline(call)
    else {
      kind.add(call)
      this.#wake(kind)
    }
  }

  withdrawn(served: Served): void {
    if (!(served instanceof ServedCall)) return
    served.served.remove(served)
    this.#pass(served)
  }

  /** Another attempt of the same call has its turn in the place of one that never runs. */
  #pass(call: ServedCall): void {
    const next = call.once === null ? null : this.#once.left(call)
    if (next !== null) this.#queue(next)
  }

  #inline(call: ServedCall): void {
    const kind = call.served
    const fromMs = this.#seam.clock.nowMs()
    const isDone = this.#begin(call)
    const tookMs = this.#seam.clock.nowMs() - fromMs
    if (isDone && tookMs <= INLINE_BUDGET_MS) return
    const demoted = kind.strike()
    const { connection } = call.calls
    this.#seam.report({ type: 'inlineBlocked', connection, call: kind.definition.callName, tookMs, demoted })
  }

  /** True: it has ended already. */
  #begin(call: ServedCall): boolean {
    const kind = call.served
    kind.running++
    if (call.leftMs === 0) {
      call.calls.exchange.expired(call, call.calls.nowMs)
      this.#onEnd(call)
      return true
    }
    if (this.#watchers.any) call.follow(this.#watchers)
    if (!call.run(this.#onEnd)) return false
    this.#onEnd(call)
    return true
  }

  #wake(kind: CallsServed): void {
    if (kind.isEmpty || !kind.hasRoom) return
    this.#due.add(kind)
    if (this.#turn === 'due') return
    this.#turn = 'due'
    this.#seam.clock.defer(this.#run)
  }

  /** One call of each kind in turn, until the time of this turn is up. */
  #work(): void {
    const { clock } = this.#seam
    // Awake while it works: what its handlers send to each other is not taken up in between.
    this.#turn = 'due'
    for (let count = 1; this.#due.size > 0; count++) {
      if (count % 8 === 0 && clock.nowMs() >= this.#untilMs) {
        clock.later(this.#run)
        return
      }
      let isEnough = false
      for (const kind of this.#due) {
        const call = kind.take()
        if (call === undefined) this.#due.delete(kind)
        else {
          this.#begin(call)
          isEnough = this.#portion.isDue() || isEnough
        }
      }
      if (isEnough) {
        // Behind the writes that the answers up to now have asked for.
        clock.defer(this.#goOn)
        return
      }
    }
    this.#turn = 'none'
  }

  #remove(kind: CallsServed): void {
    const { type } = kind.definition
    if (this.#kinds.get(type) !== kind) return
    this.#kinds.delete(type)
    this.#due.delete(kind)
    for (const call of [...kind.all()]) {
      kind.remove(call)
      call.calls.exchange.replies.fail(call, unhandled(`nobody serves call ${type} any more`), call.calls.nowMs)
      this.#pass(call)
    }
  }
}

function unhandled(detail: string): CallFailure {
  return { reason: 'unhandled', code: 'INK_UNHANDLED', detail, indeterminate: false, retryAfterMs: 0 }
}

/** Of calls that are refused: they need a name. */
const NOBODY = new ServedKind<ServedCall>(
  { type: 0, version: 0, callName: 'a call that nobody serves' } as AnyCall,
  () => undefined,
  new Scope(),
  rulesOf('', {}),
)
