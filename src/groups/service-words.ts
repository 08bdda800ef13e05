/**
 * What the services of two messengers say to each other about groups, beside the words of the machines: who sits where.
 *
 * Each process numbers its members; a number is a seat, and never used again. `HELLO` names seats with the group, the member's id and what
 * its group was set up with; all later words between two members name their seats only. The first byte of a mark is the kind.
 */
import { FieldReader, FieldWriter } from '../common/fields.ts'
import { CONFIG_BYTES_MAX } from './config.ts'
import { KEY_BYTES } from './key.ts'
import { readMember } from './machine/fields.ts'

export const KIND = {
  HELLO: 1,
  /** A sign of life. */
  BEAT: 2,
  /** The seat is free: its member is gone. */
  GONE: 3,
  /** Who is no member wants something published. */
  POST: 4,
  POSTED: 5,
  /** A member wants the state of a view; parts of it, its end, and that it does not come. */
  STATE_ASK: 6,
  STATE_PART: 7,
  STATE_WHOLE: 8,
  STATE_FAILED: 9,
  /** A member goes on in another process: hold what you have for it; it is held; it stays after all; it is gone from here. */
  PART: 10,
  HELD: 11,
  STAY: 12,
  MOVED: 13,
  /** Of a machine: this and its own kind. */
  WORD: 16,
} as const

export interface SeatInfo {
  readonly seat: number
  readonly key: Uint8Array
  readonly id: string
  readonly config: string
}

export function helloBytes(seats: readonly SeatInfo[]): Uint8Array {
  const out = new FieldWriter()
  out.uint16(seats.length)
  for (const { seat, key, id, config } of seats) {
    out.uint16(seat)
    out.bytes(key)
    out.text(id)
    out.text(config)
  }
  return out.take()
}

/** Null: it is none. */
export function readHello(front: Uint8Array): SeatInfo[] | null {
  const from = new FieldReader(front)
  const seats = from.list((): SeatInfo => {
    const [seat, key] = [from.uint16(), from.bytes(KEY_BYTES)]
    if (key.length !== KEY_BYTES) from.fail()
    return { seat, key, id: readMember(from), config: from.text(CONFIG_BYTES_MAX) }
  })
  return from.isAtEnd ? seats : null
}

/** The mark of a word from one seat to another. */
export function seatMark(kind: number, to: number, from: number): Uint8Array {
  return Uint8Array.of(kind, to & 0xff, to >>> 8, from & 0xff, from >>> 8)
}

export function readMark(
  mark: Uint8Array,
): { readonly kind: number; readonly to: number; readonly from: number } | null {
  if (mark.length !== 5) return null
  return { kind: mark[0]!, to: mark[1]! | (mark[2]! << 8), from: mark[3]! | (mark[4]! << 8) }
}

export function seatBytes(seat: number): Uint8Array {
  return new FieldWriter().uint16(seat).take()
}

/** NaN: it is none. */
export function readSeat(front: Uint8Array): number {
  const from = new FieldReader(front)
  const seat = from.uint16()
  return from.isAtEnd ? seat : NaN
}

export function partBytes(seat: number, holdMs: number): Uint8Array {
  return new FieldWriter().uint16(seat).uint32(holdMs).take()
}

export function readPart(front: Uint8Array): { readonly seat: number; readonly holdMs: number } | null {
  const from = new FieldReader(front)
  const part = { seat: from.uint16(), holdMs: from.uint32() }
  return from.isAtEnd ? part : null
}

export interface Post {
  readonly id: number
  readonly key: Uint8Array
  readonly type: number
  readonly isSafe: boolean
}

export function postBytes({ id, key, type, isSafe }: Post): Uint8Array {
  const out = new FieldWriter()
  out.uint32(id)
  out.bytes(key)
  out.uint16(type)
  out.uint8(isSafe ? 1 : 0)
  return out.take()
}

export function readPost(front: Uint8Array): Post | null {
  const from = new FieldReader(front)
  const post = { id: from.uint32(), key: from.bytes(KEY_BYTES), type: from.uint16(), isSafe: from.uint8() === 1 }
  return from.isAtEnd && post.key.length === KEY_BYTES ? post : null
}

/** What became of a post: where it was published, or why it was not. */
export interface Posted {
  readonly id: number
  readonly view: string
  readonly index: number
  readonly isTransitional: boolean
  /** Empty: it was published. */
  readonly code: string
  readonly text: string
}

export function postedBytes({ id, view, index, isTransitional, code, text }: Posted): Uint8Array {
  const out = new FieldWriter()
  out.uint32(id)
  out.text(view)
  out.uint48(index)
  out.uint8(isTransitional ? 1 : 0)
  out.text(code)
  out.text(text)
  return out.take()
}

export function readPosted(front: Uint8Array): Posted | null {
  const from = new FieldReader(front)
  const [id, view, index] = [from.uint32(), from.text(), from.uint48()]
  const [isTransitional, code, text] = [from.uint8() === 1, from.text(), from.text()]
  return from.isAtEnd ? { id, view, index, isTransitional, code, text } : null
}
