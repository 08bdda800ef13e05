/** Ceph's method "none": names without proof. */
import t from 'tap'
import { noneClient, noneServer } from '../../../src/auth/cephx/ceph-none.ts'

t.test('a monitor gives a number, which daemons are shown', (t) => {
  const shared = { globalId: null }
  const [client, server] = [noneClient('client.admin', shared), noneServer(() => 4107n)]
  const step = server.request(client.request(1, true), 8, true)
  t.match(step, { kind: 'done', globalId: 4107n, proven: null })
  client.done(4107n, 1, new Uint8Array(0))
  t.strictSame(shared, { globalId: 4107n })
  t.match(noneServer(() => 1n).request(client.request(4, true), 8, true), { globalId: 4107n })
  t.match(noneServer(() => 9n).request({ method: 1, modes: [1], payload: new Uint8Array(0) }, 8, true), {
    globalId: 9n,
  })
  t.end()
})

t.test('proofs and encryption are not to be had', (t) => {
  const [client, server] = [noneClient('client.admin', { globalId: null }), noneServer(() => 1n)]
  t.match(server.request({ method: 2, modes: [1], payload: new Uint8Array(0) }, 8, true), { kind: 'bad', methods: [1] })
  t.match(server.request({ method: 1, modes: [2], payload: new Uint8Array(0) }, 8, true), { kind: 'bad', modes: [1] })
  t.throws(() => server.more(new Uint8Array(0)), { message: /nothing was asked/ })
  t.throws(() => client.more(new Uint8Array(0)), { message: /asks for a proof/ })
  t.throws(() => client.done(1n, 2, new Uint8Array(0)), { message: /secure mode, which needs cephx/ })
  t.equal(client.refused(), 'final')
  t.end()
})
