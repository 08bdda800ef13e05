/**
 * All transactions of one session, of both sides: the machine behind calls. Pure and total: it has no clock, no promise and no
 * randomness; whatever bytes a peer sends, it answers with what is to be sent, told or refused, or with what is wrong.
 *
 * Messages carry requests, parts and replies, in order. Control words overtake them: cancel, verdict, credit, stop. So a cancel
 * may come before what it cancels, and a verdict before the reply that it speaks of; each half knows.
 */
import { Answers } from './answers.ts'
import { AskedPlaces } from './asked-places.ts'
import { Asking, type AskingSink } from './asking.ts'
import { ControlQueue, type WordsSink } from './control-queue.ts'
import { readEntries, type Entry } from './entries.ts'
import { Asked, Served, type CallKind, type SentMessage } from './half.ts'
import { Holdings } from './incoming.ts'
import { CALLS } from './limits.ts'
import { PartFlow } from './part-flow.ts'
import { Pump, type AnyHalf, type PumpSink } from './pump.ts'
import { Replies } from './replies.ts'
import { Serving, type ServingSink } from './serving.ts'
import { FLAG, KIND, readFail, readHead, readOpen, type CallReason } from './words.ts'

/** What the machine needs of the world. `watch` and `unwatch` set and clear an alarm for `half.deadlineMs`. */
export interface ExchangeSink
  extends PumpSink, WordsSink, Omit<AskingSink, 'watch' | 'unwatch'>, Omit<ServingSink, 'watch' | 'unwatch'> {
  watch(half: AnyHalf): void
  unwatch(half: AnyHalf): void
  /** Takes back those of its messages that are on no link. */
  recall(half: AnyHalf): void
}

/** A received message of a transaction. */
export interface Received extends CallKind {
  readonly lane: number
  readonly front: Uint8Array
  readonly data: Uint8Array
  /** When its time is up, by this side's clock, as its sender's session knows it; null or left out: what its words say. */
  readonly dueMs?: number | null
}

const UNFIT = 'a message of it is larger than what the peer takes'
const CHANGED = 'bytes of it have another length by now: leave them alone until the call has ended, or send a copy'

export class Exchange {
  readonly asking: Asking
  readonly answers: Answers
  readonly serving: Serving
  readonly replies: Replies
  readonly parts: PartFlow
  readonly places: AskedPlaces
  readonly words: ControlQueue
  readonly pump: Pump
  readonly #sink: ExchangeSink
  #nowMs = 0

  constructor(sink: ExchangeSink) {
    this.#sink = sink
    this.pump = new Pump(sink, {
      ended: (served) => {
        this.replies.ended(served)
      },
      unfit: (half, why) => {
        if (why === 'large') this.#unfit(half, 'INK_MESSAGE_TOO_LARGE', UNFIT, this.#nowMs)
        else this.#unfit(half, 'INK_MESSAGE_CHANGED', CHANGED, this.#nowMs)
      },
    })
    this.words = new ControlQueue(sink)
    const holdings = new Holdings(this.words.goOn.bind(this.words))
    this.parts = new PartFlow(this.pump, this.words, holdings)
    this.places = new AskedPlaces(this.words, sink)
    this.asking = new Asking(this.places, this.pump, this.words, sink)
    this.answers = new Answers(this.places, this.pump, this.words, holdings)
    this.replies = new Replies(this.pump, this.words, sink)
    this.serving = new Serving(this.replies, this.pump, this.words, holdings, sink)
  }

  /** A session carries them from now on, or again. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs
    this.pump.life = 'on'
    this.asking.start(nowMs)
  }

  /** There may be room in the session's queue again. */
  unstick(nowMs: number): void {
    if (this.pump.life === 'stuck') this.begin(nowMs)
  }

  /** A control word went out: what had to come behind it may go. */
  spoken(nowMs: number): void {
    this.pump.spoken(nowMs)
  }

  /** The session is lost, and what was open in it. */
  lost(isUndelivered: (asked: Asked) => boolean, detail: string): void {
    this.pump.stop()
    this.words.clear()
    this.asking.lost(isUndelivered, detail)
    this.serving.lost(detail)
  }

  /** A message came. Returns what is wrong with it. */
  message(words: Uint8Array, received: Received, nowMs: number): string | null {
    const { lane, front, data } = received
    this.#nowMs = nowMs
    const head = readHead(words)
    if (head === null) return 'a message without words'
    const { kind, flags, id } = head
    const down = (flags & FLAG.DOWN) !== 0
    switch (kind) {
      case KIND.OPEN: {
        const opening = down ? null : readOpen(head, words, front, data)
        if (opening === null) return 'an OPEN that says nothing'
        const { type, version, priority, dueMs = null } = received
        return this.serving.opened({ type, version, priority }, opening, dueMs, nowMs)
      }
      case KIND.PART:
        if (down) return this.answers.part(id, front, data, flags)
        return this.serving.part(id, lane, front, data, flags, nowMs)
      case KIND.REPLY:
        return down ? this.#after(this.answers.reply(id, front, data, flags), nowMs) : WRONG_SIDE
      case KIND.FAIL: {
        const failure = down ? readFail(words) : null
        return failure === null ? WRONG_SIDE : this.#after(this.answers.fail(id, failure), nowMs)
      }
      default:
        return `a message of the kind ${kind}`
    }
  }

