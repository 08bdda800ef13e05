/**
 * Which policies of two ends fit each other. Two that do not are a typed, terminal error on both ends: neither side's
 * promise is quietly replaced by the other's (in Ceph the server's flag wins), and nobody dials again for ever.
 */
import type { Policy, PolicyKind } from './policy.ts'

/** What the other end must have. */
const COUNTERPART: Readonly<Record<PolicyKind, PolicyKind>> = {
  lossy: 'lossy',
  losslessClient: 'losslessServer',
  losslessServer: 'losslessClient',
  peer: 'peer',
}

/** False only for losslessServer: it waits to be dialled. */
export function mayDial(kind: PolicyKind): boolean {
  return kind !== 'losslessServer'
}

/** Whether a link dialled under the first policy may carry a session with an acceptor under the second. */
export function policiesFit(dialler: PolicyKind, acceptor: PolicyKind): boolean {
  return mayDial(dialler) && COUNTERPART[dialler] === acceptor
}

/** Why `mine` does not go with `theirs`, and what to change: for the error on the side that speaks. */
export function explainMisfit(mine: PolicyKind, theirs: PolicyKind): string {
  const both = `the policy here is ${mine}, that of the peer is ${theirs}`
  if (COUNTERPART[mine] === theirs) {
    return `${both}, but the losslessServer dialled: let the losslessClient connect, or give both ends peer()`
  }
  return `${both}: ${advice(mine, theirs)}`
}

/** Why `connect()` refuses under this policy. */
export function explainNoDial(policy: Policy, peerType: string): string {
  return (
    `the policy for peers of type "${peerType}" is ${policy.kind}, which never dials: ` +
    'let the peer connect, or use losslessClient() or peer() on this side'
  )
}

function advice(mine: PolicyKind, theirs: PolicyKind): string {
  if (mine === theirs) return `one end must be ${COUNTERPART[mine]}(), or both peer()`
  return `use ${COUNTERPART[theirs]}() here, or ${COUNTERPART[mine]}() there`
}
