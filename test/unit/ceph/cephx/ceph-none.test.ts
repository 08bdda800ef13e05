/** Ceph's method "none": names without proof. */
import t from 'tap'
import { GlobalIds } from '../../../../src/ceph/cephx/global-ids.ts'
import { noneClient, noneServer } from '../../../../src/ceph/cephx/ceph-none.ts'

t.test('a monitor gives a number, which daemons are shown', (t) => {
  const shared = { globalId: null }
  const [client, server] = [noneClient('client.admin', shared), noneServer(() => 4107n)]
  const step = server.request(client.request(1, true), 8, true)
  t.match(step, { kind: 'done', globalId: 4107n, proven: null })
  client.done(4107n, 1, new Uint8Array(0))
  t.strictSame(shared, { globalId: null }, 'not before it has signed')
  client.proved()
  t.strictSame(shared, { globalId: 4107n })
  t.match(noneServer(() => 1n).request(client.request(4, true), 8, true), { globalId: 4107n })
  t.match(noneServer(() => 9n).request({ method: 1, modes: [1], payload: new Uint8Array(0) }, 8, true), {
    globalId: 9n,
  })
  t.end()
})

t.test('the next monitor is asked for the number that the first one gave', (t) => {
  const shared = { globalId: null }
  const first = noneClient('client.7', shared)
  first.request(1, true)
  first.done(4107n, 1, new Uint8Array(0))
  first.proved()
  const again = noneClient('client.7', shared).request(1, true)
  t.match(noneServer(() => 9n).request(again, 8, true), { globalId: 4107n })
  t.end()
})

t.test('two monitors, or two lives of one, give different numbers', (t) => {
  const random = (byte: number) => (count: number) => new Uint8Array(count).fill(byte)
  const [one, other] = [new GlobalIds(), new GlobalIds()]
  const given = [one.next(random(1)), one.next(random(1)), other.next(random(2)), new GlobalIds().next(random(0))]
  t.equal(new Set(given).size, 4)
  t.equal(given[1]! - given[0]!, 1n)
  t.ok(given.every((id) => id > 4096n))
  t.end()
})

t.test('proofs and encryption are not to be had', (t) => {
  const [client, server] = [noneClient('client.admin', { globalId: null }), noneServer(() => 1n)]
  t.match(server.request({ method: 2, modes: [1], payload: new Uint8Array(0) }, 8, true), { kind: 'bad', methods: [1] })
  t.match(server.request({ method: 1, modes: [2], payload: new Uint8Array(0) }, 8, true), { kind: 'bad', modes: [1] })
  t.throws(() => server.more(new Uint8Array(0)), { message: /nothing was asked/ })
  t.throws(() => client.more(new Uint8Array(0)), { message: /asks for a proof/ })
  t.throws(() => client.done(1n, 2, new Uint8Array(0)), { message: /secure mode, which needs cephx/ })
  t.end()
})
