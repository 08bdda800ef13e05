/**
 * What control words say of transactions: entries with the head that messages have, several in one word.
 *
 * They overtake messages, and wait for no credit. Nothing here throws: what is no entry is null, which is the peer's fault.
 *
 *     CANCEL  head, lane (1), why (1), detail (2 + n)       VERDICT head, verdict (1)
 *     CREDIT  head, total (6)           STOP, RESET head, detail (2 + n)
 */
import { readUint16, writeUint16 } from '../../wire/native/bytes.ts'
import { CALLS } from './limits.ts'
import {
  FLAG,
  HEAD_BYTES,
  KIND,
  REASONS,
  VERDICTS,
  bounded,
  headAt,
  readHead,
  readUint48,
  writeUint48,
} from './words.ts'
import type { CallReason, CallVerdict } from './words.ts'

const decoder = new TextDecoder()

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

function headed(kind: number, flags: number, id: number, length: number): Uint8Array {
  return headAt(new Uint8Array(length), 0, kind, flags, id)
}

function writeText(bytes: Uint8Array, at: number, text: Uint8Array): void {
  writeUint16(bytes, at, text.length)
  bytes.set(text, at + 2)
}

function readText(words: Uint8Array, at: number): { readonly detail: string; readonly end: number } | null {
  if (words.length < at + 2) return null
  const length = readUint16(words, at)
  const end = at + 2 + length
  if (length > CALLS.detailBytesMax || end > words.length) return null
  return { detail: decoder.decode(words.subarray(at + 2, end)), end }
}
