/**
 * lossy: the session ends with its link. For requests that their sender repeats itself, and for replies to such.
 *
 * Promise: a prefix of what was sent arrives, in order, nothing twice; a fault resets both ends exactly once.
 */
import type { Policy, PolicyOptions } from './policy.ts'
import { resolvePolicy } from './resolve-policy.ts'
import type { PolicyKindRules } from './resolve-policy.ts'

/** Options of {@link lossy}. */
export type LossyOptions = Omit<PolicyOptions, 'standbyMs' | 'probeMs' | 'onReset'>

const RULES: PolicyKindRules = {
  kind: 'lossy',
  standbyMs: 0,
  probeMs: Infinity,
  refused: {
    standbyMs: 'its sessions end with their link, so none is ever in standby',
    probeMs: 'its sessions are never in standby, so there is nothing to ask',
    onReset: 'it never sends a message twice; what was lost is always handed back',
  },
}

/** Fits `lossy()` on the other side. Throws INK_BAD_OPTION. */
export function lossy(options?: LossyOptions): Policy {
  return resolvePolicy(RULES, options)
}
