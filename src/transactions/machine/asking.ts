/**
 * The caller's side of all transactions of one session: who waits, who is open, and the one outcome of each.
 *
 * An outcome is told once. A transaction holds its place until the peer has said its last word about it, which it does when the
 * handler has ended: so a caller who cancels can never make more handlers run than were agreed. What has been in no message is
 * withdrawn; of all else it is said truly whether the handler may have run. Pure.
 */
import { Numbered } from '../../common/numbered.ts'
import { LANES } from '../../wire/message.ts'
import type { Asked } from './half.ts'
import { DUE } from './half.ts'
import type { ControlQueue } from './control-queue.ts'
import { Incoming, type Holdings, type InRecord } from './incoming.ts'
import { CALLS } from './limits.ts'
import { Outgoing, bytesOf, type OutRecord } from './outgoing.ts'
import { remainingOf, type Pump } from './pump.ts'
import { FLAG, openMark, type CallFailure, type CallReason, type CallVerdict } from './words.ts'

export interface AskingSink {
  /** Takes its messages back where they are on no link. True: the peer has nothing of it, and will not get it. */
  takeBack(asked: Asked): boolean
  /** Its deadline has changed, or it needs none any more. */
  watch(half: Asked): void
  unwatch(half: Asked): void
  /** Something is to be said by a control word. */
  soon(): void
}

export class Asking {
  /** By lane: those that wait. */
  readonly #waiting: readonly Set<Asked>[] = Array.from({ length: LANES }, () => new Set())
  readonly #open = new Numbered<Asked>()
  readonly #pump: Pump
  readonly #words: ControlQueue
  readonly #holdings: Holdings
  readonly #sink: AskingSink
  #lastId = 0

  constructor(pump: Pump, words: ControlQueue, holdings: Holdings, sink: AskingSink) {
    this.#pump = pump
    this.#words = words
    this.#holdings = holdings
    this.#sink = sink
  }

  /** Those that are not over, and those that wait. */
  get size(): number {
    return this.#waiting.reduce((sum, { size }) => sum + size, this.#open.size)
  }

  /** Those whose place is held. */
  get open(): Iterable<Asked> {
    return this.#open
  }

