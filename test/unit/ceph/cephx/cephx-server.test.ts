/** The acceptor's half of cephx: which requests it takes, and how it refuses. Whole exchanges are in cluster.test.ts. */
import t from 'tap'
import type { CephxAuth } from '../../../../src/ceph/cephx/cephx-auth.ts'
import type { ServerStep } from '../../../../src/ceph/msgr2/auth.ts'
import { Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { AUTH_METHOD, CON_MODE } from '../../../../src/ceph/msgr2/format.ts'
import { auth, keysOf, randomBytes, shake, type Ends } from './handshakes.ts'

const { CRC, SECURE } = CON_MODE
const CLIENT = 8
const OSD = 4

function step(
  service: CephxAuth,
  payload: Uint8Array,
  change: { method?: number; modes?: readonly number[]; peerBit?: number; canSeal?: boolean } = {},
): ServerStep {
  const { method = AUTH_METHOD.CEPHX, modes = [CRC], peerBit = CLIENT, canSeal = true } = change
  return service.server('mon.0', randomBytes).request({ method, modes, payload }, peerBit, canSeal)
}

const login = (name: string, bit = CLIENT): Uint8Array => new Writer().u8(10).u32(bit).text(name).u64(0n).done()

t.test('the mode is the first of the client that is allowed here', (t) => {
  const modeOf = (modes: CephxAuth, wanted: readonly number[], canSeal = true) =>
    step(modes, login('admin'), { modes: wanted, canSeal })
  t.match(modeOf(auth(), [CRC, SECURE]), { kind: 'more' })
  t.match(modeOf(auth({ modes: [SECURE] }), [CRC]), {
    kind: 'bad',
    result: -95,
    methods: [2],
    modes: [SECURE],
    reason: /none of the modes/,
  })
  t.match(modeOf(auth(), [SECURE], false), { kind: 'bad', modes: [CRC] }, 'msgr2.0 cannot seal')
  t.match(modeOf(auth(), []), { kind: 'bad' })
  const ends = shake(['client.admin', auth({ modes: [CRC, SECURE] })], ['mon.0', auth()]) as Ends
  t.equal(ends.server.secrets.mode, CRC)
  t.end()
})

t.test('what is no login and no ticket', (t) => {
  t.match(step(auth(), login('admin'), { method: 1 }), { kind: 'bad', result: -95, reason: /does not prove its name/ })
  t.match(step(auth(), Uint8Array.of(20)), { kind: 'bad', result: -13, reason: /mode 20/ })
  t.match(step(auth(), new Uint8Array(0)), { kind: 'bad', reason: /mode 0/ })
  t.match(step(auth(), Uint8Array.of(10, 1)), { kind: 'bad', result: -22, reason: /does not decode: it ends/ })
  t.match(step(auth(), Uint8Array.of(1, 1)), { kind: 'bad', result: -22, reason: /does not decode/ })
  t.end()
})

t.test(
  "Ceph's clients without a key ask for a session all the same, and are told apart from what does not decode",
  (t) => {
    for (const [rest, reason] of [
      [new Uint8Array(0), /client.admin gives no proof: it has no key/],
      [Uint8Array.of(3), /does not decode/],
    ] as const) {
      const half = auth().server('mon.0', randomBytes)
      half.request({ method: AUTH_METHOD.CEPHX, modes: [CRC], payload: login('admin') }, CLIENT, true)
      t.match(half.more(new Writer().u16(0x100).raw(rest).done()), { kind: 'bad', reason })
    }
    t.end()
  },
)

t.test('a daemon is of the type that its name says; anybody may be a client', (t) => {
  t.match(step(auth(), login('1', OSD), { peerBit: OSD }), { kind: 'more' })
  t.match(step(auth(), login('1', OSD), { peerBit: CLIENT }), { kind: 'more' })
  t.match(step(auth(), login('admin'), { peerBit: OSD }), {
    kind: 'bad',
    reason: /client.admin says that it is a daemon of type osd/,
  })
  t.end()
})

t.test('one try per link, and a service is no monitor', (t) => {
  const half = auth().server('mon.0', randomBytes)
  t.throws(() => half.more(new Uint8Array(9)), { message: /nothing was asked/ })
  half.request({ method: 2, modes: [CRC], payload: login('admin') }, CLIENT, true)
  t.match(half.more(new Writer().u16(0x200).done()), { kind: 'bad', result: -22, reason: /a login with request 512/ })
  t.throws(() => half.more(new Uint8Array(9)), { message: /nothing was asked/ })
  const osd = auth({ keys: keysOf('osd.1') }).server('osd.1', randomBytes)
  const asMonitor = osd.request({ method: 2, modes: [CRC], payload: login('admin') }, CLIENT, true)
  t.match(asMonitor, { kind: 'bad', reason: /takes this messenger for a monitor/ })
  t.end()
})

t.test('what is proved is told: the name, the number, and a note for the service of logins', (t) => {
  const ends = shake(['client.admin', auth()], ['mon.0', auth()]) as Ends
  t.match(ends.server, {
    proven: 'client.admin',
    note: { kind: 'client', login: { name: 'client.admin', globalId: ends.server.globalId } },
  })
  t.strictSame(ends.client.secrets.sessionKey, ends.server.secrets.sessionKey)
  t.equal(ends.server.secrets.mode, SECURE)
  t.strictSame(Buffer.from(ends.client.secrets.connectionSecret!), Buffer.from(ends.server.secrets.connectionSecret!))
  t.end()
})