  /** True when a message with these words is a whole part of which nothing is kept: its reader takes it within `message()`. */
  takesAtOnce(words: Uint8Array): boolean {
    const head = readHead(words)
    if (head?.kind !== KIND.PART || (head.flags & (FLAG.FIRST | FLAG.MORE)) !== FLAG.FIRST) return false
    const half = (head.flags & FLAG.DOWN) !== 0 ? this.places.get(head.id) : this.serving.half(head.id)
    if (half?.takesAtOnce !== true) return false
    const { incoming } = half
    return incoming === null || (incoming.unread === 0 && !incoming.isAssembling)
  }

  /** A control word came. Returns what is wrong with it. */
  control(words: Uint8Array, nowMs: number): string | null {
    this.#nowMs = nowMs
    const entries = readEntries(words)
    if (entries === null) return 'a control word that is none'
    for (const entry of entries) {
      const wrong = this.#entry(entry, nowMs)
      if (wrong !== null) return wrong
    }
    return null
  }

  /** The peer has finished the oldest message of it. */
  acked(half: AnyHalf, nowMs: number): void {
    this.pump.acked(half, nowMs)
    if (half instanceof Asked && !half.isKnown) {
      half.isKnown = true
      if (half.held !== 0) this.parts.say(half, half.held)
    }
    this.pump.run(nowMs)
  }

  /** The peer has finished a message of it, and its machine has not had that: there is none, or it has failed. */
  untaken(half: AnyHalf, message: SentMessage, code: string, detail: string, nowMs: number): void {
    this.pump.forget(half, message)
    if (half instanceof Asked) this.answers.untaken(half, code, detail)
    this.asking.start(nowMs)
  }

  /** The time of one of them is up. */
  expired(half: AnyHalf, nowMs: number): void {
    if (half instanceof Served) this.replies.expired(half, nowMs)
    else {
      this.asking.expired(half)
      this.asking.start(nowMs)
    }
  }

  /** The caller asks for an end, and waits for a bounded time to hear what became of it. */
  cancel(asked: Asked, why: CallReason, detail: string, nowMs: number): void {
    this.asking.cancel(asked, why, detail, nowMs + CALLS.verdictTimeoutMs)
    this.asking.start(nowMs)
  }

  /** The caller waits no longer. */
  giveUp(asked: Asked, why: CallReason, detail: string, nowMs: number): void {
    this.asking.giveUp(asked, why, detail)
    this.asking.start(nowMs)
  }

  /** The caller wants no more of it, and nobody is told; but parts that had begun must not look as if they were all. */
  discard(asked: Asked, nowMs: number): void {
    if (this.asking.discard(asked)) this.parts.broken(asked, 'its caller has discarded it')
    this.asking.start(nowMs)
  }

  /**
   * A message of it was on no link and never will be: its bytes are gone, or are too many for the peer. What was queued behind it is
   * taken back with it, so that the other side sees no hole.
   */
  gone(half: AnyHalf, message: SentMessage, code: string, detail: string, nowMs: number): void {
    // It was told of a message before it, or is one of a session that is over.
    if (!this.pump.forget(half, message)) return
    // One that is served counts also when it is over: the answer that ended it will not come now.
    const isTold = half instanceof Served ? half.failure !== null : half.phase === 'gone'
    if (!isTold) {
      this.#sink.recall(half)
      this.#unfit(half, code, detail, nowMs)
    }
    this.asking.start(nowMs)
  }

  /** What it has to send can never be sent. */
  #unfit(half: AnyHalf, code: string, detail: string, nowMs: number): void {
    if (half instanceof Served) this.replies.unfit(half, code, detail, nowMs)
    else this.asking.unfit(half, code, detail)
  }

  #entry(entry: Entry, nowMs: number): string | null {
    const { id } = entry
    switch (entry.kind) {
      case 'cancel':
        return this.serving.cancelled(id, entry.lane, entry.why, entry.detail)
      case 'verdict':
        return this.#after(this.answers.verdict(id, entry.verdict), nowMs)
      case 'credit':
        if (entry.down) return this.answers.credit(id, entry.total, nowMs)
        return this.serving.credit(id, entry.total, nowMs)
      case 'stop':
        return entry.down ? this.answers.stopped(id) : this.serving.stopped(id)
      case 'reset':
        return entry.down ? this.answers.broken(id, entry.detail) : this.serving.broken(id, entry.detail)
    }
  }

  /** A place may be free. */
  #after(wrong: string | null, nowMs: number): string | null {
    this.asking.start(nowMs)
    return wrong
  }
}

const WRONG_SIDE = 'words of the other side'
