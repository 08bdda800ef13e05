/**
 * The streams of the public surface: observables whose subscribers are user code, and so run under the guard.
 *
 * rxjs throws what a subscriber throws in a turn of its own, where nobody can catch it and the process ends. Here it is
 * reported, every time, and neither the subscriber nor its neighbours lose what comes later. The same holds behind operators
 * that are piped to a stream; one that throws has ended its own pipe, as rxjs has it. Subscribers run in the context in which
 * they subscribed: see scope.ts.
 */
import type { Observable, Observer, Operator, Subscriber, Subscription } from 'rxjs'
import { rxjs } from '../streams/rxjs.ts'
import { attempt } from './attempt.ts'
import type { Failed } from './attempt.ts'
import type { Connection } from './connection.ts'
import type { MessengerEvent } from './events.ts'
import { Scope } from './scope.ts'

/** What a caller may subscribe with. */
type Subscribed<T> = Partial<Observer<T>> | ((value: T) => void) | null

type StreamOf = new <T>(shown: Observable<T>, failed: Failed) => Observable<T>

let Stream: StreamOf | null = null

/** Shows what another one shows; `failed` hears what subscribers throw. */
export function guarded<T>(shown: Observable<T>, failed: Failed): Observable<T> {
  Stream ??= makeClass()
  return new Stream(shown, failed)
}

/** A class of its own for operators to go on with; it waits for the one that it extends. */
function makeClass(): StreamOf {
  return class Stream<T> extends rxjs().Observable<T> {
    readonly #failed: Failed

    constructor(shown: Observable<T>, failed: Failed) {
      super((subscriber) => shown.subscribe(subscriber))
      this.#failed = failed
    }

    override subscribe(
      observer?: Subscribed<T>,
      error?: ((error: unknown) => void) | null,
      complete?: (() => void) | null,
    ): Subscription {
      if (isSubscriber(observer)) return super.subscribe(observer)
      const told: Partial<Observer<T>> =
        typeof observer === 'function' || observer === null || observer === undefined
          ? {
              ...(observer ? { next: observer } : null),
              ...(error ? { error } : null),
              ...(complete ? { complete } : null),
            }
          : observer
      return super.subscribe(guardedObserver(told, this.#failed))
    }

    /** What is piped to a stream is a stream: every operator of rxjs 7 asks its source for the next one here. */
    /* eslint-disable-next-line @typescript-eslint/no-deprecated -- the only place that operators and subscribers have in common */
    override lift<R>(operator?: Operator<T, R>): Observable<R> {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
      return new Stream(super.lift(operator), this.#failed)
    }
  }
}

function guardedObserver<T>(observer: Partial<Observer<T>>, failed: Failed): Observer<T> {
  const scope = new Scope()
  const tell = (what: 'next' | 'error' | 'complete', value?: unknown): void => {
    attempt(() => scope.run(told, observer, what, value), failed)
  }
  return {
    next: (value) => {
      tell('next', value)
    },
    error: (reason) => {
      tell('error', reason)
    },
    complete: () => {
      tell('complete')
    },
  }
}

/** An error that nobody takes is one of whoever piped it. */
function told<T>(this: Partial<Observer<T>>, what: 'next' | 'error' | 'complete', value: unknown): unknown {
  if (what === 'error' && this.error === undefined) throw value
  return (this[what] as ((value: unknown) => unknown) | undefined)?.call(this, value)
}

/** A stream of a connection; failing subscribers are an event of its messenger. */
export function watched<T>(
  source: Observable<T>,
  stream: 'messages$' | 'state$' | 'path$',
  connection: Connection,
  shared: { report(event: MessengerEvent): void },
): Observable<T> {
  return guarded(source, (error) => {
    shared.report({ type: 'subscriberError', stream, connection, error })
  })
}

/** rxjs' own, in the middle of a pipe: it has its guard, and must be known again as what it is. */
function isSubscriber<T>(observer: Subscribed<T> | undefined): observer is Subscriber<T> {
  const { add, unsubscribe } = (observer ?? {}) as Partial<Subscriber<T>>
  return typeof add === 'function' && typeof unsubscribe === 'function'
}
