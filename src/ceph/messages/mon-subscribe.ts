/** What a client wants to be told by its monitor, and from which version on. It lasts as long as the session. */
import { readLooseText, readMap, writeMap } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'

/** What is wanted of one topic. */
export interface Subscription {
  /** The first version that is wanted; 0 asks for all of what is there now. Up to 2^53 - 1. */
  readonly start: number
  /** True: told once. False: told now and of every change. */
  readonly once: boolean
}

/** The body of {@link MonSubscribe}. */
export interface MonSubscribeBody {
  /** By topic: `monmap`, `osdmap`, `config`. */
  readonly topics: ReadonlyMap<string, Subscription>
  /** Of the client, for the monitor's log. */
  readonly hostname: string
}

const ONCE = 1
const TOPIC_BYTES_MIN = 13

/** `CEPH_MSG_MON_SUBSCRIBE`: what a client wants to be told by its monitor. */
export const MonSubscribe = cephMessage<MonSubscribeBody>({
  name: 'MonSubscribe',
  type: 15,
  version: 3,
  write(writer, { topics, hostname }) {
    // Ceph keeps its maps sorted, and so do we: the bytes are then the same.
    const sorted = new Map([...topics].sort(([a], [b]) => (a < b ? -1 : 1)))
    writeMap(writer, sorted, (topic, { start, once }) => {
      writer
        .text(topic)
        .u64(BigInt(start))
        .u8(once ? ONCE : 0)
    })
    writer.text(hostname)
  },
  read(reader, { version }) {
    const topics = readMap(
      reader,
      TOPIC_BYTES_MIN,
      () => readLooseText(reader),
      () => ({ start: Number(reader.u64()), once: (reader.u8() & ONCE) !== 0 }),
    )
    return { topics, hostname: version >= 3 ? readLooseText(reader) : '' }
  },
})
