/**
 * `msgr2()`: Ceph's wire protocol for `new Messenger({ wire })`, with its keys and ciphers.
 *
 * Without a key both sides only say their names (Ceph's "none"). With one, this messenger is a cephx client: it may dial
 * monitors, which give it tickets, and then the daemons that the tickets are for. Keys are read once, here, and are in no
 * dump, event or error.
 */
import { readFileSync } from 'node:fs'
import { InkwireError, asError } from '../../common/errors.ts'
import { describe, optionObject } from '../../common/options.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import type { CephAuth } from '../../wire/msgr2/auth.ts'
import { CON_MODE, ENTITY_MON, type ConMode } from '../../wire/msgr2/format.ts'
import { msgr2Protocol } from '../../wire/msgr2/msgr2.ts'
import type { WireProtocol } from '../../wire/wire.ts'
import { noneClient, noneServer, type GlobalId } from './ceph-none.ts'
import { cephxClient } from './cephx-client.ts'
import { parseKeyring, secretOf, type Keys } from './keyring.ts'
import { NODE_CRYPTO } from './node-crypto.ts'
import { Tickets } from './tickets.ts'

/** What `msgr2()` takes; everything is optional. */
export interface Msgr2Options {
  /** Path of a keyring file, such as `/etc/ceph/ceph.client.admin.keyring`; the messenger's name is looked up in it. */
  readonly keyring?: string | URL
  /** The key itself, as `ceph auth get-key` prints it. Not together with `keyring`. */
  readonly key?: string
  /**
   * How links are protected, in order of preference. Left out: as Ceph does, `secure` first with monitors and `crc` first
   * with daemons.
   */
  readonly modes?: readonly ('crc' | 'secure')[]
}

const MODES: Readonly<Record<string, ConMode>> = { crc: CON_MODE.CRC, secure: CON_MODE.SECURE }

/** Throws INK_BAD_OPTION. The result belongs to one messenger. */
export function msgr2(options: Msgr2Options = {}): WireProtocol {
  const { keyring, key, modes } = optionObject('msgr2()', options, ['keyring', 'key', 'modes']) as Msgr2Options
  if (keyring !== undefined && key !== undefined) {
    throw new InkwireError('INK_BAD_OPTION', 'msgr2() takes a keyring or a key, not both')
  }
  const preferred = modesOf(modes)
  const keys = keyring !== undefined ? readKeyring(keyring) : null
  const only = key === undefined ? null : secretOf(key, 'the key given to msgr2()')
  if (keys === null && only === null) {
    if (preferred !== null && !preferred.includes(CON_MODE.CRC)) {
      throw new InkwireError('INK_BAD_OPTION', "msgr2({ modes: ['secure'] }) needs a keyring or a key")
    }
    return msgr2Protocol({ auth: withoutKeys() })
  }
  return msgr2Protocol({ auth: withKeys(keys, only, preferred) })
}

function modesOf(modes: Msgr2Options['modes']): readonly ConMode[] | null {
  if (modes === undefined) return null
  const known = Array.isArray(modes) ? modes.map((mode: string) => MODES[mode]) : []
  if (known.length === 0 || known.some((mode) => mode === undefined)) {
    throw new InkwireError(
      'INK_BAD_OPTION',
      `msgr2({ modes }) must be a list of 'crc' and 'secure', not ${describe(modes)}`,
    )
  }
  return known as ConMode[]
}

function readKeyring(path: string | URL): Keys {
  try {
    return parseKeyring(readFileSync(path, 'utf8'), `the keyring ${String(path)}`)
  } catch (thrown) {
    if (thrown instanceof InkwireError) throw thrown
    const why = `the keyring ${String(path)} cannot be read: ${asError(thrown).message}`
    throw new InkwireError('INK_BAD_OPTION', why, { cause: thrown })
  }
}

function withoutKeys(): CephAuth {
  const shared: GlobalId = { globalId: null }
  let given = 4096n
  return {
    crypto: NODE_CRYPTO,
    client: (self) => noneClient(self, shared),
    server: () => noneServer(() => ++given),
    get globalId() {
      return shared.globalId
    },
  }
}

function withKeys(keys: Keys | null, only: Uint8Array | null, preferred: readonly ConMode[] | null): CephAuth {
  const tickets = new Tickets(() => Date.now())
  const modes = (peerBit: number): readonly ConMode[] =>
    preferred ?? (peerBit === ENTITY_MON ? [CON_MODE.SECURE, CON_MODE.CRC] : [CON_MODE.CRC, CON_MODE.SECURE])
  return {
    crypto: NODE_CRYPTO,
    client(name, randomBytes) {
      const secret = only ?? keys?.get(name)
      if (secret === undefined) throw new AuthRefused(`the keyring holds no key for ${name}`)
      return cephxClient({ name, secret, tickets, modes }, randomBytes)
    },
    server() {
      throw new AuthRefused('this messenger is a cephx client: it cannot tell who dials it')
    },
    get globalId() {
      return tickets.globalId
    },
  }
}
