/**
 * The map of OSDs: which there are and where, and which pools. What object I/O needs of it, and no more.
 *
 * A full map and the changes between two maps are structs that clients share with daemons; the part for clients comes
 * first, so the rest (CRUSH, weights, daemons' own addresses) is never looked at. Maps of releases before Ceph 14 are
 * refused. `applyIncremental` leaves the old map as it is.
 */
import { formatEntity, readVector, type EntityAddress } from '../msgr2/address.ts'
import { Malformed, Reader } from '../msgr2/codec.ts'
import { readId, readList, readLooseText, readMap, readStruct, readTime, readUuid } from '../encoding.ts'
import type { CephTime } from '../encoding.ts'
import { decoded } from './ceph-message.ts'
import { POOL_BYTES_MIN, readPool, type Pool } from './pool.ts'

/** An OSD of the map. */
export interface Osd {
  readonly id: number
  readonly up: boolean
  /** Where clients reach it, with its nonce; null when it never was there. */
  readonly address: string | null
}

/** A pool of the map, with its number and its name. */
export interface NamedPool extends Pool {
  readonly id: number
  readonly name: string
}

/** Which OSDs there are and where, and which pools: what object I/O needs of the map, and no more. */
export interface OsdMap {
  readonly fsid: string
  readonly epoch: number
  readonly modified: CephTime
  /** See {@link OSD_MAP_FLAG}. */
  readonly flags: number
  /** By id. Pool and name come apart on the wire; a pool without a name has an empty one. */
  readonly pools: ReadonlyMap<number, NamedPool>
  /** By id; those that exist. */
  readonly osds: ReadonlyMap<number, Osd>
}

/** Of a map: what clients must not do now. */
export const OSD_MAP_FLAG = { FULL: 2, PAUSE_READ: 4, PAUSE_WRITE: 8 } as const

const KNOWN = 8
const VERSION_MIN = 7
const CLIENT_KNOWN = 10
const CLIENT_VERSION_MIN = 8
const INCREMENTAL_KNOWN = 9
const INCREMENTAL_VERSION_MIN = 7
const EXISTS = 1
const UP = 2

/**
 * Reads a whole map of OSDs out of its message. Throws `CephError` for bytes that are none, or are of a release that
 * is too old.
 */
export function readOsdMap(bytes: Uint8Array): OsdMap {
  return decoded('the map of OSDs', () => forClients(bytes, CLIENT_KNOWN, CLIENT_VERSION_MIN, readFull))
}

/**
 * The map after a change.
 *
 * @returns null when the change is not one of this very map: ask for the whole one.
 * @throws InkwireError `INK_DECODE_FAILED`.
 */
export function applyIncremental(map: OsdMap, bytes: Uint8Array): OsdMap | null {
  return decoded('a change of the map of OSDs', () =>
    forClients(bytes, INCREMENTAL_KNOWN, INCREMENTAL_VERSION_MIN, (reader) => readChange(map, reader)),
  )
}

/** A wrapper around a part for clients and one for daemons. */
function forClients<T>(bytes: Uint8Array, known: number, versionMin: number, body: (reader: Reader) => T): T {
  return readStruct(new Reader(bytes), KNOWN, 'a map of OSDs', (reader, version) => {
    if (version < VERSION_MIN) throw new Malformed(`version ${version} is of a release before Ceph 14`)
    return readStruct(reader, known, 'its part for clients', (part, partVersion) => {
      if (partVersion < versionMin) throw new Malformed(`version ${partVersion} is of a release before Ceph 14`)
      return body(part)
    })
  })
}

function readFull(reader: Reader): OsdMap {
  const fsid = readUuid(reader)
  const epoch = reader.u32()
  readTime(reader)
  const modified = readTime(reader)
  const pools = readPools(reader)
  const names = readNames(reader)
  reader.u32()
  const flags = reader.u32()
  reader.u32()
  const states = readList(reader, 4, () => reader.u32())
  readList(reader, 4, () => reader.u32())
  const addresses = readList(reader, 1, () => readVector(reader))
  const osds = new Map<number, Osd>()
  for (const [id, state] of states.entries()) {
    if ((state & EXISTS) !== 0) osds.set(id, { id, up: (state & UP) !== 0, address: textOf(addresses[id]) })
  }
  return { fsid, epoch, modified, flags, pools: named(pools, names), osds }
}

/** The fields are applied in the order in which Ceph does it: weights, states, then who came up. */
function readChange(map: OsdMap, reader: Reader): OsdMap | null {
  const fsid = readUuid(reader)
  const epoch = reader.u32()
  if (fsid !== map.fsid || epoch !== map.epoch + 1) return null
  const modified = readTime(reader)
  reader.u64()
  const flags = reader.i32()
  const full = reader.blob()
  if (full.length > 0) return readOsdMap(full)
  reader.blob()
  const most = reader.i32()
  const { pools, osds } = { pools: new Map(map.pools), osds: new Map(map.osds) }
  const changedPools = readPools(reader)
  const changedNames = readNames(reader)
  for (const id of readList(reader, 8, () => readId(reader))) pools.delete(id)
  for (const [id, pool] of changedPools) pools.set(id, { ...pool, id, name: pools.get(id)?.name ?? '' })
  for (const [id, name] of changedNames) {
    const pool = pools.get(id)
    if (pool !== undefined) pools.set(id, { ...pool, name })
  }
  readOsdChanges(osds, reader)
  for (const id of osds.keys()) if (most >= 0 && id >= most) osds.delete(id)
  return { fsid, epoch, modified, flags: flags >= 0 ? flags : map.flags, pools, osds }
}

function readOsdChanges(osds: Map<number, Osd>, reader: Reader): void {
  const id = (): number => reader.i32()
  const cameUp = readMap(reader, 5, id, () => textOf(readVector(reader)))
  const states = readMap(reader, 8, id, () => reader.u32())
  const weights = readMap(reader, 8, id, () => reader.u32())
  for (const [osd, weight] of weights) {
    if (weight > 0 && !osds.has(osd)) osds.set(osd, { id: osd, up: false, address: null })
  }
  for (const [osd, given] of states) {
    // Zero stands for the commonest change: it went down or came up.
    const bits = given === 0 ? UP : given
    const known = osds.get(osd)
    if (known !== undefined && (bits & EXISTS) !== 0) osds.delete(osd)
    else if (known !== undefined && (bits & UP) !== 0) osds.set(osd, { ...known, up: !known.up })
    else if (known === undefined && (bits & EXISTS) !== 0) osds.set(osd, { id: osd, up: false, address: null })
  }
  for (const [osd, address] of cameUp) osds.set(osd, { id: osd, up: true, address })
}

function readPools(reader: Reader): Map<number, Pool> {
  return readMap(
    reader,
    8 + POOL_BYTES_MIN,
    () => readId(reader),
    () => readPool(reader),
  )
}

function readNames(reader: Reader): Map<number, string> {
  return readMap(
    reader,
    12,
    () => readId(reader),
    () => readLooseText(reader),
  )
}

function named(pools: ReadonlyMap<number, Pool>, names: ReadonlyMap<number, string>): Map<number, NamedPool> {
  return new Map([...pools].map(([id, pool]) => [id, { ...pool, id, name: names.get(id) ?? '' }]))
}

function textOf(addresses: readonly EntityAddress[] | undefined): string | null {
  const address = addresses?.find(({ type }) => type === 'v2')
  return address === undefined ? null : formatEntity(address)
}
