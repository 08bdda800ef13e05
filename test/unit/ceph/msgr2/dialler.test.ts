/** What the dialler makes of every answer that Ceph can give to CLIENT_IDENT and to RECONNECT. */
import t from 'tap'
import { msgr2 } from '../../../../src/ceph/msgr2.ts'
import { sessionId } from '../../../../src/ceph/msgr2/registry.ts'
import * as frames from '../../../../src/ceph/msgr2/control-frames.ts'
import { IDENT_LOSSY, TAG } from '../../../../src/ceph/msgr2/format.ts'
import { encoded, header, message, queueOf } from '../../wire/native/pair.ts'
import { address, asAcceptor, COOKIE, Foreign, offer, resuming, serverIdent, SESSION, THEIRS } from './foreign.ts'

const number = frames.writeNumber

t.test('a first session: CLIENT_IDENT with a cookie, answered by SERVER_IDENT', (t) => {
  const peer = asAcceptor(offer())
  const ident = frames.readClientIdent(peer.one(TAG.CLIENT_IDENT))
  t.match(ident, { flags: 0n, cookie: 0xaaaaaaaaaaaaaaaan, gid: 1n, globalSeq: 1n })
  peer.say(TAG.SERVER_IDENT, serverIdent())
  const [, who, answer] = peer.sink.all('opened')[0] ?? []
  t.match(who, { name: 'osd.2' })
  t.match(answer, { id: sessionId(ident.cookie), resumed: false, policy: 'peer' })
  peer.message(1).say(TAG.ACK, number(1n))
  t.match(peer.told, ['opened', 'batch', 'admit', 'message', 'marks'])
  t.end()
})

t.test('HELLO says where the peer was dialled, and no process: its nonce is not known from there', (t) => {
  const peer = new Foreign('dialler')
  peer.wire.open(offer())
  const { seen } = frames.readHello(peer.banner().one(TAG.HELLO))
  t.strictSame(seen, { ...address(THEIRS), nonce: 0 })
  t.end()
})

t.test('a signature that does not match ends the link, and nothing more is said on it', (t) => {
  const peer = new Foreign('dialler')
  peer.wire.open(offer())
  peer.banner().hello()
  peer.say(TAG.AUTH_DONE, frames.writeAuthDone({ globalId: 1n, mode: 1, payload: new Uint8Array(0) })).hear()
  peer.say(TAG.AUTH_SIGNATURE, new Uint8Array(32).fill(1))
  t.match(peer.sink.faulted, /signature does not match/)
  t.strictSame(peer.hear(), [])
  t.end()
})

t.test('who was dialled without its nonce is the same as with it', (t) => {
  const instances = [[THEIRS], [THEIRS, THEIRS.replace(/\d+$/, '0')]].map((addresses) => {
    const peer = asAcceptor(offer())
    peer.say(TAG.SERVER_IDENT, serverIdent({ addresses: addresses.map(address) }))
    return (peer.sink.all('opened')[0]?.[1] as { instance: string }).instance
  })
  t.equal(instances[0], instances[1])
  t.end()
})

t.test('a message that came before is counted and not told again', (t) => {
  const peer = asAcceptor(offer()).say(TAG.SERVER_IDENT, serverIdent())
  peer.sink.skip = ({ firstSeq }) => (firstSeq === 1 ? 1 : 0)
  peer.message(1).message(2)
  t.match(peer.sink.all('admit'), [
    ['admit', 0, true],
    ['admit', 0, false],
  ])
  t.match(peer.sink.all('message'), [['message', { seq: 2 }]])
  t.equal(peer.sink.all('message').length, 1)
  t.end()
})

t.test('messages ack what was handled, but not in a lossy session: Ceph counts nothing there', (t) => {
  for (const [policy, flags, acked] of [
    ['peer', 0n, 5n],
    ['lossy', IDENT_LOSSY, 0n],
  ] as const) {
    const peer = asAcceptor(offer({ policy }))
    peer.hear()
    peer.say(TAG.SERVER_IDENT, serverIdent({ flags })).message(1)
    const marks = header({ received: 5, processed: 5 })
    const bytes = encoded((out) => peer.wire.encodeBatch(out, marks, queueOf(message()), 0, 1))
    t.strictSame(
      peer.hear(bytes).map(({ tag, payload }) => [tag, frames.readNumber(payload)]),
      [[TAG.MESSAGE, acked]],
      policy,
    )
  }
  t.end()
})

