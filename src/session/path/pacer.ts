/**
 * Keeps large messages from filling the buffers of a link while urgent ones are about.
 *
 * A chunk is the most that an urgent message waits for on this side; behind it lie the buffers of the kernel and the
 * peer, which hold megabytes. So while urgent messages come or go, large ones may only be a window ahead of what the peer
 * is known to have: the peer is asked for an echo now and then, and the window follows how long echoes take, as in
 * FAST TCP: it tends to what would queue for a millisecond on top of the shortest one. A link that carries nothing
 * urgent is not held back at all. Limit: MARKS_MAX outstanding echoes.
 */

/** After this long without an urgent message there is nothing to hold back for, in ms. */
const URGENT_MS = 10_000
/** How long an echo may queue, in ms. */
const QUEUE_MS = 1
const WINDOW_BYTES_MIN = 256 * 1024
const WINDOW_BYTES_MAX = 256 * 1024 * 1024
/** One echo is asked for after so many bytes: a write on each side, which costs about a tenth of these bytes. */
const ECHO_BYTES_MIN = 128 * 1024
/** So many echoes are on their way in a full window. */
const ECHOES = 16
const MARKS_MAX = 64
/** By what the window grows per round trip until something queues, and later while hardly anything does. */
const SLOW_START = 1.5
const PROBE = 1.1
/** The shortest echo is that of this period and the one before it, in ms: a route may have become longer. */
const PERIOD_MS = 10_000

interface Mark {
  /** All that was sent when the echo was asked for. */
  readonly bytes: number
  readonly ms: number
}

export class Pacer {
  #urgentMs: number
  #echoedBytes = 0
  #windowBytes = WINDOW_BYTES_MIN
  #periodMs = -Infinity
  #shortestMs = Infinity
  #shortestBeforeMs = Infinity
  /** Whether something had to wait since the window last moved. */
  #room: 'left' | 'used up' = 'left'
  #start: 'slow' | 'over' = 'slow'
  #marks: Mark[] = []
  /** The window moves when an echo of what was sent after its last move is here: it has shown what it does. */
  #roundBytes = 0

  /** `urgentMs`: when something urgent went or came last, on a link before. */
  constructor(urgentMs = -Infinity) {
    this.#urgentMs = urgentMs
  }

  /** An urgent message goes or came. */
  urgent(nowMs: number): void {
    this.#urgentMs = nowMs
  }

  /** True when a large message must wait for an echo. `sentBytes` is all that this link was given. */
  holds(sentBytes: number, nowMs: number): boolean {
    if (this.#marks.length === 0 || !this.#paces(nowMs)) return false
    if (sentBytes - this.#echoedBytes < this.#windowBytes) return false
    this.#room = 'used up'
    return true
  }

  /** After a part of a large message: true when the peer is to be asked for an echo of `sentBytes`, which is then expected. */
  asks(sentBytes: number, nowMs: number): boolean {
    const asked = this.#marks.at(-1)?.bytes ?? this.#echoedBytes
    const enough = Math.max(ECHO_BYTES_MIN, this.#windowBytes / ECHOES)
    const due = this.#paces(nowMs) && sentBytes - asked >= enough && this.#marks.length < MARKS_MAX
    if (due) this.#marks.push({ bytes: sentBytes, ms: nowMs })
    return due
  }

  /** The peer has everything up to here. What was never asked for changes nothing. */
  echo(bytes: number, nowMs: number): void {
    const covered = this.#marks.findLastIndex((mark) => mark.bytes <= bytes)
    if (covered < 0) return
    const mark = this.#marks[covered]!
    const tookMs = nowMs - mark.ms
    this.#echoedBytes = mark.bytes
    this.#marks.splice(0, covered + 1)
    if (mark.bytes <= this.#roundBytes) return
    this.#roundBytes = this.#marks.at(-1)?.bytes ?? mark.bytes
    this.#windowBytes = this.#resized(tookMs, this.#shortest(tookMs, nowMs))
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

  /** Tends to what queues for QUEUE_MS. That a window which nobody filled queues less proves nothing. */
  #resized(tookMs: number, shortestMs: number): number {
    const queueMs = tookMs - shortestMs
    const ratio = (1 + (shortestMs + QUEUE_MS) / tookMs) / 2
    if (ratio > 1 && this.#room === 'left') return this.#windowBytes
    this.#room = 'left'
    // Until something queues nobody knows how much the link takes: as TCP's slow start.
    if (queueMs > QUEUE_MS / 2) this.#start = 'over'
    const growth = this.#start === 'slow' ? SLOW_START : queueMs < QUEUE_MS / 4 ? PROBE : 0
    const factor = Math.min(SLOW_START, Math.max(growth, ratio))
    return Math.min(WINDOW_BYTES_MAX, Math.max(WINDOW_BYTES_MIN, this.#windowBytes * factor))
  }

  #paces(nowMs: number): boolean {
    return nowMs - this.#urgentMs < URGENT_MS
  }
}
