/** Requests to hold back, as an OSD of Ceph 16 sent them while its placement groups were not active yet. */
import t from 'tap'
import { BACKOFF, OsdBackoff } from '../../../../src/ceph/messages/osd-backoff.ts'
import { arrived, survives } from '../captured.ts'

const GROUP = '01011200000001010000000000000002000000ffffffffff'
const BEGIN = '0403210000000000000000000000000000000000000002000000000000000001000000000000000'
const END = '403210000000000000000000000feffffffffffffff0600000000000000000100000000000000'
const RECORDED = [
  { op: BACKOFF.BLOCK, epoch: 6, hex: `${GROUP}06000000010100000000000000${BEGIN}${END}` },
  { op: BACKOFF.UNBLOCK, epoch: 7, hex: `${GROUP}07000000030100000000000000${BEGIN}${END}` },
]

t.test('group, id and range are read, and go back as they came', (t) => {
  for (const { op, epoch, hex } of RECORDED) {
    const message = { type: 61, version: 1, front: new Uint8Array(Buffer.from(hex, 'hex')), data: new Uint8Array(0) }
    const body = OsdBackoff.read(message)
    t.match(body, { group: { pool: 1, seed: 2, shard: -1 }, epoch, op, id: 1n })
    t.strictSame(Buffer.from(arrived(OsdBackoff, body).front).toString('hex'), hex)
    survives(t, 'OsdBackoff', message.front, (front) => OsdBackoff.read({ ...message, front }))
  }
  t.end()
})
