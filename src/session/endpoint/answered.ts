/**
 * Whether the peer that answered a dial may be that of the session. The acceptor has checked its side already; nothing is
 * displaced yet. The driver and the model checker ask here.
 */
import type { InkwireErrorCode } from '../../common/errors.ts'
import { explainMisfit, policiesFit } from '../../policies/compatibility.ts'
import type { Identity, SessionAnswer } from '../../wire/wire.ts'
import type { LinkId } from '../machine.ts'
import type { SessionEvent } from '../event.ts'
import type { Endpoint } from './endpoint.ts'
import type { Member, Refusal } from './member.ts'

/** The session whose dial was answered, and whose it is. */
export interface Dialler<S extends Member> {
  readonly member: S
  readonly self: Pick<Identity, 'name' | 'instance'>
  /** False: it never had one with anybody. */
  readonly hasSession: boolean
}

/** What a session hears of a link whose peer is not its own, or may not be now. */
export interface Disowned {
  /** A refusal, which is the same again wherever it dials; or a lost link, when its peer may still come back. */
  readonly event: Extract<SessionEvent, { type: 'rejected' | 'fault' }>
  /** Somebody else answers where its peer was: its caller is told that with this code; null: there is nothing to tell. */
  readonly doubt: InkwireErrorCode | null
}

/** Null: the session may go on with this peer, as far as it has said anything (no `answer`: it promised nothing). */
export function disowned<S extends Member>(
  endpoint: Endpoint<S>,
  dialler: Dialler<S>,
  link: LinkId,
  peer: Identity,
  answer: Pick<SessionAnswer, 'policy'> | null,
): Disowned | null {
  const refused = refusal(endpoint, dialler, peer, answer)
  if (refused === null) return null
  const { code, reason, final } = refused
  if (final) return { event: { type: 'rejected', link, code, reason }, doubt: null }
  return { event: { type: 'fault', link, reason }, doubt: code === 'INK_WRONG_PEER' ? code : null }
}

function refusal<S extends Member>(
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
