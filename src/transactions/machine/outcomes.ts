/**
 * What a server knows of calls that are to run once: which attempt has the handler, who waits for its end, and how it ended.
 *
 * A caller numbers such calls, and says with each below which number it asks for nothing any more: what is kept of those goes. A
 * second attempt of a number never runs: it waits for the first, or is told how that ended. When nothing more can be kept, calls are
 * refused before they run. Who has not called for long may be forgotten, and that is never taken for a first attempt. Pure.
 */
import { ONCE } from './limits.ts'
import type { OutReply } from './replies.ts'
import type { CallFailure, CallReason } from './words.ts'

/** How a call ended: one of both. */
export interface CallOutcomeKept {
  readonly reply: OutReply | null
  readonly failure: CallFailure | null
}

/** What the caller says with an attempt. */
export interface Attempt {
  readonly number: number
  /** It asks for nothing below this any more. */
  readonly below: number
  /** An earlier attempt may have run here. */
  readonly again: boolean
}

/** What is to be done with an attempt. */
export type Reception<Call> =
  | { readonly is: 'first' }
  /** An earlier one waits for its handler. */
  | { readonly is: 'behind' }
  /** An earlier one has the handler. */
  | { readonly is: 'joined'; readonly runner: Call }
  | { readonly is: 'answered'; readonly outcome: CallOutcomeKept }
  | { readonly is: 'refused'; readonly failure: CallFailure }

interface Entry<Call> {
  readonly caller: Caller<Call>
  readonly number: number
  /** The attempt that has the handler, or is to have it. */
  runner: Call
  phase: 'waiting' | 'running' | 'done'
  others: Call[]
  outcome: CallOutcomeKept | null
  bytes: number
}

interface Caller<Call> {
  readonly entries: Map<number, Entry<Call>>
  below: number
  bytes: number
  lastMs: number
}

export class Outcomes<Call> {
  /** The one that has not called for longest first. */
  readonly #callers = new Map<string, Caller<Call>>()
  /** Attempts that have not ended. */
  readonly #attempts = new Map<Call, Entry<Call>>()
  #bytes = 0
  /** Some caller was forgotten: who is not known may have called before. */
  #memory: 'whole' | 'gaps' = 'whole'

