/** What the acceptor asks its session, and every answer that it can be told to give. */
import t from 'tap'
import { NODE_CRYPTO } from '../../../../src/ceph/cephx/node-crypto.ts'
import { noneClient, noneServer } from '../../../../src/ceph/cephx/ceph-none.ts'
import { msgr2 } from '../../../../src/ceph/msgr2.ts'
import { formatEntity } from '../../../../src/ceph/msgr2/address.ts'
import { sessionId } from '../../../../src/ceph/msgr2/registry.ts'
import * as frames from '../../../../src/ceph/msgr2/control-frames.ts'
import { IDENT_LOSSY, TAG } from '../../../../src/ceph/msgr2/format.ts'
import { msgr2Protocol } from '../../../../src/ceph/msgr2/msgr2-protocol.ts'
import type { LinkNote } from '../../../../src/ceph/msgr2/decision-tables.ts'
import type { Identity, SessionOffer } from '../../../../src/wire/wire.ts'
import {
  address,
  answer,
  asAcceptor,
  asDialler,
  clientIdent,
  COOKIE,
  Foreign,
  offer,
  OURS,
  reconnect,
  serverIdent,
  SESSION,
} from './foreign.ts'

const SOMEBODY_ELSE = address('v2:127.0.0.1:6999/11')

t.test('CLIENT_IDENT asks for a new session, which SERVER_IDENT gives', (t) => {
  const peer = asDialler().say(TAG.CLIENT_IDENT, clientIdent())
  const [, who, asked] = peer.sink.all('offer')[0] ?? []
  t.match(who, { name: 'osd.2', addresses: ['v2:127.0.0.1:6801/22'] })
  t.match(asked, { fresh: SESSION, policy: 'peer', resume: [], note: { kind: 'ident', globalSeq: 1n } })
  peer.wire.answer(answer({ policy: 'losslessServer' }))
  const ident = frames.readServerIdent(peer.one(TAG.SERVER_IDENT))
  t.match(ident, { gid: 1n, flags: 0n })
  t.not(ident.cookie, 0n, 'a server of a lossless session has a cookie')
  t.strictSame(peer.told, ['offer', 'confirmed'], 'only the client dials: it is adopted at once')
  peer.message(1)
  t.strictSame(peer.told, ['offer', 'confirmed', 'batch', 'admit', 'message'])
  t.end()
})

t.test('a signature that does not match ends the link, and no session is asked for', (t) => {
  const peer = new Foreign('acceptor').banner().hello()
  const request = { method: 1, modes: [1], payload: new Uint8Array(0) }
  peer.say(TAG.AUTH_REQUEST, frames.writeAuthRequest(request)).hear()
  peer.say(TAG.AUTH_SIGNATURE, new Uint8Array(32).fill(1)).say(TAG.CLIENT_IDENT, clientIdent())
  t.match(peer.sink.faulted, /signature does not match/)
  t.strictSame(peer.sink.all('offer'), [])
  t.end()
})

t.test('who dials without a nonce is answered by an ident that has the address that it dialled', (t) => {
  const bare = OURS.replace(/\d+$/, '0')
  const peer = asDialler().say(TAG.CLIENT_IDENT, clientIdent({ target: address(bare) }))
  peer.wire.answer(answer({ policy: 'losslessServer' }))
  const { addresses } = frames.readServerIdent(peer.one(TAG.SERVER_IDENT))
  t.strictSame(addresses.map(formatEntity), [OURS, bare])
  t.end()
})

t.test('behind a wildcard any place may be ours, but not one with the nonce of somebody else', (t) => {
  for (const host of ['0.0.0.0', '[::]']) {
    const bound = [OURS.replace('127.0.0.1', host)]
    const dial = (target: string): Foreign =>
      asDialler(undefined, bound).say(TAG.CLIENT_IDENT, clientIdent({ target: address(target) }))
    for (const target of [OURS, OURS.replace(/\d+$/, '0'), OURS.replace('127.0.0.1', '192.0.2.7')])
      t.strictSame(dial(target).told, ['offer'], `${target} at ${bound.join()}`)
    t.match(dial(OURS.replace(/\d+$/, '4242')).sink.faulted, /another address/)
  }
  t.end()
})

t.test('a policy that does not fit is told by the flag, and what becomes lossless by it has a cookie', (t) => {
  for (const lossy of [true, false]) {
    const peer = asDialler().say(TAG.CLIENT_IDENT, clientIdent({ flags: lossy ? IDENT_LOSSY : 0n }))
    peer.wire.reject('INK_POLICY_MISMATCH', 'they do not fit')
    const { flags, cookie } = frames.readServerIdent(peer.one(TAG.SERVER_IDENT))
    t.equal(flags, lossy ? 0n : IDENT_LOSSY)
    t.equal(cookie !== 0n, lossy, "a client of Ceph's that goes on lossless without a cookie aborts")
  }
  t.end()
})

