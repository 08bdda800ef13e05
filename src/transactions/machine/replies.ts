/**
 * How the transactions that this side serves end: the one answer of each, and the verdict about a cancel.
 *
 * A transaction counts against the limit until its handler has ended, whatever its caller has said meanwhile. The verdict about a
 * cancel is decided by how the handler ended, and by nothing else: with an answer it was too late, with an error it was
 * cancelled. Pure.
 */
import { Numbered } from '../../common/numbered.ts'
import type { ControlQueue } from './control-queue.ts'
import { DUE, type Served } from './half.ts'
import { CALLS } from './limits.ts'
import { Outgoing, bytesOf } from './outgoing.ts'
import type { Pump } from './pump.ts'
import { FLAG, KIND, failMark, partMark, type CallFailure } from './words.ts'

/** What a handler answers. */
export interface OutReply {
  readonly front: Uint8Array | null
  readonly data: Uint8Array | null
}

export interface RepliesSink {
  /** It waits no more: its caller has cancelled it, its time was up, or the session is lost. */
  withdrawn(served: Served): void
  unwatch(half: Served): void
}

export class Replies {
  /** Those that are not over. */
  readonly open = new Numbered<Served>()
  readonly #pump: Pump
  readonly #words: ControlQueue
  readonly #sink: RepliesSink

  constructor(pump: Pump, words: ControlQueue, sink: RepliesSink) {
    this.#pump = pump
    this.#words = words
    this.#sink = sink
  }

  /** A handler runs from now on. */
  begin(served: Served): void {
    served.phase = 'running'
  }

  /** Its handler has ended well. */
  reply(served: Served, reply: OutReply, nowMs: number): void {
    if (served.phase === 'gone') return
    served.phase = 'ended'
    if (served.cancel !== null) this.tooLate(served)
    if (served.lost !== null) {
      this.answer(served, served.lost, nowMs)
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
    if (served.cancel === null) this.answer(served, served.lost ?? failure, nowMs)
    else {
      // One that was handed on may have reached no handler.
      served.verdict = failure.indeterminate ? 'cancelled' : 'unheard'
      this.judge(served)
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
    this.answer(served, failure, nowMs)
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
    } else if (served.failure === null) this.answer(served, failure, nowMs)
    // Not even that fits.
    else if (served.phase !== 'gone') this.ended(served)
  }

  /** It never runs: its caller hears that. */
  withdraw(served: Served): void {
    if (served.phase === 'waiting') this.#sink.withdrawn(served)
    this.judge(served)
  }

  judge(served: Served): void {
    this.ended(served)
    this.#words.say(served, DUE.VERDICT)
  }

  tooLate(served: Served): void {
    served.verdict = 'too-late'
    this.#words.say(served, DUE.VERDICT)
  }

  answer(served: Served, failure: CallFailure, nowMs: number): void {
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

  violated(served: Served, what: string, nowMs: number): string {
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
      this.answer(served, failure, nowMs)
    }
    return what
  }

  /** Its last word went out. */
  ended(served: Served): void {
    this.open.delete(served.id)
    this.#sink.unwatch(served)
    served.phase = 'gone'
    served.incoming?.close()
    served.out = served.stuck = null
  }
}
