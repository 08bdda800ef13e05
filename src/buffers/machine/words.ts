/** What a transfer says: the request that opens it, and how much of it is placed. */
import type { Range } from './claims.ts'
import { Reader, Writer } from './octets.ts'
import type { Direction } from './registry.ts'

const DIRECTION = { read: 1, write: 2 } as const

export interface TransferRequest {
  readonly direction: Direction
  readonly range: Range
  /** The serialised reference. */
  readonly token: Uint8Array
}

export function encodeRequest({ direction, range, token }: TransferRequest): Uint8Array {
  return new Writer().byte(DIRECTION[direction]).whole(range.offset).whole(range.length).bytes(token).done()
}

/** Null: it is none. */
export function decodeRequest(bytes: Uint8Array): TransferRequest | null {
  const reader = new Reader(bytes)
  const kind = reader.byte()
  const range = { offset: reader.whole(), length: reader.whole() }
  const token = reader.bytes(reader.left)
  if (reader.isBad || (kind !== DIRECTION.read && kind !== DIRECTION.write)) return null
  return { direction: kind === DIRECTION.read ? 'read' : 'write', range, token }
}

/** So many bytes of the transfer are where they belong. */
export function encodePlaced(bytes: number): Uint8Array {
  return new Writer().whole(bytes).done()
}

/** NaN: it is no such word. */
export function decodePlaced(bytes: Uint8Array): number {
  const reader = new Reader(bytes)
  const placed = reader.whole()
  return reader.isBad || reader.left > 0 ? NaN : placed
}