t.test('where both dial, the link is adopted when the peer shows that it has the answer', (t) => {
  const signs: Record<string, (peer: ReturnType<typeof asDialler>) => unknown> = {
    'an answer to KEEPALIVE2': (peer) => peer.say(TAG.KEEPALIVE2_ACK, frames.writeStamp(0)),
    'a message': (peer) => peer.message(1),
    'an ack': (peer) => peer.say(TAG.ACK, frames.writeNumber(1n)),
  }
  for (const [name, sign] of Object.entries(signs)) {
    for (const resumes of [false, true]) {
      const peer = asDialler()
      if (resumes) peer.say(TAG.SESSION_RECONNECT, reconnect())
      else peer.say(TAG.CLIENT_IDENT, clientIdent())
      peer.wire.answer(answer({ resumed: resumes }))
      const tags = peer.hear().map(({ tag }) => tag)
      t.strictSame(tags, [resumes ? TAG.SESSION_RECONNECT_OK : TAG.SERVER_IDENT, TAG.KEEPALIVE2])
      t.strictSame(peer.told, ['offer'])
      sign(peer)
      t.equal(peer.told[1], 'confirmed', name)
      peer.say(TAG.KEEPALIVE2, frames.writeStamp(7))
      t.equal(peer.sink.all('confirmed').length, 1)
    }
  }
  t.end()
})

t.test('what was heard since our last words on a link is known to who decides', (t) => {
  const protocol = msgr2()
  type Asks = { note: { heardSince: (instance: string) => bigint | null } }
  const asks = (peer: ReturnType<typeof asDialler>) => {
    const [, who, { note }] = peer.sink.told.at(-1) as [string, { instance: string }, Asks]
    return note.heardSince(who.instance)
  }
  const early = asDialler(protocol)
  const first = asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent({ globalSeq: 5n }))
  t.equal(asks(first), null)
  first.wire.answer(answer())
  t.equal(asks(early.say(TAG.SESSION_RECONNECT, reconnect())), 5n, 'it may have been said before')
  early.wire.again?.({ kind: 'retryGlobal', globalSeq: 5n })
  t.equal(asks(early.say(TAG.SESSION_RECONNECT, reconnect())), null, 'this was said after it')
  t.equal(asks(asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent())), null, 'and so was all on a newer link')
  const late = asDialler(protocol)
  asAcceptor(offer(), protocol).say(TAG.SERVER_IDENT, serverIdent({ globalSeq: 8n }))
  t.equal(asks(late.say(TAG.CLIENT_IDENT, clientIdent())), 8n, 'an answer of the peer counts as well')
  t.end()
})

t.test('RECONNECT asks for an old one, which RECONNECT_OK goes on with', (t) => {
  const peer = asDialler().say(TAG.SESSION_RECONNECT, reconnect())
  const marks = [{ received: 6, processed: 6 }]
  t.match(peer.sink.all('offer')[0]?.[2], { ballot: { epoch: 2 }, resume: [{ id: SESSION, marks }] })
  peer.wire.answer(answer({ resumed: true, marks: [{ received: 9, processed: 8 }], policy: 'losslessServer' }))
  t.equal(frames.readNumber(peer.one(TAG.SESSION_RECONNECT_OK)), 8n, 'what was handled: the rest may come again')
  t.end()
})

t.test('after RESET, RETRY and RETRY_GLOBAL the peer asks again on the same link', (t) => {
  const peer = asDialler().say(TAG.SESSION_RECONNECT, reconnect())
  peer.wire.again?.({ kind: 'retryGlobal', globalSeq: 50n })
  t.equal(frames.readNumber(peer.one(TAG.SESSION_RETRY_GLOBAL)), 50n)
  peer.say(TAG.SESSION_RECONNECT, reconnect({ globalSeq: 51n }))
  peer.wire.again?.({ kind: 'retry', connectSeq: 7 })
  t.equal(frames.readNumber(peer.one(TAG.SESSION_RETRY)), 7n)
  peer.say(TAG.SESSION_RECONNECT, reconnect({ globalSeq: 52n, connectSeq: 8n }))
  for (const full of [true, false]) {
    peer.wire.again?.({ kind: 'reset', full })
    t.equal(frames.readBool(peer.one(TAG.SESSION_RESET)), full)
    peer.say(full ? TAG.SESSION_RECONNECT : TAG.CLIENT_IDENT, full ? reconnect() : clientIdent())
  }
  t.strictSame(peer.told, ['offer', 'offer', 'offer', 'offer', 'offer'])
  peer.wire.answer(answer({ policy: 'losslessServer' }))
  peer.one(TAG.SERVER_IDENT)
  t.end()
})

