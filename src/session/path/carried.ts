/**
 * What a path is made of: the session that its link carries, and what both sides have agreed on when it was adopted.
 */
import type { Budget, Policy } from '../../policies/policy.ts'
import type { HybridClock } from '../../wire/hlc.ts'
import type { Marks, WireCapabilities } from '../../wire/wire.ts'
import type { Inbound } from '../inbound.ts'
import type { Effect, LinkId, MachineConfig } from '../machine.ts'
import type { Outbound } from '../outbound.ts'
import type { AckLimits } from './acks.ts'
import type { RunLimits } from './run.ts'

/** What a session needs to know. */
export interface SessionConfig extends MachineConfig {
  /** Which of the messenger's connections to this peer it is: 0, or from 1 for extra ones. */
  readonly channel: number
  readonly runs: RunLimits
  readonly acks: AckLimits
}

/** The session that a link carries. */
export interface Carried {
  readonly inbound: Inbound
  readonly outbound: Outbound
  readonly clock: HybridClock
  readonly config: Pick<SessionConfig, 'runs' | 'acks'> & { readonly policy: Pick<Policy, 'keepalive'> }
}

/** What both sides have agreed on. */
export interface Agreed {
  readonly link: LinkId
  readonly capabilities: WireCapabilities
  /** What the peer lets us send at once, and we the peer. */
  readonly granted: Budget
  readonly offered: Budget
  /** What we have told the peer of what is finished here. */
  readonly stated: readonly Marks[]
  readonly nowMs: number
}

/** The lanes of a session go to a link. Why it cannot go on there, or null: the peer is not who it was. */
export function moveLanes(
  outbound: Outbound,
  { continues, moved, grant, marks }: Extract<Effect, { type: 'adopt' }>,
  known: WireCapabilities,
  met: WireCapabilities,
): string | null {
  outbound.peerWindow = grant.window
  // What a messenger knows it knows for as long as it lives, and what was sent may rely on it.
  const forgotten =
    (known.extensions && !met.extensions) ||
    (known.controlLane && !met.controlLane) ||
    (known.verdicts && !met.verdicts)
  if (continues && forgotten) return 'the peer has forgotten a feature'
  if (outbound.resume(moved ? outbound.atLeast(marks) : marks)) return null
  return 'the peer claims messages that were never sent, or lost ones that it had acked'
}
