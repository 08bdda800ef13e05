/**
 * The dialler's half of proving names: HELLO, the messages of the method, and the signatures over all that was said.
 *
 * Until both ends have signed nothing is proved, so a refusal is the end of a link and of nothing else.
 */
import { unreachable } from '../../common/errors.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import { BLANK, type EntityAddress } from './address.ts'
import type { CephAuthClient } from './auth.ts'
import * as frames from './control-frames.ts'
import { TAG } from './format.ts'
import { attempt, heardHello, type HandshakeHost, type Opening } from './handshake.ts'
import { explainBadMethod } from './refusals.ts'

type Step =
  | { readonly at: 'hello' }
  | { readonly at: 'auth'; readonly auth: CephAuthClient }
  | { readonly at: 'signature'; readonly auth: CephAuthClient }

const EXPECTS: Readonly<Record<Step['at'], readonly number[]>> = {
  hello: [TAG.HELLO],
  auth: [TAG.AUTH_BAD_METHOD, TAG.AUTH_REPLY_MORE, TAG.AUTH_DONE],
  signature: [TAG.AUTH_SIGNATURE],
}

export class DiallerLogin {
  readonly #host: HandshakeHost
  readonly #opening: Opening
  /** We have nothing to prove ourselves with: no other link would end better. */
  readonly #hopeless: (reason: string) => void
  #step: Step = { at: 'hello' }
  /** What the peer says that it is. */
  peerBit = 0
  /** Ourselves, as the peer sees us. */
  seen: EntityAddress = BLANK
  /** For the service; see CephAuth. */
  note: unknown = null

  constructor(host: HandshakeHost, opening: Opening, hopeless: (reason: string) => void) {
    this.#host = host
    this.#opening = opening
    this.#hopeless = hopeless
  }

  get expects(): readonly number[] {
    return EXPECTS[this.#step.at]
  }

  begin(target: EntityAddress): void {
    this.#opening.sayHello({ ...target, nonce: 0 })
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
        if (!this.#opening.verify(frames.readSignature(payload))) return false
        step.auth.proved()
        return true
      default:
        return unreachable(step)
    }
  }

  #hello({ entityBit: bit, seen }: frames.Hello): void {
    const { context, shared } = this.#host
    this.peerBit = bit
    this.seen = seen
    const auth = attempt(() => shared.auth.client(context.self.name, context.randomBytes))
    if (auth instanceof AuthRefused) {
      this.#hopeless(auth.message)
      return
    }
    this.#step = { at: 'auth', auth }
    const request = attempt(() => auth.request(bit, this.#opening.revision === 1))
    if (request instanceof AuthRefused) this.#refused(request)
    else this.#opening.say(TAG.AUTH_REQUEST, frames.writeAuthRequest(request))
  }

  #authenticate(auth: CephAuthClient, tag: number, payload: Uint8Array): void {
    if (tag === TAG.AUTH_BAD_METHOD) {
      const bad = frames.readAuthBadMethod(payload)
      auth.refused()
      this.#refused(new AuthRefused(explainBadMethod(bad)))
      return
    }
    if (tag === TAG.AUTH_REPLY_MORE) {
      const answer = attempt(() => auth.more(frames.readBlob(payload)))
      if (answer instanceof AuthRefused) this.#refused(answer)
      else this.#opening.say(TAG.AUTH_REQUEST_MORE, frames.writeBlob(answer))
      return
    }
    const { globalId, mode, payload: proof } = frames.readAuthDone(payload)
    const secrets = attempt(() => auth.done(globalId, mode, proof))
    if (secrets instanceof AuthRefused) {
      this.#refused(secrets)
      return
    }
    this.note = auth.note
    this.#step = { at: 'signature', auth }
    this.#opening.sign(secrets)
  }

  #refused({ message }: AuthRefused): void {
    this.#host.fault('INK_AUTH_REFUSED', message)
  }
}
