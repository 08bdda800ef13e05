/**
 * The one error class of Inkwire, and every code that it can carry.
 *
 * A caller's mistake throws at once; a peer's mistake becomes a fault with a reason and never throws. The code is
 * stable: switch on it. The message is a sentence for a person and says what to do. `instanceof` works across
 * duplicate installations of the package, because the brand is a registered symbol.
 */
import { isBranded } from './brand.ts'

const BRAND = Symbol.for('inkwire.error')

/** Every code, with who caused it. The table in docs/ERRORS.md is held against this one by a test. */
export const ERROR_CODES = {
  INK_BAD_ADDRESS: 'The caller: an address that does not parse, or whose scheme no transport serves.',
  INK_BAD_ARGUMENT: 'The caller: an argument of the wrong type or outside its range.',
  INK_BAD_OPTION: 'The caller: an option that is unknown, of the wrong type or outside its range.',
  INK_UNKNOWN_POLICY: 'The caller: something that is not a policy, or a peer type without one.',
  INK_ADDRESS_IN_USE: 'The caller or the host: bind() found the address taken.',
  INK_BIND_FAILED: 'The host: bind() could not listen on the address.',
  INK_CLOSED: 'The caller: the connection or messenger is closed or closing; nothing can be sent on it.',
  INK_QUEUE_FULL: 'The caller: send() was called past the hard limit after it had answered false.',
  INK_MESSAGE_TOO_LARGE: 'The caller: a message larger than a limit of this side or of the peer.',
  INK_DEADLOCK: 'The caller: a handler awaits the end of what waits for that handler.',
  INK_MESSAGE_CHANGED: 'The caller: the bytes of a queued message were transferred away, or changed in length.',
  INK_ABORTED: 'The caller: the AbortSignal of a waiting call fired.',
  INK_EXPIRED: 'The caller, or the peer: the message was not sent, handled or acked within its expiresMs.',
  INK_SELF_CONNECT: 'The caller: the address turned out to be this messenger itself.',
  INK_DUPLICATE_PEER: 'The caller: the address leads to a peer that another Connection already holds.',
  INK_RESET: 'The peer or the link: the session ended before the outcome was known.',
  INK_MARKED_DOWN: 'The caller: markDown() ended the session.',
  INK_PEER_CLOSED: 'The peer: it said goodbye.',
  INK_CONNECTION_REFUSED: 'The peer: nobody listens at the address (the dial is tried again).',
  INK_WRONG_PEER: 'The peer: it has another name or type than the one asked for.',
  INK_TAKEN_OVER: 'The peer: another instance with the same name has taken over.',
  INK_POLICY_MISMATCH: 'Both: the policies of the two ends do not fit each other.',
  INK_AUTH_REFUSED: 'Either side: authentication failed.',
  INK_INCOMPATIBLE: 'The peer: it speaks another protocol, version or checksum.',
  INK_PATH_FAILED: 'The peer or the path: a session could not go to another path, and stays where it is.',
  INK_REFUSED: 'The peer: it refused the session for another stated reason.',
  INK_STANDBY_EXPIRED: 'The peer: it did not come back within the standby limit.',
  INK_DRAIN_TIMEOUT: 'The peer: close() could not drain before its deadline.',
  INK_HANDLER_FAILED: 'The peer: the handler of the message threw or rejected.',
  INK_UNHANDLED: "The peer: nobody there handles the message's type.",
  INK_DECODE_FAILED: "The peer: a typed message's body did not decode.",
  INK_NOT_PRIMARY: 'The group: its view of now has no majority, so it may not act for all.',
  INK_VIEW_CHANGED: 'The group: its view changed before the message was told here.',
  INK_TIMEOUT: 'The peer: no answer came within the time that the call allows.',
  INK_CEPH_ERROR: 'The peer: a Ceph daemon answered with an error number; see CephError.',
  INK_INTERNAL: 'Inkwire: an invariant does not hold. Please report it.',
} as const

/** The stable code of an {@link InkwireError}. */
export type InkwireErrorCode = keyof typeof ERROR_CODES

/** What becomes of a message that was not acked. */
export type MessageFate = 'undelivered' | 'unknown' | 'failed'

/** The only error that Inkwire throws, rejects with, or hands to `onRefused`. */
export class InkwireError extends Error {
  /** Stable, meant to be switched on. */
  readonly code: InkwireErrorCode
  /**
   * Of a rejected `deliver()`: `undelivered` when the peer cannot have the message, `unknown` when it may have handled it,
   * `failed` when it has it and says that handling it failed. Undefined for every other error.
   */
  readonly outcome: MessageFate | undefined
  /** With `failed`: the code of the error that the peer's handler threw (`ENOENT`), where it had one. As the peer says. */
  readonly peerCode: string | undefined

  /** `options`: its `cause`, and what the fields of these names say. Default: nothing of that. */
  constructor(
    code: InkwireErrorCode,
    message: string,
    options?: { cause?: unknown; outcome?: MessageFate | undefined; peerCode?: string | undefined },
  ) {
    super(message, options)
    // What the platform calls it, for whoever looks for that.
    this.name = code === 'INK_ABORTED' ? 'AbortError' : 'InkwireError'
    this.code = code
    this.outcome = options?.outcome
    this.peerCode = options?.peerCode
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True also for an `InkwireError` of another installation of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(value, BRAND)
  }
}

/** Throws `INK_INTERNAL` when something that must hold does not. Never reachable from the network. */
export function invariant(condition: boolean, what: string): asserts condition {
  if (!condition) throw new InkwireError('INK_INTERNAL', `${what}; this is a bug in Inkwire, please report it`)
}

/** The default of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new InkwireError(
    'INK_INTERNAL',
    `unexpected ${JSON.stringify(value)}; this is a bug in Inkwire, please report it`,
  )
}

/**
 * Any thrown value as an Error, for reports. Never throws itself: what was thrown may be an object without a prototype, a
 * proxy that was revoked, or an error whose `message` throws.
 */
export function asError(thrown: unknown): Error {
  try {
    if (isError(thrown)) return thrown
    return new Error(String(thrown), { cause: thrown })
  } catch {
    return new Error('something was thrown that cannot be put into words')
  }
}

/** `RangeError: index out of range`: any thrown value in a sentence of ours. */
export function wordsOf(thrown: unknown): string {
  const { name, message } = asError(thrown)
  return name === 'Error' || typeof name !== 'string' ? message : `${name}: ${message}`
}

/** Also one of another realm. Whoever reports it reads its stack and message: those that throw do it here. */
function isError(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error) && Object.prototype.toString.call(thrown) !== '[object Error]') return false
  const { message, name, stack } = thrown as Error
  return typeof message === 'string' && typeof name === 'string' && (stack === undefined || typeof stack === 'string')
}
