/** What a group needs of its service, and what it shows of itself. */
import type { ResolvedGroup } from './options.ts'
import type { Seat, SeatOwner } from './seat.ts'
import type { GroupView } from './terms.ts'
import type { Ticket } from './ticket.ts'

/** What a group needs of its service. */
export interface GroupHost {
  readonly key: Uint8Array
  readonly id: string
  readonly options: ResolvedGroup
  /** It goes on as a member that left another process. */
  readonly from: Ticket | undefined
  seat(owner: SeatOwner): Seat
  /** Asks another member for the state of a view. */
  askState(provider: string, view: string): void
  /** Calls back at about the next tick. */
  later(callback: () => void): void
  /** Calls back in the next turn of the event loop, behind I/O. */
  readonly soon: (callback: () => void) => void
  /** The member is gone, or goes on elsewhere. */
  left(how: 'gone' | 'moved'): void
  /** Another member of the group is in this process. */
  hasCompany(): boolean
  fault(peer: string, reason: string): void
}

/** A group as it is now, as plain data for JSON. */
export interface GroupDump {
  /** The key of the group as the text that it was made of, or as hex. */
  readonly group: string
  readonly id: string
  readonly view: GroupView
  readonly phase: 'normal' | 'flushing' | 'left'
  /** Ordered, and not known to be with all members. */
  readonly unstable: number
  /** Told to this member, and not taken by its application. */
  readonly unread: number
  /** Published here, and not told yet. */
  readonly unpublished: number
  readonly unpublishedBytes: number
}
