/** Which part of cephx a name and its keys play; the parts themselves have tests of their own. */
import t from 'tap'
import { MonitorAuthService } from '../../../../src/ceph/cephx/monitor-auth-service.ts'
import { Renewal } from '../../../../src/ceph/cephx/renewal.ts'
import { auth, keysOf, randomBytes, shake, still } from './handshakes.ts'

t.test('a name decides', (t) => {
  t.ok(auth().service(still('mon.a')) instanceof MonitorAuthService)
  for (const name of ['client.admin', 'osd.1']) t.ok(auth().service(still(name)) instanceof Renewal)
  t.throws(() => auth().server('client.admin', randomBytes), { message: /cannot tell who dials it/ })
  t.throws(() => auth({ keys: keysOf('client.admin') }).client('osd.1', randomBytes), { message: /no key for osd.1/ })
  t.equal(auth().globalId, null)
  t.end()
})

t.test('the key itself is for any name, and for a monitor that of all monitors', (t) => {
  const own = (name: string) => auth({ keys: new Map(), ownKey: keysOf().get(name)! })
  t.match(shake(['client.admin', own('client.admin')], ['mon.0', auth()]), { server: { proven: 'client.admin' } })
  t.match(shake(['mon.1', own('mon.')], ['mon.0', auth()]), { server: { proven: 'mon.' } })
  t.match(shake(['mon.0', auth()], ['mon.1', own('mon.')]), { server: { proven: 'mon.' } })
  t.match(shake(['client.admin', auth()], ['mon.1', own('mon.')]), { kind: 'bad', reason: /no key for client.admin/ })
  t.end()
})

t.test('monitors with the key of mon. agree about tickets; one without it keeps to itself', (t) => {
  const client = auth({ keys: keysOf('client.admin') })
  const [a, b] = [auth(), auth()]
  const first = shake(['client.admin', client], ['mon.a', a])
  const second = shake(['client.admin', client], ['mon.b', b])
  t.match(second, { server: { globalId: 'server' in first ? first.server.globalId : 0n } }, 'the number is kept')
  const lonely = auth({ keys: keysOf('client.admin') })
  const third = shake(['client.admin', client], ['mon.c', lonely])
  t.not('server' in third ? third.server.globalId : 0n, 'server' in first ? first.server.globalId : 0n)
  t.end()
})
