/**
 * The life of one peer at one end: appear, then any number of connect and disconnect, then disappear.
 *
 *     absent → visible → connected → leaving (the application finishes) → visible | absent
 *
 * Both ends are connected at the same times, but for the last: each says READY once its application has finished with what
 * was before, and is connected when it has said so and heard so in one session. A session may be lost when only one end has
 * heard it. So READY tells under which attempts its speaker was connected last: who missed that passes through it first, and
 * who is ahead waits for that. At most one end is ahead, by one.
 */
import { asError } from '../common/errors.ts'
import { attempt, isThenable, whenSettled } from './attempt.ts'
import type { Connection } from './connection.ts'
import { EndpointSession } from './endpoint-session.ts'
import { encodeWord, keyOf, sameAttempts, turned } from './endpoint-words.ts'
import type { Attempts, EndpointWord } from './endpoint-words.ts'
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
  /** Runs in the next turn: who waited for something outstanding has heard by then. */
  later(run: () => void): void
  /** In the context in which the handlers were given. */
  call(run: () => unknown): unknown
  failed(connection: Connection, error: Error): void
  /** A number that no attempt had. */
  nextAttempt(): number
  /** `disconnect` begins; the function that is returned is called when it has ended. */
  leaving(connection: Connection): () => void
}

/** What is kept of a peer that has disappeared. */
export interface EndpointMemory {
  /** The process that was connected last. */
  instance: string | null
  /** Under which attempts both were. */
  last: Attempts | null
  /** Attempts of ours up to here were made before there was this memory: what they came to was seen, or is forgotten. */
  readonly since: number
}

/** A session in which the ends may meet. */
interface Meeting {
  readonly session: ServiceSession
  /** Our attempt; 0: READY was not said. */
  said: number
  heard: Extract<EndpointWord, { kind: 'ready' }> | null
}

type Phase =
  { readonly name: 'down' } | { readonly name: 'up'; readonly session: EndpointSession } | { readonly name: 'leaving' }

const MISSED = 'its session was lost before this end heard that the other was connected'

const DOWN: Phase = { name: 'down' }

export class EndpointLife {
  readonly #world: EndpointWorld
  /** The one that was met last. */
  #connection: Connection
  #isVisible = false
  #phase: Phase = DOWN
  readonly #connections = new Set<Connection>()
  /** Sessions that live, oldest first: the ends meet in the first of them. */
  readonly #meetings: Meeting[] = []
  readonly #memory: EndpointMemory

  constructor(world: EndpointWorld, connection: Connection, memory: EndpointMemory) {
    this.#world = world
    this.#memory = memory
    this.#connection = connection
  }

  get isOver(): boolean {
    return !this.#isVisible && this.#phase.name === 'down' && this.#connections.size === 0
  }

  /** A session begins. */
  adopted(session: ServiceSession): void {
    this.#connections.add(session.connection)
    this.#meetings.push({ session, said: 0, heard: null })
    this.#proceed()
  }

