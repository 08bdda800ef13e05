/** The secrets of services: derived alike everywhere, and always held long enough for the tickets made with them. */
import t from 'tap'
import {
  DerivedSecrets,
  FetchedSecrets,
  readSecrets,
  writeSecrets,
} from '../../../../src/ceph/cephx/service-secrets.ts'
import { Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'

const OSD = 4
const ROOT = new Uint8Array(16).fill(1)
const HOUR = 3_600_000

function at(wallMs: number, root = ROOT, periodMs = HOUR): DerivedSecrets {
  return new DerivedSecrets(
    root,
    () => periodMs,
    () => wallMs,
  )
}

t.test('all who have the root agree, at any moment of the period', (t) => {
  t.strictSame(at(5 * HOUR).all(OSD), at(6 * HOUR - 1).all(OSD))
  t.strictSame(
    at(5 * HOUR)
      .all(OSD)
      .slice(1),
    at(6 * HOUR)
      .all(OSD)
      .slice(0, 2),
    'the next becomes the current one',
  )
  const others = [
    at(5 * HOUR).current(2),
    at(5 * HOUR, new Uint8Array(16)).current(OSD),
    at(5 * HOUR, ROOT, HOUR / 2).current(OSD),
  ]
  for (const other of others) t.notSame(other.secret, at(5 * HOUR).current(OSD).secret)
  t.end()
})

t.test('a ticket is made with what every holder of the last or the next three knows until it ends', (t) => {
  for (const issuedMs of [0, 1, HOUR / 2, HOUR - 1]) {
    const { id, secret } = at(9 * HOUR + issuedMs).current(OSD)
    for (const laterMs of [0, 1, HOUR / 2, HOUR]) {
      t.strictSame(at(9 * HOUR + issuedMs + laterMs).find(OSD, id), secret)
    }
    t.equal(at(12 * HOUR).find(OSD, id), null, 'and no longer than that')
  }
  t.not(at(0).all(OSD)[1].id, 0n)
  t.end()
})

t.test('a service takes three, in order, and asks again when the middle one has ended', (t) => {
  const writer = new Writer()
  const three = at(9 * HOUR).all(OSD)
  writeSecrets(writer, [three[2], three[0], three[1]])
  const fetched = new FetchedSecrets(OSD)
  t.equal(fetched.dueMs, -Infinity)
  fetched.take(readSecrets(new Reader(writer.done())))
  t.strictSame(fetched.find(OSD, three[1].id), three[1].secret)
  t.equal(fetched.find(2, three[1].id), null)
  t.equal(fetched.find(OSD, 1n), null)
  t.equal(fetched.dueMs, 10 * HOUR + 30_000)
  t.end()
})

t.test('too few, too many, or cut off', (t) => {
  const writer = new Writer()
  writeSecrets(
    writer,
    at(9 * HOUR)
      .all(OSD)
      .slice(1),
  )
  t.throws(() => readSecrets(new Reader(writer.done())), { message: /gave 2 service keys, not 3/ })
  t.throws(() => readSecrets(new Reader(new Writer().u8(1).u32(1e9).done())), { message: /too early|items of at most/ })
  t.throws(() => readSecrets(new Reader(writer.done().subarray(0, 30))), { message: /too early|items of at most/ })
  t.end()
})
