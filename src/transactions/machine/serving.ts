/**
 * The server's side of all transactions of one session: which are admitted, which handler runs, and its one answer.
 *
 * A transaction counts against the limit until its handler has ended, whatever its caller has said meanwhile. The verdict about a
 * cancel is decided by how the handler ended, and by nothing else: with an answer it was too late, with an error it was
 * cancelled. What is refused is refused when its first piece comes, before the rest. Pure.
 */
import { Numbered } from '../../common/numbered.ts'
import { laneOf } from '../../wire/message.ts'
import type { ControlQueue } from './control-queue.ts'
import { DUE, type CallKind, type Served } from './half.ts'
import { Incoming, type Holdings, type InRecord } from './incoming.ts'
import { CALLS } from './limits.ts'
import { Outgoing, bytesOf } from './outgoing.ts'
import type { Pump } from './pump.ts'
import { FLAG, KIND, failMark, partMark, type CallFailure, type CallReason, type Opening } from './words.ts'

export interface ServingSink {
  /** What is known of it by this side. */
  make(kind: CallKind, lane: number, id: number, note: Uint8Array): Served
  /** Null: it may come. */
  admit(kind: CallKind): CallFailure | null
  /** Its request is whole: it waits for its handler. */
  arrived(served: Served, request: InRecord): void
  /** It waits no more: its caller has cancelled it, its time was up, or the session is lost. */
  withdrawn(served: Served): void
  watch(half: Served): void
  unwatch(half: Served): void
  /** Something is to be said by a control word. */
  soon(): void
}

export class Serving {
  readonly #open = new Numbered<Served>()
  /** By lane: the last one that was opened. */
  readonly #last = [0, 0, 0]
  /** Cancelled before they came: cancels overtake. */
  readonly #early = new Set<number>()
  readonly #pump: Pump
  readonly #words: ControlQueue
  readonly #holdings: Holdings
  readonly #sink: ServingSink

  constructor(pump: Pump, words: ControlQueue, holdings: Holdings, sink: ServingSink) {
    this.#pump = pump
    this.#words = words
    this.#holdings = holdings
    this.#sink = sink
  }

  /** Those whose handler has not ended. */
  get size(): number {
    return this.#open.size
  }

