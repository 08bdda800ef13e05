/**
 * The policies of a messenger, by the type of the peer: `{ default: lossy(), osd: peer() }`.
 *
 * There is no built-in default: which promise holds is never an accident. A messenger without `default` talks only to
 * the types that it names.
 */
import { InkwireError } from '../common/errors.ts'
import { badOption, describe, describeType } from '../common/options.ts'
import { isPolicy } from './policy.ts'
import type { Policy } from './policy.ts'

/** What `new Messenger({ policies })` takes. `default` is for every type that is not named. */
export interface PolicyMap {
  readonly default?: Policy | undefined
  readonly [peerType: string]: Policy | undefined
}

/** As in entity names: the part before the dot. */
const PEER_TYPE = /^[a-z][a-z0-9_-]{0,31}$/

/** Looks policies up by peer type. Immutable. */
export class PolicySet {
  readonly #byType = new Map<string, Policy>()
  readonly #fallback: Policy | undefined

  /** Throws INK_BAD_OPTION for a wrong name, INK_UNKNOWN_POLICY for what no factory made. */
  constructor(policies: PolicyMap) {
    if (typeof policies !== 'object' || policies === null || Array.isArray(policies)) {
      throw badOption(`policies must be an object such as { default: lossy() }, got ${describeType(policies)}`)
    }
    for (const [type, policy] of Object.entries(policies)) {
      if (policy === undefined) continue
      if (!PEER_TYPE.test(type)) throw badOption(misnamed(type))
      if (!isPolicy(policy)) throw new InkwireError('INK_UNKNOWN_POLICY', notPolicy(type, policy))
      if (type !== 'default') this.#byType.set(type, policy)
    }
    this.#fallback = policies.default
    if (this.#fallback === undefined && this.#byType.size === 0) {
      throw badOption(
        'policies is empty, so every peer would be refused: name at least one, as in { default: lossy() }',
      )
    }
  }

  /** The policy for peers of this type, or undefined when there is none: for the peer's claims, which never throw. */
  find(peerType: string): Policy | undefined {
    return this.#byType.get(peerType) ?? this.#fallback
  }

  /** The policy for peers of this type. Throws INK_UNKNOWN_POLICY when there is none. */
  resolve(peerType: string): Policy {
    const policy = this.find(peerType)
    if (policy === undefined) throw new InkwireError('INK_UNKNOWN_POLICY', this.explainMissing(peerType))
    return policy
  }

  /** Why there is no policy for this type, and what to do. */
  explainMissing(peerType: string): string {
    const named = [...this.#byType.keys()].join(', ')
    return `no policy for peers of type ${describe(peerType)}: add it to policies, or a default (named are: ${named})`
  }

  /** Every policy with the type that it is for; `default` last. */
  entries(): [peerType: string, policy: Policy][] {
    const all = [...this.#byType]
    if (this.#fallback !== undefined) all.push(['default', this.#fallback])
    return all
  }
}

function misnamed(type: string): string {
  const type0 = type.split('.')[0] ?? ''
  const hint = type.includes('.') && PEER_TYPE.test(type0) ? `; policies are by type, so write "${type0}"` : ''
  return (
    `policies names the peer type ${describe(type)}, but a type is a lower-case letter, ` +
    `then up to 31 of a-z, 0-9, "-" and "_"${hint}`
  )
}

function notPolicy(type: string, given: unknown): string {
  const called = typeof given === 'function' ? '; call it' : ''
  return (
    `policies.${type} must come from lossy(), losslessClient(), losslessServer() or peer(), ` +
    `got ${describeType(given)}${called}`
  )
}
