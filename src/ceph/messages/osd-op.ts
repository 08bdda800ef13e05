/**
 * A request to an OSD: what is to be done with one object. Written as Ceph 12 and later do (version 8).
 *
 * The OSD drops it when the placement group is not its own in the map that it has. The client's number, its incarnation and
 * the tid name the request for good: an OSD that has executed it already answers a repetition without executing it again.
 */
import { Malformed, type Reader, Writer } from '../msgr2/codec.ts'
import { readId, readList, readLooseText, readStruct, readTime, writeStruct, writeTime } from '../encoding.ts'
import type { CephTime } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'
import { readObjectOp, writeObjectOp, type ObjectOp } from './object-op.ts'
import { readShardedPg, writeShardedPg, type PlacementGroup } from './placement.ts'

/** Flags of a request, and of its answer. */
export const OSD_FLAG = {
  /** Answer when it is on disk. */
  ON_DISK: 0x4,
  /** It was sent before. */
  RETRY: 0x8,
  READ: 0x10,
  WRITE: 0x20,
  /** The client follows redirections. */
  KNOWN_REDIRECT: 0x400000,
  /** Answer ENOSPC when the cluster is full; without it the OSD says nothing until there is room. */
  FULL_TRY: 0x800000,
} as const

/** The body of {@link OsdOp}. */
export interface OsdOpBody {
  readonly group: PlacementGroup
  /** Of the object's name, before it was folded to a placement group. */
  readonly hash: number
  /** Of the map by which the OSD was chosen. */
  readonly epoch: number
  readonly flags: number
  /** When the client asked for it: the object's new modification time. */
  readonly time: CephTime
  readonly object: string
  readonly namespace: string
  /** Of a listing, which has no name: where in the pool. Null for every other request. */
  readonly position: bigint | null
  readonly ops: readonly ObjectOp[]
  /** 0 for the first time that it is sent. */
  readonly attempt: number
  /** Tells runs of a client apart that have the same number; default 0. */
  readonly incarnation?: number
  /** Ceph's feature bits of the client, by which the answer is written. */
  readonly features: bigint
  /** Of all steps, one after the other. */
  readonly data: Uint8Array
}

const VERSION = 8
const PRIORITY = 63
const NO_SNAPSHOT = -2n
/** The client and the tid of a request made for somebody else: there is none. The incarnation follows, here and below. */
const NO_REQUEST = new Uint8Array(17)
const TRACE_BYTES = 24
const LOCATOR_KNOWN = 6
const LOCATOR_COMPAT = 3
const NO_POSITION = -1n

/** `CEPH_MSG_OSD_OP`: what is to be done with one object. */
export const OsdOp = cephMessage<OsdOpBody>({
  name: 'OsdOp',
  type: 42,
  version: VERSION,
  priority: PRIORITY,
  write(writer, body) {
    const { incarnation = 0 } = body
    writeShardedPg(writer, body.group)
    writer.u32(body.hash).u32(body.epoch).u32(body.flags)
    writeStruct(writer, 2, 2, new Writer().raw(NO_REQUEST).u32(incarnation).done())
    writer.raw(new Uint8Array(TRACE_BYTES)).u32(incarnation)
    writeTime(writer, body.time)
    const locator = new Writer().u64(BigInt(body.group.pool)).u32(0xffffffff).text('').text(body.namespace)
    const compat = body.position === null ? LOCATOR_COMPAT : LOCATOR_KNOWN
    writeStruct(writer, LOCATOR_KNOWN, compat, locator.u64(body.position ?? NO_POSITION).done())
    writer.text(body.object).u16(body.ops.length)
    for (const op of body.ops) writeObjectOp(writer, op)
    writer.u64(NO_SNAPSHOT).u64(0n).u32(0)
    writer.u32(body.attempt >>> 0).u64(body.features)
  },
  data: ({ data }) => data,
  read(reader, { version, data }) {
    if (version !== VERSION) throw new Malformed(`version ${version}, and only ${VERSION} is known here`)
    const group = readShardedPg(reader)
    const [hash, epoch, flags] = [reader.u32(), reader.u32(), reader.u32()]
    readStruct(reader, 2, 'the id of a request', () => undefined)
    reader.raw(TRACE_BYTES)
    const incarnation = reader.u32()
    const time = readTime(reader)
    const { namespace, position } = readStruct(reader, LOCATOR_KNOWN, 'a locator', readLocator)
    const object = readLooseText(reader)
    const ops = Array.from({ length: reader.u16() }, () => readObjectOp(reader))
    reader.raw(16)
    readList(reader, 8, () => reader.u64())
    const attempt = reader.i32()
    const features = reader.u64()
    return { group, hash, epoch, flags, time, object, namespace, position, ops, attempt, incarnation, features, data }
  },
})

function readLocator(reader: Reader): Pick<OsdOpBody, 'namespace' | 'position'> {
  readId(reader)
  reader.u32()
  readLooseText(reader)
  const namespace = readLooseText(reader)
  const position = reader.i64()
  return { namespace, position: position === NO_POSITION ? null : position }
}
