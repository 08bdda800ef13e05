/**
 * What Ceph's daemons and clients are to each other: the kinds of policies of a messenger whose maker names none, and what the
 * other end of a session is.
 *
 * As Ceph sets them: clients of monitors, OSDs and managers lose a session with its link, an MDS keeps the sessions of its
 * clients, and daemons of one type are peers.
 */
import type { PolicyKind } from '../../policies/policy.ts'

export type PolicyKinds = Readonly<Record<string, PolicyKind>>

const BY_TYPE: Readonly<Record<string, PolicyKinds>> = {
  client: { default: 'lossy', mds: 'losslessClient' },
  mon: { default: 'lossy', mon: 'peer' },
  osd: { default: 'lossy', osd: 'peer' },
  mds: { default: 'lossy', client: 'losslessServer', mds: 'peer' },
}

/** By the type of the peer, for a messenger of this type. */
export function peerPolicies(type: string): PolicyKinds {
  return BY_TYPE[type] ?? { default: 'lossy' }
}

const COUNTERPART: Readonly<Record<PolicyKind, PolicyKind>> = {
  lossy: 'lossy',
  losslessClient: 'losslessServer',
  losslessServer: 'losslessClient',
  peer: 'peer',
}

/**
 * What the other end is, of which the protocol says only whether it is lossy. The two must agree: the session is told, and
 * refuses what does not fit.
 */
export function counterpart(ours: PolicyKind, lossy: boolean): PolicyKind {
  if (lossy === (ours === 'lossy')) return COUNTERPART[ours]
  return lossy ? 'lossy' : 'peer'
}
