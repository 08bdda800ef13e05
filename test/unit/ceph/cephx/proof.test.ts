/** The proof of a key; against recorded sessions it is held in captures.test.ts. */
import { createHmac } from 'node:crypto'
import t from 'tap'
import { proofOf } from '../../../../src/ceph/cephx/proof.ts'
import { aes, aes256k } from '../../../support/ceph/keys.ts'

for (const [name, key] of Object.entries({ aes, aes256k })) {
  t.test(`it depends on the key and on both challenges (${name})`, (t) => {
    const proofs = [proofOf(key(1), 1n, 2n), proofOf(key(2), 1n, 2n), proofOf(key(1), 2n, 2n), proofOf(key(1), 1n, 3n)]
    t.equal(new Set(proofs).size, 4)
    t.equal(proofOf(key(1), 1n, 2n), proofs[0])
    t.end()
  })
}

t.test('of a newer key it is the HMAC-SHA256 of both challenges, folded', (t) => {
  const challenges = new Uint8Array(new BigUint64Array([5n, 0xffffffffffffffffn]).buffer)
  const digest = createHmac('sha256', aes256k(1).secret).update(challenges).digest()
  const words = [0, 8, 16, 24].map((at) => digest.readBigUInt64LE(at))
  t.equal(
    proofOf(aes256k(1), 5n, 0xffffffffffffffffn),
    words.reduce((folded, word) => folded ^ word),
  )
  t.throws(() => proofOf({ type: 3, secret: new Uint8Array(16) }, 1n, 2n), { message: /a key of type 3/ })
  t.end()
})
