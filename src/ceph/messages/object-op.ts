/**
 * One step of a request to an OSD, as it stands in the request and in its answer: 38 bytes, and its data elsewhere.
 *
 * Only the steps in OBJECT_OP are made here. Of any other the 28 bytes in the middle mean something else; they are read
 * as if they did not, and are written again unchanged.
 */
import type { Reader, Writer } from '../msgr2/codec.ts'

/** Ceph's numbers of what can be done with an object. */
export const OBJECT_OP = {
  READ: 0x1201,
  STAT: 0x1202,
  WRITE: 0x2201,
  WRITE_FULL: 0x2202,
  DELETE: 0x2205,
  APPEND: 0x2206,
} as const

/** One step of a request to an OSD, and of its answer. */
export interface ObjectOp {
  /** See {@link OBJECT_OP}. */
  readonly op: number
  readonly flags: number
  readonly offset: bigint
  readonly length: bigint
  readonly truncateSize: bigint
  readonly truncateSeq: number
  /** Bytes of the message's data that belong to this step. */
  readonly dataBytes: number
}

export const OBJECT_OP_BYTES = 38

/** A step as this side makes it. */
export function objectOp(op: number, extent: { offset?: number; length?: number; dataBytes?: number } = {}): ObjectOp {
  const { offset = 0, length = 0, dataBytes = 0 } = extent
  return {
    op,
    flags: 0,
    offset: BigInt(offset),
    length: BigInt(length),
    truncateSize: 0n,
    truncateSeq: 0,
    dataBytes,
  }
}

export function readObjectOp(reader: Reader): ObjectOp {
  return {
    op: reader.u16(),
    flags: reader.u32(),
    offset: reader.u64(),
    length: reader.u64(),
    truncateSize: reader.u64(),
    truncateSeq: reader.u32(),
    dataBytes: reader.u32(),
  }
}

export function writeObjectOp(writer: Writer, op: ObjectOp): void {
  writer.u16(op.op).u32(op.flags).u64(op.offset).u64(op.length).u64(op.truncateSize).u32(op.truncateSeq)
  writer.u32(op.dataBytes)
}
