/** The frame around every codec: what it hands to a connection, and what it makes of bytes that do not decode. */
import t from 'tap'
import { cephMessage, decoded } from '../../../../src/ceph/messages/ceph-message.ts'
import { Malformed } from '../../../../src/ceph/msgr2/codec.ts'

const Number32 = cephMessage<number>({
  name: 'Number32',
  type: 7,
  version: 3,
  write: (writer, value) => void writer.u32(value),
  read: (reader) => reader.u32(),
})

t.test('a message carries its type, its version, a priority and the tid', (t) => {
  t.strictSame(Number32.make(5, { tid: 9 }), {
    ...{ type: 7, version: 3, priority: 127, tid: 9 },
    ...{ front: Uint8Array.of(5, 0, 0, 0), data: null },
  })
  t.equal(Number32.make(5).tid, 0)
  t.end()
})

t.test('what a newer sender appended is skipped, and what is missing is an error with a code', (t) => {
  const message = (...front: number[]) => ({
    type: 7,
    version: 3,
    front: Uint8Array.from(front),
    data: new Uint8Array(0),
  })
  t.equal(Number32.read(message(1, 2, 0, 0, 9, 9)), 513)
  t.throws(() => Number32.read(message(1, 2)), {
    code: 'INK_DECODE_FAILED',
    message: 'Number32 does not decode: it ends 2 bytes too early',
  })
  t.throws(() => Number32.read({ ...message(1, 2, 3, 4), type: 8 }), { code: 'INK_BAD_ARGUMENT' })
  t.end()
})

t.test('only malformed bytes become INK_DECODE_FAILED: a mistake of ours stays what it is', (t) => {
  const ours = new TypeError('ours')
  t.throws(
    () =>
      decoded('x', () => {
        throw ours
      }),
    ours,
  )
  t.throws(
    () =>
      decoded('x', () => {
        throw new Malformed('theirs')
      }),
    { code: 'INK_DECODE_FAILED' },
  )
  t.end()
})
