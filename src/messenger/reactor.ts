/**
 * The control plane of one connection: events in, one at a time, through the pure session; actions and states out.
 *
 * It is never re-entered: what happens while an event is handled waits in a queue (a trampoline), so subscribers and
 * dispatchers may call anything from anywhere and still see one order. An end that is asked for while an event is handled
 * waits like the rest, but what is left of that event begins nothing any more: see session/action.ts. Limit: the queue holds what one
 * turn can cause, a handful of events.
 */
import type { Observable } from 'rxjs'
import { isEnding, isLeaving, isVoid } from '../session/action.ts'
import type { Action } from '../session/action.ts'
import type { StateName } from '../session/machine.ts'
import type { Given, SessionEvent } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import { Latest } from '../streams/latest.ts'

/** What a reactor needs of its connection. */
export interface ReactorOwner {
  /** The world as it is now, for the next event. */
  input(): Given
  perform(action: Action): void
}

const NONE: SessionEvent[] = []

export class Reactor {
  readonly #session: Session
  readonly #owner: ReactorOwner
  readonly #states = new Latest<StateName>()
  /** Events that wait for the one that is being handled. */
  #waiting = NONE
  #phase: 'resting' | 'reacting' | 'over' = 'resting'

  constructor(session: Session, owner: ReactorOwner) {
    this.#session = session
    this.#owner = owner
  }

  /** The state of now and every change; completes with the connection. */
  get state$(): Observable<StateName> {
    return this.#states.shown(this.#phase === 'over' ? 'closed' : this.#session.machine.state.name)
  }

  /** True when no event is being handled. */
  get isResting(): boolean {
    return this.#phase === 'resting'
  }

  /** True when a callback has ended the connection and the event that was being handled is not done with. */
  get isEnding(): boolean {
    return isEnding(this.#waiting)
  }

  /** True when a callback has closed or ended the connection meanwhile: a session that begins is no news to its caller. */
  get isLeaving(): boolean {
    return isLeaving(this.#waiting)
  }

  /** Handles the event now, or right after the one that is being handled. */
  post(event: SessionEvent): void {
    if (this.#phase === 'over') return
    if (this.#phase === 'reacting') {
      if (this.#waiting === NONE) this.#waiting = []
      this.#waiting.push(event)
      return
    }
    this.#phase = 'reacting'
    try {
      for (let next: SessionEvent | undefined = event; next !== undefined; next = this.#waiting.shift())
        this.#react(next)
    } finally {
      this.#waiting = NONE
      // Something in the loop may have ended it: TypeScript cannot know.
      if ((this.#phase as string) !== 'over') this.#phase = 'resting'
    }
  }

  /** The connection is closed: completes `state$`. Nothing is handled any more. */
  complete(): void {
    this.#phase = 'over'
    this.#waiting = NONE
    this.#states.next('closed')
    this.#states.complete()
  }

  #react(event: SessionEvent): void {
    for (const action of this.#session.handle(event, this.#owner.input())) {
      if (!isVoid(action, this.#waiting)) this.#owner.perform(action)
    }
    // Who has ended it sees `closed` already, and nothing that comes before it.
    if (!this.isEnding) this.#states.next(this.#session.machine.state.name)
  }
}
