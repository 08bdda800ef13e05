/** What each type of node of a swarm is to each type of peer, and who may dial whom. */
import { losslessClient } from '../../policies/lossless-client.ts'
import { losslessServer } from '../../policies/lossless-server.ts'
import { lossy } from '../../policies/lossy.ts'
import { peer } from '../../policies/peer.ts'
import type { PolicyMap } from '../../policies/policy-set.ts'
import type { NodeType, PolicyPlan } from './plan.ts'

/** A losslessServer never dials; all others may. */
export function mayDial(from: NodeType, to: NodeType): boolean {
  return !(from === 'mds' && to !== 'mds')
}

/** What each type of node is to each type of peer. */
export function policyMap(type: NodeType, plan: PolicyPlan): PolicyMap {
  // A factory that refuses an option says so; the plan only draws options that fit.
  const kinds = {
    lossy: () => lossy(plan.lossy),
    peer: () => peer(plan.peer),
    client: () => losslessClient(plan.client),
    server: () => losslessServer(plan.server),
  }
  switch (type) {
    case 'osd':
      return { osd: kinds.peer(), mds: kinds.client(), client: kinds.lossy() }
    case 'mds':
      return { osd: kinds.server(), mds: kinds.peer(), client: kinds.server() }
    case 'client':
      return { osd: kinds.lossy(), mds: kinds.client(), client: kinds.lossy() }
  }
}
