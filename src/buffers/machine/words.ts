/** What a transfer says: the request that opens it, and how much of it is placed. */
import type { Range } from './claims.ts'
import { FieldReader, FieldWriter } from '../../common/fields.ts'
import type { Direction } from './registry.ts'

const DIRECTION = { read: 1, write: 2 } as const

export interface TransferRequest {
  readonly direction: Direction
  readonly range: Range
  /** The serialised reference. */
  readonly token: Uint8Array
}

export function encodeRequest({ direction, range, token }: TransferRequest): Uint8Array {
  return new FieldWriter().uint8(DIRECTION[direction]).uint48(range.offset).uint48(range.length).raw(token).take()
}

/** Null: it is none. */
export function decodeRequest(bytes: Uint8Array): TransferRequest | null {
  const reader = new FieldReader(bytes)
  const kind = reader.uint8()
  const range = { offset: reader.uint48(), length: reader.uint48() }
  const token = reader.raw(reader.left)
  if (reader.isBad || (kind !== DIRECTION.read && kind !== DIRECTION.write)) return null
  return { direction: kind === DIRECTION.read ? 'read' : 'write', range, token }
}

/** So many bytes of the transfer are where they belong. */
export function encodePlaced(bytes: number): Uint8Array {
  return new FieldWriter().uint48(bytes).take()
}

/** NaN: it is no such word. */
export function decodePlaced(bytes: Uint8Array): number {
  const reader = new FieldReader(bytes)
  const placed = reader.uint48()
  return reader.isBad || reader.left > 0 ? NaN : placed
}
