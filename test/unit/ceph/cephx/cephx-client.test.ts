/** The dialler's half of cephx: what it says first, and what makes it give up or wait. */
import t from 'tap'
import { CON_MODE } from '../../../../src/ceph/msgr2/format.ts'
import { auth, keysOf, randomBytes, shake } from './handshakes.ts'

const { CRC, SECURE } = CON_MODE
const [MON, OSD] = [1, 4]
const user = (modes: (1 | 2)[] | null = null) => auth({ keys: keysOf('client.admin'), modes })

t.test('modes are offered in order, and secure only where it can be', (t) => {
  const half = user().client('client.admin', randomBytes)
  t.match(half.request(MON, true), { method: 2, modes: [SECURE, CRC] })
  t.strictSame(half.request(MON, false).modes, [CRC])
  t.throws(() => user([SECURE]).client('client.admin', randomBytes).request(MON, false), {
    message: /only secure mode is allowed/,
  })
  t.throws(() => user().client('client.other', randomBytes), { message: /the keyring holds no key for client.other/ })
  t.end()
})

t.test('without a ticket a daemon is for later; one that somebody refused is shown again', (t) => {
  const client = user()
  const half = client.client('client.admin', randomBytes)
  t.throws(() => half.request(OSD, true), { message: /there is no ticket for osd yet/ })
  shake(['client.admin', client], ['mon.0', auth()])
  const shown = half.request(OSD, true)
  half.refused()
  t.equal(half.request(OSD, true).payload.length, shown.payload.length)
  half.request(MON, true)
  half.refused()
  t.end()
})

t.test('what a monitor gave counts when it has signed, and not before', (t) => {
  const client = user()
  const [half, monitor] = [client.client('client.admin', randomBytes), auth().server('mon.0', randomBytes)]
  let step = monitor.request(half.request(MON, true), 8, true)
  while (step.kind === 'more') step = monitor.more(half.more(step.payload))
  if (step.kind !== 'done') throw new Error(step.reason)
  half.done(step.globalId, step.secrets.mode, step.payload)
  t.equal(client.globalId, null)
  t.throws(() => half.request(OSD, true), { message: /there is no ticket for osd yet/ })
  half.request(MON, true)
  half.proved()
  t.equal(client.globalId, null, 'another handshake than that which was answered')
  t.end()
})

t.test('answers to what was not asked', (t) => {
  const half = user().client('client.admin', randomBytes)
  t.throws(() => half.more(new Uint8Array(9)), { message: /answers what was not asked/ })
  t.equal(half.note, null)
  half.request(MON, true)
  t.throws(() => half.done(1n, CRC, new Uint8Array(0)), { message: /too early/ })
  t.throws(() => half.done(1n, CRC, Uint8Array.of(0, 1, 0xf3, 0xff, 0xff, 0xff)), {
    message: /refuses client.admin: error -13/,
  })
  t.throws(() => half.done(1n, CRC, Uint8Array.of(0, 2, 0, 0, 0, 0)), { message: /answers request 256 with 512/ })
  t.end()
})