  /** How much is kept. */
  get kept(): { readonly callers: number; readonly attempts: number; readonly bytes: number } {
    return { callers: this.#callers.size, attempts: this.#attempts.size, bytes: this.#bytes }
  }

  /** An attempt came; of one that is `first`, `began` and `ended` or `left` are told. */
  arrived(name: string, { number, below, again }: Attempt, call: Call, nowMs: number): Reception<Call> {
    const caller = this.#callerOf(name, again, nowMs)
    if ('reason' in caller) return { is: 'refused', failure: caller }
    this.#settle(caller, below)
    if (number < caller.below)
      return { is: 'refused', failure: refusal('refused', 'OVER', 'its caller has given it up', true) }
    const entry = caller.entries.get(number)
    if (entry !== undefined) return this.#again(entry, call)
    if (caller.entries.size >= ONCE.outcomesMax || this.#isFull(caller, nowMs)) return { is: 'refused', failure: BUSY }
    const first: Entry<Call> = { caller, number, runner: call, phase: 'waiting', others: [], outcome: null, bytes: 0 }
    caller.entries.set(number, first)
    this.#attempts.set(call, first)
    return { is: 'first' }
  }

  /** Its handler begins: with it those who wait behind it. */
  began(call: Call): readonly Call[] {
    const entry = this.#attempts.get(call)
    if (entry?.runner !== call) return []
    entry.phase = 'running'
    return entry.others
  }

  /** Its handler has ended; `bytes` is what it costs to keep that. Returns whose outcome it is as well. */
  ended(call: Call, outcome: CallOutcomeKept, bytes: number): readonly Call[] {
    const entry = this.#attempts.get(call)
    if (entry?.runner !== call) return []
    const { caller, number, others } = entry
    for (const one of [call, ...others]) this.#attempts.delete(one)
    entry.phase = 'done'
    entry.others = []
    // What has not run may run; what nobody asks for any more is not kept.
    if (outcome.failure?.indeterminate === false) caller.entries.delete(number)
    if (caller.entries.get(number) !== entry) return others
    const fits = caller.bytes + bytes <= ONCE.callerBytesMax && this.#bytes + bytes <= ONCE.bytesMax
    entry.outcome = fits ? outcome : NOT_KEPT
    entry.bytes = fits ? bytes : 0
    caller.bytes += entry.bytes
    this.#bytes += entry.bytes
    return others
  }

  /** It is wanted no more, or cannot be answered. Returns who is to run in its place; null: nobody. */
  left(call: Call): Call | null {
    const entry = this.#attempts.get(call)
    if (entry === undefined || (entry.runner === call && entry.phase === 'running')) return null
    this.#attempts.delete(call)
    if (entry.runner !== call) {
      entry.others = entry.others.filter((other) => other !== call)
      return null
    }
    const next = entry.others.shift()
    if (next !== undefined) entry.runner = next
    else if (entry.caller.entries.get(entry.number) === entry) entry.caller.entries.delete(entry.number)
    return next ?? null
  }

  /** The attempt that has the handler of this one; null: it is itself the one, or none. */
  runnerOf(call: Call): Call | null {
    const entry = this.#attempts.get(call)
    return entry === undefined || entry.runner === call ? null : entry.runner
  }

  #again(entry: Entry<Call>, call: Call): Reception<Call> {
    if (entry.outcome !== null) return { is: 'answered', outcome: entry.outcome }
    entry.others.push(call)
    this.#attempts.set(call, entry)
    return entry.phase === 'running' ? { is: 'joined', runner: entry.runner } : { is: 'behind' }
  }

  #callerOf(name: string, again: boolean, nowMs: number): Caller<Call> | CallFailure {
    const known = this.#callers.get(name)
    if (known === undefined && again && this.#memory === 'gaps') return FORGOTTEN
    if (known === undefined && this.#callers.size >= ONCE.callersMax && !this.#forget(nowMs)) return BUSY
    const caller = known ?? { entries: new Map<number, Entry<Call>>(), below: 0, bytes: 0, lastMs: nowMs }
    caller.lastMs = nowMs
    this.#callers.delete(name)
    this.#callers.set(name, caller)
    return caller
  }

  /** Nothing below this will be asked for again. */
  #settle(caller: Caller<Call>, below: number): void {
    caller.below = Math.max(caller.below, below)
    for (const [number, entry] of caller.entries) {
      // Numbers come almost in order: what is left behind goes the next time.
      if (number >= caller.below) return
      caller.entries.delete(number)
      caller.bytes -= entry.bytes
      this.#bytes -= entry.bytes
    }
  }

  #isFull(caller: Caller<Call>, nowMs: number): boolean {
    if (caller.bytes >= ONCE.callerBytesMax) return true
    while (this.#bytes >= ONCE.bytesMax) if (!this.#forget(nowMs)) return true
    return false
  }

  /** Forgets who has not called for longest. False: nobody has been away for so long. */
  #forget(nowMs: number): boolean {
    for (const [name, { entries, bytes, lastMs }] of this.#callers) {
      if (lastMs + ONCE.keptMs > nowMs) return false
      if ([...entries.values()].some(({ phase }) => phase !== 'done')) continue
      this.#callers.delete(name)
      this.#bytes -= bytes
      this.#memory = 'gaps'
      return true
    }
    return false
  }
}

function refusal(
  reason: CallReason,
  code: string,
  detail: string,
  indeterminate: boolean,
  retryAfterMs = 0,
): CallFailure {
  return { reason, code, detail, indeterminate, retryAfterMs }
}

const BUSY = refusal('quota', 'BUSY', 'no more outcomes can be kept for now', false, ONCE.retryAfterMs)
const FORGOTTEN = refusal('quota', 'FORGOTTEN', 'what became of earlier attempts was forgotten', true)
const NOT_KEPT: CallOutcomeKept = {
  reply: null,
  failure: refusal('quota', 'NOT_KEPT', 'it has run, and its outcome was too large to be kept', true),
}
