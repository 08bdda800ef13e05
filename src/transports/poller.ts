/**
 * Keeps the event loop of a thread awake while its links are busy: an immediate that is pending makes the loop ask the kernel
 * without waiting.
 *
 * One for all links of a thread: what they find is counted together, and the clock is read once per turn of the loop. When to
 * look and when to sleep is decided by PollPace. The immediate is pending for a window behind a find and no longer, so a
 * process with nothing else to do ends as ever.
 */
import { monotonicMs, nextTurn, usage } from './host.ts'
import { PollPace, type Usage } from './poll-pace.ts'

/** What a poller needs of the thread. */
export interface PollHost {
  monotonicMs(): number
  nextTurn(callback: () => void): unknown
  usage(): Usage
}

export class Poller {
  readonly #host: PollHost
  readonly #pace: PollPace
  /** An immediate is pending. */
  #looking = false
  /** Since it was last called. */
  #finds = 0

  constructor(host: PollHost) {
    this.#host = host
    this.#pace = new PollPace(() => host.usage())
  }

  /** A link has read something. */
  found(): void {
    if (this.#looking) this.#finds++
    else if (this.#pace.wakes(this.#host.monotonicMs())) this.#look()
  }

  #look(): void {
    this.#looking = true
    this.#finds = 0
    this.#host.nextTurn(this.#looked)
  }

  readonly #looked = (): void => {
    this.#looking = this.#pace.looks(this.#host.monotonicMs(), this.#finds)
    if (this.#looking) this.#look()
  }
}

/** That of this thread; null where a process cannot know what it uses, and so not whether it is in the way. */
export const poller = usage === null ? null : new Poller({ monotonicMs, nextTurn, usage })
