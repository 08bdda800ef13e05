/**
 * The stamps of one messenger, and the promise that they do not go back when its process starts again.
 *
 * A bound is saved before any stamp reaches it, so the next process begins with what the last one saved. It is saved
 * ahead: one save for each `aheadMs` in which stamps are made, none while the messenger rests. User code is called at the
 * edges of reads and writes only, never from inside a session.
 */
import { InkwireError, asError, wordsOf } from '../common/errors.ts'
import { badOption, describe, numberOption, optionObject, whole } from '../common/options.ts'
import type { MessengerLimits } from '../policies/limits.ts'
import { unawaited } from '../common/user-code.ts'
import { HybridClock } from '../wire/hlc.ts'
import { STAMP_MS_MAX, Stamp } from '../wire/stamp.ts'
import { attempt, isThenable } from './attempt.ts'
import type { MessengerEvent } from './events.ts'
import type { Clock, Runtime } from './runtime.ts'
import type { Warnings } from './warnings.ts'

/** Keeps the bound of a messenger's stamps across restarts: in a file beside its data, for instance. */
export interface StampStore {
  /** What was saved last, in ms since 1970; null or undefined when nothing was. Called once, by the constructor. */
  load(): number | null | undefined
  /**
   * Writes a bound that stamps have not reached. It must be written when this returns, as by `writeFileSync` and
   * `renameSync`; what it throws becomes the event `stampsUnsaved`, and stamps go on.
   */
  save(boundMs: number): void
  /**
   * How far ahead a bound is saved, 1 to 3,600,000 ms: a save is needed this often. A process that starts again sooner begins
   * ahead of its wall clock, so more than the `limits.maxDriftMs` of its peers makes them tell `clockSkew` until it has caught
   * up. Default: this messenger's own `limits.maxDriftMs`, 100 to 10,000.
   */
  readonly aheadMs?: number | undefined
}

/** A checked store. */
interface Keeper {
  readonly store: StampStore
  readonly aheadMs: number
}

/**
 * Stamps that are ahead of the wall clock, because those of a peer or of an earlier process are, are covered by this part of
 * `aheadMs` only: else a process that starts again and again would begin further ahead each time.
 */
const LEADING_PART = 10

/** A run of stamps goes at most this far past the clock of when it began, by counters that overflow. */
const MARGIN_MS = 2

/** Throws `INK_BAD_OPTION`. */
export function checkStampStore(store: StampStore | undefined): StampStore | undefined {
  if (store === undefined) return undefined
  optionObject('new Messenger({ stamps })', store, 'any')
  const methods = store as unknown as Record<'load' | 'save', unknown>
  for (const method of ['load', 'save'] as const) {
    const given = methods[method]
    if (typeof given !== 'function')
      throw badOption(`stamps must have load() and save(boundMs), and ${method} is ${describe(given)}`)
  }
  numberOption('stamps.aheadMs', store.aheadMs, whole(1, 3_600_000), 1)
  return store
}

/** What the options of a messenger say of its stamps. */
interface StampOptions {
  readonly runtime: Pick<Runtime, 'clock'>
  readonly limits: Pick<MessengerLimits, 'maxDriftMs'>
  readonly stamps: StampStore | undefined
}

/** The stamps of a new messenger. Throws `INK_BAD_OPTION` when its store cannot load or save. */
export function beginStamps(
  { runtime, limits, stamps: store }: StampOptions,
  warnings: Pick<Warnings, 'say'>,
  report: (event: MessengerEvent) => void,
): Stamps {
  const { maxDriftMs } = limits
  const stamps = new Stamps(new HybridClock(maxDriftMs), runtime.clock, store, maxDriftMs, report)
  if (stamps.leadMs > maxDriftMs) {
    const text = `it is ${Math.round(stamps.leadMs)} ms behind what an earlier process has stamped`
    warnings.say('the wall clock', new Error(`${text}: peers will tell clockSkew until it has caught up`))
  }
  return stamps
}

