/** Which versions of a map the monitors have: what a client asks before it believes that something does not exist. */
import { readLooseText, readSize } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'

export interface MonGetVersionBody {
  /** Comes back in the answer. */
  readonly handle: number
  /** `monmap` or `osdmap`. */
  readonly topic: string
}

export interface MonVersions {
  readonly handle: number
  readonly newest: number
  readonly oldest: number
}

export const MonGetVersion = cephMessage<MonGetVersionBody>({
  name: 'MonGetVersion',
  type: 19,
  version: 1,
  write: (writer, { handle, topic }) => void writer.u64(BigInt(handle)).text(topic),
  read: (reader) => ({ handle: readSize(reader), topic: readLooseText(reader) }),
})

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
