/**
 * Who a session is with, as its messenger keeps it for as long as the session lives: a peer that resumes one says only its
 * type, its addresses and the session's cookie.
 *
 * A cookie can be read on the way of an open link, and anybody can choose the cookie of another for its own. So what counts
 * is what a peer proved, then and now.
 */
import type { Identity } from '../../wire/wire.ts'
import type { EntityAddress } from './address.ts'
import { identityOf } from './entity.ts'

export interface KnownPeer {
  /** Its type. */
  readonly entityBit: number
  readonly gid: bigint
  readonly addresses: readonly EntityAddress[]
  /** The name that it proved to have; null when nothing was proved, or only its type, as by who was dialled. */
  readonly principal: string | null
  /** The cookie of its server. Ceph sends it back and never compares it. */
  readonly serverCookie: bigint
}

/** What a peer has proved on a link; `number` is null when it only says one. */
export interface Proof {
  readonly entityBit: number
  readonly name: string | null
  readonly number: bigint | null
}

/** What this protocol knew of a peer when it told of it. */
export function knownPeer(peer: Identity | undefined): KnownPeer | undefined {
  return peer?.detail as KnownPeer | undefined
}

/** The other way round: as the messenger is told of it. */
export function peerOf(known: KnownPeer): Identity {
  const { entityBit, gid, addresses, principal } = known
  return { ...identityOf(entityBit, gid, addresses), principal, detail: known }
}

/** True when whoever gives this proof cannot be that peer. */
function isSomebodyElse({ entityBit, gid, principal }: KnownPeer, proof: Proof): boolean {
  if (entityBit !== proof.entityBit) return true
  if (principal !== null) return principal !== proof.name
  // In a session that we dialled the peer has proved its type, and said its number.
  return proof.number !== null && proof.number !== gid
}

/**
 * Who the peer is in a session that it asks for: one of these, who have or had it, if it can be. Who cannot be any comes under
 * what it has proved, where it finds no session of this id, and is told so. It is not refused: perhaps it is the other one
 * that has lied.
 */
export function whoResumes(
  holders: readonly (KnownPeer | undefined)[],
  proof: Proof,
  said: Pick<KnownPeer, 'addresses' | 'serverCookie'>,
): KnownPeer {
  const known = holders.find((one) => one !== undefined && !isSomebodyElse(one, proof))
  return known ?? { ...said, entityBit: proof.entityBit, gid: proof.number ?? -1n, principal: proof.name }
}
