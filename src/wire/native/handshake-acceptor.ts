/**
 * The acceptor's half of the handshake: silent until it knows that it is spoken to in its own language, and deciding
 * about nothing until it knows by whom.
 *
 * OPEN is held until authentication is done, because proofs cover the dialler's whole first flight. Then the session is
 * asked, at its leisure; until CONFIRM the link displaces nothing.
 */
import { invariant, unreachable, type InkwireErrorCode } from '../../common/errors.ts'
import { anAuthAnswer, AuthRefused, bytesAtOnce, halfWith } from '../auth-method.ts'
import type { AuthAcceptor, AuthAnswer, Transcript } from '../auth-method.ts'
import type { Identity, SessionAnswer, SessionOffer, WireContext } from '../wire.ts'
import { bannerChecksums, encodeBanner, refuseBanner } from './banner.ts'
import * as frames from './control-frames.ts'
import { TAG, type ChecksumKind } from './format.ts'
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
  /** Also while the banner is awaited. */
  | { readonly at: 'hello' }
  | { readonly at: 'request'; readonly peer: Identity }
  | { readonly at: 'open'; readonly peer: Identity; readonly request: frames.AuthRequest }
  /** A challenge is out. */
  | { readonly at: 'response'; readonly peer: Identity; readonly offer: SessionOffer; readonly auth: AuthAcceptor }
  /** The session was asked. */
  | { readonly at: 'deciding' }
  /** The session promised; the dialler decides whether it adopts the link. */
  | { readonly at: 'promised' }
  | { readonly at: 'session' }
  | { readonly at: 'over' }

const EXPECTS: Readonly<Record<Phase['at'], readonly number[]>> = {
  hello: [TAG.HELLO],
  request: [TAG.AUTH_REQUEST],
  open: [TAG.OPEN],
  response: [TAG.AUTH_RESPONSE, TAG.AUTH_REJECTED],
  deciding: [TAG.AUTH_REJECTED],
  promised: [TAG.CONFIRM, TAG.AUTH_REJECTED],
  session: SESSION_TAGS,
  over: [],
}

export class HandshakeAcceptor implements Handshake {
  readonly flights = new Flights()
  readonly #host: HandshakeHost
  readonly #context: WireContext
  /** Checksum kinds that this side takes, the preferred one first. */
  readonly #checksums: readonly ChecksumKind[]
  #phase: Phase = { at: 'hello' }
  /** The kind for this link; undefined when there is none in common. */
  #checksum: ChecksumKind | undefined

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

