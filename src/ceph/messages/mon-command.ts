/**
 * A command for the monitors, and its answer: what the `ceph` tool sends.
 *
 * A command is a JSON object with a `prefix`, such as `{"prefix": "osd map", "pool": "lab", "object": "x"}`.
 */
import type { Reader, Writer } from '../msgr2/codec.ts'
import { readList, readLooseText, readUuid, writeUuid } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'

/** The body of {@link MonCommand}. */
export interface MonCommandBody {
  /** Of the cluster; a monitor of another one refuses. */
  readonly fsid: string
  /** The command's text, in one string. */
  readonly command: readonly string[]
  /** What some commands read, such as a keyring to import. */
  readonly input: Uint8Array
}

/** The body of {@link MonCommandAck}. */
export interface MonCommandAckBody {
  /** 0, or an error number below it. */
  readonly result: number
  /** What the tool prints to stderr. */
  readonly status: string
  readonly command: readonly string[]
  /** What the tool prints to stdout. */
  readonly output: Uint8Array
}

/** Version, and two fields of a time when monitors forwarded by them. */
const PAXOS_BYTES = 18
const PAXOS = Uint8Array.from({ length: PAXOS_BYTES }, (_, index) => (index === 8 || index === 9 ? 0xff : 0))
const TEXT_BYTES_MIN = 4

/** `MSG_MON_COMMAND`: a command for the monitors, as the `ceph` tool sends it. */
export const MonCommand = cephMessage<MonCommandBody>({
  name: 'MonCommand',
  type: 50,
  version: 1,
  write(writer, { fsid, command }) {
    writeUuid(writer.raw(PAXOS), fsid)
    writeTexts(writer, command)
  },
  data: ({ input }) => input,
  read(reader, { data }) {
    reader.raw(PAXOS_BYTES)
    return { fsid: readUuid(reader), command: readTexts(reader), input: data }
  },
})

/** `MSG_MON_COMMAND_ACK`: the answer to {@link MonCommand}. */
export const MonCommandAck = cephMessage<MonCommandAckBody>({
  name: 'MonCommandAck',
  type: 51,
  version: 1,
  write(writer, { result, status, command }) {
    writer
      .raw(PAXOS)
      .u32(result >>> 0)
      .text(status)
    writeTexts(writer, command)
  },
  data: ({ output }) => output,
  read(reader, { data }) {
    reader.raw(PAXOS_BYTES)
    return { result: reader.i32(), status: readLooseText(reader), command: readTexts(reader), output: data }
  },
})

function readTexts(reader: Reader): string[] {
  return readList(reader, TEXT_BYTES_MIN, () => readLooseText(reader))
}

function writeTexts(writer: Writer, texts: readonly string[]): void {
  writer.list(texts, (text) => writer.text(text))
}
