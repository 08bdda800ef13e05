/** The options that the monitors hold for this client, by name: Ceph's central configuration. */
import { readLooseText, readMap, writeMap } from '../encoding.ts'
import { cephMessage } from './ceph-message.ts'

const PAIR_BYTES_MIN = 8

/** `MSG_CONFIG`: the options that the monitors hold for this client, by name. */
export const Config = cephMessage<ReadonlyMap<string, string>>({
  name: 'Config',
  type: 62,
  version: 1,
  write: (writer, options) => writeMap(writer, options, (name, value) => writer.text(name).text(value)),
  read: (reader) =>
    readMap(
      reader,
      PAIR_BYTES_MIN,
      () => readLooseText(reader),
      () => readLooseText(reader),
    ),
})
