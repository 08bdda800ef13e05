/** What the driver of one connection is told when it is made, and the session that it runs. */
import type { Policy } from '../policies/policy.ts'
import type { Member } from '../session/endpoint/member.ts'
import { Session } from '../session/session.ts'
import type { Shared } from './shared.ts'

/** What a connection is made with. */
export interface DriverOptions extends Pick<Member, 'role' | 'channel' | 'expectType' | 'expectName'> {
  readonly policy: Policy
  /** Where to dial, the best first; none until the peer says where it can be dialled. */
  readonly addresses: readonly string[]
  /** Under which name it counts; left out when a caller wants it. */
  readonly account?: string
  /** Other addresses of the same peer, as its caller says. */
  readonly paths?: readonly string[]
}

export function sessionOf(shared: Shared, { policy, role, channel }: DriverOptions): Session {
  const { limits } = shared
  const { handshakeTimeoutMs, yieldMs, tentativeMs } = limits
  const config = {
    policy,
    role,
    channel,
    self: shared.self(),
    // Field by field: what is made by a spread has its fields elsewhere.
    handshakeTimeoutMs,
    yieldMs,
    tentativeMs,
    runs: limits,
    acks: limits,
    protocol: shared.wire,
  }
  return new Session(config, shared.stamps.clock)
}
