/**
 * The acceptor's half of proving names: HELLO, the messages of the method, and the signatures over all that was said.
 *
 * Whoever cannot prove itself hears which methods and modes are taken, and the link ends: Ceph lets a client try another
 * method on the same link, and with one method there is nothing to try.
 */
import { unreachable } from '../../common/errors.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import { BLANK, parseEntity, type EntityAddress } from './address.ts'
import type { CephAuthServer, ServerStep } from './auth.ts'
import * as frames from './control-frames.ts'
import { NOTATION, numberProven } from './entity.ts'
import { TAG } from './format.ts'
import { attempt, heardHello, type HandshakeHost, type Opening } from './handshake.ts'
import type { Proof } from './known-peer.ts'
import { ERRNO } from './refusals.ts'

type Step =
  | { readonly at: 'hello' }
  | { readonly at: 'auth'; readonly auth: CephAuthServer; readonly expects: readonly number[] }
  | { readonly at: 'signature' }

export class AcceptorLogin {
  readonly #host: HandshakeHost
  readonly #opening: Opening
  #step: Step = { at: 'hello' }
  #method = 0
  #peerBit = 0
  #name: string | null = null
  #globalId = 0n
  /** Ourselves, as the peer sees us. */
  seen: EntityAddress = BLANK
  /** When we said that the peer may ask; see Registry. */
  doneAt = 0
  /** For the service; see CephAuth. */
  note: unknown = null

  constructor(host: HandshakeHost, opening: Opening) {
    this.#host = host
    this.#opening = opening
  }

  get expects(): readonly number[] {
    const step = this.#step
    switch (step.at) {
      case 'hello':
        return [TAG.HELLO]
      case 'auth':
        return step.expects
      case 'signature':
        return [TAG.AUTH_SIGNATURE]
      default:
        return unreachable(step)
    }
  }

  /** What the peer has proved. */
  get proof(): Proof {
    const number = numberProven(this.#peerBit, this.#name, this.#globalId)
    return { entityBit: this.#peerBit, name: this.#name, number }
  }

  begin(): void {
    // Ceph's clients learn from it which of their addresses is used.
    const from = NOTATION.parse(this.#host.context.target ?? '')
    this.#opening.sayHello((from === null ? null : parseEntity(from.text)) ?? BLANK)
  }

  /** True when both ends have proved themselves. */
  frame(tag: number, payload: Uint8Array): boolean {
    const step = this.#step
    switch (step.at) {
      case 'hello':
        this.#hello(heardHello(payload))
        return false
      case 'auth':
        this.#authenticate(step.auth, tag, payload)
        return false
      case 'signature':
        return this.#opening.verify(frames.readSignature(payload))
      default:
        return unreachable(step)
    }
  }

  #hello({ entityBit: bit, seen }: frames.Hello): void {
    const { context, shared } = this.#host
    this.#peerBit = bit
    this.seen = seen
    const auth = attempt(() => shared.auth.server(context.self.name, context.randomBytes))
    if (auth instanceof AuthRefused) this.#bad(ERRNO.EACCES, [], [], auth.message)
    else this.#step = { at: 'auth', auth, expects: [TAG.AUTH_REQUEST] }
  }

  #authenticate(auth: CephAuthServer, tag: number, payload: Uint8Array): void {
    const canSeal = this.#opening.revision === 1
    const step = attempt((): ServerStep => {
      if (tag === TAG.AUTH_REQUEST) {
        const request = frames.readAuthRequest(payload)
        this.#method = request.method
        return auth.request(request, this.#peerBit, canSeal)
      }
      return auth.more(frames.readBlob(payload))
    })
    if (step instanceof AuthRefused) this.#bad(ERRNO.EACCES, [], [], step.message)
    else if (step.kind === 'bad') this.#bad(step.result, step.methods, step.modes, step.reason)
    else if (step.kind === 'more') {
      this.#opening.say(TAG.AUTH_REPLY_MORE, frames.writeBlob(step.payload))
      this.#step = { at: 'auth', auth, expects: [TAG.AUTH_REQUEST_MORE] }
    } else {
      const { globalId, secrets, payload: proof } = step
      this.#name = step.proven
      this.#globalId = globalId
      this.note = step.note ?? null
      this.#opening.say(TAG.AUTH_DONE, frames.writeAuthDone({ globalId, mode: secrets.mode, payload: proof }))
      this.#step = { at: 'signature' }
      this.#opening.sign(secrets)
      this.doneAt = this.#host.shared.registry.heard.moment
    }
  }

  #bad(result: number, methods: readonly number[], modes: readonly number[], reason: string): void {
    this.#opening.say(TAG.AUTH_BAD_METHOD, frames.writeAuthBadMethod({ method: this.#method, result, methods, modes }))
    this.#host.fault('INK_AUTH_REFUSED', reason)
  }
}
