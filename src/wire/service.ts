/**
 * A service: how a layer rides on sessions, with messages of its own among the application's. The terms of it, for those who
 * write layers over sessions and for protocols that do something by themselves, such as renewing tickets.
 *
 * Its messages are marked by an extension block: the service's number, then words of its own, opaque to the session. Control
 * words (cancel, stop, an offer) travel in a lane of their own, so that they never wait for data or its credit.
 */
import type { InboundMessage, Settle } from './message.ts'
import type { Outcome } from './outcome.ts'

/** What a mark begins with: the number of a service. */
export const MARK_BYTES = 2

/**
 * What becomes of a message that a service was offered. `taken`: it is finished. `pass`: it is none of its own; others may
 * have it. A promise: it is finished when that settles; until then it holds its place in the window of its lane.
 */
export type Verdict = 'taken' | 'pass' | PromiseLike<unknown>

/** A message of a service, beside its words. Type and priority are the service's own; see MessageInit for the ranges. */
export interface ServiceMessage {
  /** 0 to 65535. */
  readonly type: number
  /** Version of the type's encoding, 0 to 65535; default 0. */
  readonly version?: number
  /** Default: none. */
  readonly front?: Uint8Array | null
  /** Default: none. */
  readonly middle?: Uint8Array | null
  /** Default: none. */
  readonly data?: Uint8Array | null
  /** The transaction that it belongs to; default 0: none. */
  readonly tid?: number
  /** 0 to 255; default 127. */
  readonly priority?: number
}

/** A session as a service sees it: one object for as long as the connection lives. */
export interface ServedSession {
  /** Whether the peer knows marks and control words; without, only a service of unmarked types can use the session. */
  readonly marks: boolean
  /**
   * Says a control word: it goes out before all messages that wait, and arrives once and in order with the service's other
   * control words, also across links. It ends with its session: when that is reset or ended, say again what still holds.
   *
   * @param words at most 1022 bytes; with the message, 2048 with the mark.
   * @param settle told `acked()` when the peer has finished it, and nothing when its session ends before.
   * @throws InkwireError `INK_QUEUE_FULL` when 16 of its words are not finished by the peer; `INK_INCOMPATIBLE` when that
   *   knows no marks; `INK_MESSAGE_TOO_LARGE`, `INK_BAD_ARGUMENT`, `INK_CLOSED`.
   */
  control(words: Uint8Array, message?: ServiceMessage, settle?: Settle): void
  /**
   * Sends a marked message among the application's, within their limits: as `connection.send()`, and throws as that does.
   *
   * @throws InkwireError `INK_INCOMPATIBLE` when the peer knows no marks.
   */
  send(words: Uint8Array, message: ServiceMessage): boolean
}

/** How a session was adopted. */
export interface Adoption {
  /** False: a session begins. True: the same one goes on, on another link. */
  readonly resumed: boolean
  /** What the protocol's Wire says of the handshake; for the protocol's own service. */
  readonly note: unknown
}

/** Every method is optional. What one throws is reported as `dispatchError` and breaks nothing. */
export interface SessionService<Session extends ServedSession = ServedSession> {
  /** For errors and dumps. */
  readonly name: string
  /** Marks its messages: 1 to 65535, the same on both sides; those below 256 are Inkwire's own. Left out: it has no marks. */
  readonly number?: number
  /** True: its marked messages do not wait for handlers either, but are offered in the turn in which they came. */
  readonly atOnce?: boolean
  /** Types of unmarked messages that it wants to see before anybody else, where the protocol has no marks. */
  readonly types?: readonly number[]
  /** A link carries the session from now on. */
  adopted?(session: Session, how: Adoption): void
  /** The peer has lost the session; a new one begins with the next adoption. Of its outcome: its marked messages, no words. */
  reset?(session: Session, outcome: Outcome): void
  /** The connection is over; the last call for this session. */
  ended?(session: Session, outcome: Outcome): void
  /**
   * Offered control words at once, in the turn in which they came, and marked messages in their order, from the dispatch
   * queue (but see `atOnce`). `words` is what follows the number in the mark. The bytes stay valid for as long as they are
   * referenced; those of an unmarked message only during the call.
   */
  message?(session: Session, message: InboundMessage, words: Uint8Array): Verdict
  /**
   * Asked before a large message is handed over at once: true when `message()` will have done with its bytes when it returns. Then they
   * are lent where they lie, and are others afterwards; else it gets them for good, which costs a copy. Only with `atOnce`.
   */
  borrows?(session: Session, words: Uint8Array): boolean
  /** The messenger is shut down. */
  stop?(): void
}

/** The world of a protocol's own service: its messenger's time and chance. */
export interface ServiceWorld {
  /** The entity name of the messenger. */
  readonly name: string
  /** Monotonic, in ms. */
  nowMs(): number
  /** Wall time in ms since 1970; may step. */
  wallMs(): number
  /** Calls back once, after `delayMs`; what it returns is for `clearTimer`. */
  setTimer(callback: () => void, delayMs: number): unknown
  /** A timer that has fired or was cleared is fine. */
  clearTimer(timer: unknown): void
  /** Bytes that nobody can guess. */
  readonly randomBytes: (count: number) => Uint8Array
  /** Something could not be done, and is tried again where that may help: for the operator. */
  failed(session: ServedSession, reason: string): void
}
