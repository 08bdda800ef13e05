/**
 * What an authentication method is, to the handshake: pure steps over bytes. Implementations are in src/auth.
 *
 * Four frames at most: request (dialler), challenge (acceptor), response (dialler), done (acceptor). A method that needs
 * no challenge answers the request with `done`. Every proof must cover the transcript, so that nothing said before it
 * can have been changed on the way.
 */

/** What both sides have said so far, as raw bytes. */
export interface Transcript {
  /** Everything that the dialler sent up to and including OPEN of its first flight. */
  readonly dialler: Uint8Array
  /** Everything that the acceptor sent before the frame that is being made or checked. */
  readonly acceptor: Uint8Array
}

/** Thrown by a step, or returned by none: refuses with a reason that the peer may read. */
export class AuthRefused extends Error {}

/** The dialler's half. Every step throws AuthRefused to end the handshake. */
export interface AuthDialler {
  /** Payload of the request, in the first flight. */
  request(): Uint8Array
  /** Checks the acceptor's challenge and answers it. `peer` is the name that the acceptor claims. */
  challenge(payload: Uint8Array, transcript: Transcript, peer: string): Uint8Array
  /** Checks the acceptor's last word. */
  done(payload: Uint8Array, transcript: Transcript, peer: string): void
}

/** What the acceptor says to a request. */
export type AuthAnswer = { readonly kind: 'challenge' | 'done'; readonly payload: Uint8Array }

/** The acceptor's half. */
export interface AuthAcceptor {
  /** `peer` is the name that the dialler claims. */
  request(payload: Uint8Array, transcript: Transcript, peer: string): AuthAnswer
  response(payload: Uint8Array, transcript: Transcript, peer: string): Uint8Array
}

/** A pluggable method: makes one half per handshake. */
export interface AuthMethod {
  /** Goes over the wire; both sides must use the same. 1 to 32 characters of a-z, 0-9 and '-'. */
  readonly name: string
  dialler(self: string, randomBytes: (count: number) => Uint8Array): AuthDialler
  acceptor(self: string, randomBytes: (count: number) => Uint8Array): AuthAcceptor
}
