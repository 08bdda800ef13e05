/** What is inside a ticket; that Ceph's own are read is shown by interop.test.ts. */
import t from 'tap'
import {
  checkTime,
  CLOCK_SKEW_MS,
  openTicket,
  readTime,
  sealTicket,
  writeTime,
} from '../../../../src/ceph/cephx/ticket-contents.ts'
import { Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { aes, aes256k } from '../../../support/ceph/keys.ts'

const SECRET = aes(1)
const CONTENTS = {
  name: 'client.admin',
  globalId: 4107n,
  createdMs: 1_767_225_600_123,
  expiresMs: 1_767_225_700_000,
  sessionKey: aes(2),
}

t.test('a ticket opens with the secret that it was sealed with', (t) => {
  t.strictSame(openTicket(SECRET, sealTicket(SECRET, CONTENTS), 'it'), CONTENTS)
  const newer = { ...CONTENTS, sessionKey: aes256k(2) }
  t.strictSame(openTicket(aes256k(1), sealTicket(aes256k(1), newer), 'it'), newer)
  t.throws(() => openTicket(CONTENTS.sessionKey, sealTicket(SECRET, CONTENTS), 'the ticket'), {
    message: /^the ticket is encrypted/,
  })
  t.end()
})

t.test('its time is over a minute after its end: clocks differ', (t) => {
  checkTime(CONTENTS, CONTENTS.expiresMs + CLOCK_SKEW_MS, 'it')
  t.throws(() => checkTime(CONTENTS, CONTENTS.expiresMs + CLOCK_SKEW_MS + 1, 'the ticket'), {
    message: 'the ticket has expired',
  })
  t.end()
})

t.test('times are seconds and nanoseconds', (t) => {
  for (const ms of [0, 999, 1000, 1_767_225_600_123]) {
    const writer = new Writer()
    writeTime(writer, ms)
    t.equal(readTime(new Reader(writer.done())), ms)
  }
  t.end()
})
