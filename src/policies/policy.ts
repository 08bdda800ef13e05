/**
 * What a lost link means, as data. Four kinds of policy, each with the same options, resolved once and frozen.
 *
 * Nothing here acts: the session asks. The defaults, with their reasons, are in limits.ts.
 */
import type { Overrides } from '../common/options.ts'
import type { Backoff } from './backoff.ts'
import type { Keepalive } from './keepalive.ts'

/** The four contracts. See docs/POLICIES.md. */
export type PolicyKind = 'lossy' | 'losslessClient' | 'losslessServer' | 'peer'

/** A bound in both units; Infinity switches one off. */
export interface Budget {
  readonly messages: number
  readonly bytes: number
}

/** A policy with every option resolved. Made by the factories, never by hand. */
export interface Policy {
  readonly kind: PolicyKind
  /** How much of all peers under this policy may be with handlers at the same time; more waits in the windows. */
  readonly throttle: Budget
  /** Receive window of one connection: what the peer may send before handlers finish. Also the largest message. */
  readonly window: Budget
  /** Hard limit of one connection's queue (waiting + sent + not yet acked): past it `send()` throws. */
  readonly replay: Budget
  /** Above this part of `replay`, `send()` answers false; `drained()` waits until half of it. 0 to 1. */
  readonly highWater: number
  /** How long a session without a link is kept, in ms; then it is reset. Infinity: for ever. */
  readonly standbyMs: number
  /** peer only: in standby, the first wait before asking the other side whether it has work, in ms. */
  readonly probeMs: number
  readonly keepalive: Keepalive
  readonly backoff: Backoff
  /** From dial to `open`, in ms. */
  readonly connectTimeoutMs: number
  /** `processed`: acked when the handler finished. `received`: when it was taken off the link, as Ceph does. */
  readonly ackOn: 'processed' | 'received'
  /** What becomes of unfinished messages when the peer has lost the session. */
  readonly onReset: 'hand-back' | 'requeue'
  /** How many queued handlers of one connection may run at the same time. */
  readonly concurrency: number
  /**
   * Whose the memory of a received message is. `keep`: the application's, for as long as it refers to it. `lend`: only until
   * its handler has finished or called `ack()`; then it is used for the next messages, so copy what must stay.
   */
  readonly bodies: 'keep' | 'lend'
}

/**
 * What the factories take: everything optional, nested objects too. `keepalive: false` switches it off. Each factory
 * refuses what makes no sense for its kind.
 */
export interface PolicyOptions {
  readonly throttle?: Overrides<Budget> | undefined
  readonly window?: Overrides<Budget> | undefined
  readonly replay?: Overrides<Budget> | undefined
  readonly highWater?: number | undefined
  readonly standbyMs?: number | undefined
  readonly probeMs?: number | undefined
  readonly keepalive?: Overrides<Keepalive> | false | undefined
  readonly backoff?: Overrides<Backoff> | undefined
  readonly connectTimeoutMs?: number | undefined
  readonly ackOn?: Policy['ackOn'] | undefined
  readonly onReset?: Policy['onReset'] | undefined
  readonly concurrency?: number | undefined
  readonly bodies?: Policy['bodies'] | undefined
}

/** True when both say the same: whoever gets the one where it asked for the other misses nothing. */
export function samePolicy(one: Policy, other: Policy): boolean {
  return one === other || sameData(one, other)
}

function sameData(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return Object.is(one, other)
  const keys = Object.keys(one)
  const value = (of: object, key: string): unknown => (of as Readonly<Record<string, unknown>>)[key]
  return keys.length === Object.keys(other).length && keys.every((key) => sameData(value(one, key), value(other, key)))
}

/** A registered symbol, so that two installations of the package know each other's policies. */
const BRAND = Symbol.for('inkwire.policy')

/** Marks and freezes what a factory resolved. The brand is not enumerable: a copy of a policy is not one. */
export function brandPolicy(policy: Policy): Policy {
  return Object.freeze(Object.defineProperty(policy, BRAND, { value: true }))
}

/** True for what a factory made; false for anything made by hand. */
export function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[BRAND] === true
}
