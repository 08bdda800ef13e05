/**
 * What a group machine is made with, and the states that it is in.
 */
import type { GroupLimits, GroupTimes } from './limits.ts'
import type { Standstill } from './standstill.ts'
import type { MemberId } from './terms.ts'

export interface GroupMachineOptions {
  readonly self: MemberId
  readonly limits: GroupLimits
  readonly times: GroupTimes
  readonly nowMs: number
  /** It goes on where it stood in another process. Left out: it begins alone. */
  readonly from?: Standstill | undefined
}

export type Phase =
  | { readonly kind: 'normal' }
  /** It has promised a ballot, and accepts nothing of the old view. */
  | { readonly kind: 'flushing'; readonly candidates: readonly MemberId[]; sinceMs: number }
  | { readonly kind: 'left' }

/** Whether it wants to go. */
export type Leave = { readonly kind: 'stays' } | { readonly kind: 'leaving'; readonly sinceMs: number }

export const NORMAL: Phase = Object.freeze({ kind: 'normal' })
export const STAYS: Leave = Object.freeze({ kind: 'stays' })
