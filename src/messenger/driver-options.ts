/** What the driver of one connection is told when it is made. */
import type { Policy } from '../policies/policy.ts'
import type { Member } from '../session/endpoint/member.ts'

/** What a connection is made with. */
export interface DriverOptions extends Pick<Member, 'role' | 'channel' | 'expectType' | 'expectName'> {
  readonly policy: Policy
  /** Where to dial; null until the peer says where it can be dialled. */
  readonly address: string | null
  /** Under which name it counts; left out when a caller wants it. */
  readonly account?: string
}
