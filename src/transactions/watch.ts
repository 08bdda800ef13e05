/**
 * Who watches calls: both ends of each, from its beginning to its outcome, for measures and traces.
 *
 * Nobody does by default, and then a call pays one comparison for it. A watcher is user code, under guard: whatever it throws is
 * told as an error of a subscriber, and the call goes on without it. It may add to the metadata of a call that is asked, so that
 * a trace goes on at the peer, and choose what the calls of a handler inherit. It decides nothing of the call.
 */
import { asError } from '../common/errors.ts'
import type { Metadata } from '../messenger/calls.ts'
import type { Connection } from '../messenger/connection.ts'
import { remover, type Remover } from '../messenger/remover.ts'
import type { CallFailure } from './machine/words.ts'

/** A call that begins. */
export interface WatchedCall {
  /** `asked`: it is made here; `served`: its handler begins here. */
  readonly side: 'asked' | 'served'
  readonly connection: Connection
  /** As `defineCall()` names it. */
  readonly callName: string
  readonly metadata: Metadata
}

/** How a call failed; its words may be the peer's. */
export type WatchedFailure = Pick<CallFailure, 'reason' | 'code' | 'detail' | 'indeterminate'>

/** What a watcher gives for a call that it wants to hear of again. */
export interface CallFollower {
  /** Replaces entries of the metadata: of a call that is asked for its peer, of one that is served for the calls of its handler. */
  readonly metadata?: Metadata | undefined
  /** Runs the handler of a call that is served: must call `body` once, and give what it gives. */
  run?<Answer>(body: () => Answer): Answer
  /** It is over. Null: well. */
  ended(failure: WatchedFailure | null): void
}

/**
 * Who is told of both ends of every call of a messenger: what `messenger.watchCalls()` takes. Whatever it throws is
 * told as an event, and the call goes on.
 */
export interface CallWatcher {
  /** Null: this call is not followed. */
  began(call: WatchedCall): CallFollower | null
}

export class CallWatchers {
  readonly #failed: (error: Error, connection: Connection) => void
  /** Null: nobody watches. */
  #all: readonly CallWatcher[] | null = null

  constructor(failed: (error: Error, connection: Connection) => void) {
    this.#failed = failed
  }

  get any(): boolean {
    return this.#all !== null
  }

  add(watcher: CallWatcher): Remover {
    const own: CallWatcher = { began: (call) => watcher.began(call) }
    this.#all = [...(this.#all ?? []), own]
    return remover(() => {
      const others = (this.#all ?? []).filter((other) => other !== own)
      this.#all = others.length === 0 ? null : others
    })
  }

  /** Those who follow this call, as one; null: nobody does. */
  began(call: WatchedCall): Following | null {
    if (this.#all === null) return null
    const followers: CallFollower[] = []
    for (const watcher of this.#all) {
      try {
        const follower = watcher.began(call)
        if (follower !== null) followers.push(follower)
      } catch (thrown) {
        this.#failed(asError(thrown), call.connection)
      }
    }
    if (followers.length === 0) return null
    return new Following(followers, (error) => {
      this.#failed(error, call.connection)
    })
  }
}

/** The followers of one call. */
export class Following {
  readonly #followers: readonly CallFollower[]
  readonly #failed: (error: Error) => void
  #phase: 'running' | 'ended' = 'running'

  constructor(followers: readonly CallFollower[], failed: (error: Error) => void) {
    this.#followers = followers
    this.#failed = failed
  }

  /** What they want in the place of what the call has; null: nothing. */
  get metadata(): Metadata | null {
    const given = this.#followers.flatMap(({ metadata }) => (metadata === undefined ? [] : [metadata]))
    return given.length === 0 ? null : given.reduce((all, more) => ({ ...all, ...more }))
  }

  run<Answer>(body: () => Answer): Answer {
    return this.#followers.reduce<() => Answer>((inner, follower) => {
      return follower.run === undefined ? inner : () => follower.run!(inner)
    }, body)()
  }

  ended(failure: WatchedFailure | null): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    for (const follower of this.#followers) {
      try {
        follower.ended(failure)
      } catch (thrown) {
        this.#failed(asError(thrown))
      }
    }
  }
}
