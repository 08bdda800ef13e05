/**
 * When one link's peer is told what has come, what is finished and what it may send, and what it was told already.
 *
 * Acks are coalesced: they ride on data of their lane when there is any; a bare ack goes out at the end of the turn when
 * the sender waits for one, after so many messages or bytes, or after a short delay. A link begins with what its handshake
 * has stated: that much its peer knows, whatever was told on links before.
 *
 * Who waited in vain again and again waits no more: then an ack goes out while all that it concerns is at hand, and no alarm is set for it.
 */
import type { Marks } from '../../wire/wire.ts'
import type { ReceiveCredit } from './receive-credit.ts'

/** When a bare ack goes out. */
export interface AckLimits {
  readonly ackDelayMs: number
  readonly ackEveryMessages: number
  readonly ackEveryBytes: number
}

/** So many acks in a row that nothing came to carry: the next one is not waited for. */
const VAIN_WAITS = 8

export class Acks {
  /** When a bare ack is due, in ms; Infinity: nothing to tell, -Infinity: at the end of this turn. */
  dueMs = -Infinity
  readonly #limits: AckLimits
  readonly #credit: ReceiveCredit
  readonly #received: number[]
  readonly #processed: number[]
  #messages = 0
  #bytes = 0
  /** Waits in a row at whose end an ack went out bare, and when the last such did; neither is part of what is saved. */
  #vainWaits = 0
  #saidMs = -Infinity

  /** The first one is due at once: the peer may not know what was finished, nor what credit came back, since it was offered. */
  constructor(limits: AckLimits, credit: ReceiveCredit, stated: readonly Marks[]) {
    this.#limits = limits
    this.#credit = credit
    this.#received = stated.map(({ received }) => received)
    this.#processed = stated.map(({ processed }) => processed)
  }

  get isDueNow(): boolean {
    return this.dueMs === -Infinity
  }

  /** The sender waits for this. */
  hurry(): void {
    this.dueMs = -Infinity
  }

  /** Credit came back without a mark that would carry it: the sender may be waiting for just this. */
  creditCame(nowMs: number): void {
    if (this.#credit.worthTelling) this.hurry()
    else this.#wait(nowMs)
  }

  #wait(nowMs: number): void {
    if (this.dueMs === Infinity && this.#isVain(nowMs)) this.hurry()
    if (this.dueMs === Infinity) this.dueMs = nowMs + this.#limits.ackDelayMs
  }

  /** Nothing will come to carry it, as far as can be told. */
  #isVain(nowMs: number): boolean {
    // The last one would have said this, too, had it waited.
    if (nowMs - this.#saidMs < this.#limits.ackDelayMs) this.#vainWaits = 0
    if (this.#vainWaits < VAIN_WAITS) return false
    this.#saidMs = nowMs
    return true
  }

  /** A mark moves for a message of so many bytes. Each message counts twice: when it came and when it was finished. */
  count(bytes: number, nowMs: number): void {
    this.#messages++
    this.#bytes += bytes
    const { ackEveryMessages, ackEveryBytes } = this.#limits
    if (this.#messages >= 2 * ackEveryMessages || this.#bytes >= 2 * ackEveryBytes) this.hurry()
    else this.#wait(nowMs)
  }

  /** True when the peer does not know everything of these lanes, and should by now. */
  isDue(lanes: readonly Marks[], nowMs: number): boolean {
    if (nowMs < this.dueMs) return false
    for (let index = 0; index < lanes.length; index++) if (this.#isNews(index, lanes[index] as Marks)) return true
    if (this.#credit.untold) return true
    this.rest()
    return false
  }

  #isNews(lane: number, { received, processed }: Marks): boolean {
    return (this.#received[lane] ?? 0) !== received || (this.#processed[lane] ?? 0) !== processed
  }

  /** Data carries the marks of its lane: it pays to wait for some. */
  ride(lane: number, marks: Marks): void {
    this.#vainWaits = 0
    this.tell(lane, marks)
  }

  /** The marks of a lane go out now. */
  tell(lane: number, { received, processed }: Marks): void {
    this.#received[lane] = received
    this.#processed[lane] = processed
  }

  /** An ack went out bare, with all that there was to tell. */
  said(): void {
    if (Number.isFinite(this.dueMs)) {
      this.#vainWaits++
      this.#saidMs = this.dueMs
    }
    this.rest()
  }

  /** All is told. */
  rest(): void {
    this.dueMs = Infinity
    this.#messages = 0
    this.#bytes = 0
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return {
      dueMs: this.dueMs,
      received: [...this.#received],
      processed: [...this.#processed],
      messages: this.#messages,
      bytes: this.#bytes,
    }
  }

  restore(saved: ReturnType<Acks['save']>): void {
    this.dueMs = saved.dueMs
    this.#received.splice(0, this.#received.length, ...saved.received)
    this.#processed.splice(0, this.#processed.length, ...saved.processed)
    this.#messages = saved.messages
    this.#bytes = saved.bytes
  }
}
