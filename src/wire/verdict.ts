/**
 * A verdict: what the receiver of a message says of one that it cannot count as handled, and for how much of it there is room.
 *
 * The code is Inkwire's and stable. The error's own code and the reason are for the sender's caller and for people: cut
 * short, made plain, and never needed to go on.
 */
import type { ERROR_CODES } from '../common/errors.ts'
import { plain } from '../common/plain.ts'

/** Its handler threw or rejected; nobody took it; its body did not decode; its time was up before anybody took it. */
export const VERDICT_CODES = [
  'INK_HANDLER_FAILED',
  'INK_UNHANDLED',
  'INK_DECODE_FAILED',
  'INK_EXPIRED',
] as const satisfies readonly (keyof typeof ERROR_CODES)[]
export type VerdictCode = (typeof VERDICT_CODES)[number]

/** Why a message failed. */
export interface Failure {
  readonly code: VerdictCode
  /** `ENOENT`: the code of the error that the handler threw, where it has one. */
  readonly errorCode: string | null
  readonly reason: string
}

/** The same, of the message with this number in this lane. */
export interface Verdict extends Failure {
  readonly lane: number
  readonly seq: number
}

export const VERDICT_REASON_CHARS_MAX = 256
export const VERDICT_ERROR_CODE_CHARS_MAX = 64
/** With both bounds reached these fit into a control frame. */
export const VERDICTS_PER_FRAME = 4

/** What a peer may be told of an error, and what one may have said. Never longer than the bounds above. */
export function failureOf(code: string, errorCode: unknown, reason: string): Failure {
  const known = VERDICT_CODES.find((each) => each === code) ?? 'INK_HANDLER_FAILED'
  const own = typeof errorCode === 'string' ? plain(errorCode, VERDICT_ERROR_CODE_CHARS_MAX) : ''
  return { code: known, errorCode: own === '' ? null : own, reason: plain(reason, VERDICT_REASON_CHARS_MAX) }
}
