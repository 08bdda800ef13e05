/**
 * What a lost link means, as data. Four kinds of policy, each with the same options, resolved once and frozen.
 *
 * Nothing here acts: the session asks. The defaults, with their reasons, are in limits.ts.
 */
import { isBranded } from '../common/brand.ts'
import type { Overrides } from '../common/options.ts'
import type { Backoff } from './backoff.ts'
import type { Keepalive } from './keepalive.ts'

/** The four contracts. See docs/POLICIES.md. */
export type PolicyKind = 'lossy' | 'losslessClient' | 'losslessServer' | 'peer'

/** A bound in both units; Infinity switches one off. */
export interface Budget {
  /** How many messages: 1 to 16,777,216, or Infinity where it may be without bound. */
  readonly messages: number
  /** How many bytes: 1 to 2^40, or Infinity where it may be without bound. */
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
  /**
   * How much of all peers under this policy may be with handlers at the same time; 1 or more of each, or Infinity.
   * Default Infinity: the windows bound each connection.
   */
  readonly throttle?: Overrides<Budget> | undefined
  /**
   * Receive window of one connection: what the peer may send before handlers finish, and the largest message. 1 to
   * 16,777,216 messages and 1 to 2^31 - 1 bytes; default 65,536 and 64 MiB.
   */
  readonly window?: Overrides<Budget> | undefined
  /**
   * Hard limit of one connection's queue (waiting, sent and not yet acked): past it `send()` throws `INK_QUEUE_FULL`.
   * 1 to 16,777,216 messages and 1 to 2^40 bytes; default 131,072 and 128 MiB.
   */
  readonly replay?: Overrides<Budget> | undefined
  /**
   * Above this part of `replay`, `send()` answers false; `drained()` waits until half of it. A fraction, 0.01 to 1;
   * default 0.125.
   */
  readonly highWater?: number | undefined
  /**
   * How long a session without a link is kept, in ms, 1 to 2^31 - 1, or Infinity; then it is reset. Default Infinity;
   * `losslessServer()` ten minutes. Not of `lossy()`.
   */
  readonly standbyMs?: number | undefined
  /**
   * peer() only: in standby, the first wait before asking the other side whether it has work, in ms, 1 to 2^31 - 1,
   * or Infinity: never. Default 1,000.
   */
  readonly probeMs?: number | undefined
  /** When silence means that a link is dead. Default: asked after 10 s, dead after 30 s; false: never. */
  readonly keepalive?: Overrides<Keepalive> | false | undefined
  /** How long it waits between dials. Default: 50 ms, doubled up to 10 s, each shortened by up to half. */
  readonly backoff?: Overrides<Backoff> | undefined
  /** From dial to `open`, in ms, 1 to 2^31 - 1; then the dial has failed. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined
  /**
   * `processed`: acked when the handler finished. `received`: when it was taken off the link, as Ceph does. Default
   * `processed`.
   */
  readonly ackOn?: Policy['ackOn'] | undefined
  /**
   * What becomes of unfinished messages when the peer has lost the session: they come back through `onReset`, or wait
   * for the next one. Default `hand-back`.
   */
  readonly onReset?: Policy['onReset'] | undefined
  /** How many queued handlers of one connection may run at the same time, 1 to 16,777,216. Default 1,024. */
  readonly concurrency?: number | undefined
  /** Whose the memory of a received message is: see {@link Policy.bodies}. Default `keep`. */
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
  return isBranded(value, BRAND)
}
