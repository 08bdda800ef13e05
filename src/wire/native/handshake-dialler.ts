/**
 * The dialler's half of the handshake: one flight with everything, then whatever the acceptor makes of it.
 *
 * Banner, HELLO, AUTH_REQUEST and OPEN go out together, so that a method without a challenge costs no round trip of its
 * own. OPEN says nothing secret and promises nothing: the acceptor holds it until it knows who asks.
 *
 * Until AUTH_DONE anybody may sit at the other end. What is said before that decides nothing about the session: a refusal
 * is a fault of the link, which is dialled again, and told to the operator.
 */
import { invariant, unreachable } from '../../common/errors.ts'
import { AuthRefused, bytesAtOnce, halfWith, nothingLater, type AuthDialler } from '../auth-method.ts'
import type { Identity, Marks, SessionOffer, WireContext } from '../wire.ts'
import { encodeBanner, refuseBanner } from './banner.ts'
import { expect, MalformedFrame } from './control-fields.ts'
import * as frames from './control-frames.ts'
import { TAG, tagName, type ChecksumKind } from './format.ts'
import {
  attempt,
  explained,
  Flights,
  helloOf,
  maskOf,
  Said,
  SESSION_TAGS,
  type Handshake,
  type HandshakeHost,
} from './handshake.ts'

type Phase =
  /** `open` was not called. */
  | { readonly at: 'idle' }
  /** The first flight is out. */
  | { readonly at: 'hello'; readonly auth: AuthDialler; readonly firstFlight: readonly Uint8Array[] }
  /** The acceptor may still challenge, or be done. */
  | {
      readonly at: 'auth'
      readonly auth: AuthDialler
      readonly firstFlight: readonly Uint8Array[]
      readonly peer: Identity
    }
  /** A challenge is answered. */
  | {
      readonly at: 'proof'
      readonly auth: AuthDialler
      readonly firstFlight: readonly Uint8Array[]
      readonly peer: Identity
    }
  /** Both are who they say; the acceptor decides about the session. */
  | { readonly at: 'open'; readonly peer: Identity }
  /** The acceptor promised; this side decides whether it adopts the link. */
  | { readonly at: 'opened' }
  | { readonly at: 'session' }
  | { readonly at: 'over' }

const EXPECTS: Readonly<Record<Phase['at'], readonly number[]>> = {
  idle: [],
  hello: [TAG.HELLO],
  auth: [TAG.AUTH_CHALLENGE, TAG.AUTH_DONE, TAG.AUTH_REJECTED, TAG.REJECT],
  proof: [TAG.AUTH_DONE, TAG.AUTH_REJECTED, TAG.REJECT],
  open: [TAG.OPENED, TAG.YIELD, TAG.REJECT],
  opened: [],
  session: SESSION_TAGS,
  over: [],
}

type Proving = Extract<Phase, { at: 'auth' | 'proof' }>

export class HandshakeDialler implements Handshake {
  readonly flights = new Flights()
  readonly #host: HandshakeHost
  readonly #context: WireContext
  /** Checksum kinds that this side takes, the preferred one first. */
  readonly #checksums: readonly ChecksumKind[]
  #phase: Phase = { at: 'idle' }

  constructor(host: HandshakeHost, context: WireContext, checksums: readonly ChecksumKind[]) {
    this.#host = host
    this.#context = context
    this.#checksums = checksums
  }

