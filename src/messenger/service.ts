/**
 * One service on one connection: how a layer over sessions speaks to its other half. The terms are in wire/service.ts; who
 * gets which message is decided in services.ts.
 *
 * Limits: a mark is at most 1024 bytes, a control word 2048, and a service has at most 16 control words that its peer has
 * not finished, per connection.
 */
import { isBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import { CONTROL_WORD_BYTES, EXTENSION_BYTES_MAX } from '../wire/message.ts'
import type { InboundMessage, OutboundMessage, Settle } from '../wire/message.ts'
import type { Outcome } from '../wire/outcome.ts'
import { MARK_BYTES } from '../wire/service.ts'
import type { ServedSession, ServiceMessage, SessionService } from '../wire/service.ts'
import type { WireCapabilities } from '../wire/wire.ts'
import type { Connection } from './connection.ts'
import { outboundMessage } from './message-init.ts'

/** A session as a service sees it, and the connection that the application holds. */
export interface ServiceSession extends ServedSession {
  readonly connection: Connection
  /**
   * As `send()`, for who must know what becomes of the message, or may want it back.
   *
   * @param settle told `acked()` when the peer has finished it; `failed()` when the peer says that it failed, or when it can
   *   never be sent, as its bytes changed or are too many for the peer. What a reset or an end decides is in the outcome of those instead.
   */
  queue(words: Uint8Array, message: ServiceMessage, settle: Settle): OutboundMessage
  /**
   * As `queue()`, without a copy of the words: they stand in `mark` behind `MARK_BYTES`, where the number is written in, and
   * it is the message's from then on.
   *
   * @param dueMs when it is worth nothing any more, by this messenger's clock: the peer is told what is left whenever it goes on a link.
   *   It is not taken back for that.
   * @internal
   */
  queueMarked(mark: Uint8Array, message: ServiceMessage, settle: Settle, dueMs?: number): OutboundMessage
  /** Wants a queued message no more. `undelivered`: it will never be sent. `unknown`: it is on a link, or was. */
  takeBack(message: OutboundMessage): 'undelivered' | 'unknown'
  /** Takes back all of its messages that are on no link: for a reset after which a policy would send them anew. */
  withdraw(): Outcome
  /** Whether the peer's calls know how to run once. */
  readonly knowsOnce: boolean
  /** Whether the peer knows the words by which addresses are told anew. @internal */
  readonly knowsAddresses: boolean
  /** The peer says that it can be dialled there from now on, and nowhere else. @internal */
  relocated(addresses: readonly string[]): void
  /** How many messages handlers hold here, when so many that the peer may hardly send before one of them ends; else 0. */
  readonly heldUp: number
  /** When the bytes came that are being handled, by the messenger's clock, in ms; null: this session does not say. @internal */
  readonly heardMs: number | null
  /** Something runs that an orderly end waits for, as it does for handlers, and whose messages are taken until then. */
  hold(): void
  /** It has ended; once for each `hold()`. */
  release(): void
  /** The peer broke the service's protocol: its link is a fault, with this reason. */
  fault(reason: string): void
}

/** What `messenger.useService()` takes. */
export type Service = SessionService<ServiceSession>

/** What a service needs of a connection. */
export interface ServiceHost {
  readonly connection: Connection
  readonly capabilities: WireCapabilities
  /** As `send()`. */
  enqueue(message: OutboundMessage): boolean
  /** Beside the limits of messages; `own` knows those of the same service. False: its reserve is used up. */
  enqueueControl(message: OutboundMessage, own: (message: OutboundMessage) => boolean): boolean
  /** Null: it is on a link, or not here any more. */
  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null
  withdraw(which: (message: OutboundMessage) => boolean): Outcome
  /** See ServiceSession. */
  readonly heldUp: number
  /** See ServiceSession. */
  readonly heardMs: number | null
  /** See ServiceSession. */
  relocated(addresses: readonly string[]): void
  /** Something of a service runs, or has ended: an orderly end waits for it. */
  hold(): void
  release(): void
  /** The peer broke a service's protocol. */
  broken(reason: string): void
}

const NO_MESSAGE: ServiceMessage = { type: 0 }
const NO_WORDS = new Uint8Array(0)

export class OpenService implements ServiceSession {
  readonly service: Service
  readonly #host: ServiceHost

  constructor(service: Service, host: ServiceHost) {
    this.service = service
    this.#host = host
  }

  get connection(): Connection {
    return this.#host.connection
  }

  get marks(): boolean {
    const { extensions, controlLane } = this.#host.capabilities
    return extensions && controlLane
  }

  control(words: Uint8Array, message: ServiceMessage = NO_MESSAGE, settle: Settle | null = null): void {
    const marked = copyOf(this.#mark(words, message, settle))
    const { name, number } = this.service
    if (number !== undefined && marked.bytes > CONTROL_WORD_BYTES) {
      const text = `a control word of ${marked.bytes} bytes is above the limit of ${CONTROL_WORD_BYTES}: send() it`
      throw new InkwireError('INK_MESSAGE_TOO_LARGE', text)
    }
    if (this.#host.enqueueControl(marked, (queued) => numberOf(queued.extension) === number)) return
    throw new InkwireError(
      'INK_QUEUE_FULL',
      `${name}: the peer has not finished the control words that were said before`,
    )
  }

  send(words: Uint8Array, message: ServiceMessage): boolean {
    return this.#host.enqueue(this.#mark(words, message, null))
  }

  queue(words: Uint8Array, message: ServiceMessage, settle: Settle): OutboundMessage {
    const marked = this.#mark(words, message, settle)
    this.#host.enqueue(marked)
    return marked
  }

  queueMarked(mark: Uint8Array, message: ServiceMessage, settle: Settle, dueMs?: number): OutboundMessage {
    const marked = this.#marked(mark, message, settle)
    const queued = dueMs === undefined ? marked : { ...marked, dueMs }
    this.#host.enqueue(queued)
    return queued
  }

  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' {
    return this.#host.takeBack(message) ?? 'unknown'
  }

  withdraw(): Outcome {
    const { number } = this.service
    return this.#host.withdraw(({ extension }) => number !== undefined && numberOf(extension) === number)
  }

  get knowsOnce(): boolean {
    return this.#host.capabilities.once === true
  }

  get knowsAddresses(): boolean {
    return this.marks && this.#host.capabilities.addresses === true
  }

  relocated(addresses: readonly string[]): void {
    this.#host.relocated(addresses)
  }

  get heldUp(): number {
    return this.#host.heldUp
  }

  get heardMs(): number | null {
    return this.#host.heardMs
  }

  hold(): void {
    this.#host.hold()
  }

  release(): void {
    this.#host.release()
  }

  fault(reason: string): void {
    this.#host.broken(`${this.service.name}: ${reason}`)
  }

  #mark(words: Uint8Array, init: ServiceMessage, settle: Settle | null): OutboundMessage {
    const { name, number } = this.service
    if (!isBytes(words)) {
      throw new InkwireError('INK_BAD_ARGUMENT', `${name}: words are a Uint8Array, not ${describe(words)}`)
    }
    if (number === undefined) {
      if (words.length === 0) return outboundMessage(init, settle)
      throw new InkwireError('INK_BAD_ARGUMENT', `${name}: a service without a number has no words, only messages`)
    }
    const mark = new Uint8Array(this.#checked(MARK_BYTES + words.length))
    mark.set(words, MARK_BYTES)
    return this.#marked(mark, init, settle)
  }

  #marked(mark: Uint8Array, init: ServiceMessage, settle: Settle | null): OutboundMessage {
    this.#checked(mark.length)
    const { number = 0 } = this.service
    mark[0] = number & 0xff
    mark[1] = number >>> 8
    return outboundMessage(init, settle, mark)
  }

  /** Throws where a mark of so many bytes cannot be. */
  #checked(bytes: number): number {
    const { name } = this.service
    if (!this.marks) {
      throw new InkwireError(
        'INK_INCOMPATIBLE',
        `${name}: the peer knows no services: its version or protocol has none`,
      )
    }
    if (bytes <= EXTENSION_BYTES_MAX) return bytes
    const most = EXTENSION_BYTES_MAX - MARK_BYTES
    throw new InkwireError(
      'INK_MESSAGE_TOO_LARGE',
      `${name}: ${bytes - MARK_BYTES} bytes of words; the limit is ${most}`,
    )
  }
}

/** Few bytes: its maker may go on using them at once. */
function copyOf(message: OutboundMessage): OutboundMessage {
  const copy = (bytes: Uint8Array | null): Uint8Array | null => bytes && new Uint8Array(bytes)
  return { ...message, front: copy(message.front), middle: copy(message.middle), data: copy(message.data) }
}

/** The number in a mark; undefined when there is none. */
export function numberOf(mark: Uint8Array | null): number | undefined {
  return mark === null || mark.length < MARK_BYTES ? undefined : mark[0]! | (mark[1]! << 8)
}

/** What a received message says beside its segments. */
export function wordsOf(message: InboundMessage): Uint8Array {
  const { memory, offset, extensionBytes } = message
  if (extensionBytes <= MARK_BYTES) return NO_WORDS
  // Of the memory: `subarray` of the mark takes three times as long.
  return new Uint8Array(memory, offset + MARK_BYTES, extensionBytes - MARK_BYTES)
}
