/** The options of `discovery()`, and what of them is checked at once. */
import { wordsOf } from '../common/errors.ts'
import { badOption, booleanOption, methodsOption, numberOption, optionObject, whole } from '../common/options.ts'
import type { Lookup } from './lookup.ts'

/** Options of `discovery()`. */
export interface DiscoveryOptions {
  /** Ways of finding peers, such as `staticPeers()` and `etcd()`; 1 to 16. */
  readonly lookups: readonly Lookup[]
  /** False: this messenger is not announced, and only looks. Default true: it is, once it listens somewhere. */
  readonly announce?: boolean | undefined
  /** How many peers are known at once: 1 to 1,048,576, default 16,384. Those beyond are not found. */
  readonly peersMax?: number | undefined
  /** Told when a lookup cannot see, once until it can again; what it saw last stays. Default: a warning of the process. */
  readonly onFailure?: ((lookup: string, error: Error) => void) | undefined
}

const LOOKUPS_MAX = 16

/** Throws `INK_BAD_OPTION`. */
export function checkOptions(options: DiscoveryOptions) {
  const given = optionObject('discovery()', options, ['lookups', 'announce', 'peersMax', 'onFailure'])
  const { onFailure = warn } = given
  if (typeof onFailure !== 'function') throw badOption('discovery(): onFailure is a function')
  return {
    lookups: checkLookups(given['lookups']),
    onFailure: onFailure as (lookup: string, error: Error) => void,
    announces: booleanOption('discovery(): announce', given['announce'], true),
    peersMax: numberOption('discovery(): peersMax', given['peersMax'], whole(1, 2 ** 20), 16_384),
  }
}

function checkLookups(given: unknown): readonly Lookup[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > LOOKUPS_MAX) {
    throw badOption(`discovery() takes 1 to ${LOOKUPS_MAX} lookups, as in { lookups: [staticPeers({ … })] }`)
  }
  return given.map((lookup: Lookup) => methodsOption('discovery(): a lookup', lookup, ['start'], 'one such as etcd()'))
}

function warn(lookup: string, error: Error): void {
  process.emitWarning(`${lookup} cannot look for peers: ${wordsOf(error)}`, 'InkwireWarning')
}
