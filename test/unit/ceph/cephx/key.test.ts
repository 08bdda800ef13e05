/** Keys of both types: how they travel, what they encrypt, and what is said of one that is not known. */
import t from 'tap'
import { decrypt, encrypt, isKnown, readKey, USAGE, writeKey, type Key } from '../../../../src/ceph/cephx/key.ts'
import { Reader, Writer } from '../../../../src/ceph/msgr2/codec.ts'
import { aes, aes256k } from '../../../support/ceph/keys.ts'

const BYTES = Uint8Array.of(1, 2, 3)
const UNKNOWN: Key = { type: 3, secret: new Uint8Array(40) }

t.test('a key is a type, a time and a secret that is as long as the type says', (t) => {
  for (const key of [aes(9), aes256k(9), UNKNOWN]) {
    const writer = new Writer()
    writeKey(writer, key)
    t.strictSame(readKey(new Reader(writer.done())), key)
    t.equal(isKnown(key), key !== UNKNOWN)
  }
  const of = (type: number, bytes: number) =>
    new Reader(new Writer().u16(type).u64(0n).u16(bytes).raw(new Uint8Array(bytes)).done())
  t.throws(() => readKey(of(1, 8)), { message: /a key of type 1 and 8 bytes, which should have 16/ })
  t.throws(() => readKey(of(2, 16)), { message: /a key of type 2 and 16 bytes, which should have 32/ })
  t.throws(() => readKey(new Reader(Uint8Array.of(1, 0, 0))), { message: /too early/ })
  t.end()
})

t.test('what a key encrypts it decrypts, and no other; the newer ones only for the same purpose', (t) => {
  for (const of of [aes, aes256k]) {
    const sealed = encrypt(of(1), USAGE.AUTHORIZE, BYTES)
    t.strictSame(new Uint8Array(decrypt(of(1), USAGE.AUTHORIZE, sealed, 'it').raw(3)), BYTES)
    for (const bad of [sealed.subarray(1), new Uint8Array(0), new Uint8Array(100)])
      t.throws(() => decrypt(of(1), USAGE.AUTHORIZE, bad, 'it'), { message: /another key/ })
    const wrong = { message: /the ticket is encrypted with another key/ }
    t.throws(() => decrypt(of(2), USAGE.AUTHORIZE, sealed, 'the ticket'), wrong)
    t.throws(() => decrypt((of === aes ? aes256k : aes)(1), USAGE.AUTHORIZE, sealed, 'the ticket'), wrong)
  }
  const sealed = encrypt(aes256k(1), USAGE.AUTHORIZE, BYTES)
  t.throws(() => decrypt(aes256k(1), USAGE.AUTHORIZE_REPLY, sealed, 'it'), { message: /another key/ })
  t.end()
})

t.test('a key of another type says so to whoever wants to use it', (t) => {
  const said = { message: /a key of type 3: the types that are known here are 1 \(aes\) and 2 \(aes256k\)/ }
  t.throws(() => encrypt(UNKNOWN, USAGE.AUTHORIZE, BYTES), said)
  t.throws(() => decrypt(UNKNOWN, USAGE.AUTHORIZE, BYTES, 'it'), said)
  t.end()
})
