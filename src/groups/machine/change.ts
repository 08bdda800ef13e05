/**
 * What a member tells its application of a new view: who came from the same view, who left and why, who joined and why.
 *
 * A member may be in `left` and in `joined` at once: it is in the new view, but came from another one, so it has not delivered
 * the same and needs the state.
 */
import type { JoinedReason, LeftReason, Lineage, MemberId, View, ViewChange } from './terms.ts'
import { isAbove, sameView } from './terms.ts'

export function viewChange(
  view: View,
  previous: View,
  lineages: readonly Lineage[],
  reasons: readonly (readonly [MemberId, LeftReason])[],
): ViewChange {
  const own = lineages.find((lineage) => sameView(lineage.view, previous.id))
  const transitional = own?.transitional ?? []
  const why = new Map(reasons)
  const came = new Map<MemberId, JoinedReason>()
  for (const lineage of lineages) {
    for (const member of lineage.transitional) came.set(member, lineage.isFresh ? 'join' : 'merge')
  }
  return {
    view,
    previous: previous.id,
    transitional,
    left: without(previous.members, transitional).map((member) => [member, why.get(member) ?? 'partition']),
    joined: without(view.members, transitional).map((member) => [member, came.get(member) ?? 'merge']),
    lineages,
  }
}

/** The first view of a member: it is alone. */
export function firstView(self: MemberId): ViewChange {
  const view = { id: { number: 0, installer: self }, members: [self] }
  return { view, previous: null, transitional: [], left: [], joined: [[self, 'join']], lineages: [] }
}

/** The other view is newer than mine, and its sequencer (of a sequencer: a member) is in it, but I am not. */
export function isLeftBehind(self: MemberId, mine: View, { id, members }: View): boolean {
  if (members.includes(self) || !isAbove(id, mine.id)) return false
  if (mine.id.installer !== self) return members.includes(mine.id.installer)
  return members.some((member) => mine.members.includes(member))
}

function without(members: readonly MemberId[], those: readonly MemberId[]): MemberId[] {
  return members.filter((member) => !those.includes(member))
}
