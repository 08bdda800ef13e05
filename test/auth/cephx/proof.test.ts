/** The proof of a key; against recorded sessions it is held in captures.test.ts. */
import t from 'tap'
import { proofOf } from '../../../src/auth/cephx/proof.ts'

t.test('it depends on the key and on both challenges', (t) => {
  const key = (byte: number): Uint8Array => new Uint8Array(16).fill(byte)
  const proofs = [proofOf(key(1), 1n, 2n), proofOf(key(2), 1n, 2n), proofOf(key(1), 2n, 2n), proofOf(key(1), 1n, 3n)]
  t.equal(new Set(proofs).size, 4)
  t.equal(proofOf(key(1), 1n, 2n), proofs[0])
  t.end()
})
