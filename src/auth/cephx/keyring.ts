/**
 * Ceph's keyrings: `[client.admin]` and, below it, `key = <base64>`. Keys are never part of an error or a dump.
 *
 * A key is a small structure in base64: type, time of making, length, secret. Only AES-128 keys exist in the releases
 * that Inkwire was tried with (up to 18).
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import type { Writer } from '../../wire/msgr2/codec.ts'
import { Malformed, Reader } from '../../wire/msgr2/codec.ts'
import { InkwireError } from '../../common/errors.ts'

export type Keys = ReadonlyMap<string, Uint8Array>

const AES = 1
const SECRET_BYTES = 16

/** The secrets by entity name. Throws INK_BAD_OPTION; `source` names the keyring in the message. */
export function parseKeyring(text: string, source: string): Keys {
  const keys = new Map<string, Uint8Array>()
  let name = ''
  for (const [index, line] of text.split('\n').entries()) {
    const section = /^\s*\[([^\]\s]+)\]\s*$/.exec(line)
    const entry = /^\s*key\s*=\s*(\S+)\s*$/.exec(line)
    if (section !== null) name = section[1] ?? ''
    if (entry === null || name === '') continue
    keys.set(name, secretOf(entry[1] ?? '', `line ${index + 1} of ${source}`))
  }
  if (keys.size === 0) throw new InkwireError('INK_BAD_OPTION', `${source} holds no key: is it a keyring of Ceph?`)
  return keys
}

/** The secret of a key as `ceph auth get-key` prints it. Throws INK_BAD_OPTION without showing it. */
export function secretOf(base64: string, source: string): Uint8Array {
  try {
    return readKey(new Reader(new Uint8Array(Buffer.from(base64, 'base64'))))
  } catch (thrown) {
    if (!(thrown instanceof Malformed) && !(thrown instanceof AuthRefused)) throw thrown
    throw new InkwireError('INK_BAD_OPTION', `${source} is no key of Ceph (an AES key in base64, about 40 characters)`)
  }
}

/** A key as it travels in tickets. */
export function readKey(reader: Reader): Uint8Array {
  const type = reader.u16()
  reader.raw(8)
  const secret = new Uint8Array(reader.raw(reader.u16()))
  if (type !== AES || secret.length !== SECRET_BYTES) throw new AuthRefused(`a key of type ${type}, which is not known`)
  return secret
}

export function writeKey(writer: Writer, secret: Uint8Array): void {
  writer.u16(AES).u32(0).u32(0).u16(secret.length).raw(secret)
}
