/**
 * losslessClient: this side dials, and dials again until it is told to stop. For clients of a service that keeps state
 * for them.
 *
 * Promise: exactly once and in order, or handed back in the outcome of one reset.
 */
import { LIMITS } from './limits.ts'
import type { Policy, PolicyOptions } from './policy.ts'
import { resolvePolicy } from './resolve-policy.ts'
import type { PolicyKindRules } from './resolve-policy.ts'

/** Options of {@link losslessClient}. */
export type LosslessClientOptions = Omit<PolicyOptions, 'probeMs'>

const RULES: PolicyKindRules = {
  kind: 'losslessClient',
  standbyMs: LIMITS.standbyMs.losslessClient,
  probeMs: Infinity,
  refused: { probeMs: 'it dials whenever its link is gone, so it never has to ask from standby' },
}

/** Fits `losslessServer()` on the other side. Throws INK_BAD_OPTION. */
export function losslessClient(options?: LosslessClientOptions): Policy {
  return resolvePolicy(RULES, options)
}
