/** The ciphers of secure mode: what is sealed opens as it was, or not at all. */
import t from 'tap'
import { NODE_CRYPTO } from '../../../../src/ceph/cephx/node-crypto.ts'

const key = (byte: number): Uint8Array => new Uint8Array(16).fill(byte)

t.test('secure mode: an altered bit is seen', (t) => {
  const nonce = new Uint8Array(12)
  const cipher = NODE_CRYPTO.gcm(key(1))
  const sealed = cipher.seal(nonce, [Uint8Array.of(1), Uint8Array.of(2, 3)])
  t.strictSame(Buffer.from(cipher.open(nonce, sealed)!), Buffer.from([1, 2, 3]))
  sealed[0]! ^= 1
  t.equal(cipher.open(nonce, sealed), null)
  t.equal(NODE_CRYPTO.hmacSha256(key(1), new Uint8Array(0)).length, 32)
  t.end()
})
