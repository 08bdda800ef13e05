/** What bounds all connections under one policy together: made for the first of them, and kept while the policy is. */
import { HeldAccount } from '../policies/held-account.ts'
import type { PolicyAccounts } from '../policies/held-account.ts'
import type { Policy } from '../policies/policy.ts'
import { Throttle } from '../policies/throttle.ts'

/** What all connections under one policy share. */
export interface Bounded {
  readonly throttle: Throttle
  readonly held: PolicyAccounts
}

export class PolicyBounds {
  /** Of policies that somebody still has: one that was made for a single connect() goes with its connection. */
  readonly #known = new WeakMap<Policy, Bounded>()

  /** What bounds all connections under a policy together; null when nothing does. */
  of(policy: Policy): Bounded | null {
    const { throttle, window } = policy
    if (throttle.messages === Infinity && throttle.bytes === Infinity) return null
    const known = this.#known.get(policy)
    if (known !== undefined) return known
    // A message may be as large as the window, and larger than the throttle.
    const messages = new HeldAccount(throttle.messages, throttle.messages + window.messages)
    const bytes = new HeldAccount(throttle.bytes, throttle.bytes + window.bytes)
    const made = { throttle: new Throttle(throttle), held: { messages, bytes } }
    this.#known.set(policy, made)
    return made
  }
}
