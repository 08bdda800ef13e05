/** Answers of an OSD, as a real one gave them to `rados`. */
import t from 'tap'
import { objectOp, OBJECT_OP } from '../../../../src/ceph/messages/object-op.ts'
import { OsdOpReply } from '../../../../src/ceph/messages/osd-op-reply.ts'
import { arrived, captured, roundTrips, survives } from '../captured.ts'

t.test('answers of the OSD are read and written again', (t) => {
  roundTrips(t, OsdOpReply)
  const get = captured(OsdOpReply.type).find(({ session }) => /get4k/.test(session))!
  const answer = OsdOpReply.read(get)
  t.match(answer, { object: 'obj4k', result: 0, epoch: 9, attempt: 0, objectVersion: 1, redirected: false })
  t.equal(answer.results[0]?.data.length, 4096)
  survives(t, 'OsdOpReply', get.front, (front) => OsdOpReply.read({ ...get, front }))
  t.end()
})

t.test('every step has its own result and its own part of the data', (t) => {
  const step = (op: number, data: Uint8Array, result: number) => ({
    op: objectOp(op, { dataBytes: data.length }),
    result,
    data,
  })
  const body = {
    ...{ object: 'x', group: { pool: 1, seed: 0, shard: -1 }, flags: 4, result: -2, epoch: 3, attempt: -1 },
    results: [
      step(OBJECT_OP.STAT, Uint8Array.of(1, 2), 0),
      step(OBJECT_OP.READ, Uint8Array.of(3), -2),
      step(OBJECT_OP.READ, new Uint8Array(0), 0),
    ],
    ...{
      version: { version: 5, epoch: 2 },
      legacyVersion: { version: 0, epoch: 0 },
      objectVersion: 9,
      redirected: true,
    },
  }
  t.strictSame(OsdOpReply.read(arrived(OsdOpReply, body)), body)
  const short = { ...arrived(OsdOpReply, body), data: Uint8Array.of(1, 2) }
  t.throws(() => OsdOpReply.read(short), { code: 'INK_DECODE_FAILED', message: /step 1 claims 1 bytes/ })
  t.end()
})
