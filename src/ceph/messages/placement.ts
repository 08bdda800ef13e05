/** Placement groups and object names as they stand in messages to and from OSDs. */
import { Malformed, type Reader, Writer } from '../msgr2/codec.ts'
import { readId, readStruct, writeStruct } from '../encoding.ts'

/** A placement group by its pool and its number in it. */
export interface PlacementGroup {
  /** Id of the pool. */
  readonly pool: number
  /** 0 to the pool's number of placement groups - 1. */
  readonly seed: number
  /** Which chunk, in an erasure-coded pool; -1 in others. */
  readonly shard: number
}

const PG_VERSION = 1
const SHARDED_KNOWN = 1
const NOT_PREFERRED = -1

/** `1.2a`, as Ceph prints it. */
export function formatPg({ pool, seed, shard }: PlacementGroup): string {
  return `${pool}.${seed.toString(16)}${shard < 0 ? '' : `s${shard}`}`
}

/** Without its shard. */
export function readPg(reader: Reader): PlacementGroup {
  const version = reader.u8()
  if (version !== PG_VERSION) throw new Malformed(`a placement group of version ${version}`)
  const pool = readId(reader)
  const seed = reader.u32()
  reader.i32()
  return { pool, seed, shard: -1 }
}

export function writePg(writer: Writer, { pool, seed }: PlacementGroup): void {
  writer
    .u8(PG_VERSION)
    .u64(BigInt(pool))
    .u32(seed)
    .u32(NOT_PREFERRED >>> 0)
}

export function readShardedPg(reader: Reader): PlacementGroup {
  return readStruct(reader, SHARDED_KNOWN, 'a placement group', (body) => {
    const group = readPg(body)
    return { ...group, shard: (body.u8() << 24) >> 24 }
  })
}

export function writeShardedPg(writer: Writer, group: PlacementGroup): void {
  const body = new Writer()
  writePg(body, group)
  writeStruct(writer, 1, 1, body.u8(group.shard & 0xff).done())
}
