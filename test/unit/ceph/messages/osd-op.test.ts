/** Requests to an OSD, against what `rados` sent. */
import t from 'tap'
import { OBJECT_OP } from '../../../../src/ceph/messages/object-op.ts'
import { OSD_FLAG, OsdOp } from '../../../../src/ceph/messages/osd-op.ts'
import { arrived, captured, roundTrips, survives } from '../captured.ts'

t.test('requests of the tool are read and written again', (t) => {
  const listing = /rados-ls/
  const all = captured(OsdOp.type)
  t.ok(
    all.some(({ session }) => listing.test(session)),
    'also steps that are not known here',
  )
  roundTrips(t, OsdOp)
  const put = all.find(({ session }) => /put4k/.test(session))!
  t.match(OsdOp.read(put), {
    group: { pool: 1, seed: 2, shard: -1 },
    hash: 0xd8eae582,
    epoch: 9,
    flags: OSD_FLAG.ON_DISK | OSD_FLAG.WRITE | OSD_FLAG.KNOWN_REDIRECT,
    object: 'obj4k',
    namespace: '',
    ops: [{ op: OBJECT_OP.WRITE_FULL, length: 4096n, dataBytes: 4096 }],
    attempt: 0,
    incarnation: 0,
  })
  survives(t, 'OsdOp', put.front, (front) => OsdOp.read({ ...put, front }))
  t.end()
})

t.test('a shard, a namespace and a repetition are read as written', (t) => {
  const [message] = captured(OsdOp.type)
  const body = {
    ...OsdOp.read(message!),
    group: { pool: 7, seed: 0x1ff, shard: 3 },
    namespace: 'n',
    object: 'ä',
    attempt: 4,
    incarnation: 0x12345678,
  }
  t.strictSame(OsdOp.read(arrived(OsdOp, body)), body)
  t.throws(() => OsdOp.read({ ...message!, version: 7 }), { code: 'INK_DECODE_FAILED', message: /version 7/ })
  t.end()
})
