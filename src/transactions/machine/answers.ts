/**
 * What the peer says of the transactions that this side has asked for: parts, replies, failures, verdicts, credit and stops.
 *
 * Each answers with what is wrong with it; null: nothing. Words about what is over are late, and nobody minds them; words about what
 * never was are the peer's fault. Pure.
 */
import type { AskedPlaces } from './asked-places.ts'
import type { ControlQueue } from './control-queue.ts'
import { DUE, type Asked } from './half.ts'
import { Incoming, type Holdings, type InRecord } from './incoming.ts'
import { CALLS } from './limits.ts'
import type { Pump } from './pump.ts'
import { FLAG, type CallFailure, type CallVerdict } from './words.ts'

export class Answers {
  readonly #places: AskedPlaces
  readonly #pump: Pump
  readonly #words: ControlQueue
  readonly #holdings: Holdings

  constructor(places: AskedPlaces, pump: Pump, words: ControlQueue, holdings: Holdings) {
    this.#places = places
    this.#pump = pump
    this.#words = words
    this.#holdings = holdings
  }

  /** A piece of a part came. Returns what is wrong with it. */
  part(id: number, front: Uint8Array, data: Uint8Array, flags: number): string | null {
    const asked = this.#places.get(id)
    if (asked === undefined) return this.#places.late(id)
    const incoming = (asked.incoming ??= this.#incoming(asked))
    const record = incoming.piece(front, data, flags, false)
    if (typeof record === 'string') return this.#violated(asked, record)
    if (record !== null) incoming.keep(record)
    this.#words.credit(asked)
    if (record !== null) asked.owner.onReadable()
    return null
  }

  /** A piece of the reply came. */
  reply(id: number, front: Uint8Array, data: Uint8Array, flags: number): string | null {
    const asked = this.#places.get(id)
    if (asked === undefined) return this.#places.late(id)
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
      this.#words.credit(asked)
      if (!more) this.#replied(asked, { front, data })
    } else this.#replied(asked, record)
    return null
  }

  fail(id: number, failure: CallFailure): string | null {
    const asked = this.#places.get(id)
    if (asked === undefined) return this.#places.late(id)
    // What its caller does is nothing that a peer can speak of. (A session may be lost on the rest of its way.)
    const known: CallFailure = failure.reason === 'cancelled-local' ? { ...failure, reason: 'protocol' } : failure
    if (this.#places.end(asked)) asked.owner.onFailure(known)
    return null
  }

  /** The peer's machine has not had a message of it: nobody there knows calls, or it has failed. No word of it will come. */
  untaken(asked: Asked, code: string, detail: string): void {
    if (asked.phase === 'gone') return
    const isUnhandled = code === 'INK_UNHANDLED' && !asked.isKnown
    const reason = isUnhandled ? 'unhandled' : 'protocol'
    if (this.#places.end(asked)) this.#places.tell(asked, reason, code, detail, !isUnhandled)
  }

  verdict(id: number, verdict: CallVerdict): string | null {
    const asked = this.#places.get(id)
    if (asked === undefined) return this.#places.late(id)
    if (asked.cancel === null) return 'a verdict about what was not cancelled'
    const { why, detail } = asked.cancel
    asked.cancel.verdict = verdict
    if (verdict === 'too-late') {
      if (asked.phase === 'open') asked.owner.onVerdict(verdict)
      return null
    }
    if (this.#places.end(asked)) this.#places.tell(asked, why, '', detail, verdict === 'cancelled')
    return null
  }

  /** The peer gives credit. */
  credit(id: number, total: number, nowMs: number): string | null {
    const asked = this.#places.get(id)
    if (asked === undefined) return this.#places.late(id)
    if (asked.out === null) return 'credit for what sends no parts'
    asked.out.grant(total)
    this.#pump.ready(asked)
    this.#pump.run(nowMs)
    return null
  }

  /** The peer wants no more parts. */
  stopped(id: number): string | null {
    const asked = this.#places.get(id)
    if (asked === undefined) return this.#places.late(id)
    if (asked.out !== null) {
      asked.out.drop()
      asked.out.life = 'over'
    }
    asked.owner.onUnwanted()
    return null
  }

  /** The peer has given up its parts; its reply may still come. */
  broken(id: number, detail: string): string | null {
    const asked = this.#places.get(id)
    if (asked === undefined) return this.#places.late(id)
    asked.incoming ??= this.#incoming(asked)
    asked.incoming.discard()
    this.#words.credit(asked)
    asked.owner.onBroken(detail)
    return null
  }

  #replied(asked: Asked, reply: InRecord): void {
    if (this.#places.end(asked)) asked.owner.onReply(reply)
  }

  #violated(asked: Asked, what: string): string {
    if (asked.cancel === null) {
      asked.cancel = { why: 'protocol', detail: what, verdict: null }
      this.#words.say(asked, DUE.CANCEL)
    }
    if (asked.phase === 'open') this.#places.conclude(asked, 'protocol', what, true)
    return what
  }

  #incoming(asked: Asked): Incoming {
    const incoming = new Incoming(this.#holdings)
    if (asked.phase === 'over') incoming.drop()
    return incoming
  }
}
