/**
 * Who a peer says to be, from the first bytes that come on a link, for who has to know before anybody listens to them: the
 * acceptor of a host with several threads. It is a claim, and nothing more: what proves it comes later, and elsewhere.
 *
 * Limit: a banner and one frame, of at most FLIGHT_BYTES_MAX.
 */
import { refuseBanner } from './banner.ts'
import { decodeHello } from './control-frames.ts'
import { CONTROL_HEADER_BYTES, TAG, tagName } from './format.ts'
import { FrameDecoder, type FrameReceiver } from './frame-decoder.ts'

/** As much as a stranger may say before it is known, at the most: `handshakeBytes`. */
export const FLIGHT_BYTES_MAX = 64 * 1024

/** What is known of a peer: nothing yet; its name; or that these bytes do not say one. */
export type Claim = { readonly is: 'open' | 'nobody' } | { readonly is: 'named'; readonly name: string }

export class FirstFlight implements FrameReceiver {
  #claim: Claim = { is: 'open' }
  readonly #frames: FrameDecoder

  constructor() {
    const limits = { handshakeBytes: FLIGHT_BYTES_MAX, frameBytes: 0 }
    this.#frames = new FrameDecoder(this, { limits, allocate: (bytes) => new Uint8Array(bytes) })
  }

  get claim(): Claim {
    return this.#claim
  }

  /** Feeds received bytes, split anywhere; what follows a claim is not looked at. */
  receive(chunk: Uint8Array): Claim {
    if (this.#claim.is === 'open') this.#frames.receive(chunk)
    return this.#claim
  }

  banner(banner: Uint8Array): void {
    if (refuseBanner(banner) !== null) this.#settle({ is: 'nobody' })
  }

  refuses(tag: number): string | null {
    return tag === TAG.HELLO ? null : `a frame ${tagName(tag) ?? tag} before HELLO`
  }

  control(_tag: number, frame: Uint8Array): void {
    try {
      const { name } = decodeHello(frame.subarray(CONTROL_HEADER_BYTES)).identity
      this.#settle({ is: 'named', name })
    } catch {
      this.#settle({ is: 'nobody' })
    }
  }

  fault(): void {
    this.#settle({ is: 'nobody' })
  }

  messages(): void {
    this.#settle({ is: 'nobody' })
  }

  place(): null {
    return null
  }

  placed(): void {
    this.#settle({ is: 'nobody' })
  }

  #settle(claim: Claim): void {
    this.#claim = claim
    this.#frames.stop()
  }
}