t.test('a cookie that was never answered is used again, until it is', (t) => {
  const protocol = msgr2()
  const cookie = (): bigint => {
    const asked = offer({ fresh: `${++fresh}`.padStart(16, '0').padEnd(32, '0') })
    const peer = asAcceptor(asked, protocol)
    last = () => peer.say(TAG.SERVER_IDENT, serverIdent())
    return frames.readClientIdent(peer.one(TAG.CLIENT_IDENT)).cookie
  }
  let fresh = 0
  let last = (): unknown => 0
  t.equal(cookie(), 1n)
  t.equal(cookie(), 1n)
  last()
  t.equal(cookie(), 3n, 'answered: the next session has its own')
  t.end()
})

t.test('RECONNECT says what was handled, and RECONNECT_OK what the peer has', (t) => {
  const peer = asAcceptor(resuming(5))
  const asked = frames.readReconnect(peer.one(TAG.SESSION_RECONNECT))
  t.match(asked, { clientCookie: COOKIE, connectSeq: 3n, messageSeq: 5n, globalSeq: 1n })
  peer.say(TAG.SESSION_RECONNECT_OK, number(9n))
  const opened = peer.sink.all('opened')[0]?.[2]
  t.match(opened, { id: SESSION, resumed: true, marks: [{ received: 9, processed: 9 }] })
  t.end()
})

t.test('no peer puts the number that all links share out of reach of the others', (t) => {
  for (const [tag, count] of [
    [TAG.SESSION_RETRY_GLOBAL, (1n << 64n) - 1n],
    [TAG.SESSION_RETRY, (1n << 53n) - 1n],
  ] as const) {
    const protocol = msgr2()
    const peer = asAcceptor(resuming(), protocol)
    peer.hear()
    peer.say(tag, number(count))
    t.match(peer.sink.faulted, /nobody has made more/)
    const next = asAcceptor(resuming(), protocol)
    t.match(frames.readReconnect(next.one(TAG.SESSION_RECONNECT)), { globalSeq: 2n })
  }
  t.end()
})

t.test('RETRY: one more than what the peer has counted, and RETRY_GLOBAL: a number above', (t) => {
  const peer = asAcceptor(resuming())
  peer.hear()
  peer.say(TAG.SESSION_RETRY, number(40n))
  t.match(frames.readReconnect(peer.one(TAG.SESSION_RECONNECT)), { connectSeq: 41n, globalSeq: 2n })
  peer.say(TAG.SESSION_RETRY_GLOBAL, number(1000n))
  t.match(frames.readReconnect(peer.one(TAG.SESSION_RECONNECT)), { connectSeq: 41n, globalSeq: 1001n })
  peer.say(TAG.SESSION_RETRY, number(1n))
  t.match(peer.sink.faulted, /goes backwards/)
  t.end()
})

t.test('RETRY with the number that was said asks for the next one; only a smaller one goes backwards', (t) => {
  const peer = asAcceptor(resuming())
  const { connectSeq } = frames.readReconnect(peer.one(TAG.SESSION_RECONNECT))
  peer.say(TAG.SESSION_RETRY, number(connectSeq))
  t.match(frames.readReconnect(peer.one(TAG.SESSION_RECONNECT)), { connectSeq: connectSeq + 1n })
  t.end()
})

t.test('a peer that says RETRY without end is a fault', (t) => {
  const peer = asAcceptor(resuming())
  let asked = 0
  for (let round = 0; round < 1000 && peer.sink.faulted === undefined; round++) {
    asked += peer.hear().length
    peer.say(TAG.SESSION_RETRY_GLOBAL, number(BigInt(round)))
  }
  t.match(peer.sink.faulted, /again and again/)
  t.ok(asked < 40, `${asked} times`)
  t.end()
})

t.test('WAIT: another link of the pair goes first', (t) => {
  for (const asked of [offer(), resuming()]) {
    const peer = asAcceptor(asked).say(TAG.WAIT)
    t.strictSame(peer.told, ['yielded'])
    peer.say(TAG.SERVER_IDENT, serverIdent())
    t.strictSame(peer.told, ['yielded'], 'and nothing of this link counts any more')
  }
  t.end()
})

t.test('RESET, full: a new session with a new cookie', (t) => {
  for (const unproven of [true, false]) {
    const peer = asAcceptor(resuming(5, unproven))
    peer.hear()
    peer.say(TAG.SESSION_RESET, frames.writeBool(true))
    t.match(frames.readClientIdent(peer.one(TAG.CLIENT_IDENT)), { cookie: 0xaaaaaaaaaaaaaaaan })
    peer.say(TAG.SERVER_IDENT, serverIdent())
    t.match(peer.sink.all('opened')[0]?.[2], { id: sessionId(0xaaaaaaaaaaaaaaaan), resumed: false })
  }
  t.end()
})