export class Stamps {
  readonly clock: HybridClock
  readonly #time: Pick<Clock, 'wallMs'>
  readonly #report: (event: MessengerEvent) => void
  readonly #keeper: Keeper | null
  /** Stamps below this are covered by what was saved. */
  #coveredMs = Infinity

  /** Throws `INK_BAD_OPTION` when the store cannot load or save. */
  constructor(
    clock: HybridClock,
    time: Pick<Clock, 'wallMs'>,
    store: StampStore | undefined,
    aheadMs: number,
    report: (event: MessengerEvent) => void,
  ) {
    this.clock = clock
    this.#time = time
    this.#report = report
    this.#keeper = store === undefined ? null : { store, aheadMs: store.aheadMs ?? clamp(aheadMs, 100, 10_000) }
    if (this.#keeper !== null) this.#begin(this.#keeper)
  }

  /** How far stamps begin ahead of the wall clock, because an earlier process was there already, in ms. */
  get leadMs(): number {
    return Math.max(0, this.clock.ms - this.#time.wallMs())
  }

  /** The next stamp: above every one that this messenger has made or followed. */
  now(): Stamp {
    this.clock.tick(this.wallMs())
    return new Stamp(this.clock.ms, this.clock.counter)
  }

  /** The wall clock, where stamps are about to be made. Who saves their bound may end the connection that asks. */
  wallMs(): number {
    const wallMs = this.#time.wallMs()
    this.cover(wallMs)
    return wallMs
  }

  /** Stamps up to here, and a few past those of now, are about to be made. */
  cover(ms: number): void {
    if (ms < this.#coveredMs && this.clock.ms < this.#coveredMs) return
    if (this.#keeper !== null) this.#extend(this.#keeper, ms)
  }

  #begin({ store, aheadMs }: Keeper): void {
    const bound = guarded('load', () => store.load()) ?? 0
    if (!(Number.isFinite(bound) && bound >= 0 && bound <= STAMP_MS_MAX)) {
      unawaited(bound)
      throw badOption(`stamps.load() must answer a number of milliseconds, or null, not ${describe(bound)}`)
    }
    this.clock.startAt(bound)
    const boundMs = this.#boundFor(aheadMs, 0)
    guarded('save', () => {
      saveTo(store, boundMs)
    })
    this.#coveredMs = boundMs - MARGIN_MS
  }

  #boundFor(aheadMs: number, ms: number): number {
    const leading = Math.max(ms, this.clock.ms) + Math.ceil(aheadMs / LEADING_PART)
    return Math.floor(Math.max(this.#time.wallMs() + aheadMs, leading)) + MARGIN_MS
  }

  #extend({ store, aheadMs }: Keeper, ms: number): void {
    const boundMs = this.#boundFor(aheadMs, ms)
    // First, because save() may ask for a stamp. When it fails the next bound is another chance.
    this.#coveredMs = boundMs - MARGIN_MS
    attempt(
      () => {
        saveTo(store, boundMs)
      },
      (error) => {
        this.#report({ type: 'stampsUnsaved', boundMs, error })
      },
    )
  }
}

function saveTo(store: StampStore, boundMs: number): void {
  const save: (boundMs: number) => unknown = (ms) => store.save(ms)
  const answer = save(boundMs)
  if (!isThenable(answer)) return
  attempt(
    () => answer,
    () => undefined,
  )
  throw badOption('stamps.save() must have written the bound when it returns, not promise to: use writeFileSync()')
}

/** While a messenger is made there is nobody to hear an event. */
function guarded<T>(method: 'load' | 'save', call: () => T): T {
  try {
    return call()
  } catch (thrown) {
    if (thrown instanceof InkwireError) throw thrown
    throw new InkwireError('INK_BAD_OPTION', `stamps.${method}() failed: ${wordsOf(thrown)}`, {
      cause: asError(thrown),
    })
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value))
}
