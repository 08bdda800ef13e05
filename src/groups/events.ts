/** What a machine says, as an application is told it. */
import { readAccount } from './machine/quorum.ts'
import { viewKey, type Delivered, type MemberId, type ViewChange } from './machine/terms.ts'
import type { GroupChange, GroupMessage } from './terms.ts'
import type { Ticket } from './ticket.ts'

export function messageOf(message: Delivered, view: string): GroupMessage {
  const { from, origin, index, type, isSafe, isTransitional, data } = message
  const order = isSafe ? 'safe' : 'agreed'
  return { kind: 'message', type, data, from, origin, view, index, order, isTransitional }
}

export function changeOf({ view, previous, transitional, left, joined }: ViewChange, isPrimary: boolean): GroupChange {
  return {
    kind: 'view',
    view: { id: viewKey(view.id), number: view.id.number, members: view.members, isPrimary },
    previous: previous === null ? null : viewKey(previous),
    transitional,
    left: left.map(([member, reason]) => ({ member, reason })),
    joined: joined.map(([member, reason]) => ({ member, reason })),
  }
}

/** The view in which a member begins, or goes on. */
export function firstChange(self: MemberId, from: Ticket | undefined): GroupChange {
  if (from === undefined) {
    const view = { id: viewKey({ number: 0, installer: self }), number: 0, members: [self], isPrimary: false }
    const joined = [{ member: self, reason: 'join' }] as const
    return { kind: 'view', view, previous: null, transitional: [], left: [], joined }
  }
  const { id, members } = from.stand.view
  const view = { id: viewKey(id), number: id.number, members, isPrimary: readAccount(from.account).wasPrimary }
  return { kind: 'view', view, previous: null, transitional: members, left: [], joined: [] }
}
