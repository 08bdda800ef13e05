/**
 * What the links of one messenger share: the number that orders its attempts, the attempts that it has heard of, and the
 * cookies of sessions that were asked for and never answered.
 *
 * Such a cookie is used again for the next attempt, so that a server which did answer knows that it is the same session
 * being established, and so that a server's own attempt to resume it is recognised here. Limit: 4096 of them, the oldest
 * is forgotten (its session is then a new one to the server).
 *
 * And who is who in the last 4096 sessions that began: whoever comes back for one that is over here is told so under its
 * name. Who has a session that lives is not for this registry to say: see known-peer.ts.
 */
import type { WireContext } from '../../wire/wire.ts'
import { Reader } from './codec.ts'
import { Heard } from './heard.ts'
import type { KnownPeer } from './known-peer.ts'

const PENDING_MAX = 4096
const PEERS_MAX = 4096

export class Registry {
  #globalSeq = 0n
  readonly heard = new Heard()
  readonly #pending = new Map<string, bigint>()
  readonly #peers = new Map<string, KnownPeer>()

  /** A number above all before, and above `seen`. */
  nextGlobalSeq(seen = 0n): bigint {
    this.#globalSeq = (seen > this.#globalSeq ? seen : this.#globalSeq) + 1n
    return this.#globalSeq
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

  /** A session with this peer begins. */
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

/** Of a server, which has one for each session that is not lossy; 0 means none. */
export function newCookie({ randomBytes }: Pick<WireContext, 'randomBytes'>): bigint {
  return new Reader(randomBytes(8)).u64() || 1n
}
