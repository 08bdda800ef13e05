/** Whether the peer that answered a dial may be ours. The acceptor has checked its side already. */
import type { InkwireErrorCode } from '../common/errors.ts'
import { explainMisfit, policiesFit } from '../policies/compatibility.ts'
import type { Policy } from '../policies/policy.ts'
import type { Identity, SessionAnswer } from '../wire/wire.ts'
import type { PeerCore } from './peer-core.ts'
import type { World } from './world.ts'

/** What a dial expects to find. */
export interface Expectation {
  readonly policy: Policy
  readonly address: string
  readonly type: string | null
  readonly name: string | null
  /** The other connection to this instance, if there is one. */
  readonly other: Pick<PeerCore, 'life' | 'peer'> | undefined
}

/** Why a session with this peer must not begin; null when it may. Nothing is displaced yet. */
export function refusal(
  world: World,
  expected: Expectation,
  peer: Identity,
  answer: SessionAnswer,
): { code: InkwireErrorCode; reason: string } | null {
  const { policy, address, type, name, other } = expected
  if (peer.instance === world.context().self.instance) {
    return { code: 'INK_SELF_CONNECT', reason: `${address} is this messenger itself: use messenger.loopback` }
  }
  if ((name !== null && name !== peer.name) || (type !== null && !peer.name.startsWith(`${type}.`))) {
    return { code: 'INK_WRONG_PEER', reason: `${address} is ${peer.name}, not ${name ?? `of type ${type ?? ''}`}` }
  }
  if (!policiesFit(policy.kind, answer.policy)) {
    return { code: 'INK_POLICY_MISMATCH', reason: explainMisfit(policy.kind, answer.policy) }
  }
  if (world.table.isGone(peer.instance)) {
    return { code: 'INK_TAKEN_OVER', reason: `another, newer instance of ${peer.name} has taken over` }
  }
  if (other?.life === 'closing') {
    return { code: 'INK_REFUSED', reason: `an earlier connection to ${peer.name} is still closing` }
  }
  if (other !== undefined) {
    const reason = `${peer.name} is connected already, through ${other.peer.address}: use that connection`
    return { code: 'INK_DUPLICATE_PEER', reason }
  }
  return null
}
