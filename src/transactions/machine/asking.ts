/**
 * What the callers of one session do: they ask, cancel, give up, discard; and what becomes of their transactions when the session
 * does not go on. What the peer says of them is in answers.ts.
 *
 * What has been in no message is withdrawn; of all else it is said truly whether the handler may have run. Pure.
 */
import type { AskedPlaces, PlacesSink } from './asked-places.ts'
import type { ControlQueue } from './control-queue.ts'
import { DUE, type Asked, remainingOf } from './half.ts'
import { CALLS } from './limits.ts'
import { Outgoing, bytesOf, type OutRecord } from './outgoing.ts'
import type { Pump } from './pump.ts'
import { FLAG, openMark, type CallFailure, type CallReason } from './words.ts'

export interface AskingSink extends PlacesSink {
  /** Takes its messages back where they are on no link. True: the peer has nothing of it, and will not get it. */
  takeBack(asked: Asked): boolean
  /** Its deadline has changed. */
  watch(half: Asked): void
}

export class Asking {
  readonly #places: AskedPlaces
  readonly #pump: Pump
  readonly #words: ControlQueue
  readonly #sink: AskingSink

  constructor(places: AskedPlaces, pump: Pump, words: ControlQueue, sink: AskingSink) {
    this.#places = places
    this.#pump = pump
    this.#words = words
    this.#sink = sink
  }

  /** Begins one. `streams`: parts may follow its request. */
  ask(asked: Asked, request: OutRecord, streams: boolean, nowMs: number): void {
    const waiting = this.#places.waiting[asked.lane]!
    if (waiting.size >= CALLS.waitingMax) {
      asked.phase = 'gone'
      asked.owner.onFailure(refusal('quota', 'BUSY', `${CALLS.waitingMax} calls wait already: wait for some to end`))
      return
    }
    if (asked.deadlineMs <= nowMs) {
      asked.phase = 'gone'
      asked.owner.onFailure(refusal('deadline', 'DEADLINE', 'there is no time left'))
      return
    }
    if (asked.deadlineMs !== Infinity) this.#sink.watch(asked)
    if (!streams && this.#isClear(asked) && bytesOf(request) <= CALLS.pieceBytes) {
      this.#places.number(asked)
      const mark = openMark(FLAG.END, asked.id, remainingOf(asked, nowMs), asked.note)
      if (this.#pump.now(asked, mark, request.front, request.data)) {
        asked.isSent = true
        return
      }
    }
    asked.out = new Outgoing()
    asked.out.push(request)
    if (!streams) asked.out.end()
    if (asked.phase === 'open') this.#pump.ready(asked)
    else waiting.add(asked)
    this.start(nowMs)
  }

  /** Those that wait go on, as far as there is room, urgent ones first. */
  start(nowMs: number): void {
    if (this.#pump.life === 'off') return
    for (const waiting of this.#places.waiting) {
      for (const asked of waiting) {
        if (!this.#places.hasRoom(asked)) break
        waiting.delete(asked)
        this.#places.number(asked)
        this.#pump.ready(asked)
      }
    }
    this.#pump.run(nowMs)
  }

  /** Asks for an end; the verdict or the outcome is the answer. True: there is one at once. */
  cancel(asked: Asked, why: CallReason, detail: string, answerByMs: number): void {
    if (asked.phase === 'over' || asked.phase === 'gone' || asked.cancel !== null) return
    asked.cancel = { why, detail, verdict: null }
    if (this.#withdraw(asked)) {
      asked.cancel.verdict = 'unheard'
      this.#places.conclude(asked, why, detail, false)
      return
    }
    asked.out?.cut()
    this.#words.say(asked, DUE.CANCEL)
    asked.deadlineMs = Math.min(asked.deadlineMs, answerByMs)
    this.#sink.watch(asked)
  }

  /** The caller waits no longer: it has its outcome now, and the handler is told. */
  giveUp(asked: Asked, why: CallReason, detail: string): void {
    if (asked.phase === 'over' || asked.phase === 'gone') return
    const isWithdrawn = this.#withdraw(asked)
    if (!isWithdrawn && asked.cancel === null) {
      asked.cancel = { why, detail, verdict: null }
      asked.out?.cut()
      this.#words.say(asked, DUE.CANCEL)
    }
    this.#places.conclude(asked, why, detail, !isWithdrawn)
  }

  /** Silent: the caller wants no more of it, and nobody is told. True: but its handler waits for parts that will not come. */
  discard(asked: Asked): boolean {
    if (asked.phase === 'over' || asked.phase === 'gone') return false
    const isWithdrawn = this.#withdraw(asked)
    const isCut = !isWithdrawn && asked.cancel === null && asked.out?.cut() === true
    this.#places.conclude(asked, 'cancelled-local', 'discarded', !isWithdrawn)
    return isCut
  }

  /** Its time is up, or that of the answer to its cancel. */
  expired(asked: Asked): void {
    if (asked.cancel === null) this.giveUp(asked, 'deadline', 'there was no reply in time')
    else this.giveUp(asked, asked.cancel.why, `${asked.cancel.detail}; what became of it is not known`)
  }

  /** Its message can never be sent to this peer. */
  unfit(asked: Asked, code: string, detail: string): void {
    asked.out?.abandon()
    asked.stuck = null
    // Its caller may have an outcome: the peer waits for the rest all the same, and hears that none comes.
    const isWithdrawn = asked.phase !== 'over' && this.#withdraw(asked)
    if (!isWithdrawn && asked.cancel === null) {
      asked.cancel = { why: 'refused', detail, verdict: null }
      this.#words.say(asked, DUE.CANCEL)
    }
    if (asked.phase === 'over') return
    this.#places.conclude(asked, 'refused', detail, !isWithdrawn, code)
  }

  /** The session is lost. `isUndelivered`: those of which the peer cannot have anything. Those that wait go on waiting. */
  lost(isUndelivered: (asked: Asked) => boolean, detail: string): void {
    for (const asked of this.#places.takeOpen()) {
      const indeterminate = asked.isSent && !isUndelivered(asked)
      this.#places.forget(asked)
      if (asked.phase === 'open') this.#places.tell(asked, 'disconnected', 'DISCONNECTED', detail, indeterminate)
      asked.phase = 'gone'
    }
  }

  /** There will be no session: those that wait end, too. */
  ended(reason: CallReason, code: string, detail: string): void {
    for (const asked of this.#places.takeWaiting()) {
      this.#places.forget(asked)
      asked.phase = 'gone'
      this.#places.tell(asked, reason, code, detail, false)
    }
  }

  /** It may be sent past the turns: nobody of its lane waits, and it has a place. */
  #isClear(asked: Asked): boolean {
    return this.#pump.isClear(asked.lane) && this.#places.waiting[asked.lane]!.size === 0 && this.#places.hasRoom(asked)
  }

  /** True: the peer has nothing of it, and will not get it. */
  #withdraw(asked: Asked): boolean {
    if (asked.isSent && !this.#sink.takeBack(asked)) return false
    this.#places.withdraw(asked)
    return true
  }
}

function refusal(reason: CallReason, code: string, detail: string): CallFailure {
  return { reason, code, detail, indeterminate: false, retryAfterMs: 0 }
}
