/** Requests to hold back. The bytes are laid out as Ceph's source has it; no session with one was captured. */
import t from 'tap'
import { BACKOFF, OsdBackoff } from '../../../src/ceph/messages/osd-backoff.ts'
import { arrived, survives } from '../captured.ts'

t.test('group, id and range are read, and go back as they came', (t) => {
  const body = {
    group: { pool: 1, seed: 2, shard: -1 },
    epoch: 9,
    op: BACKOFF.BLOCK,
    id: 7n,
    range: Uint8Array.of(4, 3, 0, 0, 0, 0),
  }
  const message = arrived(OsdBackoff, body)
  const head = '0101' + '12000000' + '01' + '0100000000000000' + '02000000' + 'ffffffff' + 'ff'
  t.equal(Buffer.from(message.front).toString('hex'), `${head}09000000` + '01' + '0700000000000000' + '040300000000')
  t.strictSame(OsdBackoff.read(message), body)
  survives(t, 'OsdBackoff', message.front, (front) => OsdBackoff.read({ ...message, front }))
  t.end()
})
