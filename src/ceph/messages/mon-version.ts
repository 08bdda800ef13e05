/** Which versions of a map the monitors have: what a client asks before it believes that something does not exist. */
import { readLooseText, readSize } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'

/** The body of {@link MonGetVersion}. */
export interface MonGetVersionBody {
  /** Comes back in the answer. */
  readonly handle: number
  /** `monmap` or `osdmap`. */
  readonly topic: string
}

/** The body of {@link MonGetVersionReply}. */
export interface MonVersions {
  readonly handle: number
  readonly newest: number
  readonly oldest: number
}

/** `CEPH_MSG_MON_GET_VERSION`: which versions of a map there are. */
export const MonGetVersion = cephMessage<MonGetVersionBody>({
  name: 'MonGetVersion',
  type: 19,
  version: 1,
  write: (writer, { handle, topic }) => void writer.u64(BigInt(handle)).text(topic),
  read: (reader) => ({ handle: readSize(reader), topic: readLooseText(reader) }),
})

/** `CEPH_MSG_MON_GET_VERSION_REPLY`: the answer to {@link MonGetVersion}. */
export const MonGetVersionReply = cephMessage<MonVersions>({
  name: 'MonGetVersionReply',
  type: 20,
  version: 2,
  write(writer, { handle, newest, oldest }) {
    writer.u64(BigInt(handle)).u64(BigInt(newest)).u64(BigInt(oldest))
  },
  read(reader, { version }) {
    const handle = readSize(reader)
    const newest = readSize(reader)
    return { handle, newest, oldest: version >= 2 ? readSize(reader) : 0 }
  },
})
