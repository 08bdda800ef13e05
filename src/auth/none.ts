/**
 * none: no authentication. Every peer is believed to have the name that it claims; for networks where that is fine.
 *
 * One round trip: the request is empty and so is the answer. Both ends must use it; it never stands in for another.
 */
import { AuthRefused } from '../wire/auth-method.ts'
import type { AuthAcceptor, AuthDialler, AuthMethod } from '../wire/auth-method.ts'

const EMPTY = new Uint8Array(0)

/** The method without proof; the default of a messenger. */
export function none(): AuthMethod {
  return Object.freeze({ name: 'none', dialler: () => DIALLER, acceptor: () => ACCEPTOR })
}

const DIALLER: AuthDialler = Object.freeze({
  request: () => EMPTY,
  challenge(): never {
    throw new AuthRefused('authentication "none" has no challenge')
  },
  done(payload: Uint8Array) {
    if (payload.length > 0) throw new AuthRefused('authentication "none" ends without a payload')
  },
})

const ACCEPTOR: AuthAcceptor = Object.freeze({
  request(payload: Uint8Array) {
    if (payload.length > 0) throw new AuthRefused('authentication "none" begins without a payload')
    return { kind: 'done' as const, payload: EMPTY }
  },
  response(): never {
    throw new AuthRefused('authentication "none" has no response')
  },
})
