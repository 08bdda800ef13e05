/**
 * The guard of a clock and of chance that are not ours: what they throw or answer wrongly stops no timer and no turn.
 *
 * What is wrong from the start throws `INK_BAD_OPTION` at once. Afterwards nobody is there to throw at: it is a warning, at
 * most one a second for each method, and Node's own does it in its place. A clock that has failed counts on from where it was,
 * so that no deadline jumps. Node's own runtime needs none of that, and is not wrapped.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError, asError, wordsOf } from '../common/errors.ts'
import { describe, methodsOption, optionObject } from '../common/options.ts'
import type { Overrides } from '../common/options.ts'
import { nodeRuntime } from './runtime.ts'
import type { Clock, Random, Runtime } from './runtime.ts'
import { Warnings } from './warnings.ts'

/** Hears of a method that failed, and in what. */
type Failed = (method: string, error: Error) => void

const CLOCK_METHODS = ['nowMs', 'wallMs', 'setTimer', 'clearTimer', 'defer', 'later'] as const
const NODE = nodeRuntime.clock

/** The runtime that an option of `where` stands for; `who` warns. Throws `INK_BAD_OPTION`. */
export function runtimeOption(where: string, given: Overrides<Runtime> | undefined, who: string = where): Runtime {
  optionObject(`${where}: runtime`, given, ['clock', 'random', 'warn'])
  const { clock = NODE, random = nodeRuntime.random, warn = nodeRuntime.warn } = given ?? {}
  methodsOption('runtime.clock', clock, CLOCK_METHODS, 'a Clock')
  methodsOption('runtime.random', random, ['next', 'bytes'], 'a Random')
  if (typeof warn !== 'function') throw bad(`runtime.warn must be a function, not ${describe(warn)}`)
  const warnings = new Warnings(who, { clock: NODE, warn })
  const failed: Failed = (method, error) => {
    warnings.say(`runtime.${method}()`, error)
  }
  return {
    clock: clock === NODE ? clock : new GuardedClock(clock, failed),
    random: random === nodeRuntime.random ? random : new GuardedRandom(random, failed),
    warn,
  }
}

function bad(message: string, cause?: unknown): InkwireError {
  return new InkwireError('INK_BAD_OPTION', message, { cause })
}

function asBadOption(method: string, thrown: unknown): InkwireError {
  const error = asError(thrown)
  return error instanceof InkwireError ? error : bad(`${method} failed: ${wordsOf(error)}`, thrown)
}

/** A reading of time that goes on at Node's pace while the clock itself does not. */
class Reading {
  readonly #method: 'nowMs' | 'wallMs'
  readonly #clock: Clock
  readonly #failed: Failed
  #lastMs: number
  /** Node's time when the clock failed; -1: it has not. */
  #sinceMs = -1

  /** Throws when the clock does not work from the start. */
  constructor(method: 'nowMs' | 'wallMs', clock: Clock, failed: Failed) {
    this.#method = method
    this.#clock = clock
    this.#failed = failed
    try {
      this.#lastMs = this.#ask()
    } catch (thrown) {
      throw asBadOption(`runtime.clock.${method}()`, thrown)
    }
  }

  read(): number {
    try {
      this.#lastMs = this.#ask()
      this.#sinceMs = -1
      return this.#lastMs
    } catch (thrown) {
      this.#failed(`clock.${this.#method}`, asError(thrown))
      if (this.#sinceMs < 0) this.#sinceMs = NODE.nowMs()
      return this.#lastMs + NODE.nowMs() - this.#sinceMs
    }
  }

  #ask(): number {
    const answer: unknown = this.#clock[this.#method]()
    if (typeof answer === 'number' && Number.isFinite(answer)) return answer
    throw bad(`runtime.clock.${this.#method}() must give a finite number of milliseconds, not ${describe(answer)}`)
  }
}

class GuardedClock implements Clock {
  readonly #clock: Clock
  readonly #failed: Failed
  readonly #now: Reading
  readonly #wall: Reading
  /** Timers of Node's that stand for those that could not be set. */
  readonly #standIns = new WeakSet<object>()

  constructor(clock: Clock, failed: Failed) {
    this.#clock = clock
    this.#failed = failed
    this.#now = new Reading('nowMs', clock, failed)
    this.#wall = new Reading('wallMs', clock, failed)
  }

  nowMs(): number {
    return this.#now.read()
  }

  wallMs(): number {
    return this.#wall.read()
  }

  setTimer(callback: () => void, delayMs: number): unknown {
    try {
      return this.#clock.setTimer(callback, delayMs)
    } catch (thrown) {
      this.#failed('clock.setTimer', asError(thrown))
      const timer = NODE.setTimer(callback, delayMs) as object
      this.#standIns.add(timer)
      return timer
    }
  }

  clearTimer(timer: unknown): void {
    try {
      if (typeof timer === 'object' && timer !== null && this.#standIns.has(timer)) NODE.clearTimer(timer)
      else this.#clock.clearTimer(timer)
    } catch (thrown) {
      this.#failed('clock.clearTimer', asError(thrown))
    }
  }

  defer(callback: () => void): void {
    this.#turn('defer', callback)
  }

  later(callback: () => void): void {
    this.#turn('later', callback)
  }

  #turn(method: 'defer' | 'later', callback: () => void): void {
    try {
      this.#clock[method](callback)
    } catch (thrown) {
      this.#failed(`clock.${method}`, asError(thrown))
      NODE[method](callback)
    }
  }
}

class GuardedRandom implements Random {
  readonly #random: Random
  readonly #failed: Failed
  /** The first bytes are drawn while their caller still waits for its messenger, and can be told. */
  #proved = false

  constructor(random: Random, failed: Failed) {
    this.#random = random
    this.#failed = failed
  }

  next(): number {
    try {
      const answer: unknown = this.#random.next()
      if (typeof answer === 'number' && answer >= 0 && answer < 1) return answer
      throw bad(`runtime.random.next() must give a number from 0 to below 1, not ${describe(answer)}`)
    } catch (thrown) {
      this.#failed('random.next', asError(thrown))
      return nodeRuntime.random.next()
    }
  }

  bytes(count: number): Uint8Array {
    try {
      const answer: unknown = this.#random.bytes(count)
      if (isBytes(answer) && answer.byteLength === count) {
        this.#proved = true
        return answer
      }
      throw bad(`runtime.random.bytes(${count}) must give a Uint8Array of that length, not ${describe(answer)}`)
    } catch (thrown) {
      if (!this.#proved) throw asBadOption('runtime.random.bytes()', thrown)
      this.#failed('random.bytes', asError(thrown))
      return nodeRuntime.random.bytes(count)
    }
  }
}
