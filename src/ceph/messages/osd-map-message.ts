/** Maps of OSDs on their way to a client: whole ones and changes, by epoch. Monitors send them, and OSDs do, too. */
import type { Reader, Writer } from '../msgr2/codec.ts'
import { readMap, readUuid, writeMap, writeUuid } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'

/** The body of {@link OsdMapMessage}. */
export interface OsdMapBody {
  readonly fsid: string
  /** The change to each epoch; see `applyIncremental`. */
  readonly changes: ReadonlyMap<number, Uint8Array>
  /** Whole maps; see `readOsdMap`. */
  readonly maps: ReadonlyMap<number, Uint8Array>
  /** The oldest epoch that the monitors still have, and the newest. */
  readonly oldest: number
  readonly newest: number
}

const ENTRY_BYTES_MIN = 8

/** `CEPH_MSG_OSD_MAP`: maps of OSDs, whole ones and changes. */
export const OsdMapMessage = cephMessage<OsdMapBody>({
  name: 'OsdMapMessage',
  type: 41,
  version: 4,
  write(writer, { fsid, changes, maps, oldest, newest }) {
    writeUuid(writer, fsid)
    writeEpochs(writer, changes)
    writeEpochs(writer, maps)
    // Ceph ends with snapshots that were removed long ago, which only daemons ask for.
    writer.u32(oldest).u32(newest).u32(0)
  },
  read(reader) {
    const fsid = readUuid(reader)
    const changes = readEpochs(reader)
    const maps = readEpochs(reader)
    return { fsid, changes, maps, oldest: reader.u32(), newest: reader.u32() }
  },
})

function readEpochs(reader: Reader): Map<number, Uint8Array> {
  return readMap(
    reader,
    ENTRY_BYTES_MIN,
    () => reader.u32(),
    () => reader.blob(),
  )
}

function writeEpochs(writer: Writer, epochs: ReadonlyMap<number, Uint8Array>): void {
  writeMap(writer, epochs, (epoch, bytes) => writer.u32(epoch).blob(bytes))
}
