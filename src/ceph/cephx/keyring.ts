/**
 * Ceph's keyrings: `[client.admin]` and, below it, `key = <base64>`. Keys are never part of an error or a dump.
 *
 * A keyring is whole or not at all, but for types of keys that are not known: those are of no use to anybody here, and
 * harm only the names that have them.
 */
import { AuthRefused } from '../../wire/auth-method.ts'
import { Malformed, Reader } from '../msgr2/codec.ts'
import { InkwireError } from '../../common/errors.ts'
import { readKey, type Key } from './key.ts'

export type Keys = ReadonlyMap<string, Key>

/** The keys by entity name. Throws INK_BAD_OPTION; `source` names the keyring in the message. */
export function parseKeyring(text: string, source: string): Keys {
  const keys = new Map<string, Key>()
  let name = ''
  for (const [index, line] of text.split('\n').entries()) {
    const section = /^\s*\[([^\]\s]+)\]\s*$/.exec(line)
    const entry = /^\s*key\s*=\s*(\S+)\s*$/.exec(line)
    if (section !== null) name = section[1] ?? ''
    if (entry === null || name === '') continue
    keys.set(name, parseKey(entry[1] ?? '', `line ${index + 1} of ${source}`))
  }
  if (keys.size === 0) throw new InkwireError('INK_BAD_OPTION', `${source} holds no key: is it a keyring of Ceph?`)
  return keys
}

/** A key as `ceph auth get-key` prints it. Throws INK_BAD_OPTION without showing it. */
export function parseKey(base64: string, source: string): Key {
  try {
    return readKey(new Reader(new Uint8Array(Buffer.from(base64, 'base64'))))
  } catch (thrown) {
    if (!(thrown instanceof Malformed) && !(thrown instanceof AuthRefused)) throw thrown
    throw new InkwireError('INK_BAD_OPTION', `${source} is no key of Ceph (40 or 60 characters in base64)`)
  }
}
