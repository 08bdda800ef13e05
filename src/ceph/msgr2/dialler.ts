/**
 * The dialler's half of the handshake: first both ends prove their names, then a session is asked for, which begins or goes on.
 *
 * Each half is a file of its own; here is which of them a frame is for, and how it ends.
 */
import { invariant, unreachable, type InkwireErrorCode } from '../../common/errors.ts'
import type { SessionOffer } from '../../wire/wire.ts'
import { BLANK, parseEntity, type EntityAddress } from './address.ts'
import { SessionAsker } from './asker.ts'
import type { Banner } from './banner.ts'
import { Opening, SESSION_TAGS, type HandshakeHost } from './handshake.ts'
import { DiallerLogin } from './login-dialler.ts'

type Phase = { readonly at: 'login' | 'session' | 'over' } | { readonly at: 'asking'; readonly asker: SessionAsker }

export class Dialler {
  readonly opening: Opening
  readonly #host: HandshakeHost
  readonly #target: EntityAddress
  readonly #login: DiallerLogin
  #phase: Phase = { at: 'login' }
  #offer: SessionOffer | null = null

  constructor(host: HandshakeHost) {
    this.#host = host
    this.opening = new Opening(host, 'client')
    this.#login = new DiallerLogin(host, this.opening, (reason) => {
      this.#rejected('INK_AUTH_REFUSED', reason)
    })
    this.#target = parseEntity(host.context.target ?? '') ?? BLANK
  }

  /** For the service; see CephAuth. */
  get note(): unknown {
    return this.#login.note
  }

  get expects(): readonly number[] {
    const phase = this.#phase
    switch (phase.at) {
      case 'login':
        return this.#login.expects
      case 'asking':
        return phase.asker.expects
      case 'session':
        return SESSION_TAGS
      case 'over':
        return []
      default:
        return unreachable(phase)
    }
  }

  get established(): boolean {
    return this.#phase.at === 'session'
  }

  open(offer: SessionOffer): void {
    this.#offer = offer
    this.opening.sayBanner()
  }

  end(): void {
    this.#phase = { at: 'over' }
  }

  /** Something came in the session: for an acceptor that is news. */
  heard(): void {}

  banner(banner: Banner): void {
    if (this.opening.banner(banner)) this.#login.begin(this.#target)
  }

  frame(tag: number, payload: Uint8Array): void {
    const phase = this.#phase
    switch (phase.at) {
      case 'login':
        if (this.#login.frame(tag, payload)) this.#ask()
        break
      case 'asking':
        phase.asker.frame(tag, payload)
        break
      case 'session':
      case 'over':
        invariant(false, 'the decoder lets nothing through that is not expected')
        break
      default:
        unreachable(phase)
    }
  }

  #ask(): void {
    invariant(this.#offer !== null, 'a dialled link has an offer')
    const { peerBit, seen } = this.#login
    const asker = new SessionAsker(this.#host, this.opening, this.#offer, {
      target: this.#target,
      peerBit,
      seen,
      began: () => {
        this.#phase = { at: 'session' }
      },
      waits: () => {
        this.#over()
        this.#host.sink.yielded(null, 0)
      },
      rejected: (code, reason) => {
        this.#rejected(code, reason)
      },
    })
    this.#phase = { at: 'asking', asker }
    asker.begin()
  }

  #rejected(code: InkwireErrorCode, reason: string): void {
    this.#over()
    this.#host.sink.rejected(null, code, reason)
  }

  #over(): void {
    this.end()
    this.#host.stop()
  }
}
