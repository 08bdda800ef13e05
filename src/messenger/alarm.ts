/**
 * Alarms, and the one timer that they share: it is set anew only when the next deadline of all of them comes earlier. A deadline
 * that moves away costs nothing until the old one rings, and whoever it rings for sets it again. So a thousand connections
 * cost the runtime as many timers as one.
 *
 * A timer that comes late says that this process stood still, not that its peers did: what they sent meanwhile lies in the
 * sockets. So late alarms ring in the next turn, when that was read; by then it may be nothing that they ring for.
 */
import { Deadlines, NOWHERE } from '../common/deadlines.ts'
import { unref } from '../common/unref.ts'
import type { Clock } from './runtime.ts'

export interface AlarmOwner {
  /** The alarm rang; it is not set any more. */
  rung(): void
}

/** Later than this is late: longer than a turn of the event loop takes by the default limits. */
const LATE_MS = 5

/** All alarms of one messenger, or of whatever else has a clock. */
export class Alarms {
  readonly clock: Clock
  readonly #kind: 'needed' | 'idle'
  readonly #set = new Deadlines<Alarm>()
  #timer: unknown = null
  /** What the timer is set for; Infinity: it is not. */
  #timerMs = Infinity
  /** What rings with the timer that came last: all up to here. */
  #dueMs = -Infinity

  /** `idle`: a process that waits for nothing else ends, whatever they are set for. */
  constructor(clock: Clock, kind: 'needed' | 'idle' = 'needed') {
    this.clock = clock
    this.#kind = kind
  }

  add(alarm: Alarm): void {
    this.#set.set(alarm)
    this.#arm()
  }

  remove(alarm: Alarm): void {
    this.#set.remove(alarm)
    if (this.#set.size === 0) this.#disarm()
  }

  #arm(): void {
    const { nextMs } = this.#set
    if (nextMs >= this.#timerMs) return
    this.#disarm()
    this.#timerMs = nextMs
    this.#timer = this.clock.setTimer(this.#fired, nextMs - this.clock.nowMs())
    if (this.#kind === 'idle') unref(this.#timer)
  }

  #disarm(): void {
    if (this.#timerMs === Infinity) return
    this.clock.clearTimer(this.#timer)
    this.#timerMs = Infinity
  }

  readonly #fired = (): void => {
    const wantedMs = this.#timerMs
    this.#timerMs = Infinity
    const nowMs = this.clock.nowMs()
    // Timers may come a little early.
    this.#dueMs = Math.max(nowMs, wantedMs)
    if (nowMs - wantedMs > LATE_MS) this.clock.later(this.#ring)
    else this.#ring()
  }

  /** Those that are due, and none that is set again meanwhile: an owner that wants it at once waits for its turn. */
  readonly #ring = (): void => {
    const due: Alarm[] = []
    for (let next = this.#set.due(this.#dueMs); next !== undefined; next = this.#set.due(this.#dueMs)) due.push(next)
    let rung = 0
    try {
      while (rung < due.length) due[rung++]!.ring()
    } finally {
      // One that throws takes nothing from the others.
      while (rung < due.length) due[rung++]!.wait()
      this.#arm()
    }
  }
}

export class Alarm {
  readonly #alarms: Alarms
  readonly #owner: AlarmOwner
  #deadlineMs = Infinity
  /** Where it stands among the others; see Deadlines. */
  place = NOWHERE

  constructor(alarms: Alarms, owner: AlarmOwner) {
    this.#alarms = alarms
    this.#owner = owner
  }

  /** When it rings, in ms of the clock; Infinity: not at all. */
  get deadlineMs(): number {
    return this.#deadlineMs
  }

  /** Rings at this time at the latest. */
  ringBy(deadlineMs: number): void {
    if (deadlineMs >= this.#deadlineMs) return
    this.clear()
    this.#deadlineMs = deadlineMs
    this.#alarms.add(this)
  }

  clear(): void {
    if (this.place !== NOWHERE) this.#alarms.remove(this)
    this.#deadlineMs = Infinity
  }

  /** Its time has come. @internal */
  ring(): void {
    // Cleared, or set for another time, by one that rang before.
    if (this.#deadlineMs === Infinity || this.place !== NOWHERE) return
    this.#deadlineMs = Infinity
    this.#owner.rung()
  }

  /** Its time has come, but not its turn. @internal */
  wait(): void {
    if (this.#deadlineMs !== Infinity && this.place === NOWHERE) this.#alarms.add(this)
  }
}
