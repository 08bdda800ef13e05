/**
 * The words of transactions: what stands in the mark of each message, and what control words say.
 *
 * A message of a transaction is a piece of a record: the request or a part of the caller's, a part or the end of the
 * handler's. Its words are a head of 8 bytes (kind, flags, number) and what that kind adds; they are written where they go, behind
 * `MARK_BYTES` of room for the number of the service. Control words are entries with the same head, several in one word.
 * All numbers are little-endian. Nothing here throws: what is no word is null, which is the peer's fault. What remains is written when
 * the request is queued; where the record says what is left of its time on the link (EXPIRES), that counts.
 *
 *     OPEN    head, remaining ms (4; 0: no deadline), note (the rest: see once.ts and metadata.ts)
 *     PART    head                      REPLY   head
 *     FAIL    head, reason (1), ran (1), retry after ms (4), code (1 + n), detail (the rest)
 *     CANCEL  head, lane (1), why (1), detail (2 + n)       VERDICT head, verdict (1)
 *     CREDIT  head, total (6)           STOP, RESET head, detail (2 + n)
 */
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

/** Something that a control word says. */
export type Entry =
  | {
      readonly kind: 'cancel'
      readonly id: number
      readonly lane: number
      readonly why: CallReason
      readonly detail: string
    }
  | { readonly kind: 'verdict'; readonly id: number; readonly verdict: CallVerdict }
  | { readonly kind: 'credit'; readonly id: number; readonly down: boolean; readonly total: number }
  | { readonly kind: 'stop' | 'reset'; readonly id: number; readonly down: boolean; readonly detail: string }

/** Bytes of an entry, at most. */
export const ENTRY_BYTES_MAX = HEAD_BYTES + 4 + CALLS.detailBytesMax

export function entryBytes(entry: Entry): Uint8Array {
  switch (entry.kind) {
    case 'cancel': {
      const detail = bounded(entry.detail, CALLS.detailBytesMax)
      const bytes = headed(KIND.CANCEL, 0, entry.id, HEAD_BYTES + 4 + detail.length)
      bytes[HEAD_BYTES] = entry.lane
      bytes[HEAD_BYTES + 1] = REASONS.indexOf(entry.why)
      writeText(bytes, HEAD_BYTES + 2, detail)
      return bytes
    }
    case 'verdict': {
      const bytes = headed(KIND.VERDICT, FLAG.DOWN, entry.id, HEAD_BYTES + 1)
      bytes[HEAD_BYTES] = VERDICTS.indexOf(entry.verdict)
      return bytes
    }
    case 'credit': {
      const bytes = headed(KIND.CREDIT, entry.down ? FLAG.DOWN : 0, entry.id, HEAD_BYTES + 6)
      writeUint48(bytes, HEAD_BYTES, entry.total)
      return bytes
    }
    case 'stop':
    case 'reset': {
      const detail = bounded(entry.detail, CALLS.detailBytesMax)
      const kind = entry.kind === 'stop' ? KIND.STOP : KIND.RESET
      const bytes = headed(kind, entry.down ? FLAG.DOWN : 0, entry.id, HEAD_BYTES + 2 + detail.length)
      writeText(bytes, HEAD_BYTES, detail)
      return bytes
    }
  }
}

/** All entries of a control word. Null: it is not made of entries. */
export function readEntries(words: Uint8Array): Entry[] | null {
  const entries: Entry[] = []
  for (let at = 0; at < words.length;) {
    const read = readEntry(words, at)
    if (read === null) return null
    entries.push(read.entry)
    at = read.end
  }
  return entries
}

function readEntry(words: Uint8Array, start: number): { readonly entry: Entry; readonly end: number } | null {
  const head = readHead(words, start)
  if (head === null) return null
  const { kind, id } = head
  const at = start + HEAD_BYTES
  const down = (head.flags & FLAG.DOWN) !== 0
  switch (kind) {
    case KIND.CANCEL: {
      const why = REASONS[words[at + 1] ?? 0xff]
      const text = readText(words, at + 2)
      if (why === undefined || text === null) return null
      return { entry: { kind: 'cancel', id, lane: words[at]!, why, detail: text.detail }, end: text.end }
    }
    case KIND.VERDICT: {
      const verdict = VERDICTS[words[at] ?? 0xff]
      return verdict === undefined ? null : { entry: { kind: 'verdict', id, verdict }, end: at + 1 }
    }
    case KIND.CREDIT:
      if (words.length < at + 6) return null
      return { entry: { kind: 'credit', id, down, total: readUint48(words, at) }, end: at + 6 }
    case KIND.STOP:
    case KIND.RESET: {
      const text = readText(words, at)
      if (text === null) return null
      return { entry: { kind: kind === KIND.STOP ? 'stop' : 'reset', id, down, detail: text.detail }, end: text.end }
    }
    default:
      return null
  }
}

/** The mark of a message whose words are of this length. */
function marked(kind: number, flags: number, id: number, length: number): Uint8Array {
  return headAt(new Uint8Array(MARK_BYTES + length), MARK_BYTES, kind, flags, id)
}

function headed(kind: number, flags: number, id: number, length: number): Uint8Array {
  return headAt(new Uint8Array(length), 0, kind, flags, id)
}

function headAt(bytes: Uint8Array, at: number, kind: number, flags: number, id: number): Uint8Array {
  bytes[at] = kind
  bytes[at + 1] = flags
  writeUint48(bytes, at + 2, id)
  return bytes
}

/** A text in at most so many bytes, cut between characters. */
function bounded(text: string, bytesMax: number): Uint8Array {
  const bytes = new Uint8Array(bytesMax)
  const { written } = encoder.encodeInto(text, bytes)
  return bytes.subarray(0, written)
}

function writeText(bytes: Uint8Array, at: number, text: Uint8Array): void {
  bytes[at] = text.length
  bytes[at + 1] = text.length >>> 8
  bytes.set(text, at + 2)
}

function readText(words: Uint8Array, at: number): { readonly detail: string; readonly end: number } | null {
  if (words.length < at + 2) return null
  const length = words[at]! | (words[at + 1]! << 8)
  const end = at + 2 + length
  if (length > CALLS.detailBytesMax || end > words.length) return null
  return { detail: decoder.decode(words.subarray(at + 2, end)), end }
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
  bytes[at + 2] = value >>> 16
  bytes[at + 3] = value >>> 24
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

export function writeUint48(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / WORD)
  writeUint32(bytes, at, value % WORD)
  bytes[at + 4] = high
  bytes[at + 5] = high >>> 8
}

export function readUint48(bytes: Uint8Array, at: number): number {
  return (bytes[at + 4]! | (bytes[at + 5]! << 8)) * WORD + readUint32(bytes, at)
}
