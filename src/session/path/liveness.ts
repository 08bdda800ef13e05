/**
 * Whether the peer of one link is alive, and whether the link is read: silence, questions, and our own full memory.
 *
 * Only a peer that was asked, and had its time to answer, is dead. While the link is not read its silence is our own doing,
 * and nobody is asked; but where credit says that memory comes back, it is not waited for without end.
 */
import { keepaliveDeadline, keepaliveVerdict } from '../../policies/keepalive.ts'
import type { Keepalive } from '../../policies/keepalive.ts'

export class Liveness {
  readonly #keepalive: Keepalive
  /** True: a link that is not read for too long is given up, because a new one would be. */
  readonly #givesUp: boolean
  #heardMs: number
  #askedMs = -Infinity
  /** Since when the link is not read; null: it is. */
  #pausedMs: number | null = null
  /** The peer's question that was not answered yet. */
  token: number | null = null
  /** How long the last answer to a question of ours took, in ms; null: none has come over this link. */
  rttMs: number | null = null
  #question: { readonly token: number; readonly atMs: number } | null = null

  constructor(keepalive: Keepalive, givesUp: boolean, nowMs: number) {
    this.#keepalive = keepalive
    this.#givesUp = givesUp
    this.#heardMs = nowMs
  }

  /** When something came last. */
  get heardMs(): number {
    return this.#heardMs
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs
  }

  get isPaused(): boolean {
    return this.#pausedMs !== null
  }

  pause(nowMs: number): void {
    this.#pausedMs = nowMs
  }

  resume(nowMs: number): void {
    this.#pausedMs = null
    this.#heardMs = nowMs
  }

  get deadlineMs(): number {
    if (this.#pausedMs === null) return keepaliveDeadline(this.#keepalive, this.#heardMs, this.#askedMs)
    return this.#givesUp ? this.#pausedMs + this.#keepalive.timeoutMs : Infinity
  }

  /** What to do now. `ask`: the peer is asked from now on; `dead` and `starved`: the link is lost. */
  look(nowMs: number): 'wait' | 'ask' | 'dead' | 'starved' {
    if (this.#pausedMs !== null) return nowMs >= this.deadlineMs ? 'starved' : 'wait'
    return keepaliveVerdict(this.#keepalive, nowMs, this.#heardMs, this.#askedMs)
  }

  asked(nowMs: number): void {
    this.#askedMs = nowMs
  }

  /** A question goes out, for whatever reason: its answer tells how far away the peer is. */
  question(token: number, nowMs: number): void {
    this.#question = { token, atMs: nowMs }
  }

  /** An answer came; `token` null: to the last question. True: it was the one that is waited for. */
  answered(token: number | null, nowMs: number): boolean {
    if (this.#question === null || (token !== null && token !== this.#question.token)) return false
    this.rttMs = Math.max(0, nowMs - this.#question.atMs)
    this.#question = null
    return true
  }

  /** Why the link is lost, for people. */
  reason(verdict: 'dead' | 'starved'): string {
    const { timeoutMs } = this.#keepalive
    if (verdict === 'dead') return `nothing came from the peer for ${timeoutMs} ms`
    return `what handlers hold has left no memory to read the link for ${timeoutMs} ms`
  }
}
