/**
 * An OSD asks its client to hold back requests for a range of objects, and says later when they may come.
 *
 * Whoever is asked must say that it has heard. The range is kept as bytes: the answer repeats it, and this side holds
 * back the whole placement group.
 */
import { readShardedPg, writeShardedPg, type PlacementGroup } from './placement.ts'
import { cephMessage } from './ceph-message.ts'

/** What an {@link OsdBackoff} says: hold back, I have heard, go on. */
export const BACKOFF = { BLOCK: 1, ACK_BLOCK: 2, UNBLOCK: 3 } as const

/** The body of {@link OsdBackoff}. */
export interface OsdBackoffBody {
  readonly group: PlacementGroup
  readonly epoch: number
  /** See {@link BACKOFF}. */
  readonly op: number
  /** Names the range within the session. */
  readonly id: bigint
  /** Its two ends. */
  readonly range: Uint8Array
}

/**
 * `CEPH_MSG_OSD_BACKOFF`: an OSD asks its client to hold back requests for a range of objects, and says later when
 * they may come.
 */
export const OsdBackoff = cephMessage<OsdBackoffBody>({
  name: 'OsdBackoff',
  type: 61,
  version: 1,
  write(writer, { group, epoch, op, id, range }) {
    writeShardedPg(writer, group)
    writer.u32(epoch).u8(op).u64(id).raw(range)
  },
  read(reader) {
    const group = readShardedPg(reader)
    const [epoch, op, id] = [reader.u32(), reader.u8(), reader.u64()]
    return { group, epoch, op, id, range: reader.raw(reader.left) }
  },
})
