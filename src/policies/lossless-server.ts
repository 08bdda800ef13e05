/**
 * losslessServer: this side never dials; it keeps the session for a client that comes back. For services that their
 * clients find, not the other way round.
 *
 * Promise: exactly once and in order, or handed back in the outcome of one reset, at the latest when standby expires.
 */
import { LIMITS } from './limits.ts'
import type { Policy, PolicyOptions } from './policy.ts'
import { resolvePolicy } from './resolve-policy.ts'
import type { PolicyKindRules } from './resolve-policy.ts'

/** Options of {@link losslessServer}. */
export type LosslessServerOptions = Omit<PolicyOptions, 'probeMs' | 'backoff' | 'connectTimeoutMs'>

const RULES: PolicyKindRules = {
  kind: 'losslessServer',
  standbyMs: LIMITS.standbyMs.losslessServer,
  probeMs: Infinity,
  refused: {
    probeMs: 'it never dials, so it cannot ask; its client comes back by itself',
    backoff: 'it never dials; its client waits between dials, so set it in losslessClient() there',
    connectTimeoutMs: 'it never dials; new Messenger({ limits: { handshakeTimeoutMs } }) bounds accepted links',
  },
}

/** Fits `losslessClient()` on the other side. Throws INK_BAD_OPTION. */
export function losslessServer(options?: LosslessServerOptions): Policy {
  return resolvePolicy(RULES, options)
}
