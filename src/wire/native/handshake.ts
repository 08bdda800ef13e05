/**
 * What both roles of the handshake share: the world they act on, the record of what was said, and the auth steps.
 */
import { wordsOf, type InkwireErrorCode } from '../../common/errors.ts'
import { attemptAuth, AuthRefused, type Transcript } from '../auth-method.ts'
import type { Identity, WireContext, WireSink } from '../wire.ts'
import { concat } from '../../common/bytes.ts'
import { controlFrame, encodeHello, type Hello } from './control-frames.ts'
import { OFFERED } from './features.ts'
import { PROTOCOL_VERSION, TAG, type ChecksumKind } from './format.ts'

/** What a handshake may do to its Wire. */
export interface HandshakeHost {
  readonly sink: WireSink
  /** The peer's HELLO came: the largest payload that it takes, and what it knows. */
  greeted(hello: Hello): void
  /** The peer is who it says: the limit of strangers no longer holds. */
  authenticated(): void
  /** The checksum kind of MESSAGES frames in both directions. */
  agree(checksum: ChecksumKind): void
  /** Nothing more is read from this link. */
  stop(): void
  /** Stops, and tells the sink. */
  fault(code: InkwireErrorCode, reason: string): void
}

/** One role of the handshake. Methods that take a frame throw MalformedFrame when it breaks the protocol. */
export interface Handshake {
  /** What may come now; nothing after the handshake, which is then `established`. */
  readonly expects: readonly number[]
  readonly established: boolean
  readonly flights: Flights
  banner(banner: Uint8Array): void
  /** A control frame that is expected: whole, and its payload. */
  frame(tag: number, frame: Uint8Array, payload: Uint8Array): void
  /** A fault ended the link. */
  end(): void
}

/** The bytes of a handshake: those to be written, and a record of all that was said, which proofs cover. */
export class Flights {
  #waiting: Uint8Array[] = []
  #sent: Uint8Array[] = []
  #received: Uint8Array[] = []

  send(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#sent.push(bytes)
  }

  /** Limit: `handshakeBytes`, which the decoder enforces before a frame gets here. */
  note(received: Uint8Array): void {
    // Not slice(): a Buffer's would be a view of the transport's memory.
    this.#received.push(new Uint8Array(received))
  }

  take(): Uint8Array[] {
    const waiting = this.#waiting
    if (waiting.length > 0) this.#waiting = []
    return waiting
  }

  /** Up to now. */
  sent(): readonly Uint8Array[] {
    return [...this.#sent]
  }

  /** Up to now. */
  received(): readonly Uint8Array[] {
    return [...this.#received]
  }

  /** Authentication is over: nothing is proved any more. */
  forget(): void {
    this.#sent = []
    this.#received = []
  }
}

/** A transcript that is put together only for a method that looks at it. */
export class Said implements Transcript {
  readonly #dialler: readonly Uint8Array[]
  readonly #acceptor: readonly Uint8Array[]

  constructor(dialler: readonly Uint8Array[], acceptor: readonly Uint8Array[]) {
    this.#dialler = dialler
    this.#acceptor = acceptor
  }

  get dialler(): Uint8Array {
    return concat(this.#dialler)
  }

  get acceptor(): Uint8Array {
    return concat(this.#acceptor)
  }
}

/** Tags that are legal in a session, in both directions. */
export const SESSION_TAGS: readonly number[] = [
  TAG.MESSAGES,
  TAG.ACK,
  TAG.FAILED,
  TAG.KEEPALIVE,
  TAG.KEEPALIVE_ACK,
  TAG.GOODBYE,
  TAG.END,
]

/** The HELLO of each identity: the same for every link, until an address is bound. */
const HELLOS = new WeakMap<Identity, { readonly frameBytes: number; readonly frame: Uint8Array }>()

/** This side's HELLO. Never written to. */
export function helloOf({ self, limits }: WireContext): Uint8Array {
  const { frameBytes } = limits
  const known = HELLOS.get(self)
  if (known?.frameBytes === frameBytes) return known.frame
  const hello = { version: PROTOCOL_VERSION, identity: self, frameBytesMax: frameBytes, features: OFFERED }
  const frame = controlFrame(TAG.HELLO, encodeHello(hello))
  HELLOS.set(self, { frameBytes, frame })
  return frame
}

/** Bit mask of checksum kinds, for the banner. */
export function maskOf(checksums: readonly ChecksumKind[]): number {
  return checksums.reduce<number>((mask, kind) => mask | (1 << kind), 0)
}

/** Runs a step of the authentication method. The peer hears that it failed; why, stays on this side, as the cause. */
export function attempt<T>(step: () => T, fits: (answer: unknown) => string | null): T | AuthRefused {
  return attemptAuth(step, fits, (cause) => new AuthRefused('the authentication method failed', { cause }))
}

/** A refusal for this side's operator. */
export function explained({ message, cause }: AuthRefused): string {
  return cause === undefined ? message : `${message}: ${wordsOf(cause)}`
}
