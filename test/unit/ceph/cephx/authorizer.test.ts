/** Authorizers, step by step: what each side must see before it believes the other. */
import t from 'tap'
import {
  Authorizer,
  MONITORS_SECRET_ID,
  openAuthorizer,
  sealChallenge,
  sealReply,
} from '../../../../src/ceph/cephx/authorizer.ts'
import type { TicketReader } from '../../../../src/ceph/cephx/authorizer.ts'
import type { Key } from '../../../../src/ceph/cephx/key.ts'
import { sealTicket } from '../../../../src/ceph/cephx/ticket-contents.ts'
import { Reader } from '../../../../src/ceph/msgr2/codec.ts'
import { aes, aes256k } from '../../../support/ceph/keys.ts'

const OSD = 4
const SECRET = aes(1)
const MONITORS_KEY = aes(3)
const sessionKey = aes256k(2)
const contents = { name: 'client.admin', globalId: 4107n, createdMs: 0, expiresMs: 1000, sessionKey }
const ticket = { secretId: 7n, blob: sealTicket(SECRET, contents), sessionKey }

const reader = (monitorsKey: Key | null = null, wallMs = 0): TicketReader => ({
  secrets: { find: (service, id) => (service === OSD && id === 7n ? SECRET : null) },
  monitorsKey,
  wallMs: () => wallMs,
})

t.test('a whole exchange, with and without a connection secret', (t) => {
  for (const secret of [new Uint8Array(64).fill(8), new Uint8Array(0)]) {
    const bearer = new Authorizer(4107n, OSD, ticket, 0xffffffffffffffffn)
    const first = openAuthorizer(new Reader(bearer.request()), OSD, reader())
    t.strictSame([first.ticket, first.answer], [contents, null])
    const answer = bearer.answer(sealChallenge(sessionKey, 0xffffffffffffffffn))
    const shown = openAuthorizer(new Reader(answer), OSD, reader())
    t.equal(shown.answer, 0n, 'numbers wrap')
    const got = bearer.done(sealReply(shown, secret))
    t.strictSame(got === null ? null : Buffer.from(got), secret.length === 0 ? null : Buffer.from(secret))
  }
  t.end()
})

t.test('what a service does not take', (t) => {
  const open =
    (bearer: Authorizer, keys = reader(), service = OSD) =>
    () =>
      openAuthorizer(new Reader(bearer.request()), service, keys)
  t.throws(open(new Authorizer(4107n, OSD, ticket, 1n), reader(), 2), { message: /for another type of service/ })
  t.throws(open(new Authorizer(4107n, OSD, { ...ticket, secretId: 8n }, 1n)), {
    message: /key 8, which is not held here/,
  })
  t.throws(open(new Authorizer(9n, OSD, ticket, 1n)), { message: /belongs to somebody else/ })
  t.throws(open(new Authorizer(4107n, OSD, ticket, 1n), reader(null, 1e9)), { message: /has expired/ })
  const stolen = { ...ticket, sessionKey: SECRET }
  t.throws(open(new Authorizer(4107n, OSD, stolen, 1n)), {
    message: /the proof beside the ticket is encrypted with another key/,
  })
  const forged = { ...ticket, blob: sealTicket(sessionKey, contents) }
  t.throws(open(new Authorizer(4107n, OSD, forged, 1n)), { message: /the ticket is encrypted with another key/ })
  t.end()
})

t.test('only a monitor takes a ticket with the key of monitors, and only from one', (t) => {
  const of = (name: string) => {
    const inside = { ...contents, name }
    return new Authorizer(
      4107n,
      1,
      { secretId: MONITORS_SECRET_ID, blob: sealTicket(MONITORS_KEY, inside), sessionKey },
      1n,
    )
  }
  const open = (name: string, key: Key | null) => () => openAuthorizer(new Reader(of(name).request()), 1, reader(key))
  t.equal(open('mon.', MONITORS_KEY)().ticket.name, 'mon.')
  t.throws(open('mon.', null), { message: /not held here/ })
  t.throws(open('client.admin', MONITORS_KEY), { message: /does not say so/ })
  t.end()
})

t.test('a bearer believes only who opened the ticket', (t) => {
  const bearer = new Authorizer(4107n, OSD, ticket, 1n)
  const shown = openAuthorizer(new Reader(bearer.request()), OSD, reader())
  t.throws(() => bearer.done(sealReply({ ...shown, nonce: 9n }, new Uint8Array(64))), {
    message: /did not open our ticket/,
  })
  t.throws(() => bearer.answer(sealChallenge(SECRET, 1n)), { message: /another key/ })
  t.end()
})
