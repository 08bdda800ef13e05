/**
 * What the transport has proved about the other end of a link, brought into the handshake on it.
 *
 * A name that the transport does not vouch for is refused by the step of `auth` that hears it first, so that the other side is
 * told why. And what only the two ends of this very connection know goes into the transcripts: a proof that covers them was
 * made by the other end of it, and not by somebody behind it.
 */
import { concat } from '../common/bytes.ts'
import type { Link } from '../transports/transport.ts'
import { AuthRefused } from '../wire/auth-method.ts'
import type { AuthDialler, AuthMethod, Transcript } from '../wire/auth-method.ts'
import type { WireContext } from '../wire/wire.ts'

/** What a wire on this link must know. */
export function linkContext(context: WireContext, link: Link, target: string | null): WireContext {
  const { identifies, protected: isProtected } = link.capabilities
  if (identifies !== true && isProtected !== true) return { ...context, target }
  const auth = identifies === true ? boundAuth(context.auth, link) : context.auth
  return { ...context, target, auth, isProtected: isProtected === true }
}

/** Why the other end of an open link may not be called so; null when it may, as far as the transport can tell. */
export function disproof({ capabilities, peer }: Link, name: string): string | null {
  if (capabilities.identifies !== true) return null
  if (peer === undefined) return `the transport did not say who ${name} is`
  return peer.speaksFor(name) ? null : `the transport proved that it is ${peer.principal}, which is not one for ${name}`
}

function boundAuth(auth: AuthMethod, link: Link): AuthMethod {
  const check = (name: string): void => {
    const reason = disproof(link, name)
    if (reason !== null) throw new AuthRefused(reason)
  }
  const bound = (transcript: Transcript): Transcript => new BoundTranscript(transcript, link)
  return {
    name: auth.name,
    dialler: (self, randomBytes) => {
      const half = auth.dialler(self, randomBytes)
      return {
        request: () => half.request(),
        challenge: (payload, transcript, peer) => {
          check(peer)
          return half.challenge(payload, bound(transcript), peer)
        },
        done: (payload, transcript, peer) => {
          check(peer)
          // What it gives back may be a promise after all, which the handshake refuses.
          const step: (...args: Parameters<AuthDialler['done']>) => unknown = half.done.bind(half)
          return step(payload, bound(transcript), peer) as undefined
        },
      }
    },
    acceptor: (self, randomBytes) => {
      const half = auth.acceptor(self, randomBytes)
      return {
        request: (payload, transcript, peer) => {
          check(peer)
          return half.request(payload, bound(transcript), peer)
        },
        response: (payload, transcript, peer) => half.response(payload, bound(transcript), peer),
      }
    },
  }
}

/** Made for every step: most methods look at one of them, or at none. */
class BoundTranscript implements Transcript {
  readonly #said: Transcript
  readonly #link: Link

  constructor(said: Transcript, link: Link) {
    this.#said = said
    this.#link = link
  }

  get dialler(): Uint8Array {
    return concat([this.#binding(), this.#said.dialler])
  }

  get acceptor(): Uint8Array {
    return concat([this.#binding(), this.#said.acceptor])
  }

  #binding(): Uint8Array {
    return this.#link.peer?.binding ?? new Uint8Array(0)
  }
}
