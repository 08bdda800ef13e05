/** Whether the peer that answered a dial may be ours. The acceptor has checked its side already. */
import { explainMisfit, policiesFit } from '../policies/compatibility.ts'
import type { Refusal } from '../session/endpoint/member.ts'
import type { Identity, SessionAnswer } from '../wire/wire.ts'
import type { Session } from '../session/session.ts'
import type { Neighbour, Shared } from './shared.ts'

/** Why a session with this peer must not go on; null when it may, or when it promised nothing. Nothing is displaced yet. */
export function refusal(
  shared: Pick<Shared, 'context' | 'table'>,
  driver: Neighbour & { readonly session: Pick<Session, 'machine'> },
  peer: Identity,
  answer: SessionAnswer | null,
): Refusal | null {
  const { self } = shared.context()
  const { address, policy } = driver
  if (peer.instance === self.instance && peer.name === self.name) {
    const reason = `${address} is this messenger itself: use messenger.loopback`
    return { code: 'INK_SELF_CONNECT', reason, final: driver.session.machine.session === null }
  }
  const stranger = shared.table.stranger(driver, peer, address)
  if (stranger !== null || answer === null) return stranger
  if (!policiesFit(policy.kind, answer.policy)) {
    return { code: 'INK_POLICY_MISMATCH', reason: explainMisfit(policy.kind, answer.policy), final: true }
  }
  return shared.table.rival(driver, peer)
}