t.test('WAIT is the last word on a link', (t) => {
  const peer = asDialler().say(TAG.CLIENT_IDENT, clientIdent())
  peer.wire.yield(3)
  peer.one(TAG.WAIT)
  peer.say(TAG.CLIENT_IDENT, clientIdent())
  t.strictSame(peer.told, ['offer'])
  t.end()
})

t.test('a link that is at fault is given no answer', (t) => {
  const peer = asDialler().say(TAG.CLIENT_IDENT, clientIdent())
  peer.hear()
  peer.say(TAG.CLIENT_IDENT, clientIdent())
  t.strictSame(peer.told, ['offer', 'fault'])
  peer.wire.answer(answer())
  t.strictSame(peer.hear(), [])
  t.end()
})

t.test('a RECONNECT for a cookie of ours that was never answered is marked as half a session', (t) => {
  const protocol = msgr2()
  const { cookie } = frames.readClientIdent(asAcceptor(offer(), protocol).one(TAG.CLIENT_IDENT))
  const half = (clientCookie: bigint): unknown => {
    const peer = asDialler(protocol).say(TAG.SESSION_RECONNECT, reconnect({ clientCookie }))
    return (peer.sink.all('offer')[0]?.[2] as { note: { half: boolean } }).note.half
  }
  t.equal(half(cookie), true)
  t.equal(half(COOKIE), false)
  const ident = asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent({ cookie }))
  ident.wire.answer(answer({ id: `${cookie.toString(16)}${'0'.repeat(16)}` }))
  t.equal(half(cookie), false, 'established by the peer: it is a session like any other')
  t.end()
})

t.test('features that are missing are named', (t) => {
  const auth = { crypto: NODE_CRYPTO, client: () => null, server: () => noneServer(() => 1n), globalId: null }
  const peer = asDialler(msgr2Protocol({ auth: auth as never, required: 1n << 62n }))
  peer.say(TAG.CLIENT_IDENT, clientIdent({ supported: 0xffn }))
  t.equal(frames.readNumber(peer.one(TAG.IDENT_MISSING_FEATURES)), 1n << 62n)
  t.match(peer.sink.faulted, /^INK_INCOMPATIBLE: the peer lacks features/)
  t.end()
})

t.test('a lossy session has no cookie, and no acks', (t) => {
  const peer = asDialler().say(TAG.CLIENT_IDENT, clientIdent({ flags: IDENT_LOSSY, cookie: 0n }))
  t.match(peer.sink.all('offer')[0]?.[2], { policy: 'lossy' })
  peer.wire.answer(answer({ id: 'ab'.repeat(16), policy: 'lossy' }))
  t.match(frames.readServerIdent(peer.one(TAG.SERVER_IDENT)), { flags: IDENT_LOSSY, cookie: 0n })
  peer.say(TAG.ACK, frames.writeNumber(3n))
  t.strictSame(peer.told, ['offer', 'confirmed'])
  t.end()
})

t.test('what must not come, or means somebody else, is a fault with a reason', (t) => {
  const cases: [string, ReturnType<typeof asDialler>, RegExp][] = [
    ['a message before a session', asDialler().message(1), /MESSAGE must not come now/],
    ['SERVER_IDENT to an acceptor', asDialler().say(TAG.SERVER_IDENT, clientIdent()), /must not come now/],
    ['nobody', asDialler().say(TAG.CLIENT_IDENT, clientIdent({ addresses: [] })), /no address/],
    ['two at once', asDialler().say(TAG.CLIENT_IDENT, clientIdent()).say(TAG.CLIENT_IDENT, clientIdent()), /not come/],
    ['a count past 2^53', asDialler().say(TAG.SESSION_RECONNECT, reconnect({ messageSeq: 1n << 60n })), /2\^53/],
    ['another target', asDialler().say(TAG.CLIENT_IDENT, clientIdent({ target: SOMEBODY_ELSE })), /another address/],
  ]
  for (const [name, peer, reason] of cases) t.match(peer.sink.faulted, reason, name)
  t.end()
})

/** A protocol whose peers have proved a name. */
function proved(names: string[]) {
  const secrets = { mode: 1, sessionKey: null, connectionSecret: null } as const
  const request = () => {
    const proven = names.shift() ?? null
    return { kind: 'done', globalId: 4107n, payload: new Uint8Array(0), secrets, proven, note: { of: proven } } as const
  }
  const server = () => ({ request, more: request })
  const client = (name: string) => noneClient(name, { globalId: null })
  return msgr2Protocol({ auth: { crypto: NODE_CRYPTO, provesNames: true, client, server, globalId: null } })
}

