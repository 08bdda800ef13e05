/**
 * When the event loop of a busy thread had better not sleep: the decision, as a machine without a clock of its own.
 *
 * A loop that sleeps between reads that come close together costs more than one that looks again at once: the sender pays
 * for waking it, and it for being woken. So behind a read the loop goes on looking, for a *window* that learns as the halt
 * polling of a hypervisor does: a sleep that turns out shorter than the longest window makes it grow, a longer one makes it
 * shrink, to nothing when reads are far apart.
 *
 * That is right only while looking pays and the processor has nothing better to do. Looks that find nothing are paid out of a
 * *budget* that finds refill. And from time to time the time awake is held against the processor's: a thread that is awake and
 * gets less than nearly all of it takes somebody's place, maybe that of the very sender that it waits for. For either reason
 * it rests, for a time that doubles as long as that goes on.
 *
 * Times are milliseconds of one monotonic clock.
 */

/** The longest window: as much as Linux polls for a virtual machine that has halted. */
export const WINDOW_MAX_MS = 0.2
/** The shortest window; below it there is none. */
export const WINDOW_MIN_MS = 0.025
/** What a find is worth in looking: a wake-up costs both sides together about as much. */
export const FIND_WORTH_MS = 0.03
/** So much may be looked in vain before it is given up. */
export const BUDGET_MS = 2
/** So much time awake is one sample: of the order of a slice of the scheduler, so that a neighbour shows. */
export const SAMPLE_MS = 4
/** A thread that gets less of the time that it is awake shares its processor. */
export const SHARE_MIN = 0.9
/** So many times per sample the processor may be taken away: the system has small work to do everywhere. */
export const TAKEN_MAX = 2
/** The first rest, and the longest: a few milliseconds of trial in more than a second harm nobody. */
export const REST_MIN_MS = 20
export const REST_MAX_MS = 1280

/** What the process has used up to now. */
export interface Usage {
  readonly cpuMs: number
  /** How often the processor was taken away from it although it had something to do. */
  readonly taken: number
}

/** Since when, what had been used by then, and how much was slept since. */
interface Sample {
  readonly startMs: number
  readonly usage: Usage
  sleptMs: number
}

export class PollPace {
  readonly #usage: () => Usage
  #windowMs = 0
  #budgetMs = BUDGET_MS
  /** The last time that something was found, and the last look. */
  #foundMs = -Infinity
  #lookedMs = -Infinity
  #sample: Sample | null = null
  #restUntilMs = -Infinity
  /** How long the next rest will be, and the time awake without a reason for one since the last. */
  #restMs = REST_MIN_MS
  #calmMs = 0

  /** `usage` is asked when a sample begins and when it ends. */
  constructor(usage: () => Usage) {
    this.#usage = usage
  }

  /** How long it looks behind a find, in ms. */
  get windowMs(): number {
    return this.#windowMs
  }

  /** Something came while the loop slept, or did other things. True: look from now on. */
  wakes(nowMs: number): boolean {
    const gapMs = nowMs - this.#foundMs
    this.#foundMs = nowMs
    if (nowMs < this.#restUntilMs) return false
    this.#windowMs = gapMs <= WINDOW_MAX_MS ? grown(this.#windowMs) : shrunk(this.#windowMs)
    if (this.#windowMs === 0) {
      this.#sample = null
      return false
    }
    if (this.#sample === null) this.#sample = { startMs: nowMs, usage: this.#usage(), sleptMs: 0 }
    else this.#sample.sleptMs += nowMs - this.#lookedMs
    this.#lookedMs = nowMs
    return true
  }

  /** The loop has looked, and found so much. True: look again; false: sleep. Only after `wakes` or `looks` said true. */
  looks(nowMs: number, finds: number): boolean {
    if (finds > 0) {
      this.#budgetMs = Math.min(BUDGET_MS, this.#budgetMs + finds * FIND_WORTH_MS)
      this.#foundMs = nowMs
    } else this.#budgetMs -= nowMs - this.#lookedMs
    this.#lookedMs = nowMs
    if (this.#budgetMs <= 0 || !this.#isAlone(nowMs, this.#sample!)) {
      this.#rest(nowMs)
      return false
    }
    return nowMs - this.#foundMs < this.#windowMs
  }

  /** False: a sample is over, and has shown that others need the processor. */
  #isAlone(nowMs: number, { startMs, sleptMs, usage }: Sample): boolean {
    const awakeMs = nowMs - startMs - sleptMs
    if (awakeMs < SAMPLE_MS) return true
    const now = this.#usage()
    if (now.cpuMs - usage.cpuMs < awakeMs * SHARE_MIN || now.taken - usage.taken > TAKEN_MAX) return false
    this.#sample = { startMs: nowMs, usage: now, sleptMs: 0 }
    this.#calm(awakeMs)
    return true
  }

  /** One lucky sample is no proof: long rests are forgotten only after as long a time without one. */
  #calm(awakeMs: number): void {
    this.#calmMs += awakeMs
    if (this.#calmMs < this.#restMs) return
    this.#restMs = Math.max(REST_MIN_MS, this.#restMs / 2)
    this.#calmMs = 0
  }

  #rest(nowMs: number): void {
    this.#restUntilMs = nowMs + this.#restMs
    this.#restMs = Math.min(REST_MAX_MS, this.#restMs * 2)
    this.#calmMs = 0
    this.#windowMs = 0
    this.#budgetMs = BUDGET_MS
    this.#sample = null
  }
}

function grown(windowMs: number): number {
  return Math.min(Math.max(WINDOW_MIN_MS, windowMs * 2), WINDOW_MAX_MS)
}

function shrunk(windowMs: number): number {
  return windowMs > WINDOW_MIN_MS ? windowMs / 2 : 0
}
