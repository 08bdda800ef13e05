/**
 * The words of transactions: what stands in the mark of each message, and the head of all that is said of them.
 *
 * A message of a transaction is a piece of a record: the request or a part of the caller's, a part or the end of the
 * handler's. Its words are a head of 8 bytes (kind, flags, number) and what that kind adds; they are written where they go, behind
 * `MARK_BYTES` of room for the number of the service. What control words say stands in entries.ts. All numbers are little-endian.
 * Nothing here throws: what is no word is null, which is the peer's fault. What remains is written when the request is queued; where
 * the record says what is left of its time on the link (EXPIRES), that counts.
 *
 *     OPEN    head, remaining ms (4; 0: no deadline), note (the rest: see once.ts and metadata.ts)
 *     PART    head                      REPLY   head
 *     FAIL    head, reason (1), ran (1), retry after ms (4), code (1 + n), detail (the rest)
 */
import { readUint16, readUint32, writeUint16, writeUint32 } from '../../wire/native/bytes.ts'
import { MARK_BYTES } from '../../wire/service.ts'
import { CALLS, ONCE } from './limits.ts'

export const KIND = {
  OPEN: 1,
  PART: 2,
  REPLY: 3,
  FAIL: 4,
  CANCEL: 16,
  VERDICT: 17,
  CREDIT: 18,
  STOP: 19,
  RESET: 20,
} as const

export const FLAG = {
  /** Nothing of this direction comes behind it. */
  END: 1,
  /** The record goes on in the next piece. */
  MORE: 2,
  /** Said by the side that serves the transaction. */
  DOWN: 4,
  /** The first piece of a reply: its reader has room kept for it. */
  FIRST: 8,
} as const

const FLAGS = FLAG.END | FLAG.MORE | FLAG.DOWN | FLAG.FIRST
export const HEAD_BYTES = 8
const OPEN_BYTES = HEAD_BYTES + 4
const FAIL_BYTES = HEAD_BYTES + 7
const WORD = 2 ** 32

/** Why a transaction failed. The position is its number on the wire: append only. */
export const REASONS = [
  'cancelled-local',
  'cancelled-remote',
  'deadline',
  'disconnected',
  'refused',
  'quota',
  'unhandled',
  'handler-error',
  'protocol',
] as const
/** Why a call failed: what {@link CallError} has as its `reason`. docs/ERRORS.md says what to do about each. */
export type CallReason = (typeof REASONS)[number]

/** What became of a cancelled transaction. `unheard`: cancelled, and its handler never ran. */
export const VERDICTS = ['unheard', 'cancelled', 'too-late'] as const
export type CallVerdict = (typeof VERDICTS)[number]

/** How a transaction failed. */
export interface CallFailure {
  readonly reason: CallReason
  /** Of the handler's error, or the one of a refusal. */
  readonly code: string
  readonly detail: string
  /** The handler may have run. */
  readonly indeterminate: boolean
  /** When a refused call may be tried again; 0: it says nothing. */
  readonly retryAfterMs: number
}

