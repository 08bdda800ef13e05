/**
 * Errors of users' code as warnings: an error that nobody looks for must not be lost. The runtime says them; a process does
 * by a warning of its own.
 *
 * Whoever subscribes to `events$` may wait for something else, so subscribing silences nothing. Limit: one warning a
 * second of each kind; the next one says how many were left out.
 */
import { unawaited } from '../common/user-code.ts'
import { nodeRuntime } from './runtime.ts'
import type { Clock, Runtime } from './runtime.ts'

const PAUSE_MS = 1000

export class Warnings {
  readonly #name: string
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #warn: (text: string) => unknown
  /** By who failed, of which there are a handful of kinds. */
  readonly #last = new Map<string, { readonly nextMs: number; leftOut: number }>()

  /** `name` is the messenger's. */
  constructor(name: string, { clock, warn }: { readonly clock: Pick<Clock, 'nowMs'>; readonly warn: Runtime['warn'] }) {
    this.#name = name
    this.#clock = clock
    this.#warn = warn
  }

  say(who: string, { stack, message }: Error): void {
    const nowMs = this.#clock.nowMs()
    const last = this.#last.get(who)
    if (last !== undefined && nowMs < last.nextMs) {
      last.leftOut++
      return
    }
    const more = last === undefined || last.leftOut === 0 ? '' : ` (and ${last.leftOut} times since the last warning)`
    this.#last.set(who, { nextMs: nowMs + PAUSE_MS, leftOut: 0 })
    const text = `${this.#name}: ${who} failed${more}: ${stack ?? message}`
    try {
      // A promise, and one that rejects, is possible of users' code.
      unawaited(this.#warn(text))
    } catch {
      // Users' code, too, and who would hear of its error?
      nodeRuntime.warn(text)
    }
  }
}