t.test('a name that was proved decides who the peer is, whatever it says', (t) => {
  const peer = asDialler(proved(['osd.7'])).say(TAG.CLIENT_IDENT, clientIdent())
  t.match(peer.sink.all('offer')[0]?.[1], { name: 'osd.7', principal: 'osd.7' })
  t.strictSame(peer.wire.note, { of: 'osd.7' }, 'and its service is told')
  t.end()
})

t.test('nobody resumes the session of somebody else', (t) => {
  const protocol = proved(['osd.2', 'osd.2', 'osd.3'])
  asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent()).wire.answer(answer())
  const own = asDialler(protocol).say(TAG.SESSION_RECONNECT, reconnect())
  t.match(own.sink.all('offer')[0]?.[1], { name: 'osd.2', principal: 'osd.2' })
  const other = asDialler(protocol).say(TAG.SESSION_RECONNECT, reconnect())
  t.match(other.sink.all('offer')[0]?.[1], { name: 'osd.3', principal: 'osd.3' }, 'it comes under its own name')
  t.end()
})

t.test('who has chosen the session of another for its own keeps nobody out, and gets nobody in', (t) => {
  const protocol = proved(['osd.3', 'osd.2', 'osd.2', 'osd.3', 'osd.4'])
  for (const _ of ['osd.3', 'osd.2']) asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent()).wire.answer(answer())
  for (const name of ['osd.2', 'osd.3']) {
    const back = asDialler(protocol).say(TAG.SESSION_RECONNECT, reconnect())
    t.match(back.sink.all('offer')[0]?.[1], { name, principal: name })
  }
  const fourth = asDialler(protocol).say(TAG.SESSION_RECONNECT, reconnect())
  t.match(fourth.sink.all('offer')[0]?.[1], { name: 'osd.4', principal: 'osd.4' })
  t.end()
})

/** What it was that a stranger's link came to. */
function offered({ sink }: Foreign): [Identity, SessionOffer] {
  const [, peer, asked] = sink.all('offer')[0] ?? []
  return [peer as Identity, asked as SessionOffer]
}

t.test('who wears the addresses of another is somebody else all the same: no instance, no attempts of its', (t) => {
  const protocol = proved(['osd.2', 'osd.3', 'osd.2'])
  const own = asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent({ globalSeq: 7n }))
  own.wire.answer(answer())
  const [peer] = offered(own)
  // Of the same addresses, with the same cookie, and with a number that nobody can top.
  const thief = asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent({ globalSeq: 1n << 61n }))
  const [other] = offered(thief)
  t.strictSame([peer.name, other.name], ['osd.2', 'osd.3'])
  t.not(other.instance, peer.instance)
  thief.wire.answer(answer())
  const later = asDialler(protocol).say(TAG.CLIENT_IDENT, clientIdent({ globalSeq: 8n }))
  const [, { note }] = offered(later)
  t.equal((note as LinkNote).heardSince(peer.instance), null)
  t.end()
})

t.test('numbers that nobody can have reached are a fault, not believed', (t) => {
  for (const changes of [{ connectSeq: 0xffff0001n }, { globalSeq: (1n << 62n) + 1n }]) {
    const peer = asDialler().say(TAG.SESSION_RECONNECT, reconnect(changes))
    t.match(peer.sink.all('fault')[0], ['fault', 'INK_INCOMPATIBLE', /nobody has made more/])
  }
  const peer = asDialler().say(TAG.CLIENT_IDENT, clientIdent({ globalSeq: 1n << 63n }))
  t.match(peer.sink.all('fault')[0], ['fault', 'INK_INCOMPATIBLE', /nobody has made more/])
  t.end()
})

t.test('a peer that proves its name resumes a session that we dialled, where nobody had proved one', (t) => {
  const protocol = proved(['osd.2', 'osd.3'])
  const dialled = asAcceptor(offer(), protocol)
  const { cookie } = frames.readClientIdent(dialled.one(TAG.CLIENT_IDENT))
  dialled.say(TAG.SERVER_IDENT, serverIdent())
  t.strictSame(dialled.told, ['opened'])
  const back = asDialler(protocol).say(TAG.SESSION_RECONNECT, reconnect({ clientCookie: cookie }))
  t.match(back.sink.told, [['offer', { name: 'osd.2' }, { resume: [{ id: sessionId(cookie) }] }]])
  const thief = asDialler(protocol).say(TAG.SESSION_RECONNECT, reconnect({ clientCookie: cookie }))
  t.match(thief.sink.told, [['offer', { name: 'osd.3' }, {}]])
  t.end()
})
