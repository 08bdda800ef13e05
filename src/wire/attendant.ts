/**
 * What a protocol does by itself over open sessions, such as renewing tickets: messages of its own among the application's.
 *
 * The messenger makes one per messenger, tells it which sessions there are, and offers it every message before anybody
 * else sees it. Everything happens in the messenger's time.
 */
import type { InboundMessage } from './message.ts'

/** A session, as its attendant sees it: something to send on. */
export interface AttendedSession {
  /** As `connection.send()`; throws as that does. */
  send(message: AttendantMessage): boolean
}

export interface AttendantMessage {
  readonly type: number
  readonly version: number
  readonly front: Uint8Array
  readonly tid?: number
  readonly priority?: number
}

export interface Attendant {
  /** A link carries the session from now on; `note` is what its Wire says of the handshake. Again after a resume. */
  adopted(session: AttendedSession, note: unknown): void
  /** The session and its connection are gone. */
  ended(session: AttendedSession): void
  /** True: it was the attendant's, and nobody else sees it. The segments are valid only during the call. */
  message(session: AttendedSession, message: InboundMessage): boolean
  /** The messenger is shut down. */
  stop(): void
}

/** The world of an attendant: its messenger's time and chance. */
export interface AttendantWorld {
  /** The entity name of the messenger. */
  readonly name: string
  /** Monotonic, in ms. */
  nowMs(): number
  /** Wall time in ms since 1970; may step. */
  wallMs(): number
  setTimer(callback: () => void, delayMs: number): unknown
  clearTimer(timer: unknown): void
  readonly randomBytes: (count: number) => Uint8Array
  /** Something could not be done, and is tried again where that may help: for the operator. */
  failed(session: AttendedSession, reason: string): void
}
