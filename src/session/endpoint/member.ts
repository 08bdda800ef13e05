/** The vocabulary of an endpoint: what it knows of each of its sessions, and what it says about a peer. */
import type { InkwireErrorCode } from '../../common/errors.ts'
import type { Policy } from '../../policies/policy.ts'

/** One session, as its endpoint sees it: what it was made for, and what its caller wants of it now. */
export interface Member {
  readonly policy: Pick<Policy, 'kind'>
  /** `initiator`: made by connect(). `responder`: made by an arriving link. */
  readonly role: 'initiator' | 'responder'
  /** 0, or the number of an anonymous connection: the initiator's number. */
  readonly channel: number
  /** What its caller said that the peer must be; null: anything. */
  readonly expectType: string | null
  readonly expectName: string | null
  readonly life: 'running' | 'closing' | 'closed'
  /** Where it is dialled, or where it came from: for people. */
  readonly address: string
}

/** Why whoever answered a dial is not the peer of this session, or may not be now. */
export interface Refusal {
  readonly code: InkwireErrorCode
  readonly reason: string
  /** False: it says nothing about the peer that the session has. The link is at fault, and dialling goes on. */
  readonly final: boolean
}

/** Whom a caller of connect() means. */
export interface Wish {
  readonly type: string | null
  readonly name: string | null
  /** The policy that it gave; null: whatever is the policy for such a peer, which is of this kind. */
  readonly policy: Policy | null
  readonly kind: Policy['kind']
}

/** True for a name of this type; every name is of type null. */
export function isOfType(name: string, type: string | null): boolean {
  return type === null || name.startsWith(`${type}.`)
}

/** `client.?` may be many. */
export function isUnique(name: string): boolean {
  return !name.endsWith('.?')
}

export function isLossy({ policy }: Member): boolean {
  return policy.kind === 'lossy'
}

export function isLossless(member: Member): boolean {
  return !isLossy(member)
}

/** Lossy, and made for a link that arrived. */
export function isAccepted(member: Member): boolean {
  return isLossy(member) && member.role === 'responder'
}
