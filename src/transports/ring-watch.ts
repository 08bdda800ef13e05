/**
 * Looks into the rings of a thread at each turn of its event loop, for as long as that pays, so that their writers need not
 * wake it: a bell costs both sides a system call. When it does not pay any more, all of them go to sleep until a bell rings.
 *
 * When to look and when to sleep is decided as for sockets, by PollPace.
 */
import { monotonicMs, nextTurn, usage } from './host.ts'
import { PollPace } from './poll-pace.ts'

/** One end of a link over rings. */
export interface Watched {
  /** Takes what is there, and puts what waits where there is room. True: something moved. */
  look(): boolean
  /** Sleeps until a bell, or looks once more if something has come. */
  rest(): void
}

export class RingWatch {
  readonly #pace: PollPace
  readonly #awake = new Set<Watched>()
  #looking = false

  constructor(pace: PollPace) {
    this.#pace = pace
  }

  /** A bell rang, and something was there. True: it looks at each turn from now on, until `rest`. */
  found(ring: Watched): boolean {
    if (!this.#looking && !this.#pace.wakes(monotonicMs())) return false
    this.#awake.add(ring)
    if (!this.#looking) nextTurn(this.#turn)
    return (this.#looking = true)
  }

  /** It is over, or may not be looked into. */
  forget(ring: Watched): void {
    this.#awake.delete(ring)
  }

  readonly #turn = (): void => {
    let finds = 0
    for (const ring of this.#awake) if (ring.look()) finds++
    this.#looking = this.#awake.size > 0 && this.#pace.looks(monotonicMs(), finds)
    if (this.#looking) {
      nextTurn(this.#turn)
      return
    }
    const resting = [...this.#awake]
    this.#awake.clear()
    for (const ring of resting) ring.rest()
  }
}

/** That of this thread; null where a process cannot know what it uses. */
export const ringWatch = usage === null ? null : new RingWatch(new PollPace(usage))
