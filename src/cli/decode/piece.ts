/**
 * What `inkwire decode` says about bytes, as plain data: pieces (a banner or a frame) with fields, and how it ended.
 *
 * Offsets count from the first byte that was given. A field inside a payload has the payload's offset.
 */
import { toHex } from '../../common/bytes.ts'

export interface Field {
  readonly at: number
  readonly name: string
  /** Plain: numbers, text, truth, lists and objects of such. */
  readonly value: unknown
}

/** One direction of a link in a capture. */
export interface Way {
  /** From 1, in the order in which links are first explained. */
  readonly link: number
  readonly from: string
  readonly to: string
}

export interface Piece {
  /** In a capture: whose it is, and when its last byte was seen, in ms since the first packet. Offsets are those of the direction. */
  readonly way?: Way
  readonly afterMs?: number
  readonly at: number
  /** How long it is, or says that it is. */
  readonly bytes: number
  readonly frame: string
  readonly fields: readonly Field[]
}

/** Why nothing is explained from there on. */
export interface Stop {
  /** In a capture: where; left out: in the file itself. */
  readonly way?: Way
  /** Where the piece begins that cannot be taken. */
  readonly at: number
  /** What a messenger would report; null: the bytes end, or are none that can be read here. */
  readonly code: string | null
  readonly reason: string
}

export interface Hearer {
  piece(piece: Piece): void
  /** Called once, and nothing follows; in a capture once for a direction, and for the file. */
  stop(stop: Stop): void
}

/** Memory for a frame. */
export type Allocate = (bytes: number) => Uint8Array<ArrayBuffer>

/** A protocol that explains one direction of a link, a piece at a time. */
export interface Explainer {
  /** So much of the next piece shows how long it is. */
  readonly headBytes: number
  /** What the next or current piece is, for sentences. */
  readonly current: string
  /** The head of a piece that begins at `at`. Returns the length of the whole piece, head included. */
  begin(head: Uint8Array, at: number): number
  /** What follows of the piece, split anywhere; never beyond its end. */
  take(bytes: Uint8Array): void
}

/** Bytes by their length and their beginning. */
export function shown(bytes: Uint8Array, max: number): { readonly bytes: number; readonly hex: string } {
  return { bytes: bytes.length, hex: toHex(bytes.subarray(0, max)) }
}

/** A decoded value as plain data for JSON: bytes by `shown`, numbers that JSON does not have as text. */
export function told(value: unknown, max: number): unknown {
  if (value instanceof Uint8Array) return shown(value, max)
  if (typeof value === 'bigint') return value <= Number.MAX_SAFE_INTEGER ? Number(value) : `0x${value.toString(16)}`
  if (value === Infinity) return 'no bound'
  if (Array.isArray(value)) return value.map((one) => told(one, max))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, told(one, max)]))
}

/** The fields of a decoded payload at `at`. */
export function fieldsOf(payload: object, at: number, max: number): Field[] {
  return Object.entries(payload).map(([name, value]) => ({ at, name, value: told(value, max) }))
}

/** The names of the bits that are set. */
export function namesOf(bits: number, names: Readonly<Record<string, number>>): string[] {
  return Object.entries(names).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]))
}
