/**
 * The life of one peer, as an application follows it: does what the pure life says, and calls user code.
 *
 * What comes when is decided in session/life/peer-life.ts. A handler may call anything, also what ends this very life: what
 * is to be done then is done inside of that call. `disconnect` is called in the next turn, when whoever waited for something
 * outstanding has heard.
 */
import { asError } from '../common/errors.ts'
import { PeerLife } from '../session/life/peer-life.ts'
import type { AttemptCount, LifeAction, PeerMemory } from '../session/life/peer-life.ts'
import { encodeWord, keyOf } from '../session/life/words.ts'
import type { Attempts, EndpointWord } from '../session/life/words.ts'
import { attempt, isThenable, whenSettled } from './attempt.ts'
import type { Connection } from './connection.ts'
import { EndpointSession } from './endpoint-session.ts'
import type { Peer } from './peer.ts'
import type { ServiceSession } from './service.ts'

/** What an application does about a peer. Every method is optional; what one throws is a `dispatchError`. */
export interface EndpointHandlers {
  /** The peer was met: a link to it carries a session. */
  appear?(peer: Peer): unknown
  /** Both ends are connected. Messages of this session are dispatched after this. */
  connect?(session: EndpointSession): unknown
  /**
   * They are not any more. A promise keeps the next `connect` waiting, at both ends, until the application has finished with
   * this session.
   */
  disconnect?(session: EndpointSession, reason: string): unknown
  /** The last connection to the peer is over. */
  disappear?(peer: Peer): unknown
}

/** What a life needs of its messenger. */
export interface EndpointWorld {
  readonly instance: string
  readonly handlers: EndpointHandlers
  readonly attempts: AttemptCount
  /** Runs in the next turn: who waited for something outstanding has heard by then. */
  later(run: () => void): void
  /** In the context in which the handlers were given. */
  call(run: () => unknown): unknown
  failed(connection: Connection, error: Error): void
  /** `disconnect` begins; the function that is returned is called when it has ended. */
  leaving(connection: Connection): () => void
}

export class EndpointLife {
  readonly #world: EndpointWorld
  readonly #life: PeerLife<ServiceSession>
  /** What is connected. */
  #session: EndpointSession | null = null

  constructor(world: EndpointWorld, memory: PeerMemory) {
    this.#world = world
    this.#life = new PeerLife(memory, world.attempts)
  }

  get isOver(): boolean {
    return this.#life.isOver
  }

  /** A session begins. */
  adopted(session: ServiceSession): void {
    const { instance } = session.connection.peer
    this.#life.adopted({ session, instance, agrees: session.marks })
    this.#proceed()
  }

  heard(session: ServiceSession, word: EndpointWord): void {
    this.#life.heard(session, word)
    this.#proceed()
  }

  /** The connection is over. */
  ended(session: ServiceSession, reason: string): void {
    this.#life.ended(session, reason)
    this.#proceed()
  }

  /** The session is lost. */
  lost(session: ServiceSession, reason: string): void {
    this.#life.lost(session, reason)
    this.#proceed()
  }

  /** The application wants to hear no more of it. */
  close(): void {
    this.#life.close()
    this.#proceed()
  }

  /** Also from inside of a handler: then the rest of what was begun outside comes after. */
  #proceed(): void {
    for (let action = this.#life.next(); action !== null; action = this.#life.next()) this.#perform(action)
  }

  #perform(action: LifeAction<ServiceSession>): void {
    const { handlers } = this.#world
    switch (action.type) {
      case 'appear':
      case 'disappear': {
        const { connection } = action.session
        const { peer } = connection
        this.#tell(connection, () => handlers[action.type]?.(peer))
        break
      }
      case 'connect':
        this.#begin(action.session, action.attempts, null)
        break
      case 'pass':
        this.#finish(this.#begin(action.session, action.attempts, action.reason), action.reason)
        break
      case 'disconnect':
        if (this.#session === null) break
        this.#session.end(action.reason)
        this.#finish(this.#session, action.reason)
        break
      case 'say':
        this.#say(action.session, action.word)
        break
    }
  }

  /** `missed`: why it is over already. */
  #begin({ connection }: ServiceSession, attempts: Attempts | null, missed: string | null): EndpointSession {
    const { peer } = connection
    const key = attempts === null ? null : keyOf(this.#world.instance, peer.instance ?? '', attempts)
    const session = new EndpointSession(key, connection, peer)
    this.#session = session
    if (missed !== null) session.end(missed)
    this.#tell(connection, () => this.#world.handlers.connect?.(session))
    return session
  }

  /** The application finishes with a session; what comes next waits for it. */
  #finish(session: EndpointSession, reason: string): void {
    const { connection } = session
    const { handlers } = this.#world
    const finished = this.#world.leaving(connection)
    const done = (): void => {
      this.#life.finished()
      this.#proceed()
      finished()
    }
    const failed = (error: Error): void => {
      this.#world.failed(connection, error)
      done()
    }
    this.#world.later(() => {
      let answer: unknown
      try {
        answer = this.#world.call(() => handlers.disconnect?.(session, reason))
      } catch (thrown) {
        failed(asError(thrown))
        return
      }
      if (isThenable(answer)) void whenSettled(answer, done, failed)
      else done()
    })
  }

  #tell(connection: Connection, run: () => unknown): void {
    attempt(
      () => this.#world.call(run),
      (error) => {
        this.#world.failed(connection, error)
      },
    )
  }

  #say(session: ServiceSession, word: EndpointWord): void {
    // A connection that is just ending hears nothing any more, and says so itself.
    if (session.connection.state === 'closed') return
    attempt(
      () => {
        session.control(encodeWord(word))
      },
      (error) => {
        this.#world.failed(session.connection, error)
      },
    )
  }
}
