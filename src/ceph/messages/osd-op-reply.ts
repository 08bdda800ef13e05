/** An OSD's answer to a request: one result for the whole, and one with its data for each step. */
import { concat } from '../../common/bytes.ts'
import { Malformed, type Reader, type Writer } from '../msgr2/codec.ts'
import { readList, readLooseText, readSize } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'
import { OBJECT_OP_BYTES, readObjectOp, writeObjectOp, type ObjectOp } from './object-op.ts'
import { readPg, writePg, type PlacementGroup } from './placement.ts'

/** A version of an object, or of the log of a placement group. */
export interface ObjectVersion {
  readonly version: number
  readonly epoch: number
}

/** What became of one step. */
export interface OpResult {
  readonly op: ObjectOp
  /** 0, or an error number below it. */
  readonly result: number
  /** A view. */
  readonly data: Uint8Array
}

/** The body of {@link OsdOpReply}. */
export interface OsdOpReplyBody {
  readonly object: string
  readonly group: PlacementGroup
  readonly flags: number
  /** 0 or more, or an error number below 0. */
  readonly result: number
  /** Of the map that the OSD had. */
  readonly epoch: number
  /** Of the request that is answered; -1 when the OSD does not say. */
  readonly attempt: number
  readonly results: readonly OpResult[]
  /** In the log of the placement group. */
  readonly version: ObjectVersion
  /** What older clients are told instead. */
  readonly legacyVersion: ObjectVersion
  /** Grows with every change of the object. */
  readonly objectVersion: number
  /** True: the object is to be asked for elsewhere, which this side does not do. */
  readonly redirected: boolean
}

const VERSION = 8
/** Ceph 0.94 and later write all that is read here. */
const VERSION_MIN = 7
const TRACE = new Uint8Array(24)

/** `CEPH_MSG_OSD_OPREPLY`: an OSD's answer to {@link OsdOp}. */
export const OsdOpReply = cephMessage<OsdOpReplyBody>({
  name: 'OsdOpReply',
  type: 43,
  version: VERSION,
  write(writer, body) {
    writer.text(body.object)
    writePg(writer, body.group)
    writer.u64(BigInt(body.flags)).u32(body.result >>> 0)
    writeVersion(writer, body.legacyVersion)
    writer.u32(body.epoch).list(body.results, ({ op, data }) => {
      writeObjectOp(writer, { ...op, dataBytes: data.length })
    })
    writer.u32(body.attempt >>> 0)
    for (const { result } of body.results) writer.u32(result >>> 0)
    writeVersion(writer, body.version)
    writer.u64(BigInt(body.objectVersion)).bool(body.redirected).raw(TRACE)
  },
  data: ({ results }) => joined(results.map(({ data }) => data)),
  read(reader, { version, data }) {
    if (version < VERSION_MIN) throw new Malformed(`version ${version} is of a release before Ceph 0.94`)
    const object = readLooseText(reader)
    const group = readPg(reader)
    const flags = Number(reader.u64() & 0xffffffffn)
    const result = reader.i32()
    const legacyVersion = readVersion(reader)
    const epoch = reader.u32()
    const ops = readList(reader, OBJECT_OP_BYTES, () => readObjectOp(reader))
    const attempt = reader.i32()
    const codes = ops.map(() => reader.i32())
    const logVersion = readVersion(reader)
    const objectVersion = readSize(reader)
    const redirected = reader.bool()
    const results = shared(ops, codes, data)
    return {
      ...{ object, group, flags, result, legacyVersion, epoch, attempt, results },
      ...{ version: logVersion, objectVersion, redirected },
    }
  },
})

/** Gives every step its part of the data. */
function shared(ops: readonly ObjectOp[], codes: readonly number[], data: Uint8Array): OpResult[] {
  let at = 0
  return ops.map((op, index) => {
    if (op.dataBytes > data.length - at) throw new Malformed(`step ${index} claims ${op.dataBytes} bytes of data`)
    const part = data.subarray(at, (at += op.dataBytes))
    return { op, result: codes[index] ?? 0, data: part }
  })
}

function readVersion(reader: Reader): ObjectVersion {
  return { version: readSize(reader), epoch: reader.u32() }
}

function writeVersion(writer: Writer, { version, epoch }: ObjectVersion): void {
  writer.u64(BigInt(version)).u32(epoch)
}

/** The usual answer has one step. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : concat(parts)
}