  /** Begins one. `streams`: parts may follow its request. */
  ask(asked: Asked, request: OutRecord, streams: boolean, nowMs: number): void {
    const waiting = this.#waiting[asked.lane]!
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
      this.#number(asked)
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
    for (const waiting of this.#waiting) {
      for (const asked of waiting) {
        if (!this.#hasRoom(asked)) break
        waiting.delete(asked)
        this.#number(asked)
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
      this.#conclude(asked, why, detail, false)
      return
    }
    asked.out?.drop()
    this.#say(asked, DUE.CANCEL)
    asked.deadlineMs = Math.min(asked.deadlineMs, answerByMs)
    this.#sink.watch(asked)
  }

  /** The caller waits no longer: it has its outcome now, and the handler is told. */
  giveUp(asked: Asked, why: CallReason, detail: string): void {
    if (asked.phase === 'over' || asked.phase === 'gone') return
    const isWithdrawn = this.#withdraw(asked)
    if (!isWithdrawn && asked.cancel === null) {
      asked.cancel = { why, detail, verdict: null }
      asked.out?.drop()
      this.#say(asked, DUE.CANCEL)
    }
    this.#conclude(asked, why, detail, !isWithdrawn)
  }

  /** Silent: the caller wants no more of it, and nobody is told. */
  discard(asked: Asked): void {
    if (asked.phase === 'over' || asked.phase === 'gone') return
    const isWithdrawn = this.#withdraw(asked)
    asked.out?.drop()
    this.#conclude(asked, 'cancelled-local', 'discarded', !isWithdrawn)
  }

  /** Its time is up, or that of the answer to its cancel. */
  expired(asked: Asked): void {
    if (asked.cancel === null) this.giveUp(asked, 'deadline', 'there was no reply in time')
    else this.giveUp(asked, asked.cancel.why, `${asked.cancel.detail}; what became of it is not known`)
  }

  /** Whose parts have this number; undefined: nobody's. */
  half(id: number): Asked | undefined {
    return this.#open.get(id)
  }

  /** A piece of a part came. Returns what is wrong with it. */
  part(id: number, front: Uint8Array, data: Uint8Array, flags: number): string | null {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#late(id)
    const incoming = (asked.incoming ??= this.#incoming(asked))
    const record = incoming.piece(front, data, flags, false)
    if (typeof record === 'string') return this.#violated(asked, record)
    if (record !== null) incoming.keep(record)
    this.#credit(asked)
    if (record !== null) asked.owner.onReadable()
    return null
  }

  /** A piece of the reply came. */
  reply(id: number, front: Uint8Array, data: Uint8Array, flags: number): string | null {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#late(id)
    const more = (flags & FLAG.MORE) !== 0
    const isFirst = (flags & FLAG.FIRST) !== 0
    if (isFirst && asked.isAnswered) return this.#violated(asked, 'a reply begins twice')
    if (isFirst) asked.isAnswered = true
    if (isFirst && !more && asked.incoming === null) {
      if (front.length + data.length > CALLS.pieceBytes) return this.#violated(asked, 'a reply is too large')
      this.#replied(asked, { front, data })
      return null
    }
    const incoming = (asked.incoming ??= this.#incoming(asked))
    if (isFirst && asked.phase === 'open') incoming.answer()
    const record = incoming.piece(front, data, flags, isFirst)
    if (typeof record === 'string') return this.#violated(asked, record)
    if (record === null) {
      this.#credit(asked)
      if (!more) this.#replied(asked, { front, data })
    } else this.#replied(asked, record)
    return null
  }

  fail(id: number, failure: CallFailure): string | null {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#late(id)
    // What its caller does is nothing that a peer can speak of. (A session may be lost on the rest of its way.)
    const known: CallFailure = failure.reason === 'cancelled-local' ? { ...failure, reason: 'protocol' } : failure
    if (this.#end(asked)) asked.owner.onFailure(known)
    return null
  }

  /** The peer's machine has not had a message of it: nobody there knows calls, or it has failed. No word of it will come. */
  untaken(asked: Asked, code: string, detail: string): void {
    if (asked.phase === 'gone') return
    const isUnhandled = code === 'INK_UNHANDLED' && !asked.isKnown
    const reason = isUnhandled ? 'unhandled' : 'protocol'
    if (this.#end(asked)) this.#tell(asked, reason, code, detail, !isUnhandled)
  }

  verdict(id: number, verdict: CallVerdict): string | null {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#late(id)
    if (asked.cancel === null) return 'a verdict about what was not cancelled'
    const { why, detail } = asked.cancel
    asked.cancel.verdict = verdict
    if (verdict === 'too-late') {
      if (asked.phase === 'open') asked.owner.onVerdict(verdict)
      return null
    }
    if (this.#end(asked)) this.#tell(asked, why, '', detail, verdict === 'cancelled')
    return null
  }

  /** The peer gives credit. */
  credit(id: number, total: number, nowMs: number): string | null {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#late(id)
    if (asked.out === null) return 'credit for what sends no parts'
    asked.out.grant(total)
    this.#pump.ready(asked)
    this.#pump.run(nowMs)
    return null
  }

  /** The peer wants no more parts. */
  stopped(id: number): string | null {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#late(id)
    if (asked.out !== null) {
      asked.out.drop()
      asked.out.life = 'over'
    }
    asked.owner.onUnwanted()
    return null
  }

  /** The peer has given up its parts; its reply may still come. */
  broken(id: number, detail: string): string | null {
    const asked = this.#open.get(id)
    if (asked === undefined) return this.#late(id)
    asked.incoming ??= this.#incoming(asked)
    asked.incoming.discard()
    this.#credit(asked)
    asked.owner.onBroken(detail)
    return null
  }

  /** Its message can never be sent to this peer. */
  unfit(asked: Asked, code: string, detail: string): void {
    asked.out?.abandon()
    asked.stuck = null
    // Its caller may have an outcome: the peer waits for the rest all the same, and hears that none comes.
    const isWithdrawn = asked.phase !== 'over' && this.#withdraw(asked)
    if (!isWithdrawn && asked.cancel === null) {
      asked.cancel = { why: 'refused', detail, verdict: null }
      this.#say(asked, DUE.CANCEL)
    }
    if (asked.phase === 'over') return
    this.#conclude(asked, 'refused', detail, !isWithdrawn, code)
  }

  /** The session is lost. `isUndelivered`: those of which the peer cannot have anything. Those that wait go on waiting. */
  lost(isUndelivered: (asked: Asked) => boolean, detail: string): void {
    for (const asked of this.#open.takeAll()) {
      const indeterminate = asked.isSent && !isUndelivered(asked)
      this.#forget(asked)
      if (asked.phase === 'open') this.#tell(asked, 'disconnected', 'DISCONNECTED', detail, indeterminate)
      asked.phase = 'gone'
    }
  }

  /** There will be no session: those that wait end, too. */
  ended(reason: CallReason, code: string, detail: string): void {
    const all = this.#waiting.flatMap((waiting) => [...waiting])
    for (const waiting of this.#waiting) waiting.clear()
    for (const asked of all) {
      this.#forget(asked)
      asked.phase = 'gone'
      this.#tell(asked, reason, code, detail, false)
    }
  }

  /** Something was read or thrown away. */
  read(asked: Asked): void {
    this.#credit(asked)
  }

  /** It will be read: made when somebody looks for parts. */
  incoming(asked: Asked): Incoming {
    return (asked.incoming ??= this.#incoming(asked))
  }

  /** It may be sent past the turns: nobody of its lane waits, and it has a place. */
  #isClear(asked: Asked): boolean {
    return this.#pump.isClear(asked.lane) && this.#waiting[asked.lane]!.size === 0 && this.#hasRoom(asked)
  }

  /** Some places are kept for urgent ones. */
  #hasRoom({ lane }: Asked): boolean {
    return this.#open.size < (lane === 0 ? CALLS.openMax : CALLS.openMax - CALLS.openUrgent)
  }

  #number(asked: Asked): void {
    asked.id = ++this.#lastId
    asked.phase = 'open'
    this.#open.add(asked)
  }

  /** True: the peer has nothing of it, and will not get it. */
  #withdraw(asked: Asked): boolean {
    if (asked.isSent && !this.#sink.takeBack(asked)) return false
    if (asked.phase === 'waiting') this.#waiting[asked.lane]!.delete(asked)
    else this.#open.delete(asked.id)
    this.#forget(asked)
    asked.isSent = false
    return true
  }

  /** The caller hears its outcome; the place is held until the peer has said its last word. */
  #conclude(asked: Asked, why: CallReason, detail: string, indeterminate: boolean, code = ''): void {
    asked.phase = indeterminate ? 'over' : 'gone'
    this.#sink.unwatch(asked)
    if (indeterminate) {
      asked.incoming?.drop()
      this.#credit(asked)
    }
    this.#tell(asked, why, code, detail, indeterminate)
  }

  #tell(asked: Asked, reason: CallReason, code: string, detail: string, indeterminate: boolean): void {
    asked.owner.onFailure({ reason, code, detail, indeterminate, retryAfterMs: 0 })
  }

  #replied(asked: Asked, reply: InRecord): void {
    if (this.#end(asked)) asked.owner.onReply(reply)
  }

  /** The peer's last word: its place is free. What it has sent before may still be read. True: its caller does not know yet. */
  #end(asked: Asked): boolean {
    const isNews = asked.phase === 'open'
    this.#open.delete(asked.id)
    this.#forget(asked)
    asked.phase = 'gone'
    return isNews
  }

  #forget(asked: Asked): void {
    this.#sink.unwatch(asked)
    asked.incoming?.close()
    asked.out = asked.stuck = null
  }

  #violated(asked: Asked, what: string): string {
    if (asked.cancel === null) {
      asked.cancel = { why: 'protocol', detail: what, verdict: null }
      this.#say(asked, DUE.CANCEL)
    }
    if (asked.phase === 'open') this.#conclude(asked, 'protocol', what, true)
    return what
  }

  #incoming(asked: Asked): Incoming {
    const incoming = new Incoming(this.#holdings)
    if (asked.phase === 'over') incoming.drop()
    return incoming
  }

  #credit(asked: Asked): void {
    if (asked.incoming?.owesCredit === true && asked.phase !== 'gone') this.#say(asked, DUE.CREDIT)
  }

  #say(asked: Asked, what: number): void {
    this.#words.say(asked, what)
    this.#sink.soon()
  }

  /** Words about what is over are late; about what never was they are wrong. */
  #late(id: number): string | null {
    return id <= this.#lastId ? null : 'words about a transaction that was never opened'
  }
}

function refusal(reason: CallReason, code: string, detail: string): CallFailure {
  return { reason, code, detail, indeterminate: false, retryAfterMs: 0 }
}
