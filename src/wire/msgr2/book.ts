/**
 * What the links of one messenger share: the number that orders its attempts, the attempts that it has heard of, and the
 * cookies of sessions that were asked for and never answered.
 *
 * Such a cookie is used again for the next attempt, so that a server which did answer knows that it is the same session
 * being established, and so that a server's own attempt to resume it is recognised here. Limit: 4096 of them, the oldest
 * is forgotten (its session is then a new one to the server). The peers of 16384 sessions are remembered, and the last
 * attempts of as many instances (a forgotten one counts as never heard of).
 */
import type { EntityAddress } from './address.ts'

const PENDING_MAX = 4096
const PEERS_MAX = 16384
const HEARD_MAX = 16384

/** Who a session is with: a resumed one does not say so again. */
export interface KnownPeer {
  readonly gid: bigint
  readonly addresses: readonly EntityAddress[]
  /** The name that it proved to have; null when nothing was proved. */
  readonly principal: string | null
  /** The cookie of its server. Ceph sends it back and never compares it. */
  readonly serverCookie: bigint
}

/** An attempt that was heard of, and when. */
interface Heard {
  readonly globalSeq: bigint
  readonly moment: number
}

export class Book {
  #globalSeq = 0n
  /** How many attempts were heard of: the clock by which they are told apart from what was said between them. */
  #moment = 0
  readonly #heard = new Map<string, Heard>()
  readonly #pending = new Map<string, bigint>()
  readonly #peers = new Map<string, KnownPeer>()

  /** A number above all before, and above `seen`. */
  nextGlobalSeq(seen = 0n): bigint {
    this.#globalSeq = (seen > this.#globalSeq ? seen : this.#globalSeq) + 1n
    return this.#globalSeq
  }

  get moment(): number {
    return this.#moment
  }

  /** A peer took part in an establishment: it has reached this number. */
  hear(instance: string, globalSeq: bigint): void {
    this.#heard.delete(instance)
    this.#heard.set(instance, { globalSeq, moment: ++this.#moment })
    if (this.#heard.size > HEARD_MAX) this.#heard.delete(this.#heard.keys().next().value ?? '')
  }

  /** The last attempt of this instance, if it was heard of after `moment`. */
  heardSince(moment: number, instance: string): bigint | null {
    const heard = this.#heard.get(instance)
    return heard !== undefined && heard.moment > moment ? heard.globalSeq : null
  }

  /** The cookie for a new session with this peer; `fresh` unless one was asked for with another already. */
  cookie(peer: string, fresh: bigint): bigint {
    const known = this.#pending.get(peer)
    if (known !== undefined) return known
    this.#pending.set(peer, fresh)
    if (this.#pending.size > PENDING_MAX) this.#pending.delete(this.#pending.keys().next().value ?? '')
    return fresh
  }

  /** The session is established, or its peer knows nothing of it. */
  settle(peer: string): void {
    this.#pending.delete(peer)
  }

  /** The peer of a session, by the session's id. */
  remember(id: string, peer: KnownPeer): void {
    this.#peers.delete(id)
    this.#peers.set(id, peer)
    if (this.#peers.size > PEERS_MAX) this.#peers.delete(this.#peers.keys().next().value ?? '')
  }

  recall(id: string): KnownPeer | undefined {
    return this.#peers.get(id)
  }

  isPending(cookie: bigint): boolean {
    for (const pending of this.#pending.values()) if (pending === cookie) return true
    return false
  }

  /** The peer has taken part in this session after all. */
  settleCookie(cookie: bigint): void {
    for (const [peer, pending] of this.#pending) if (pending === cookie) this.#pending.delete(peer)
  }
}

/**
 * A session's id is its client's cookie, as in Ceph: an establishment that was cut and is done again has another server's
 * cookie and is the same session.
 */
export function sessionId(clientCookie: bigint): string {
  return clientCookie.toString(16).padStart(16, '0').padEnd(32, '0')
}

/** The client's cookie, or one for the session that would get this id. */
export function cookieOf(id: string): bigint {
  return BigInt(`0x${id.slice(0, 16)}`) || 1n
}
