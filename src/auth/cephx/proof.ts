/** The proof of a key: what only somebody who has it can compute from the challenges of both sides. */
import { Reader, Writer } from '../../wire/msgr2/codec.ts'
import { encrypt } from './node-crypto.ts'

/** Where challenges, nonces and keys come from. */
export type RandomBytes = (count: number) => Uint8Array

export function proofOf(secret: Uint8Array, serverChallenge: bigint, clientChallenge: bigint): bigint {
  const sealed = encrypt(secret, new Writer().u64(serverChallenge).u64(clientChallenge).done())
  const reader = new Reader(new Writer().blob(sealed).done())
  let proof = 0n
  while (reader.left >= 8) proof ^= reader.u64()
  return proof
}
