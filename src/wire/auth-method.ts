/**
 * What an authentication method is, to the handshake: pure steps over bytes. Implementations are in src/auth.
 *
 * Four frames at most: request (dialler), challenge (acceptor), response (dialler), done (acceptor). A method that needs
 * no challenge answers the request with `done`. Every proof must cover the transcript, so that nothing said before it
 * can have been changed on the way.
 */

import { isBytes } from '../common/bytes.ts'
import { asError } from '../common/errors.ts'
import { describe } from '../common/options.ts'

/** What both sides have said so far, as raw bytes. */
export interface Transcript {
  /** Everything that the dialler sent up to and including OPEN of its first flight. */
  readonly dialler: Uint8Array
  /** Everything that the acceptor sent before the frame that is being made or checked. */
  readonly acceptor: Uint8Array
}

/** Thrown by a step, or returned by none: refuses with a reason that the peer may read. */
export class AuthRefused extends Error {}

/**
 * Runs a step of a method, which may be anybody's code. What it throws beside AuthRefused is a bug or bytes that it did not
 * expect: it refuses too. So does an answer of the wrong kind: a promise above all, which would count as proof before it
 * has failed.
 *
 * @param fits names what is wrong with the answer; null when it is right.
 */
export function attemptAuth<T>(
  step: () => T,
  fits: (answer: unknown) => string | null,
  refuse: (error: Error) => AuthRefused,
): T | AuthRefused {
  try {
    const answer = step()
    const wrong = fits(answer)
    if (wrong === null) return answer
    silence(answer)
    return refuse(new TypeError(wrong))
  } catch (thrown) {
    return asRefusal(thrown) ?? refuse(asError(thrown))
  }
}

/** The refusal that was thrown, if it is one that can be read. */
function asRefusal(thrown: unknown): AuthRefused | null {
  try {
    return thrown instanceof AuthRefused && typeof thrown.message === 'string' ? thrown : null
  } catch {
    return null
  }
}

/** What is wrong with an answer that must be an object of these methods. */
export function halfWith(...methods: readonly string[]): (answer: unknown) => string | null {
  return (answer) => {
    const missing = methods.find((method) => typeof (answer as Record<string, unknown> | null)?.[method] !== 'function')
    return missing === undefined ? null : `it gave ${kindOf(answer)} without ${missing}()`
  }
}

/** What is wrong with an answer that must be bytes. */
export function bytesAtOnce(answer: unknown): string | null {
  return isBytes(answer) ? null : `it gave ${kindOf(answer)} where bytes are due at once`
}

/** What is wrong with an answer that says nothing, because only a throw refuses. */
export function nothingLater(answer: unknown): string | null {
  return isLate(answer) || answer === false ? `it gave ${kindOf(answer)}: only what it throws at once refuses` : null
}

function kindOf(answer: unknown): string {
  return isLate(answer) ? 'a promise' : describe(answer)
}

function isLate(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function'
}

/** Nobody waits for a promise that came too late; it must not end the process either. */
function silence(answer: unknown): void {
  const ignore = (): void => undefined
  if (isLate(answer)) answer.then(ignore, ignore)
}

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
  /**
   * The last word of the acceptor, to a response that has proved `peer`. Throws {@link AuthRefused} when it has not.
   */
  response(payload: Uint8Array, transcript: Transcript, peer: string): Uint8Array
}

/** What is wrong with an acceptor's answer to a request. */
export function anAuthAnswer(answer: unknown): string | null {
  const { kind, payload } = (answer ?? {}) as Partial<AuthAnswer>
  if (kind === 'challenge' || kind === 'done') return bytesAtOnce(payload)
  return `it gave ${kindOf(answer)} where { kind: 'challenge' or 'done', payload } is due at once`
}

/** A pluggable method: makes one half per handshake. */
export interface AuthMethod {
  /** Goes over the wire; both sides must use the same. 1 to 32 characters of a-z, 0-9 and '-'. */
  readonly name: string
  /** The side of one handshake that dials, for the entity `self`. */
  dialler(self: string, randomBytes: (count: number) => Uint8Array): AuthDialler
  /** The side of one handshake that is dialled, for the entity `self`. */
  acceptor(self: string, randomBytes: (count: number) => Uint8Array): AuthAcceptor
}