  get expects(): readonly number[] {
    return EXPECTS[this.#phase.at]
  }

  get established(): boolean {
    return this.#phase.at === 'session'
  }

  /** See Wire.open. */
  open(offer: SessionOffer): void {
    invariant(this.#phase.at === 'idle', 'a link is opened once')
    const context = this.#context
    const checksums = this.#checksums
    const { auth, self, randomBytes } = context
    const half = attempt(() => auth.dialler(self.name, randomBytes), halfWith('request', 'challenge', 'done'))
    const asked = half instanceof AuthRefused ? half : attempt(() => half.request(), bytesAtOnce)
    if (half instanceof AuthRefused || asked instanceof AuthRefused) {
      this.#host.fault('INK_AUTH_REFUSED', explained(asked as AuthRefused))
      return
    }
    const request = frames.encodeAuthRequest({ method: auth.name, payload: asked })
    const { flights } = this
    flights.send(encodeBanner(maskOf(checksums)))
    flights.send(helloOf(context))
    flights.send(frames.controlFrame(TAG.AUTH_REQUEST, request))
    flights.send(frames.controlFrame(TAG.OPEN, frames.encodeOpen(offer)))
    this.#phase = { at: 'hello', auth: half, firstFlight: flights.sent() }
  }

  /** See Wire.confirm. */
  confirm(marks: readonly Marks[] | null): void {
    if (this.#phase.at === 'over') return
    invariant(this.#phase.at === 'opened', 'only what was opened is confirmed')
    this.flights.send(frames.controlFrame(TAG.CONFIRM, frames.encodeConfirm(marks)))
    this.flights.forget()
    this.#phase = { at: 'session' }
  }

  banner(banner: Uint8Array): void {
    const reason = refuseBanner(banner)
    if (reason !== null) this.#host.fault('INK_INCOMPATIBLE', reason)
    else this.flights.note(banner)
  }

  end(): void {
    this.#phase = { at: 'over' }
  }

  frame(tag: number, frame: Uint8Array, payload: Uint8Array): void {
    const phase = this.#phase
    switch (phase.at) {
      case 'hello': {
        const hello = frames.decodeHello(payload)
        this.flights.note(frame)
        this.#host.greeted(hello)
        this.#phase = { ...phase, at: 'auth', peer: hello.identity }
        break
      }
      case 'auth':
      case 'proof':
        this.#prove(phase, tag, frame, payload)
        break
      case 'open':
        this.#decide(phase.peer, tag, payload)
        break
      case 'idle':
      case 'opened':
      case 'session':
      case 'over':
        invariant(false, 'the decoder lets nothing through that is not expected')
        break
      default:
        unreachable(phase)
    }
  }

  #prove(phase: Proving, tag: number, frame: Uint8Array, payload: Uint8Array): void {
    const { auth, firstFlight, peer } = phase
    // What the acceptor said before this frame: it is noted only when its own step has passed.
    const transcript = new Said(firstFlight, this.flights.received())
    if (tag === TAG.AUTH_CHALLENGE) {
      const challenge = frames.decodeAuthStep(payload)
      const response = attempt(() => auth.challenge(challenge, transcript, peer.name), bytesAtOnce)
      if (response instanceof AuthRefused) {
        this.#disbelieve(response)
        return
      }
      this.flights.note(frame)
      this.flights.send(frames.controlFrame(TAG.AUTH_RESPONSE, frames.encodeAuthStep(response)))
      this.#phase = { ...phase, at: 'proof' }
    } else if (tag === TAG.AUTH_DONE) {
      const done = frames.decodeAuthStep(payload)
      const refused = attempt<unknown>(() => auth.done(done, transcript, peer.name), nothingLater)
      if (refused instanceof AuthRefused) {
        this.#disbelieve(refused)
        return
      }
      this.flights.forget()
      this.#host.authenticated()
      this.#phase = { at: 'open', peer }
    } else if (tag === TAG.AUTH_REJECTED) {
      this.#host.fault('INK_AUTH_REFUSED', frames.decodeReason(payload))
    } else {
      const { code, reason } = frames.decodeReject(payload)
      expect(code === 'INK_INCOMPATIBLE', `${code} is not for a peer without proof of its name`)
      this.#host.fault(code, reason)
    }
  }

  #decide(peer: Identity, tag: number, payload: Uint8Array): void {
    const host = this.#host
    if (tag === TAG.OPENED) {
      const { answer, checksum } = frames.decodeOpened(payload)
      expect(this.#checksums.includes(checksum), 'it chose a checksum kind that was not offered')
      host.agree(checksum)
      this.#phase = { at: 'opened' }
      host.sink.opened(peer, answer)
    } else if (tag === TAG.YIELD) {
      const epoch = frames.decodeYield(payload)
      this.#over()
      host.sink.yielded(peer, epoch)
    } else if (tag === TAG.REJECT) {
      const { code, reason } = frames.decodeReject(payload)
      this.#over()
      host.sink.rejected(peer, code, reason)
    } else throw new MalformedFrame(`${tagName(tag) ?? tag} does not answer OPEN`)
  }

  /** The acceptor's proof is wrong: its operator should know why, too. */
  #disbelieve(refused: AuthRefused): void {
    this.flights.send(frames.controlFrame(TAG.AUTH_REJECTED, frames.encodeReason(refused.message)))
    this.#host.fault('INK_AUTH_REFUSED', explained(refused))
  }

  #over(): void {
    this.end()
    this.#host.stop()
  }
}