  /** See Wire.answer. */
  answer(answer: SessionAnswer): void {
    const checksum = this.#checksum
    if (!this.#decides() || checksum === undefined) return
    this.flights.send(frames.controlFrame(TAG.OPENED, frames.encodeOpened({ answer, checksum })))
    this.flights.forget()
    this.#host.agree(checksum)
    this.#phase = { at: 'promised' }
  }

  /** See Wire.yield. */
  yield(epoch: number): void {
    if (this.#decides()) this.#refuse(TAG.YIELD, frames.encodeYield(epoch))
  }

  /** See Wire.reject. */
  reject(code: InkwireErrorCode, reason: string): void {
    if (this.#decides()) this.#refuse(TAG.REJECT, frames.encodeReject({ code, reason }))
  }

  banner(banner: Uint8Array): void {
    const checksums = this.#checksums
    const reason = refuseBanner(banner)
    if (reason !== null) {
      // It is one of us, of another version: our banner tells it which one to use.
      this.flights.send(encodeBanner(maskOf(checksums)))
      this.#host.fault('INK_INCOMPATIBLE', reason)
      return
    }
    const offered = bannerChecksums(banner)
    this.#checksum = checksums.find((kind) => offered & (1 << kind))
    this.flights.note(banner)
  }

  end(): void {
    this.#phase = { at: 'over' }
  }

  frame(tag: number, frame: Uint8Array, payload: Uint8Array): void {
    const phase = this.#phase
    if (tag === TAG.AUTH_REJECTED) {
      this.#disbelieved(frames.decodeReason(payload))
      return
    }
    switch (phase.at) {
      case 'hello':
        this.#greet(frame, payload)
        break
      case 'request': {
        const request = frames.decodeAuthRequest(payload)
        this.flights.note(frame)
        this.#phase = { ...phase, at: 'open', request }
        break
      }
      case 'open': {
        const offer = frames.decodeOpen(payload)
        this.flights.note(frame)
        this.#authenticate(phase.peer, phase.request, offer)
        break
      }
      case 'response':
        this.#check(phase.auth, phase.peer, phase.offer, frames.decodeAuthStep(payload))
        break
      case 'promised': {
        const marks = frames.decodeConfirm(payload)
        this.#phase = { at: 'session' }
        this.#host.sink.confirmed(marks)
        break
      }
      case 'deciding':
      case 'session':
      case 'over':
        invariant(false, `the decoder lets nothing through that is not expected, such as ${tag}`)
        break
      default:
        unreachable(phase)
    }
  }

  #greet(frame: Uint8Array, payload: Uint8Array): void {
    const context = this.#context
    const checksums = this.#checksums
    const hello = frames.decodeHello(payload)
    this.flights.note(frame)
    this.#host.greeted(hello)
    this.flights.send(encodeBanner(maskOf(checksums)))
    this.flights.send(helloOf(context))
    this.#phase = { at: 'request', peer: hello.identity }
    if (this.#checksum !== undefined) return
    const reason = `${context.self.name} and ${hello.identity.name} have no checksum kind in common`
    this.#refuse(TAG.REJECT, frames.encodeReject({ code: 'INK_INCOMPATIBLE', reason }))
    this.#host.fault('INK_INCOMPATIBLE', reason)
  }

  #authenticate(peer: Identity, request: frames.AuthRequest, offer: SessionOffer): void {
    const { auth, self, randomBytes } = this.#context
    if (request.method !== auth.name) {
      const reason = `${self.name} authenticates with "${auth.name}", ${peer.name} with "${request.method}"`
      this.#rejectAuth(new AuthRefused(reason))
      return
    }
    const half = attempt(() => auth.acceptor(self.name, randomBytes), halfWith('request', 'response'))
    const step = (made: AuthAcceptor): AuthAnswer => made.request(request.payload, this.#transcript(), peer.name)
    const answer = half instanceof AuthRefused ? half : attempt(() => step(half), anAuthAnswer)
    if (half instanceof AuthRefused || answer instanceof AuthRefused) {
      this.#rejectAuth(answer as AuthRefused)
      return
    }
    if (answer.kind === 'done') {
      this.#done(peer, offer, answer.payload)
      return
    }
    this.flights.send(frames.controlFrame(TAG.AUTH_CHALLENGE, frames.encodeAuthStep(answer.payload)))
    this.#phase = { at: 'response', peer, offer, auth: half }
  }

  #check(auth: AuthAcceptor, peer: Identity, offer: SessionOffer, response: Uint8Array): void {
    const done = attempt(() => auth.response(response, this.#transcript(), peer.name), bytesAtOnce)
    if (done instanceof AuthRefused) this.#rejectAuth(done)
    else this.#done(peer, offer, done)
  }

  #done(peer: Identity, offer: SessionOffer, payload: Uint8Array): void {
    this.flights.send(frames.controlFrame(TAG.AUTH_DONE, frames.encodeAuthStep(payload)))
    this.flights.forget()
    this.#host.authenticated()
    this.#phase = { at: 'deciding' }
    this.#host.sink.offer(peer, offer)
  }

  #rejectAuth(refused: AuthRefused): void {
    this.#refuse(TAG.AUTH_REJECTED, frames.encodeReason(refused.message))
    this.#host.fault('INK_AUTH_REFUSED', explained(refused))
  }

  /** The dialler does not believe this side's proof, and says why. */
  #disbelieved(reason: string): void {
    this.end()
    this.#host.stop()
    this.#host.fault('INK_AUTH_REFUSED', reason)
  }

  /** The last frame of this side. */
  #refuse(tag: number, payload: Uint8Array): void {
    this.flights.send(frames.controlFrame(tag, payload))
    this.end()
    this.#host.stop()
  }

  /** False when the link has ended while the session was deciding: its answer comes too late. */
  #decides(): boolean {
    const { at } = this.#phase
    if (at === 'over') return false
    invariant(at === 'deciding', 'an offer is answered once')
    return true
  }

  #transcript(): Transcript {
    return new Said(this.flights.received(), this.flights.sent())
  }
}
