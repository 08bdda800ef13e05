/**
 * What callers on the other side say: they open transactions, send parts, cancel, stop, and are gone when the session is lost.
 *
 * What is refused is refused when its first piece comes, before the rest. Each word is answered with what is wrong with it; null:
 * nothing. How a transaction ends is in replies.ts. Pure.
 */
import { laneOf } from '../../wire/message.ts'
import type { ControlQueue } from './control-queue.ts'
import type { CallKind, Served } from './half.ts'
import { Incoming, type Holdings, type InRecord } from './incoming.ts'
import { CALLS } from './limits.ts'
import { bytesOf } from './outgoing.ts'
import type { Pump } from './pump.ts'
import type { Replies, RepliesSink } from './replies.ts'
import { FLAG, type CallFailure, type CallReason, type Opening } from './words.ts'

export interface ServingSink extends RepliesSink {
  /** What is known of it by this side. */
  make(kind: CallKind, lane: number, id: number, note: Uint8Array): Served
  /** Null: it may come. */
  admit(kind: CallKind): CallFailure | null
  /** Its request is whole: it waits for its handler. */
  arrived(served: Served, request: InRecord): void
  watch(half: Served): void
}

export class Serving {
  /** By lane: the last one that was opened. */
  readonly #last = [0, 0, 0]
  /** Cancelled before they came: cancels overtake. */
  readonly #early = new Set<number>()
  readonly #replies: Replies
  readonly #pump: Pump
  readonly #words: ControlQueue
  readonly #holdings: Holdings
  readonly #sink: ServingSink

  constructor(replies: Replies, pump: Pump, words: ControlQueue, holdings: Holdings, sink: ServingSink) {
    this.#replies = replies
    this.#pump = pump
    this.#words = words
    this.#holdings = holdings
    this.#sink = sink
  }

  /** Those whose handler has not ended. */
  get size(): number {
    return this.#replies.open.size
  }

