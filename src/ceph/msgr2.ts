/**
 * `msgr2()`: Ceph's wire protocol for `new Messenger({ wire })`, with its keys and ciphers.
 *
 * Without a key both sides only say their names (Ceph's "none"). With keys they prove them (cephx): which part of that a
 * messenger plays depends on its name; see cephx-auth.ts. Keys are read once, here, and are in no dump, event or error.
 */
import { readFileSync } from 'node:fs'
import { InkwireError, asError } from '../common/errors.ts'
import { describe, numberOption, optionObject, whole } from '../common/options.ts'
import type { CephAuth } from './msgr2/auth.ts'
import { CON_MODE, type ConMode } from './msgr2/format.ts'
import { msgr2Protocol } from './msgr2/msgr2-protocol.ts'
import type { WireProtocol } from '../index.ts'
import { noneClient, noneServer, type GlobalId } from './cephx/ceph-none.ts'
import { CephxAuth } from './cephx/cephx-auth.ts'
import { GlobalIds } from './cephx/global-ids.ts'
import type { Key } from './cephx/key.ts'
import { parseKey, parseKeyring, type Keys } from './cephx/keyring.ts'
import { NODE_CRYPTO } from './cephx/node-crypto.ts'

/** What `msgr2()` takes; everything is optional. */
export interface Msgr2Options {
  /**
   * Path of a keyring file, such as `/etc/ceph/ceph.client.admin.keyring`. The messenger's name is looked up in it; a
   * messenger named `mon.…` also lets everybody log in whose key is in it. Default: none.
   */
  readonly keyring?: string | URL | undefined
  /**
   * The key itself, as `ceph auth get-key` prints it: that of the messenger's name. Not together with `keyring`.
   * Default: none.
   */
  readonly key?: string | undefined
  /**
   * How links are protected, in order of preference; what is not named is not allowed. Left out: both, as Ceph prefers
   * them, `secure` first with monitors and `crc` first with daemons.
   */
  readonly modes?: readonly ('crc' | 'secure')[] | undefined
  /**
   * For a messenger named `mon.…` with a keyring: how long the tickets that it gives are good, in ms, from 1,000 to 30 days.
   * All monitors of a cluster must have the same. Default 259,200,000 (72 hours), as Ceph's `auth_mon_ticket_ttl`.
   */
  readonly authTicketMs?: number | undefined
  /**
   * The same for tickets that services take: 1,000 to 2,592,000,000 (30 days), default 3,600,000 (an hour), as Ceph's
   * `auth_service_ticket_ttl`.
   */
  readonly serviceTicketMs?: number | undefined
}

const OPTION_NAMES = ['keyring', 'key', 'modes', 'authTicketMs', 'serviceTicketMs'] as const
const MODES: Readonly<Record<string, ConMode>> = { crc: CON_MODE.CRC, secure: CON_MODE.SECURE }
const HOUR_MS = 3_600_000
const TICKET_MS = whole(1000, 30 * 24 * HOUR_MS)

/** Throws INK_BAD_OPTION. The result belongs to one messenger. */
export function msgr2(options: Msgr2Options = {}): WireProtocol {
  const given = optionObject('msgr2()', options, OPTION_NAMES) as Msgr2Options
  const { keyring, key, modes } = given
  if (keyring !== undefined && key !== undefined) {
    throw new InkwireError('INK_BAD_OPTION', 'msgr2() takes a keyring or a key, not both')
  }
  const preferred = modesOf(modes)
  const authTicketMs = numberOption('authTicketMs', given.authTicketMs, TICKET_MS, 72 * HOUR_MS)
  const serviceTicketMs = numberOption('serviceTicketMs', given.serviceTicketMs, TICKET_MS, HOUR_MS)
  const keys: Keys | null = keyring === undefined ? null : readKeyring(keyring)
  const ownKey = key === undefined ? null : parseKey(key, 'the key given to msgr2()')
  if (keys !== null || ownKey !== null) {
    const parts = {
      keys: keys ?? new Map<string, Key>(),
      ownKey,
      modes: preferred,
      authTicketMs,
      serviceTicketMs,
    }
    return msgr2Protocol({ auth: new CephxAuth(parts) })
  }
  if (preferred !== null && !preferred.includes(CON_MODE.CRC)) {
    throw new InkwireError('INK_BAD_OPTION', "msgr2({ modes: ['secure'] }) needs a keyring or a key")
  }
  return msgr2Protocol({ auth: withoutKeys() })
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
  const given = new GlobalIds()
  return {
    crypto: NODE_CRYPTO,
    provesNames: false,
    client: (self) => noneClient(self, shared),
    server: (_self, randomBytes) => noneServer(() => given.next(randomBytes)),
    get globalId() {
      return shared.globalId
    },
  }
}
