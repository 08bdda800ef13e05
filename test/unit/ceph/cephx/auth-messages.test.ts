/** MAuth and MAuthReply, to the byte as Ceph has them. */
import t from 'tap'
import { readAuth, readAuthReply, writeAuth, writeAuthReply } from '../../../../src/ceph/cephx/auth-messages.ts'

t.test('MAuth: a head of no use, the method, the payload, an epoch', (t) => {
  const bytes = writeAuth(Uint8Array.of(0, 4))
  t.equal(
    Buffer.from(bytes).toString('hex'),
    '0000000000000000' + 'ffff' + '0000000000000000' + '02000000' + '020000000004' + '00000000',
  )
  t.strictSame(readAuth(bytes), { method: 2, payload: bytes.subarray(26, 28) })
  t.throws(() => readAuth(bytes.subarray(0, 20)), { message: /too early|items of at most/ })
  t.end()
})

t.test('MAuthReply: what came of it', (t) => {
  const reply = { result: -13, globalId: 4107n, payload: Uint8Array.of(1, 2), text: 'no' }
  t.match(readAuthReply(writeAuthReply(reply)), { ...reply, payload: Buffer.from([1, 2]) })
  t.throws(() => readAuthReply(new Uint8Array(5)), { message: /too early|items of at most/ })
  t.end()
})
