/** Keys of both types for tests: one secret byte, repeated. */
import { aesKey, KEY_TYPE, writeKey, type Key } from '../../../src/ceph/cephx/key.ts'
import { Writer } from '../../../src/ceph/msgr2/codec.ts'

export const aes = (byte: number): Key => aesKey(new Uint8Array(16).fill(byte))

export const aes256k = (byte: number): Key => ({ type: KEY_TYPE.AES256K, secret: new Uint8Array(32).fill(byte) })

/** As keyrings have it. */
export function keyText(key: Key): string {
  const writer = new Writer()
  writeKey(writer, key)
  return Buffer.from(writer.done()).toString('base64')
}
