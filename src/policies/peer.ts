/**
 * peer: both sides dial, whoever has work; crossed dials become one session. For the members of a cluster.
 *
 * Promise: exactly once and in order each way, in one session per pair, or handed back in the outcome of one reset.
 */
import { LIMITS } from './limits.ts'
import type { Policy, PolicyOptions } from './policy.ts'
import { resolvePolicy } from './resolve-policy.ts'
import type { PolicyKindRules } from './resolve-policy.ts'

/** Options of {@link peer}. */
export type PeerOptions = PolicyOptions

const RULES: PolicyKindRules = {
  kind: 'peer',
  standbyMs: LIMITS.standbyMs.peer,
  probeMs: LIMITS.probeMs,
  refused: {},
}

/** Fits `peer()` on the other side. Throws INK_BAD_OPTION. */
export function peer(options?: PeerOptions): Policy {
  return resolvePolicy(RULES, options)
}
