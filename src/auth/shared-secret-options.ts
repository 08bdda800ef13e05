/**
 * The options of sharedSecret(), checked once and turned into two functions over names.
 *
 * Secrets are copied into key objects inside a closure: nothing that is printed, dumped or thrown reaches them. For
 * that reason no message here repeats a value, only its type or its length.
 */
import type { KeyObject } from 'node:crypto'
import { isBytes, localBytes } from '../common/bytes.ts'
import { badOption, describeType, optionObject } from '../common/options.ts'
import { nodeCrypto } from '../late/modules.ts'
import { isNamePattern, patternsFor } from './name-pattern.ts'

/** A secret: random, at least 16 characters or bytes. `openssl rand -hex 32` makes a good one. */
export type Secret = string | Uint8Array

/** One secret for everybody, or one per name of a dialler. */
export type SharedSecretOptions = {
  /** Which acceptors a dialler believes: names, `type.*` or `*`. Everybody when left out. */
  readonly accept?: readonly string[] | undefined
} & (
  | { readonly secret: Secret; readonly keys?: never }
  | {
      /** By the dialler's name: an exact one wins over `type.*`, and that over `*`. */
      readonly keys: Readonly<Record<string, Secret>>
      readonly secret?: never
    }
)

/** What the handshake needs of the options. */
export interface Keyring {
  /** The secret of a dialler with this name. */
  secretOf(dialler: string): KeyObject | undefined
  /** Whether a dialler believes an acceptor with this name. */
  accepts(acceptor: string): boolean
}

/** Equal to LIMITS.auth, which this room may not import. */
export const AUTH_BOUNDS = { nonceBytes: 32, secretBytesMin: 16, secretBytesMax: 1024, keysMax: 16384 } as const

const WHERE = 'sharedSecret()'

/** Throws INK_BAD_OPTION. */
export function makeKeyring(options: SharedSecretOptions): Keyring {
  const given = optionObject(WHERE, options, ['secret', 'keys', 'accept'])
  const secrets = makeSecrets(given['secret'], given['keys'])
  const accepted = given['accept'] === undefined ? undefined : makeAccepted(given['accept'])
  return Object.freeze({
    secretOf: (dialler: string) => firstOf(patternsFor(dialler), (pattern) => secrets.get(pattern)),
    accepts: (acceptor: string) => accepted === undefined || patternsFor(acceptor).some((one) => accepted.has(one)),
  })
}

function makeSecrets(secret: unknown, keys: unknown): Map<string, KeyObject> {
  if ((secret === undefined) === (keys === undefined)) {
    throw badOption(`${WHERE} takes either secret, for everybody, or keys, by the dialler's name`)
  }
  if (keys === undefined) return new Map([['*', makeSecret(`${WHERE} secret`, secret)]])
  const entries = Object.entries(optionObject(`${WHERE} keys`, keys, 'any'))
  if (entries.length === 0) throw badOption(`${WHERE} keys is empty, so everybody would be refused`)
  if (entries.length > AUTH_BOUNDS.keysMax) {
    throw badOption(`${WHERE} keys may have ${AUTH_BOUNDS.keysMax} entries, got ${entries.length}`)
  }
  const secrets = new Map<string, KeyObject>()
  for (const [pattern, value] of entries) {
    if (!isNamePattern(pattern)) throw badOption(`${WHERE} keys has a name that is none; ${PATTERN_HELP}`)
    secrets.set(pattern, makeSecret(`${WHERE} keys["${pattern}"]`, value))
  }
  return secrets
}

function makeSecret(path: string, value: unknown): KeyObject {
  const { secretBytesMin: min, secretBytesMax: max } = AUTH_BOUNDS
  if (typeof value !== 'string' && !isBytes(value)) {
    throw badOption(`${path} must be a string or a Uint8Array, got ${describeType(value)}`)
  }
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : localBytes(value)
  if (value.length < min || bytes.length > max) {
    const unit = typeof value === 'string' ? 'characters' : 'bytes'
    throw badOption(
      `${path} must have ${min} to ${max} ${unit}, and has ${value.length}; make one with: openssl rand -hex 32`,
    )
  }
  return nodeCrypto().createSecretKey(bytes)
}

function makeAccepted(value: unknown): Set<string> {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isNamePattern)) {
    throw badOption(`${WHERE} accept must be a list of at least one name; ${PATTERN_HELP}`)
  }
  return new Set(value)
}

const PATTERN_HELP = 'names are such as "osd.3", "osd.*" for a type, or "*" for everybody'

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
