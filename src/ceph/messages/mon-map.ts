/**
 * Who the monitors are: their names and addresses, in the order of their ranks.
 *
 * The message carries the map as opaque bytes; `readMonMap` reads of them what a client needs. Maps of releases before
 * Ceph 13 are refused.
 */
import { formatEntity, readVector } from '../msgr2/address.ts'
import { Malformed, Reader } from '../msgr2/codec.ts'
import { readList, readLooseText, readMap, readStruct, readTime, readUuid, type CephTime } from '../encoding.ts'
import { cephMessage, decoded, type CephMessage } from './ceph-message.ts'

/** A monitor of the map. */
export interface Monitor {
  /** `a` of `mon.a`. */
  readonly name: string
  /** Its msgr2 address; null when it has none. */
  readonly address: string | null
}

/** Who the monitors are, in the order of their ranks. */
export interface MonMap {
  /** The cluster's id. */
  readonly fsid: string
  readonly epoch: number
  readonly modified: CephTime
  /** By rank. */
  readonly monitors: readonly Monitor[]
}

/** Asks for the map once, without a subscription. */
export const MonGetMap = cephMessage<null>({ name: 'MonGetMap', type: 5, version: 1, write() {}, read: () => null })

/** The map's bytes, for {@link readMonMap}. */
/** Written out: inferred, its declaration would need a TypeScript of 2025. */
export const MonMapMessage: CephMessage<Uint8Array> = cephMessage<Uint8Array>({
  name: 'MonMapMessage',
  type: 4,
  version: 1,
  write: (writer, map) => void writer.blob(map),
  read: (reader) => reader.blob(),
})

const KNOWN = 9
const VERSION_MIN = 6
const TEXT_BYTES_MIN = 4
/** A name, a struct's head, another name. */
const MONITOR_BYTES_MIN = 14
const FEATURES_KNOWN = 1

/**
 * Reads the map of monitors out of its message. Throws `CephError` for bytes that are none, or are of a release
 * before Ceph 13.
 */
export function readMonMap(bytes: Uint8Array): MonMap {
  return decoded('the map of monitors', () => readStruct(new Reader(bytes), KNOWN, 'a map of monitors', readBody))
}

function readBody(reader: Reader, version: number): MonMap {
  if (version < VERSION_MIN) throw new Malformed(`version ${version} is of a release before Ceph 13`)
  const fsid = readUuid(reader)
  const epoch = reader.u32()
  const modified = readTime(reader)
  readTime(reader)
  readFeatures(reader)
  readFeatures(reader)
  const byName = readMap(
    reader,
    MONITOR_BYTES_MIN,
    () => readLooseText(reader),
    () => readMonitor(reader),
  )
  const ranks = readList(reader, TEXT_BYTES_MIN, () => readLooseText(reader))
  const monitors = ranks.flatMap((name) => byName.get(name) ?? [])
  return { fsid, epoch, modified, monitors }
}

function readFeatures(reader: Reader): void {
  readStruct(reader, FEATURES_KNOWN, 'features of monitors', () => undefined)
}

function readMonitor(reader: Reader): Monitor {
  return readStruct(reader, Infinity, 'a monitor', (body) => {
    const name = readLooseText(body)
    const address = readVector(body).find(({ type }) => type === 'v2')
    return { name, address: address === undefined ? null : formatEntity(address) }
  })
}
