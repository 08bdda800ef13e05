/** The proof of a key: what only somebody who has it can compute from the challenges of both sides. */
import { createHmac } from 'node:crypto'
import { Reader, Writer } from '../msgr2/codec.ts'
import { encrypt, isKnown, KEY_TYPE, unknownType, type Key } from './key.ts'

/** Where challenges, nonces and keys come from. */
export type RandomBytes = (count: number) => Uint8Array

/** Throws AuthRefused for a key of a type that is not known. */
export function proofOf(key: Key, serverChallenge: bigint, clientChallenge: bigint): bigint {
  const challenges = new Writer().u64(serverChallenge).u64(clientChallenge).done()
  const reader = new Reader(key.type === KEY_TYPE.AES ? encrypted(key, challenges) : hashed(key, challenges))
  let proof = 0n
  while (reader.left >= 8) proof ^= reader.u64()
  return proof
}

function encrypted(key: Key, challenges: Uint8Array): Uint8Array {
  return new Writer().blob(encrypt(key, 0, challenges)).done()
}

/** What newer keys encrypt is different each time, so that it would prove nothing. */
function hashed(key: Key, challenges: Uint8Array): Uint8Array {
  if (!isKnown(key)) throw unknownType(key)
  return new Uint8Array(createHmac('sha256', key.secret).update(challenges).digest())
}
