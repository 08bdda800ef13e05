/**
 * What becomes of the received messages of one connection: who is offered each, in what memory, and what its end moves.
 *
 * Control words go to their service at once, `fastDispatch` is asked in the turn of receipt, and all else waits in the inbox.
 * A handler may end long after the link or the session of its message: what it held comes back all the same.
 */
import type { Path } from '../session/path/path.ts'
import type { Session } from '../session/session.ts'
import type { InboundMessage, MessageOwner, Standing } from '../wire/message.ts'
import type { Failure } from '../wire/verdict.ts'
import type { Chunk } from './chunk.ts'
import type { Inbox } from './inbox.ts'
import type { Shared } from './shared.ts'

/** Whose messages they are. */
export interface IntakeOwner {
  /** What brings messages now; null: nothing does. */
  readonly path: Path | null
  /** `isDue`: an ack should go out at the end of this turn. Called for every message. */
  finished(isDue: boolean): void
}

export class Intake implements MessageOwner {
  readonly #shared: Shared
  readonly #session: Session
  readonly #inbox: Inbox
  readonly #owner: IntakeOwner
  readonly #lends: boolean

  constructor(shared: Shared, session: Session, inbox: Inbox, owner: IntakeOwner) {
    this.#shared = shared
    this.#session = session
    this.#inbox = inbox
    this.#owner = owner
    this.#lends = session.config.policy.bodies === 'lend'
  }

  /** See WireSink. */
  get reusesBodies(): boolean {
    return this.#lends || this.#shared.dispatchers.hasFast
  }

  /** A message has come whole over the link that carries the session. */
  take(message: InboundMessage, standing: Standing, path: Path, chunk: Chunk): void {
    message.owner = this
    path.complete(message, path.liveness.heardMs)
    const { dispatchers, queue, services } = this.#shared
    if (services.isControl(message)) {
      if (services.borrows(message, this.#inbox.owner.connection)) {
        this.#show(message, standing, path, chunk)
        return
      }
      chunk.give(message, standing)
      standing = 'own'
      if (this.#isWord(message, path)) return
    }
    if (message.dueMs !== null && message.dueMs <= path.liveness.heardMs) {
      dispatchers.expired(message, this.#inbox.owner.connection)
      this.#reuse(message, standing)
      return
    }
    if (dispatchers.hasFast && message.extensionBytes === 0) {
      if (chunk.show(message, standing)) standing = 'own'
      const taken = dispatchers.fast(message, this.#inbox.owner.connection)
      chunk.hide()
      if (taken) {
        message.ack()
        this.#reuse(message, standing)
        return
      }
      if (this.#isOver(message, path)) return
    }
    // A layer keeps what it was handed, whatever the application's own messages are given.
    if (this.#lends && message.extensionBytes === 0) chunk.lend(message, standing)
    else chunk.give(message, standing)
    queue.add(this.#inbox, message)
  }

  /** Nobody has kept a message that is finished. */
  #reuse(message: InboundMessage, standing: Standing): void {
    // Else its end has given it back, and given twice it would be two messages' memory.
    if (standing === 'own' && !this.#lends) this.#shared.bodies.give(message)
  }

  /** To a service that has done with the bytes when it has been told, so that they need no copy. */
  #show(message: InboundMessage, standing: Standing, path: Path, chunk: Chunk): void {
    const isCopy = chunk.show(message, standing)
    const { memory } = message
    this.#isWord(message, path)
    chunk.hide()
    if (isCopy || standing === 'own') this.#shared.bodies.giveAll(memory)
  }

  /** A word for a service, which does not wait in any queue. False: it is a message like any other. */
  #isWord(message: InboundMessage, path: Path): boolean {
    const pending = this.#shared.services.control(message, this.#inbox.owner.connection)
    if (pending === 'pass') return this.#isOver(message, path)
    if (pending === null) message.ack()
    else void pending.then(() => message.ack())
    return true
  }

  /** True when who was offered the message has ended the connection instead: nothing is dispatched any more. */
  #isOver(message: InboundMessage, path: Path): boolean {
    if (this.#owner.path === path) return false
    this.drop(message)
    return true
  }

  /** It will never reach a handler: its session is over. */
  drop(message: InboundMessage): void {
    message.owner = null
    this.#session.inbound.discard(message)
    this.#giveBack(message)
  }

  /** A handler is done with a message, perhaps long after its session ended. */
  finished(message: InboundMessage, failure?: Failure): void {
    // The time of the last read is early enough: a slow handler's ack then goes out at once.
    const nowMs = this.#session.path?.liveness.heardMs ?? 0
    const isDue = this.#session.finish(message, nowMs, failure)
    this.#giveBack(message)
    this.#owner.finished(isDue)
  }

  #giveBack(message: InboundMessage): void {
    message.loan?.done()
    message.loan = null
    if (this.#lends && message.extensionBytes === 0) this.#shared.bodies.give(message)
  }
}
