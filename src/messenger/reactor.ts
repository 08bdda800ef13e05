/**
 * The control plane of one connection: events in, one at a time, through the pure session; actions and states out.
 *
 * An rxjs Subject that is never re-entered: what happens while an event is handled waits in a queue (a trampoline), so
 * subscribers and dispatchers may call anything from anywhere and still see one order. Limit: the queue holds what one
 * turn can cause, a handful of events.
 */
import { BehaviorSubject, Subject, distinctUntilChanged, map } from 'rxjs'
import type { Observable } from 'rxjs'
import type { SessionEvent, StateName } from '../session/machine.ts'
import type { Action, Session } from '../session/session.ts'
import type { Given } from '../session/machine.ts'

export class Reactor {
  readonly state$: Observable<StateName>
  readonly #events = new Subject<SessionEvent>()
  readonly #states: BehaviorSubject<StateName>
  readonly #waiting: SessionEvent[] = []
  #phase: 'resting' | 'reacting' | 'over' = 'resting'

  constructor(session: Session, input: () => Given, perform: (action: Action) => void) {
    this.#states = new BehaviorSubject<StateName>(session.machine.state.name)
    this.state$ = this.#states.pipe(distinctUntilChanged())
    this.#events.pipe(map((event) => session.handle(event, input()))).subscribe((actions) => {
      for (const action of actions) perform(action)
      this.#states.next(session.machine.state.name)
    })
  }

  /** Handles the event now, or right after the one that is being handled. */
  post(event: SessionEvent): void {
    if (this.#phase === 'over') return
    this.#waiting.push(event)
    if (this.#phase === 'reacting') return
    this.#phase = 'reacting'
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#events.next(next)
    // Something in the loop may have ended it: TypeScript cannot know.
    if ((this.#phase as string) !== 'over') this.#phase = 'resting'
  }

  /** The connection is closed: completes `state$`. Nothing is handled any more. */
  complete(): void {
    this.#phase = 'over'
    this.#waiting.length = 0
    this.#states.next('closed')
    this.#states.complete()
    this.#events.complete()
  }
}
