/**
 * What both roles of the handshake share: the world they act on, what they have said, and how authentication ends.
 */
import { asError, type InkwireErrorCode } from '../../common/errors.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Grant, WireContext, WireSink } from '../../wire/wire.ts'
import type { EntityAddress } from './address.ts'
import type { CephAuth } from './auth.ts'
import { OUR_BANNER, refuseBanner, writeBanner, type Banner } from './banner.ts'
import type { Registry } from './registry.ts'
import { concat } from '../../common/bytes.ts'
import { Malformed, sameBytes } from './codec.ts'
import { readHello, writeHello, type Hello } from './control-frames.ts'
import { SecureChannel, type LinkSecrets } from './crypto.ts'
import { BANNER_FEATURE, CON_MODE, TAG, bitOf, entityType, type Revision } from './format.ts'
import type { FrameDecoder } from './frame-decoder.ts'
import type { FrameEncoder } from './frame-encoder.ts'

/** What a messenger's links share. */
export interface Shared {
  readonly auth: CephAuth
  readonly registry: Registry
  readonly supported: bigint
  readonly required: bigint
}

/** What a handshake may do to its Wire. */
export interface HandshakeHost {
  readonly context: WireContext
  readonly sink: WireSink
  readonly shared: Shared
  readonly decoder: FrameDecoder
  readonly encoder: FrameEncoder
  /** A session begins; a lossy one has no acks. */
  established(lossy: boolean): void
  /** Nothing more is read from this link. */
  stop(): void
  fault(code: InkwireErrorCode, reason: string): void
}

/** Tags that are legal in a session, in both directions. */
export const SESSION_TAGS: readonly number[] = [TAG.MESSAGE, TAG.KEEPALIVE2, TAG.KEEPALIVE2_ACK, TAG.ACK]

/** Ceph has no credit: as much as anybody may ever send. One message is bounded by the length of a segment. */
export const BOUNDLESS: Grant = Object.freeze({
  window: { messages: Number.MAX_SAFE_INTEGER, bytes: 0xffffffff },
  free: { messages: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER },
})

/** How often a session is asked for on one link. RETRY_GLOBAL, RETRY and RESET in a row make four. */
export const ROUNDS_MAX = 16

const NO_SIGNATURE = new Uint8Array(32)

/** The part of a handshake that is the same in both roles. */
export class Opening {
  readonly #host: HandshakeHost
  readonly #from: 'server' | 'client'
  #waiting: Uint8Array[] = []
  /** All that we sent, until the peer has signed it. */
  #sent: Uint8Array[] | null = []
  #expected: Uint8Array = NO_SIGNATURE
  revision: Revision = 1

  constructor(host: HandshakeHost, from: 'server' | 'client') {
    this.#host = host
    this.#from = from
  }

  take(): Uint8Array[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }

  sayBanner(): void {
    this.#push(writeBanner(OUR_BANNER))
  }

  /** Takes the peer's banner; false after a fault. */
  banner(banner: Banner): boolean {
    const reason = refuseBanner(OUR_BANNER, banner)
    if (reason !== null) {
      this.#host.fault('INK_INCOMPATIBLE', reason)
      return false
    }
    this.revision = (banner.supported & BANNER_FEATURE.REVISION_1) !== 0n ? 1 : 0
    this.#host.decoder.use(this.revision)
    this.#host.encoder.use(this.revision)
    return true
  }

  /** `seen`: the peer, as we see it. */
  sayHello(seen: EntityAddress): void {
    this.say(TAG.HELLO, writeHello({ entityBit: bitOf(this.#host.context.self.name), seen }))
  }

  say(tag: number, payload: Uint8Array): void {
    const frame = this.#host.encoder.control(tag, payload)
    if (frame !== null) this.#push(frame)
  }

  /** Authentication is done: signs what was heard, remembers what the peer must sign, and begins to encrypt. */
  sign({ mode, sessionKey, connectionSecret }: LinkSecrets): void {
    const { decoder, encoder, shared } = this.#host
    const { crypto } = shared.auth
    const heard = concat(decoder.takeTranscript())
    const said = concat(this.#sent ?? [])
    this.#sent = null
    if (mode === CON_MODE.SECURE && connectionSecret !== null) {
      const theirs = this.#from === 'server' ? 'client' : 'server'
      decoder.secure(new SecureChannel(crypto, connectionSecret, theirs))
      encoder.secure(new SecureChannel(crypto, connectionSecret, this.#from))
    }
    this.#expected = sessionKey === null ? NO_SIGNATURE : crypto.hmacSha256(sessionKey, said)
    this.say(TAG.AUTH_SIGNATURE, sessionKey === null ? NO_SIGNATURE : crypto.hmacSha256(sessionKey, heard))
  }

  /** False after a fault. */
  verify(signature: Uint8Array): boolean {
    if (!sameBytes(signature, this.#expected)) {
      this.#host.fault('INK_AUTH_REFUSED', 'the signature does not match: the handshake was altered on the way')
      return false
    }
    this.#host.decoder.authenticated()
    return true
  }

  #push(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#sent?.push(bytes)
  }
}

/** The peer's HELLO: it is of a type that there is. */
export function heardHello(payload: Uint8Array): Hello {
  const hello = readHello(payload)
  if (entityType(hello.entityBit) === undefined) throw new Malformed(`an entity of type ${hello.entityBit}`)
  return hello
}

/** Runs a step of authentication; what it throws beside AuthRefused is a bug or bytes that it did not expect. */
export function attempt<T>(step: () => T): T | AuthRefused {
  try {
    return step()
  } catch (thrown) {
    if (thrown instanceof AuthRefused) return thrown
    return new AuthRefused(`what the peer said does not decode: ${asError(thrown).message}`, { cause: thrown })
  }
}
