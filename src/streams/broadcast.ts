/**
 * What many may watch and most never do: a subject that is made when somebody asks for it.
 *
 * Until then a value costs a look at one field, and rxjs is not even loaded.
 */
import type { Observable, Subject } from 'rxjs'
import { rxjs } from './rxjs.ts'

/** Where values go; a `Subject` is one. */
export interface Outlet<T> {
  readonly observed: boolean
  next(value: T): void
}

export class Broadcast<T> implements Outlet<T> {
  #subject: Subject<T> | null = null
  #life: 'running' | 'over' = 'running'

  /** Hot, without replay; completes with the broadcast, also for whoever asks after the end. */
  get shown(): Observable<T> {
    if (this.#subject === null) {
      this.#subject = new (rxjs().Subject)<T>()
      if (this.#life === 'over') this.#subject.complete()
    }
    return this.#subject
  }

  /** True while somebody is subscribed. */
  get observed(): boolean {
    return this.#subject !== null && this.#subject.observed
  }

  next(value: T): void {
    this.#subject?.next(value)
  }

  complete(): void {
    this.#life = 'over'
    this.#subject?.complete()
  }
}
