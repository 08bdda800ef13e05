/**
 * Time that only moves when there is nothing left to do: hours pass in milliseconds, and every run is the same.
 *
 * The clock runs *turns*, as Node's event loop does: one timer or `later` callback, then everything that it deferred,
 * then the promises. Promises need real turns of the event loop to settle, so whoever runs the clock awaits it: after
 * each turn it lets one `setImmediate` pass, in which all microtasks run to the end. Code under test must wait for
 * nothing else that is real (files, sockets, setTimeout), or the run is not reproducible.
 *
 * Time is a whole number of microseconds, and a delay is rounded up: a timer never fires before its deadline.
 * Limit: turns without progress in time, so that two parties who call each other for ever fail instead of hang.
 */
import { InkwireError } from '../../common/errors.ts'
import type { Clock } from '../../messenger/runtime.ts'
import { TimerHeap } from './timer-heap.ts'
import type { Task } from './timer-heap.ts'

/** Where wall clocks begin: 2026-01-01T00:00:00Z. */
const EPOCH_MS = 1_767_225_600_000
const TURNS_PER_INSTANT_MAX = 200_000
/** Real turns that `drive` waits for something to be scheduled before it says that nothing ever will. */
const IDLE_TURNS_MAX = 100

/** The clock of a simulated host: the same time, a wall clock of its own, and an end. */
export interface HostClock extends Clock {
  /** Moves this host's wall clock by so many ms; its monotonic clock does not notice. */
  stepWall(ms: number): void
  /** The process is gone: none of its callbacks is called any more. */
  stop(): void
}

/** One clock for a whole simulation. */
export class VirtualClock implements Clock {
  readonly #tasks = new TimerHeap()
  #deferred: (() => void)[] = []
  #nowUs = 0
  #orders = 0
  #turns = 0
  #turnsAtInstant = 0
  #running = false

  nowMs(): number {
    return this.#nowUs / 1000
  }

  wallMs(): number {
    return EPOCH_MS + this.nowMs()
  }

  setTimer(callback: () => void, delayMs: number): unknown {
    const delayUs = delayMs > 0 ? Math.ceil(delayMs * 1000) : 0
    const task: Task = { atUs: this.#nowUs + delayUs, order: this.#orders++, run: callback }
    if (delayUs !== Infinity) this.#tasks.push(task)
    return task
  }

  clearTimer(timer: unknown): void {
    if (timer !== null && timer !== undefined) (timer as Task).run = null
  }

  defer(callback: () => void): void {
    this.#deferred.push(callback)
  }

  later(callback: () => void): void {
    this.setTimer(callback, 0)
  }

  /** Turns that have run, for reports. */
  get turns(): number {
    return this.#turns
  }

  /** Resolves `ms` later. Somebody must run the clock meanwhile. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(resolve, ms))
  }

  /** A clock for one process on one host. */
  host(): HostClock {
    return new ProcessClock(this)
  }

  /**
   * Runs all that happens within the next `ms`, and arrives there. Rejects with `INK_BAD_ARGUMENT` while it runs
   * already.
   */
  async advance(ms: number): Promise<void> {
    const untilUs = this.#nowUs + Math.ceil(ms * 1000)
    await this.#exclusively(async () => {
      await this.#turn(null)
      for (let next = this.#tasks.peek(); next !== undefined && next.atUs <= untilUs; next = this.#tasks.peek()) {
        await this.#turn(next)
      }
      this.#moveTo(untilUs)
    })
  }

  /**
   * Runs until `holds` answers true after a turn. False: `withinMs` passed, or nothing is left that could change it.
   * Rejects with `INK_BAD_ARGUMENT` while it runs already.
   */
  async until(holds: () => boolean, withinMs = Infinity): Promise<boolean> {
    const untilUs = this.#nowUs + Math.ceil(withinMs * 1000)
    return this.#exclusively(async () => {
      await this.#turn(null)
      for (;;) {
        if (holds()) return true
        const next = this.#tasks.peek()
        if (next === undefined || next.atUs > untilUs) break
        await this.#turn(next)
      }
      if (untilUs !== Infinity) this.#moveTo(untilUs)
      return holds()
    })
  }

  /**
   * Runs while `work` waits, and gives what it gives: `await clock.drive(connection.close())`.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` when nothing is scheduled any more and the promise still waits.
   */
  async drive<T>(work: Promise<T>): Promise<T> {
    let state: 'waiting' | 'settled' = 'waiting'
    const settle = (): void => {
      state = 'settled'
    }
    work.then(settle, settle)
    await this.#exclusively(async () => {
      await this.#turn(null)
      for (let idle = 0; state === 'waiting';) {
        const next = this.#tasks.peek()
        idle = next === undefined && this.#deferred.length === 0 ? idle + 1 : 0
        if (idle > IDLE_TURNS_MAX) {
          throw new InkwireError(
            'INK_BAD_ARGUMENT',
            'drive() waits for something that nothing in the simulation will do',
          )
        }
        await this.#turn(next ?? null)
      }
    })
    return work
  }

  async #exclusively<T>(run: () => Promise<T>): Promise<T> {
    if (this.#running) throw new InkwireError('INK_BAD_ARGUMENT', 'the virtual clock is run by somebody else already')
    this.#running = true
    try {
      return await run()
    } finally {
      this.#running = false
    }
  }

  /** One turn: a task if there is one, what was deferred, the promises; and what those deferred, until all is quiet. */
  async #turn(task: Task | null): Promise<void> {
    if (task !== null) {
      this.#tasks.shift()
      this.#moveTo(task.atUs)
      this.#turns++
      if (++this.#turnsAtInstant > TURNS_PER_INSTANT_MAX) {
        throw new InkwireError(
          'INK_INTERNAL',
          `time stands still at ${this.nowMs()} ms: something calls itself for ever`,
        )
      }
      const { run } = task
      task.run = null
      run?.()
    }
    do {
      this.#runDeferred()
      await new Promise((resolve) => setImmediate(resolve))
    } while (this.#deferred.length > 0)
  }

  #runDeferred(): void {
    for (let round = 0; this.#deferred.length > 0; round++) {
      if (round > TURNS_PER_INSTANT_MAX) throw new InkwireError('INK_INTERNAL', 'a turn defers itself for ever')
      const deferred = this.#deferred
      this.#deferred = []
      for (const callback of deferred) callback()
    }
  }

  #moveTo(atUs: number): void {
    if (atUs <= this.#nowUs) return
    this.#nowUs = atUs
    this.#turnsAtInstant = 0
  }
}

class ProcessClock implements HostClock {
  readonly #clock: VirtualClock
  #offsetMs = 0
  #state: 'running' | 'stopped' = 'running'

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  wallMs(): number {
    return this.#clock.wallMs() + this.#offsetMs
  }

  stepWall(ms: number): void {
    this.#offsetMs += ms
  }

  stop(): void {
    this.#state = 'stopped'
  }

  setTimer(callback: () => void, delayMs: number): unknown {
    return this.#clock.setTimer(this.#guarded(callback), delayMs)
  }

  clearTimer(timer: unknown): void {
    this.#clock.clearTimer(timer)
  }

  defer(callback: () => void): void {
    this.#clock.defer(this.#guarded(callback))
  }

  later(callback: () => void): void {
    this.#clock.later(this.#guarded(callback))
  }

  #guarded(callback: () => void): () => void {
    return () => {
      if (this.#state === 'running') callback()
    }
  }
}
