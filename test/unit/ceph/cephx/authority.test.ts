/** What an authority gives, to whom, and whom it refuses with which reason. */
import t from 'tap'
import { Authority, REQUEST, type Login } from '../../../../src/ceph/cephx/authority.ts'
import { Authorizer, MONITORS_SECRET_ID } from '../../../../src/ceph/cephx/authorizer.ts'
import { bitsOf, loggedIn, logIn, readHead } from '../../../../src/ceph/cephx/cephx-client.ts'
import { decrypt, USAGE } from '../../../../src/ceph/cephx/key.ts'
import { DerivedSecrets, readSecrets } from '../../../../src/ceph/cephx/service-secrets.ts'
import { openTicket } from '../../../../src/ceph/cephx/ticket-contents.ts'
import { SERVICE_AUTH, Tickets } from '../../../../src/ceph/cephx/tickets.ts'
import { Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { keysOf, randomBytes } from './handshakes.ts'

const NOW_MS = 1_767_225_600_000
const HOUR = 3_600_000
const OSD = 4
const LOGIN: Login = { name: 'client.admin', globalId: 0n, challenge: 5n }
const [ADMIN_KEY, OSD_KEY] = [keysOf().get('client.admin')!, keysOf().get('osd.1')!]

function authority(change: { names?: readonly string[]; nowMs?: number } = {}): Authority {
  const wallMs = (): number => change.nowMs ?? NOW_MS
  const secrets = new DerivedSecrets(new Uint8Array(16), () => HOUR, wallMs)
  return new Authority({ keys: keysOf(...(change.names ?? [])), secrets, ticketMs: () => HOUR, wallMs, randomBytes })
}

/** A client's question, from behind its type. */
function question(tickets: Tickets, secret = ADMIN_KEY, services: readonly number[] = [OSD]): Reader {
  const reader = new Reader(logIn({ secret, tickets }, LOGIN.challenge, services, randomBytes))
  reader.u16()
  return reader
}

const fresh = (): bigint => 4107n

t.test('a login gives a session key, tickets, and the connection secret', (t) => {
  const mon = authority()
  const tickets = new Tickets(() => 0)
  const secret = randomBytes(64)
  const reply = mon.logIn(question(tickets), LOGIN, secret, fresh)
  const got = loggedIn({ name: LOGIN.name, secret: ADMIN_KEY, tickets }, new Reader(reply.payload))
  t.strictSame(Buffer.from(got.connectionSecret!), Buffer.from(secret))
  t.equal(tickets.get(SERVICE_AUTH), null, 'reading it changes nothing')
  tickets.keep(got.given)
  t.match(reply, { globalId: 4107n, reclaimed: false, sessionKey: tickets.get(SERVICE_AUTH)!.sessionKey })
  const osd = tickets.get(OSD)!
  const inside = openTicket(mon.secrets.find(OSD, osd.secretId)!, osd.blob, 'it')
  t.match(inside, {
    name: 'client.admin',
    globalId: 4107n,
    sessionKey: osd.sessionKey,
    createdMs: NOW_MS,
    expiresMs: NOW_MS + HOUR,
  })
  t.equal(tickets.get(2), null, 'only what was asked for')
  t.end()
})

t.test('a number is given again to whoever shows the ticket for it', (t) => {
  const mon = authority()
  const tickets = new Tickets(() => 0)
  const take = ({ payload }: { payload: Uint8Array }) =>
    tickets.keep(loggedIn({ name: LOGIN.name, secret: ADMIN_KEY, tickets }, new Reader(payload)).given)
  take(mon.logIn(question(tickets), LOGIN, new Uint8Array(0), fresh))
  const again = mon.logIn(question(tickets), { ...LOGIN, globalId: 4107n }, new Uint8Array(0), () => 9n)
  t.match(again, { globalId: 4107n, reclaimed: true })
  take(again)
  t.ok(tickets.get(OSD), 'the new ticket came sealed with the old key')
  t.equal(
    mon.logIn(question(tickets), { ...LOGIN, globalId: 4108n }, new Uint8Array(0), () => 9n).globalId,
    9n,
    "another's number",
  )
  const late = authority({ nowMs: NOW_MS + 3 * HOUR })
  t.equal(
    late.logIn(question(tickets), { ...LOGIN, globalId: 4107n }, new Uint8Array(0), () => 9n).globalId,
    9n,
    'too late',
  )
  t.end()
})

t.test('who does not get in', (t) => {
  const tickets = new Tickets(() => 0)
  const mon = authority({ names: ['mon.', 'client.admin'] })
  const nobody = { ...LOGIN, name: 'client.other' }
  t.throws(() => mon.logIn(question(tickets), nobody, null, fresh), { message: /holds no key for client.other/ })
  t.throws(() => mon.logIn(question(tickets, OSD_KEY), LOGIN, null, fresh), { message: /client.admin did not prove/ })
  t.throws(() => mon.logIn(question(tickets), { ...LOGIN, challenge: 6n }, null, fresh), { message: /did not prove/ })
  const old = new Reader(new Writer().u8(1).raw(question(tickets).raw(17).subarray(1)).u8(1).u64(0n).u32(0).done())
  t.throws(() => mon.logIn(old, LOGIN, new Uint8Array(64), fresh), { message: /older than secure mode|did not prove/ })
  t.end()
})

t.test('over a session: tickets for a ticket, secrets for services, nothing for others', (t) => {
  const mon = authority()
  const tickets = new Tickets(() => 0)
  const login = { ...LOGIN, globalId: 4107n }
  const first = mon.logIn(question(tickets, ADMIN_KEY, [2]), LOGIN, null, fresh)
  tickets.keep(loggedIn({ name: LOGIN.name, secret: ADMIN_KEY, tickets }, new Reader(first.payload)).given)
  const ticket = tickets.get(SERVICE_AUTH)!
  const ask = (globalId: bigint, by: Login): Uint8Array => {
    const shown = new Authorizer(globalId, SERVICE_AUTH, ticket, 1n).request()
    const writer = new Writer().u16(REQUEST.PRINCIPAL_SESSION_KEY).raw(shown)
    return mon.answer(
      new Reader(
        writer
          .u8(1)
          .u32(bitsOf([OSD, 16]))
          .done(),
      ),
      by,
    )
  }
  const reader = new Reader(ask(4107n, login))
  readHead(reader, REQUEST.PRINCIPAL_SESSION_KEY, 'it')
  tickets.take(reader, ticket.sessionKey)
  t.ok(tickets.get(OSD) && tickets.get(16))
  t.throws(() => ask(4107n, { ...login, name: 'client.other' }), {
    message: /client.other shows a ticket of client.admin/,
  })
  t.throws(() => ask(1n, login), { message: /belongs to somebody else/ })
  const rotating = (): Reader => new Reader(new Writer().u16(REQUEST.ROTATING_KEY).done())
  t.throws(() => mon.answer(rotating(), login), { message: /client.admin is no service/ })
  const keys = new Reader(mon.answer(rotating(), { ...login, name: 'osd.1' }))
  readHead(keys, REQUEST.ROTATING_KEY, 'it')
  t.strictSame(readSecrets(decrypt(OSD_KEY, USAGE.ROTATING_SECRET, keys.blob(), 'it')), mon.secrets.all(OSD))
  const again = (shown: Tickets): Reader =>
    new Reader(logIn({ secret: ADMIN_KEY, tickets: shown }, LOGIN.challenge, [OSD], randomBytes))
  t.ok(mon.answer(again(tickets), login).length > 100, 'the login itself is renewed')
  t.throws(() => mon.answer(again(new Tickets(() => 0)), login), {
    message: /did not show the ticket that it wants to renew/,
  })
  t.throws(() => mon.answer(new Reader(Uint8Array.of(9, 9)), login), { message: /a request of type/ })
  t.end()
})

t.test('a monitor makes its own tickets', (t) => {
  const mon = authority()
  const toMon = mon.ownTicket(1)
  t.equal(toMon.secretId, MONITORS_SECRET_ID)
  t.match(openTicket(mon.monitorsKey!, toMon.blob, 'it'), { name: 'mon.', sessionKey: toMon.sessionKey })
  const toMgr = mon.ownTicket(16)
  t.match(openTicket(mon.secrets.find(16, toMgr.secretId)!, toMgr.blob, 'it'), { name: 'mon.' })
  t.throws(() => authority({ names: ['client.admin'] }).ownTicket(1), { message: /no key for mon\./ })
  t.end()
})
