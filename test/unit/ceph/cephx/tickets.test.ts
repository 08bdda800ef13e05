/** The tickets of a client: which are good, and which are due. */
import t from 'tap'
import { encrypt, USAGE, writeKey, type Key } from '../../../../src/ceph/cephx/key.ts'
import { SERVICE_AUTH, Tickets, writeTicketBlob } from '../../../../src/ceph/cephx/tickets.ts'
import { Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { aes, aes256k } from '../../../support/ceph/keys.ts'

const KEY = aes(1)
const SESSION = aes256k(2)

/** A monitor's reply with one ticket, good for so many seconds; the ticket itself may be sealed with an older key. */
function reply(service: number, seconds: number, sealWith: Key | null = null): Reader {
  const plain = new Writer().u8(1)
  writeKey(plain, SESSION)
  const blob = new Writer()
  writeTicketBlob(blob, { secretId: 7n, blob: Uint8Array.of(1, 2, 3) })
  const writer = new Writer().u8(1).u32(1).u32(service).u8(1)
  writer.blob(encrypt(KEY, USAGE.TICKET_SESSION_KEY, plain.u32(seconds).u32(0).done())).bool(sealWith !== null)
  writer.blob(
    sealWith === null ? blob.done() : encrypt(sealWith, USAGE.TICKET_BLOB, new Writer().blob(blob.done()).done()),
  )
  return new Reader(writer.done())
}

t.test('a ticket is good until it ends, and due when a quarter of its life is left', (t) => {
  let nowMs = 1000
  const tickets = new Tickets(() => nowMs)
  t.strictSame([tickets.get(4), tickets.due([4]), tickets.renewMs([4])], [null, [4], -Infinity])
  tickets.take(reply(4, 100), KEY)
  t.match(tickets.get(4), { secretId: 7n, sessionKey: SESSION, expiresMs: 101_000 })
  t.strictSame([tickets.due([4]), tickets.renewMs([4]), tickets.renewMs([4, 2])], [[], 76_000, -Infinity])
  nowMs = 76_000
  t.strictSame([tickets.due([2, 4]), tickets.get(4)?.secretId], [[2, 4], 7n])
  nowMs = 101_000
  t.equal(tickets.get(4), null)
  t.end()
})

t.test('a ticket that somebody refused is due, and shown until there is another', (t) => {
  const tickets = new Tickets(() => 1000)
  tickets.take(reply(4, 100), KEY)
  tickets.doubt(4)
  tickets.doubt(2)
  t.strictSame([tickets.renewMs([4]), tickets.due([4]), tickets.get(4)?.secretId], [-Infinity, [4], 7n])
  tickets.take(reply(4, 100), KEY)
  t.strictSame([tickets.due([4]), tickets.get(2)], [[], null])
  t.end()
})

t.test('a renewed ticket may come sealed with the session key of the one before', (t) => {
  const tickets = new Tickets(() => 0)
  t.throws(() => tickets.take(reply(SERVICE_AUTH, 10, SESSION), KEY), {
    message: /the ticket for auth is encrypted with a key that was never given/,
  })
  tickets.take(reply(SERVICE_AUTH, 10), KEY)
  tickets.take(reply(SERVICE_AUTH, 20, SESSION), KEY)
  t.equal(tickets.get(SERVICE_AUTH)?.expiresMs, 20_000)
  t.throws(() => tickets.take(reply(4, 10), SESSION), { message: /the ticket for osd is encrypted with another key/ })
  t.equal(tickets.get(4), null)
  t.throws(() => tickets.take(new Reader(new Writer().u8(1).u32(1e6).done()), KEY), {
    message: /too early|items of at most/,
  })
  t.throws(() => tickets.take(new Reader(Uint8Array.of(0)), KEY), { message: /version 0/ })
  t.end()
})