  /**
   * The first piece of a request came. Returns what is wrong with it. `dueMs`: when its time is up, where its session knows that
   * better than its words, which may have waited for a link.
   */
  opened(kind: CallKind, opening: Opening, dueMs: number | null, nowMs: number): string | null {
    const { id, flags, front, data } = opening
    const lane = laneOf(kind.priority)
    if (id <= this.#last[lane]! || this.#open.get(id) !== undefined) return 'a transaction was opened twice'
    this.#last[lane] = id
    const served = this.#sink.make(kind, lane, id, opening.note)
    if (this.#early.delete(id)) {
      this.#judge(served)
      return null
    }
    const refusal = this.#refusal(kind)
    if (refusal !== null) {
      this.#open.add(served)
      this.#answer(served, refusal, nowMs)
      return null
    }
    this.#open.add(served)
    if (opening.remainingMs > 0) served.deadlineMs = dueMs ?? nowMs + opening.remainingMs
    if (served.deadlineMs <= nowMs) {
      this.expired(served, nowMs)
      return null
    }
    if (served.deadlineMs !== Infinity) this.#sink.watch(served)
    if (bytesOf(opening) > CALLS.pieceBytes) return this.#violated(served, 'a request begins too large', nowMs)
    if ((flags & FLAG.MORE) === 0) {
      if ((flags & FLAG.END) !== 0) served.isWhole = true
      this.#arrived(served, { front, data })
      return null
    }
    return this.#piece(served, front, data, flags | FLAG.FIRST, true, nowMs)
  }

  /** Whose parts have this number; undefined: nobody's. */
  half(id: number): Served | undefined {
    return this.#open.get(id)
  }

  /** A piece of a request or of a part came. */
  part(id: number, lane: number, front: Uint8Array, data: Uint8Array, flags: number, nowMs: number): string | null {
    const served = this.#open.get(id)
    if (served === undefined) return id <= (this.#last[lane] ?? 0) ? null : NEVER_OPENED
    if (served.lane !== lane) return 'a part came in another lane than its request'
    // It has failed, and that waits for room: what its caller sends until it hears that is late.
    if (served.failure !== null) return null
    if (served.isWhole) return this.#violated(served, 'a part came behind the end', nowMs)
    return this.#piece(served, front, data, flags, false, nowMs)
  }

  /** Its caller wants it no more. */
  cancelled(id: number, lane: number, why: CallReason, detail: string): string | null {
    const served = this.#open.get(id)
    if (served !== undefined) {
      if (served.cancel !== null) return 'a transaction was cancelled twice'
      served.cancel = why
      if (served.phase === 'running') served.owner.onAborted(seenByServer(why), detail)
      // What it never ran with, and its caller has not heard, is no answer.
      else if (served.phase === 'ended' && served.failure?.indeterminate !== false) this.#tooLate(served)
      else this.#withdraw(served)
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

  /** A handler runs from now on. */
  begin(served: Served): void {
    served.phase = 'running'
  }

  /** Its handler has ended well. */
  reply(served: Served, reply: OutReply, nowMs: number): void {
    if (served.phase === 'gone') return
    served.phase = 'ended'
    if (served.cancel !== null) this.#tooLate(served)
    if (served.lost !== null) {
      this.#answer(served, served.lost, nowMs)
      return
    }
    if (served.out === null && this.#pump.isClear(served.lane) && bytesOf(reply) <= CALLS.pieceBytes) {
      const mark = partMark(KIND.REPLY, FLAG.END | FLAG.DOWN | FLAG.FIRST, served.id)
      if (this.#pump.now(served, mark, reply.front, reply.data)) {
        this.ended(served)
        return
      }
    }
    served.out ??= new Outgoing()
    served.out.push({ kind: KIND.REPLY, ...reply })
    served.out.life = 'ending'
    this.#pump.ready(served)
    this.#pump.run(nowMs)
  }

  /** Its handler has ended with an error. */
  fail(served: Served, failure: CallFailure, nowMs: number): void {
    if (served.phase === 'gone') return
    if (served.cancel === null) this.#answer(served, served.lost ?? failure, nowMs)
    else {
      // One that was handed on may have reached no handler.
      served.verdict = failure.indeterminate ? 'cancelled' : 'unheard'
      this.#judge(served)
    }
  }

  /** Its time is up. */
  expired(served: Served, nowMs: number): void {
    if (served.phase === 'running') {
      served.owner.onAborted('deadline', 'its time is up')
      return
    }
    if (served.phase === 'gone' || served.phase === 'ended') return
    this.#sink.withdrawn(served)
    const detail = 'its time was up before its handler began'
    const failure = { reason: 'deadline' as const, code: 'DEADLINE', detail, indeterminate: false, retryAfterMs: 0 }
    this.#answer(served, failure, nowMs)
  }

  /** The peer gives credit. */
  credit(id: number, total: number, nowMs: number): string | null {
    const served = this.#open.get(id)
    if (served === undefined) return this.#late(id)
    if (served.out === null) return 'credit for what sends no parts'
    served.out.grant(total)
    this.#pump.ready(served)
    this.#pump.run(nowMs)
    return null
  }

  stopped(id: number): string | null {
    const served = this.#open.get(id)
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
    const served = this.#open.get(id)
    if (served === undefined) return this.#late(id)
    served.brokenWhy = detail
    // Its request is whole before its parts begin.
    if (served.phase === 'arriving') return null
    served.incoming ??= new Incoming(this.#holdings)
    served.incoming.discard()
    this.#credit(served)
    served.owner.onBroken(detail)
    return null
  }

  /**
   * A part or the answer of it can never be sent. Its caller hears that, when the handler has ended: until then it counts against
   * the limit.
   */
  unfit(served: Served, code: string, detail: string, nowMs: number): void {
    served.out?.abandon()
    served.stuck = null
    const failure = { reason: 'handler-error' as const, code, detail, indeterminate: true, retryAfterMs: 0 }
    if (served.phase === 'running') {
      if (served.lost !== null) return
      served.lost = failure
      served.isUnwanted = true
      served.owner.onAborted('refused', detail)
    } else if (served.failure === null) this.#answer(served, failure, nowMs)
    // Not even that fits.
    else if (served.phase !== 'gone') this.ended(served)
  }

  /** The session is lost: nobody waits for answers any more. Handlers go on until they end. */
  lost(detail: string): void {
    const open = this.#open.takeAll()
    this.#early.clear()
    this.#last.fill(0)
    for (const served of open) {
      const { phase } = served
      this.ended(served)
      if (phase === 'running') served.owner.onAborted('disconnected', detail)
      else if (phase === 'waiting') this.#sink.withdrawn(served)
    }
  }

  /** Something was read or thrown away. */
  read(served: Served): void {
    this.#credit(served)
  }

  /** Its last word went out. */
  ended(served: Served): void {
    this.#open.delete(served.id)
    this.#sink.unwatch(served)
    served.phase = 'gone'
    served.incoming?.close()
    served.out = served.stuck = null
  }

  #refusal(kind: CallKind): CallFailure | null {
    if (this.#open.size < CALLS.openMax) return this.#sink.admit(kind)
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
    if (typeof record === 'string') return this.#violated(served, record, nowMs)
    const isEnd = (flags & FLAG.END) !== 0
    const isRequest = served.phase === 'arriving'
    if (isEnd && isRequest && record === null) return this.#violated(served, 'the end came before the request', nowMs)
    if (record !== null && isRequest) incoming.pass()
    else if (record !== null) incoming.keep(record)
    if (isEnd) {
      served.isWhole = true
      incoming.end()
    }
    this.#credit(served)
    if (record !== null && isRequest) this.#arrived(served, record)
    else if (record !== null || isEnd) served.owner.onReadable()
    return null
  }

  #arrived(served: Served, request: InRecord): void {
    served.phase = 'waiting'
    if (served.brokenWhy !== null) served.incoming?.discard()
    this.#sink.arrived(served, request)
  }

  /** It never runs: its caller hears that. */
  #withdraw(served: Served): void {
    if (served.phase === 'waiting') this.#sink.withdrawn(served)
    this.#judge(served)
  }

  #judge(served: Served): void {
    this.ended(served)
    this.#say(served, DUE.VERDICT)
  }

  #tooLate(served: Served): void {
    served.verdict = 'too-late'
    this.#say(served, DUE.VERDICT)
  }

  #answer(served: Served, failure: CallFailure, nowMs: number): void {
    served.phase = 'ended'
    served.failure = failure
    // Kept, for credit of it may be on its way.
    served.out?.abandon()
    served.stuck = null
    if (this.#pump.isClear(served.lane) && this.#pump.now(served, failMark(served.id, failure), null, null)) {
      this.ended(served)
      return
    }
    this.#pump.ready(served)
    this.#pump.run(nowMs)
  }

