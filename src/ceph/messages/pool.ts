/** What object I/O must know of a pool: of Ceph's long struct only the beginning is read. */
import { Malformed, type Reader } from '../msgr2/codec.ts'
import { readStruct } from '../encoding.ts'

/** What object I/O must know of a pool. */
export interface Pool {
  readonly kind: 'replicated' | 'erasure'
  /** Copies, or chunks. */
  readonly size: number
  /** 2 is Jenkins' hash, the only one that is known here. */
  readonly objectHash: number
  /** Placement groups. */
  readonly pgNum: number
}

const KNOWN = 32
const REPLICATED = 1
const ERASURE = 3
/** A struct's head and the fields below. */
export const POOL_BYTES_MIN = 14

export function readPool(reader: Reader): Pool {
  return readStruct(reader, KNOWN, 'a pool', (body) => {
    const type = body.u8()
    if (type !== REPLICATED && type !== ERASURE) throw new Malformed(`a pool of type ${type}`)
    const size = body.u8()
    body.u8()
    const objectHash = body.u8()
    const pgNum = body.u32()
    return { kind: type === ERASURE ? 'erasure' : 'replicated', size, objectHash, pgNum }
  })
}