t.test('RESET, where another session was promised too: that one is asked for before a new one', (t) => {
  const other = { id: sessionId(5n), marks: [{ received: 0, processed: 0 }], unproven: true }
  const asked = offer({ resume: [...resuming(5).resume, other] })
  const second = (): ReturnType<typeof asAcceptor> => {
    const peer = asAcceptor(asked)
    t.match(frames.readReconnect(peer.one(TAG.SESSION_RECONNECT)), { clientCookie: COOKIE, messageSeq: 5n })
    peer.say(TAG.SESSION_RESET, frames.writeBool(true))
    t.match(frames.readReconnect(peer.one(TAG.SESSION_RECONNECT)), { clientCookie: 5n, messageSeq: 0n, connectSeq: 3n })
    return peer
  }
  const agreed = second().say(TAG.SESSION_RECONNECT_OK, number(0n))
  t.match(agreed.sink.all('opened')[0]?.[2], { id: other.id, resumed: true, marks: [{ received: 0, processed: 0 }] })
  const neither = second().say(TAG.SESSION_RESET, frames.writeBool(true))
  t.match(frames.readClientIdent(neither.one(TAG.CLIENT_IDENT)), { cookie: 0xaaaaaaaaaaaaaaaan })
  const half = second().say(TAG.SESSION_RESET, frames.writeBool(false))
  t.match(frames.readClientIdent(half.one(TAG.CLIENT_IDENT)), { cookie: 5n }, 'nothing of it came')
  t.end()
})

t.test('RESET, not full, of a session in which nothing came through: it is established once more', (t) => {
  const peer = asAcceptor(resuming(0, true))
  peer.hear()
  peer.say(TAG.SESSION_RESET, frames.writeBool(false))
  t.match(frames.readClientIdent(peer.one(TAG.CLIENT_IDENT)), { cookie: COOKIE })
  peer.say(TAG.SERVER_IDENT, serverIdent({ cookie: 78n }))
  t.match(peer.sink.all('opened')[0]?.[2], { id: SESSION, resumed: true, marks: [] })
  t.end()
})

t.test('RESET, not full, of a session that has delivered something: a new one, or messages could come twice', (t) => {
  const peer = asAcceptor(resuming(5, false))
  peer.hear()
  peer.say(TAG.SESSION_RESET, frames.writeBool(false))
  t.match(frames.readClientIdent(peer.one(TAG.CLIENT_IDENT)), { cookie: 0xaaaaaaaaaaaaaaaan })
  t.end()
})

t.test('features: what the peer misses, and what it demands', (t) => {
  const missing = asAcceptor(offer()).say(TAG.IDENT_MISSING_FEATURES, number(0x40n))
  t.match(missing.sink.told, [['rejected', 'INK_INCOMPATIBLE', /does not offer: 0x40/]])
  const demanding = asAcceptor(offer()).say(TAG.SERVER_IDENT, serverIdent({ required: 1n << 63n }))
  t.match(demanding.sink.told, [['rejected', 'INK_INCOMPATIBLE', /does not offer: 0x8000000000000000/]])
  t.end()
})

t.test('answers that must not come: to an ident, to a reconnect, before, and after', (t) => {
  const ident = serverIdent()
  const cases: [string, ReturnType<typeof asAcceptor>, RegExp][] = [
    ['RECONNECT_OK to an ident', asAcceptor(offer()).say(TAG.SESSION_RECONNECT_OK, number(1n)), /must not come now/],
    ['RETRY to an ident', asAcceptor(offer()).say(TAG.SESSION_RETRY, number(1n)), /must not come now/],
    ['SERVER_IDENT to a reconnect', asAcceptor(resuming()).say(TAG.SERVER_IDENT, ident), /must not come now/],
    ['a second SERVER_IDENT', asAcceptor(offer()).say(TAG.SERVER_IDENT, ident).say(TAG.WAIT), /in a session/],
    ['a message before the answer', asAcceptor(offer()).message(1), /must not come now/],
    ['half a number', asAcceptor(resuming()).say(TAG.SESSION_RETRY, new Uint8Array(4)), /too early/],
    ['another address', asAcceptor(offer()).say(TAG.SERVER_IDENT, serverIdent({ addresses: [] })), /was dialled/],
  ]
  for (const [name, peer, reason] of cases) t.match(peer.sink.faulted, reason, name)
  t.end()
})