  #violated(served: Served, what: string, nowMs: number): string {
    if (served.phase === 'running') {
      served.incoming?.discard()
      served.owner.onAborted('protocol', what)
    } else if (served.phase !== 'ended') {
      if (served.phase === 'waiting') this.#sink.withdrawn(served)
      const failure = {
        reason: 'protocol' as const,
        code: 'PROTOCOL',
        detail: what,
        indeterminate: false,
        retryAfterMs: 0,
      }
      this.#answer(served, failure, nowMs)
    }
    return what
  }

  #credit(served: Served): void {
    if (served.incoming?.owesCredit === true && served.phase !== 'gone') this.#say(served, DUE.CREDIT)
  }

  #say(served: Served, what: number): void {
    this.#words.say(served, what)
    this.#sink.soon()
  }

  #late(id: number): string | null {
    return this.#last.some((last) => id <= last) ? null : NEVER_OPENED
  }
}

/** What a handler answers. */
export interface OutReply {
  readonly front: Uint8Array | null
  readonly data: Uint8Array | null
}

const NEVER_OPENED = 'words about a transaction that was never opened'

/** As its server sees why its caller has ended it. */
function seenByServer(why: CallReason): CallReason {
  return why === 'cancelled-local' ? 'cancelled-remote' : why
}