  /**
   * The first piece of a request came. Returns what is wrong with it. `dueMs`: when its time is up, where its session knows that
   * better than its words, which may have waited for a link.
   */
  opened(kind: CallKind, opening: Opening, dueMs: number | null, nowMs: number): string | null {
    const { id, flags, front, data } = opening
    const lane = laneOf(kind.priority)
    if (id <= this.#last[lane]! || this.#replies.open.get(id) !== undefined) return 'a transaction was opened twice'
    this.#last[lane] = id
    const served = this.#sink.make(kind, lane, id, opening.note)
    if (this.#early.delete(id)) {
      this.#replies.judge(served)
      return null
    }
    const refusal = this.#refusal(kind)
    if (refusal !== null) {
      this.#replies.open.add(served)
      this.#replies.answer(served, refusal, nowMs)
      return null
    }
    this.#replies.open.add(served)
    if (opening.remainingMs > 0) served.deadlineMs = dueMs ?? nowMs + opening.remainingMs
    if (served.deadlineMs <= nowMs) {
      this.#replies.expired(served, nowMs)
      return null
    }
    if (served.deadlineMs !== Infinity) this.#sink.watch(served)
    if (bytesOf(opening) > CALLS.pieceBytes) return this.#replies.violated(served, 'a request begins too large', nowMs)
    if ((flags & FLAG.MORE) === 0) {
      if ((flags & FLAG.END) !== 0) served.isWhole = true
      this.#arrived(served, { front, data })
      return null
    }
    return this.#piece(served, front, data, flags | FLAG.FIRST, true, nowMs)
  }

  /** Whose parts have this number; undefined: nobody's. */
  half(id: number): Served | undefined {
    return this.#replies.open.get(id)
  }

  /** A piece of a request or of a part came. */
  part(id: number, lane: number, front: Uint8Array, data: Uint8Array, flags: number, nowMs: number): string | null {
    const served = this.#replies.open.get(id)
    if (served === undefined) return id <= (this.#last[lane] ?? 0) ? null : NEVER_OPENED
    if (served.lane !== lane) return 'a part came in another lane than its request'
    // It has failed, and that waits for room: what its caller sends until it hears that is late.
    if (served.failure !== null) return null
    if (served.isWhole) return this.#replies.violated(served, 'a part came behind the end', nowMs)
    return this.#piece(served, front, data, flags, false, nowMs)
  }

  /** Its caller wants it no more. */
  cancelled(id: number, lane: number, why: CallReason, detail: string): string | null {
    const served = this.#replies.open.get(id)
    if (served !== undefined) {
      if (served.cancel !== null) return 'a transaction was cancelled twice'
      served.cancel = why
      if (served.phase === 'running') served.owner.onAborted(seenByServer(why), detail)
      // What it never ran with, and its caller has not heard, is no answer.
      else if (served.phase === 'ended' && served.failure?.indeterminate !== false) this.#replies.tooLate(served)
      else this.#replies.withdraw(served)
      return null
    }
    const last = this.#last[lane]
    if (last === undefined) return 'a cancel for a lane that there is not'
    if (id > last) {
      if (this.#early.size >= CALLS.openMax || this.#early.has(id)) return 'more was cancelled than can be open'
      this.#early.add(id)
      return null
    }
    // Its last word is on its way.
    return null
  }

  /** The peer gives credit. */
  credit(id: number, total: number, nowMs: number): string | null {
    const served = this.#replies.open.get(id)
    if (served === undefined) return this.#late(id)
    if (served.out === null) return 'credit for what sends no parts'
    served.out.grant(total)
    this.#pump.ready(served)
    this.#pump.run(nowMs)
    return null
  }

  stopped(id: number): string | null {
    const served = this.#replies.open.get(id)
    if (served === undefined) return this.#late(id)
    served.isUnwanted = true
    if (served.out !== null) {
      served.out.drop()
      if (served.phase !== 'ended') served.out.life = 'over'
    }
    served.owner.onUnwanted()
    return null
  }

  broken(id: number, detail: string): string | null {
    const served = this.#replies.open.get(id)
    if (served === undefined) return this.#late(id)
    served.brokenWhy = detail
    // Its request is whole before its parts begin.
    if (served.phase === 'arriving') return null
    served.incoming ??= new Incoming(this.#holdings)
    served.incoming.discard()
    this.#words.credit(served)
    served.owner.onBroken(detail)
    return null
  }

  /** The session is lost: nobody waits for answers any more. Handlers go on until they end. */
  lost(detail: string): void {
    const open = this.#replies.open.takeAll()
    this.#early.clear()
    this.#last.fill(0)
    for (const served of open) {
      const { phase } = served
      this.#replies.ended(served)
      if (phase === 'running') served.owner.onAborted('disconnected', detail)
      else if (phase === 'waiting') this.#sink.withdrawn(served)
    }
  }

  #refusal(kind: CallKind): CallFailure | null {
    if (this.#replies.open.size < CALLS.openMax) return this.#sink.admit(kind)
    const detail = `${CALLS.openMax} transactions are open: that is the limit`
    return { reason: 'quota', code: 'BUSY', detail, indeterminate: false, retryAfterMs: 0 }
  }

  #piece(
    served: Served,
    front: Uint8Array,
    data: Uint8Array,
    flags: number,
    free: boolean,
    nowMs: number,
  ): string | null {
    const incoming = (served.incoming ??= new Incoming(this.#holdings))
    const record = incoming.piece(front, data, flags, free)
    if (typeof record === 'string') return this.#replies.violated(served, record, nowMs)
    const isEnd = (flags & FLAG.END) !== 0
    const isRequest = served.phase === 'arriving'
    if (isEnd && isRequest && record === null)
      return this.#replies.violated(served, 'the end came before the request', nowMs)
    if (record !== null && isRequest) incoming.pass()
    else if (record !== null) incoming.keep(record)
    if (isEnd) {
      served.isWhole = true
      incoming.end()
    }
    this.#words.credit(served)
    if (record !== null && isRequest) this.#arrived(served, record)
    else if (record !== null || isEnd) served.owner.onReadable()
    return null
  }

  #arrived(served: Served, request: InRecord): void {
    served.phase = 'waiting'
    if (served.brokenWhy !== null) served.incoming?.discard()
    this.#sink.arrived(served, request)
  }

  #late(id: number): string | null {
    return this.#last.some((last) => id <= last) ? null : NEVER_OPENED
  }
}

const NEVER_OPENED = 'words about a transaction that was never opened'

/** As its server sees why its caller has ended it. */
function seenByServer(why: CallReason): CallReason {
  return why === 'cancelled-local' ? 'cancelled-remote' : why
}