  heard({ connection }: ServiceSession, word: EndpointWord): void {
    const meeting = this.#meetings.find(({ session }) => session.connection === connection)
    if (meeting === undefined) return
    const isCurrent = meeting === this.#meetings[0]
    meeting.heard = word.kind === 'ready' ? word : null
    // What it has heard before, it has forgotten.
    if (word.kind === 'leave' && this.#phase.name === 'down') meeting.said = 0
    // Whoever speaks again is not connected: either it never was, or it is no more.
    if (isCurrent && this.#phase.name === 'up') this.#leave(meeting, this.#phase.session, 'the peer has begun anew')
    if (isCurrent) this.#proceed()
  }

  /** The connection is over. */
  ended(session: ServiceSession, reason: string): void {
    this.#connections.delete(session.connection)
    this.lost(session, reason)
  }

  /** The session is lost. */
  lost({ connection }: ServiceSession, reason: string): void {
    const index = this.#meetings.findIndex(({ session }) => session.connection === connection)
    const [meeting] = index < 0 ? [] : this.#meetings.splice(index, 1)
    if (index === 0 && this.#phase.name === 'up' && meeting !== undefined) {
      this.#leave(meeting, this.#phase.session, reason)
    }
    this.#proceed()
  }

  /** The application wants to hear no more of it. */
  close(): void {
    const [meeting] = this.#meetings.splice(0)
    this.#connections.clear()
    if (meeting !== undefined && meeting.said > 0) this.#say(meeting, { kind: 'leave' })
    if (this.#phase.name === 'up' && meeting !== undefined) {
      this.#leave(meeting, this.#phase.session, 'the endpoint was closed')
    }
    this.#proceed()
  }

  /** What is possible now, when nothing is to be waited for. */
  #proceed(): void {
    const [meeting] = this.#meetings
    if (meeting !== undefined) this.#appear(meeting.session.connection)
    else if (this.#phase.name === 'down' && this.#connections.size === 0) this.#disappear()
    // Who was told may have ended the session.
    if (meeting === undefined || meeting !== this.#meetings[0] || this.#phase.name !== 'down') return
    if (!meeting.session.marks) {
      this.#connect(meeting, null)
      return
    }
    if (meeting.said === 0) this.#sayReady(meeting)
    if (meeting.heard !== null) this.#meet(meeting, meeting.heard)
  }

  #meet(meeting: Meeting, { attempt: yours, last }: Extract<EndpointWord, { kind: 'ready' }>): void {
    const theirs = turned(last)
    // Where nobody minds, nobody has missed anything.
    if (yours === 0 || sameAttempts(theirs, this.#memory.last)) this.#connect(meeting, { mine: meeting.said, yours })
    else if (theirs !== null && this.#isNews(theirs)) this.#pass(meeting, theirs)
  }

  /** The peer was connected under these attempts, and this end was not: either it has missed that, or it was not there. */
  #isNews(theirs: Attempts): boolean {
    return this.#memory.last === null || theirs.mine > this.#memory.last.mine
  }

  /** Passes through what this end has missed, for nothing: what it sends then is not sent. */
  #pass(meeting: Meeting, missed: Attempts): void {
    this.#memory.last = missed
    meeting.said = 0
    if (missed.mine <= this.#memory.since) {
      this.#proceed()
      return
    }
    const session = this.#begin(meeting, missed)
    this.#phase = { name: 'leaving' }
    session.end(MISSED)
    this.#tell(session.connection, () => this.#world.handlers.connect?.(session))
    this.#finish(session, MISSED)
  }

  #connect(meeting: Meeting, attempts: Attempts | null): void {
    const session = this.#begin(meeting, attempts)
    this.#memory.last = attempts
    this.#phase = { name: 'up', session }
    this.#tell(session.connection, () => this.#world.handlers.connect?.(session))
  }

  #begin({ session: { connection } }: Meeting, attempts: Attempts | null): EndpointSession {
    const key = attempts === null ? null : keyOf(this.#world.instance, connection.peer.instance ?? '', attempts)
    return new EndpointSession(key, connection, connection.peer)
  }

  #leave(meeting: Meeting, session: EndpointSession, reason: string): void {
    meeting.said = 0
    session.end(reason)
    this.#finish(session, reason)
  }

  /** The application finishes with a session; what comes next waits for it. */
  #finish(session: EndpointSession, reason: string): void {
    const { connection } = session
    const { handlers } = this.#world
    this.#phase = { name: 'leaving' }
    const finished = this.#world.leaving(connection)
    const done = (): void => {
      this.#phase = DOWN
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

  #appear(connection: Connection): void {
    const { instance } = connection.peer
    // Another process under the same name has been connected under nothing yet.
    if (this.#memory.instance !== instance) this.#memory.last = null
    this.#memory.instance = instance
    this.#connection = connection
    if (this.#isVisible) return
    this.#isVisible = true
    this.#tell(connection, () => this.#world.handlers.appear?.(connection.peer))
  }

  #disappear(): void {
    if (!this.#isVisible) return
    this.#isVisible = false
    const { peer } = this.#connection
    this.#tell(this.#connection, () => this.#world.handlers.disappear?.(peer))
  }

  #tell(connection: Connection, run: () => unknown): void {
    attempt(
      () => this.#world.call(run),
      (error) => {
        this.#world.failed(connection, error)
      },
    )
  }

  #sayReady(meeting: Meeting): void {
    meeting.said = this.#world.nextAttempt()
    this.#say(meeting, { kind: 'ready', attempt: meeting.said, last: this.#memory.last })
  }

  #say({ session }: Meeting, word: EndpointWord): void {
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
