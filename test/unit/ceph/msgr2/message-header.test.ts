/** The header before every message: each field at its place, and what of it is refused. */
import t from 'tap'
import { fromHex, toHex } from '../../../../src/common/bytes.ts'
import { HEADER_BYTES } from '../../../../src/ceph/msgr2/format.ts'
import {
  emptyHeader,
  readMessageHeader,
  refuseHeader,
  writeMessageHeader,
} from '../../../../src/ceph/msgr2/message-header.ts'

const HEADER = {
  ...{ seq: 0x0102030405, tid: 0x1112131415, type: 0x2122, priority: 0x3132, version: 0x4142 },
  ...{ dataPrePaddingBytes: 0x51525354, dataOff: 0x6162, ackSeq: 0x7172737475 },
  ...{ flags: 0x81, compatVersion: 0x9192, reserved: 0xa1a2 },
}
const BYTES =
  '0504030201000000' +
  '1514131211000000' +
  '2221' +
  '3231' +
  '4241' +
  '54535251' +
  '6261' +
  '7574737271000000' +
  '81' +
  '9291' +
  'a2a1'

t.test('every field is written to its place and read from it', (t) => {
  const bytes = new Uint8Array(HEADER_BYTES + 2)
  writeMessageHeader(bytes, 1, HEADER)
  t.equal(toHex(bytes), `00${BYTES}00`)
  const read = emptyHeader()
  readMessageHeader(fromHex(`ff${BYTES}ff`), 1, read)
  t.strictSame(read, HEADER)
  t.end()
})

t.test('numbers that cannot be counted with, and priorities that do not exist, are refused', (t) => {
  const most = Number.MAX_SAFE_INTEGER
  const fine = { ...HEADER, seq: most, tid: most, ackSeq: most, priority: 255 }
  t.equal(refuseHeader(fine), null)
  t.equal(refuseHeader({ ...fine, seq: 1, tid: 0, ackSeq: 0, priority: 0 }), null)
  const cases: [Partial<typeof HEADER>, RegExp][] = [
    [{ seq: 0 }, /sequence number 0/],
    [{ seq: most + 1 }, /sequence number/],
    [{ tid: most + 1 }, /tid is above/],
    [{ ackSeq: most + 1 }, /acks what was never sent/],
    [{ priority: 256 }, /priority 256/],
  ]
  for (const [change, reason] of cases) t.match(refuseHeader({ ...fine, ...change }), reason)
  t.end()
})