export interface Head {
  readonly kind: number
  readonly flags: number
  readonly id: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const NO_BYTES = new Uint8Array(0)

export function openMark(flags: number, id: number, remainingMs: number, note: Uint8Array | null): Uint8Array {
  const mark = marked(KIND.OPEN, flags, id, OPEN_BYTES + (note?.length ?? 0))
  writeUint32(mark, MARK_BYTES + HEAD_BYTES, remainingMs)
  if (note !== null) mark.set(note, MARK_BYTES + OPEN_BYTES)
  return mark
}

export function partMark(kind: number, flags: number, id: number): Uint8Array {
  return marked(kind, flags, id, HEAD_BYTES)
}

export function failMark(id: number, failure: CallFailure): Uint8Array {
  const code = bounded(failure.code, CALLS.codeBytesMax)
  const detail = bounded(failure.detail, CALLS.detailBytesMax)
  const mark = marked(KIND.FAIL, FLAG.END | FLAG.DOWN, id, FAIL_BYTES + code.length + detail.length)
  const at = MARK_BYTES + HEAD_BYTES
  mark[at] = REASONS.indexOf(failure.reason)
  mark[at + 1] = failure.indeterminate ? 1 : 0
  writeUint32(mark, at + 2, Math.min(failure.retryAfterMs, WORD - 1))
  mark[at + 6] = code.length
  mark.set(code, MARK_BYTES + FAIL_BYTES)
  mark.set(detail, MARK_BYTES + FAIL_BYTES + code.length)
  return mark
}

/** True for the mark of what begins a transaction. */
export function isOpening(mark: Uint8Array): boolean {
  return mark[MARK_BYTES] === KIND.OPEN
}

/** The words that stand in a mark. */
export function wordsIn(mark: Uint8Array): Uint8Array {
  return mark.subarray(MARK_BYTES)
}

/** The head of a message's words. Null: there is none. */
export function readHead(words: Uint8Array, at = 0): Head | null {
  if (words.length - at < HEAD_BYTES) return null
  const flags = words[at + 1]!
  const id = readUint48(words, at + 2)
  return (flags & ~FLAGS) !== 0 || id === 0 ? null : { kind: words[at]!, flags, id }
}

/** An OPEN, and the request that it comes with. */
export interface Opening {
  readonly id: number
  readonly flags: number
  /** 0: it has no deadline. */
  readonly remainingMs: number
  readonly note: Uint8Array
  readonly front: Uint8Array
  readonly data: Uint8Array
}

/** What an OPEN says. Null: it is cut short. */
export function readOpen({ id, flags }: Head, words: Uint8Array, front: Uint8Array, data: Uint8Array): Opening | null {
  if (words.length < OPEN_BYTES || words.length > OPEN_BYTES + ONCE.noteBytes + CALLS.noteBytesMax) return null
  // A copy: it is kept as long as its handler runs, and must not keep all the bytes that it came with.
  const note = words.length === OPEN_BYTES ? NO_BYTES : new Uint8Array(words.subarray(OPEN_BYTES))
  return { id, flags, remainingMs: readUint32(words, HEAD_BYTES), note, front, data }
}

export function readFail(words: Uint8Array): CallFailure | null {
  if (words.length < FAIL_BYTES) return null
  const reason = REASONS[words[HEAD_BYTES]!]
  const ran = words[HEAD_BYTES + 1]!
  const codeEnd = FAIL_BYTES + words[HEAD_BYTES + 6]!
  if (reason === undefined || ran > 1 || codeEnd > words.length) return null
  return {
    reason,
    indeterminate: ran === 1,
    retryAfterMs: readUint32(words, HEAD_BYTES + 2),
    code: decoder.decode(words.subarray(FAIL_BYTES, codeEnd)),
    detail: decoder.decode(words.subarray(codeEnd)),
  }
}

/** The mark of a message whose words are of this length. */
function marked(kind: number, flags: number, id: number, length: number): Uint8Array {
  return headAt(new Uint8Array(MARK_BYTES + length), MARK_BYTES, kind, flags, id)
}

export function headAt(bytes: Uint8Array, at: number, kind: number, flags: number, id: number): Uint8Array {
  bytes[at] = kind
  bytes[at + 1] = flags
  writeUint48(bytes, at + 2, id)
  return bytes
}

/** A text in at most so many bytes, cut between characters. */
export function bounded(text: string, bytesMax: number): Uint8Array {
  const bytes = new Uint8Array(bytesMax)
  const { written } = encoder.encodeInto(text, bytes)
  return bytes.subarray(0, written)
}

export function writeUint48(bytes: Uint8Array, at: number, value: number): void {
  writeUint32(bytes, at, value % WORD)
  writeUint16(bytes, at + 4, Math.floor(value / WORD))
}

export function readUint48(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at + 4) * WORD + readUint32(bytes, at)
}
