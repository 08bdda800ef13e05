/** A clock that moves when told, with turns that run when told: nothing here waits for the real one. */
import type { Clock } from '../../../src/messenger/runtime.ts'

interface Timer {
  readonly callback: () => void
  readonly dueMs: number
}

export class FakeClock implements Clock {
  #nowMs = 1000
  readonly #timers = new Set<Timer>()
  readonly #deferred: (() => void)[] = []
  readonly #later: (() => void)[] = []

  /** What waits for the end of this turn, or for the next. */
  get pending(): number {
    return this.#deferred.length + this.#later.length
  }

  get timers(): number {
    return this.#timers.size
  }

  nowMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  setTimer(callback: () => void, delayMs: number): unknown {
    const timer = { callback, dueMs: this.#nowMs + Math.max(0, delayMs) }
    if (delayMs !== Infinity) this.#timers.add(timer)
    return timer
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback)
  }

  later(callback: () => void): void {
    this.#later.push(callback)
  }

  /** Time passes while something runs: no timer fires yet. */
  pass(ms: number): void {
    this.#nowMs += ms
  }

  /** Ends the turn. */
  endTurn(): void {
    for (let next = this.#deferred.shift(); next !== undefined; next = this.#deferred.shift()) next()
  }

  /** Runs turns until nothing waits for one. */
  run(): void {
    this.endTurn()
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift()) {
      next()
      this.endTurn()
    }
  }

  /** As `run`, and for what promises let run. */
  async settle(): Promise<void> {
    do {
      this.run()
      await new Promise((resolve) => setImmediate(resolve))
    } while (this.pending > 0)
  }

  /** Moves on, timer by timer. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await this.settle()
    for (let next = this.#due(untilMs); next !== undefined; next = this.#due(untilMs)) {
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
      await this.settle()
    }
    this.#nowMs = untilMs
  }

  #due(untilMs: number): Timer | undefined {
    const [first] = [...this.#timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)
    return first
  }
}
