/**
 * Whether the peer that answered a dial may be that of the session. The acceptor has checked its side already; nothing is
 * displaced yet. The driver and the model checker ask here.
 */
import { explainMisfit, policiesFit } from '../../policies/compatibility.ts'
import type { Identity, SessionAnswer } from '../../wire/wire.ts'
import type { Endpoint } from './endpoint.ts'
import type { Member, Refusal } from './member.ts'

/** The session whose dial was answered, and whose it is. */
export interface Dialler<S extends Member> {
  readonly member: S
  readonly self: Pick<Identity, 'name' | 'instance'>
  /** False: it never had one with anybody. */
  readonly hasSession: boolean
}

/** Why the session must not go on with this peer; null when it may, or when the peer promised nothing (no `answer`). */
export function refusal<S extends Member>(
  endpoint: Endpoint<S>,
  { member, self, hasSession }: Dialler<S>,
  peer: Identity,
  answer: Pick<SessionAnswer, 'policy'> | null,
): Refusal | null {
  const { address, policy } = member
  if (peer.instance === self.instance && peer.name === self.name) {
    const reason = `${address} is this messenger itself: use messenger.loopback`
    return { code: 'INK_SELF_CONNECT', reason, final: !hasSession }
  }
  const stranger = endpoint.stranger(member, peer, address)
  if (stranger !== null || answer === null) return stranger
  if (!policiesFit(policy.kind, answer.policy)) {
    return { code: 'INK_POLICY_MISMATCH', reason: explainMisfit(policy.kind, answer.policy), final: true }
  }
  return endpoint.rival(member, peer)
}
