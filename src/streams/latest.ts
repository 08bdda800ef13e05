/**
 * What holds now, and every change of it: a stream that is made when somebody asks for it.
 *
 * The last value is kept, also for whoever asks after the end. A value that follows itself is told once.
 */
import type { Observable, ReplaySubject } from 'rxjs'
import { rxjs } from './rxjs.ts'

export class Latest<T> {
  #subject: ReplaySubject<T> | null = null
  #life: 'running' | 'over' = 'running'

  /** `now` is the value of now: only the first who asks needs it. */
  shown(now: T): Observable<T> {
    const { ReplaySubject, distinctUntilChanged } = rxjs()
    if (this.#subject === null) {
      this.#subject = new ReplaySubject<T>(1)
      this.#subject.next(now)
      if (this.#life === 'over') this.#subject.complete()
    }
    return this.#subject.pipe(distinctUntilChanged())
  }

  next(value: T): void {
    this.#subject?.next(value)
  }

  complete(): void {
    this.#life = 'over'
    this.#subject?.complete()
  }
}
