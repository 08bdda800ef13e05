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

/** Why the two do not go together, and what to change. It is read on both ends, so it calls neither "here". */
export function explainMisfit(mine: PolicyKind, theirs: PolicyKind): string {
  if (COUNTERPART[mine] === theirs) {
    return `the end with ${mine === 'losslessServer' ? mine : theirs} dialled: let the losslessClient connect`
  }
  const needs = (kind: PolicyKind) => `${kind} needs ${COUNTERPART[kind]}() on the other end`
  const advice = mine === theirs ? `${needs(mine)}, or both peer()` : `${needs(mine)}, ${needs(theirs)}`
  return `the policies of the two ends, ${mine} and ${theirs}, do not fit each other: ${advice}`
}

/** Why `connect()` refuses under this policy. */
export function explainNoDial(policy: Policy, peerType: string): string {
  return (
    `the policy for peers of type "${peerType}" is ${policy.kind}, which never dials: ` +
    'let the peer connect, or use losslessClient() or peer() on this side'
  )
}
