/**
 * How much may be on its way: a window that follows how long it takes until the other end has what was sent, as in FAST TCP. It
 * tends to what queues for a certain time on top of the shortest round trip: so the way is always full, and what comes later waits
 * for little. Pure: bytes are free-running totals, and time comes in. Limit: MARKS_MAX moments are remembered.
 */

/** Between which bounds it follows, and what. */
export interface WindowTerms {
  readonly bytesMin: number
  readonly bytesMax: number
  /** How long something may queue, in ms. */
  readonly queueMs: number
  /** What may queue beside that, as a share of the shortest round trip: a long way is never as even as a short one. */
  readonly queueShare: number
  /** So many moments are remembered of a full window: each costs the other end a write. */
  readonly marks: number
  /** In so many rounds in a row too much must have queued before it shrinks: what queued once was a process that stood still. */
  readonly standingRounds: number
}

/** No two moments are nearer to each other: who is asked for an echo, or says what it has, does so by a write. */
const MARK_BYTES_MIN = 128 * 1024
const MARKS_MAX = 64
/** By what the window grows per round trip until something queues, and later while hardly anything does. */
const SLOW_START = 1.5
const PROBE = 1.1
/** The shortest round trip is that of this period and the one before it, in ms: a route may have become longer. */
const PERIOD_MS = 10_000

interface Mark {
  /** All that was sent by then. */
  readonly bytes: number
  readonly ms: number
}

export class DeliveryWindow {
  readonly #terms: WindowTerms
  #bytes: number
  /** All that the other end is known to have had at the last mark. */
  deliveredBytes = 0
  #periodMs = -Infinity
  #shortestMs = Infinity
  #shortestBeforeMs = Infinity
  /** Whether something had to wait since the window last moved. */
  #room: 'left' | 'used up' = 'left'
  #start: 'slow' | 'over' = 'slow'
  #marks: Mark[] = []
  /** Rounds in a row in which too much queued. */
  #longRounds = 0
  /** The window moves when what was sent after its last move is there: it has shown what it does. */
  #roundBytes = 0

  constructor(terms: WindowTerms) {
    this.#terms = terms
    this.#bytes = terms.bytesMin
  }

  /** True while it is waited for what was sent at a mark. */
  get isMeasuring(): boolean {
    return this.#marks.length > 0
  }

  /** True when so much on its way fills it, and somebody has to wait for that. */
  isFull(onTheirWayBytes: number): boolean {
    if (onTheirWayBytes < this.#bytes) return false
    this.#room = 'used up'
    return true
  }

  /**
   * True when what was sent by now is to be remembered: its sender wants to hear of it. Also when it fills the window and nothing of it is
   * remembered, as behind one that has shrunk: nobody would say that there is room.
   */
  awaits(sentBytes: number, onTheirWayBytes: number): boolean {
    return this.#isDue(sentBytes) || (onTheirWayBytes >= this.#bytes && !this.isMeasuring)
  }

  /** Something was sent: true when the moment is remembered, and it counts when all of `sentBytes` is there. */
  mark(sentBytes: number, nowMs: number): boolean {
    const due = this.#isDue(sentBytes)
    if (due) this.#marks.push({ bytes: sentBytes, ms: nowMs })
    return due
  }

  #isDue(sentBytes: number): boolean {
    const marked = this.#marks.at(-1)?.bytes ?? this.deliveredBytes
    const enough = Math.max(MARK_BYTES_MIN, this.#bytes / this.#terms.marks)
    return sentBytes - marked >= enough && this.#marks.length < MARKS_MAX
  }

  /** The other end has everything up to here. What was never marked changes nothing. */
  delivered(bytes: number, nowMs: number): void {
    const covered = this.#marks.findLastIndex((mark) => mark.bytes <= bytes)
    if (covered < 0) return
    const mark = this.#marks[covered]!
    const tookMs = nowMs - mark.ms
    this.deliveredBytes = mark.bytes
    this.#marks.splice(0, covered + 1)
    if (mark.bytes <= this.#roundBytes) return
    this.#roundBytes = this.#marks.at(-1)?.bytes ?? mark.bytes
    this.#bytes = this.#resized(tookMs, this.#shortest(tookMs, nowMs))
  }

  #shortest(tookMs: number, nowMs: number): number {
    if (nowMs - this.#periodMs >= PERIOD_MS) {
      this.#periodMs = nowMs
      this.#shortestBeforeMs = this.#shortestMs
      this.#shortestMs = Infinity
    }
    this.#shortestMs = Math.min(this.#shortestMs, tookMs)
    return Math.min(this.#shortestMs, this.#shortestBeforeMs)
  }

  /** Tends to what queues for as long as it may. That a window which nobody filled queues less proves nothing. */
  #resized(tookMs: number, shortestMs: number): number {
    const { bytesMin, bytesMax, queueMs, queueShare, standingRounds } = this.#terms
    const mayQueueMs = queueMs + queueShare * shortestMs
    const queuedMs = tookMs - shortestMs
    const ratio = (1 + (shortestMs + mayQueueMs) / tookMs) / 2
    if (ratio > 1 && this.#room === 'left') return this.#bytes
    this.#room = 'left'
    // Until something queues nobody knows how much the way takes: as TCP's slow start.
    if (queuedMs > mayQueueMs / 2) this.#start = 'over'
    const growth = this.#start === 'slow' ? SLOW_START : queuedMs < mayQueueMs / 4 ? PROBE : 0
    const factor = Math.min(SLOW_START, Math.max(growth, ratio))
    this.#longRounds = factor < 1 ? this.#longRounds + 1 : 0
    if (factor < 1 && this.#longRounds < standingRounds) return this.#bytes
    return Math.min(bytesMax, Math.max(bytesMin, this.#bytes * factor))
  }
}
