/**
 * Keeps the session of one connection on the best path, and a second one ready, where its user wants that.
 *
 * It decides nothing: session/routes says what to dial, session/moving how it goes. The side whose dial carries the session looks
 * after its paths; the other one follows. Where a caller says that the peer is, is dialled; where the peer says so, only with
 * the leave of `redial`, and at the rate of such dials.
 *
 * A peer that says while its session is open that it has moved has its places dialled anew, whatever failed before: so that is
 * heard once in NEWS_MS.
 */
import type { LinkPort } from './link-port.ts'
import { HOLD_MS, mayMove } from '../session/moving.ts'
import { PLACES_MAX } from '../session/routes/places.ts'
import { Routes } from '../session/routes/routes.ts'
import type { KnownRoute, RouteWish, Standing } from '../session/routes/routes.ts'
import type { Session } from '../session/session.ts'
import { parseAddress } from '../transports/address.ts'
import { accountOf } from './name-quota.ts'
import type { Redials } from './redials.ts'
import type { Runtime } from './runtime.ts'

/** What the messenger is asked for. */
export interface AutoWorld {
  readonly runtime: Runtime
  readonly redials: Redials
  /** Schemes that peers are looked for at, best first; null: only where callers say. */
  readonly pathSchemes: readonly string[] | null
}

/** When a link that was dialled opened, in ms. */
interface Opening {
  readonly port: LinkPort
  readonly atMs: number
}

/** How often a peer may tell of other places, in ms. What it says meanwhile waits, and counts as one. */
export const NEWS_MS = 1000

/** What a peer has said on a link of ours: it is not any more at the places that it has left. */
interface News {
  readonly port: LinkPort
  readonly left: Set<string>
}

export class AutoPaths {
  readonly #world: AutoWorld
  readonly #routes = new Routes(HOLD_MS / 2)
  /** Those of a caller: they need no leave. */
  readonly #given = new Set<string>()
  /** The link whose peer was asked where it is. */
  #asked: LinkPort | null = null
  /** The last one: one link at a time is dialled. */
  #opening: Opening | null = null
  #standing: Standing | null = null
  /** Not looked at yet; null: nothing. */
  #news: News | null = null
  /** When news were looked at last, in ms. */
  #newsMs = -Infinity
  #nowMs = 0

  constructor(world: AutoWorld, given: readonly string[]) {
    this.#world = world
    for (const address of given) this.also(address)
  }

  /** A caller says that the peer is there. */
  also(address: string): void {
    this.#given.add(address)
    this.#routes.add({ address, rank: this.#rankOf(address) })
  }

  /** In the order of the messenger's `paths`; whatever is not named there is not run after. */
  #rankOf(address: string): number {
    const { pathSchemes } = this.#world
    const rank = pathSchemes?.indexOf(parseAddress(address).scheme) ?? 0
    return rank < 0 ? Number.MAX_SAFE_INTEGER : rank
  }

  /** A link that was dialled is open: what is asked there leaves now. */
  linked(port: LinkPort): void {
    this.#opening = { port, atMs: this.#world.runtime.clock.nowMs() }
  }

  /** The peer has answered on a link: it took one round trip, and says where it is. `usedMs`: what that takes where the session is. */
  answered(port: LinkPort, usedMs: number | null): void {
    this.told(port)
    const opening = this.#opening
    this.#opening = null
    if (opening?.port !== port || port.target === null) return
    this.#routes.add({ address: port.target, rank: this.#rankOf(port.target) })
    const rttMs = this.#world.runtime.clock.nowMs() - opening.atMs
    this.#routes.timed(port.target, rttMs, usedMs ?? this.#routes.rttOf(this.#standing?.address ?? ''))
  }

  /** Every route, as it is known now. */
  get known(): readonly KnownRoute[] {
    return this.#routes.known(this.#world.runtime.clock.nowMs())
  }

  /** A path came to nothing, or was lost. */
  failed(address: string): void {
    const { clock, random } = this.#world.runtime
    this.#routes.failed(address, clock.nowMs(), random.next())
  }

  /** What should be dialled now beside the link that carries the session; null: nothing. `addressOf`: of a link of ours. */
  wish(session: Session, port: LinkPort | null, addressOf: (link: number) => string | undefined): RouteWish | null {
    const { state, life } = session.machine
    this.#nowMs = this.#world.runtime.clock.nowMs()
    this.#standing = null
    if (port?.role !== 'dialler' || state.name !== 'open' || life.name !== 'running') return null
    if (!mayMove(session.config) || session.capabilities.moves !== true || state.rival !== null) return null
    const { move, sinceMs } = state
    if (move != null && move.name !== 'ready') return null
    this.#listen(port)
    const ready = move == null ? null : (addressOf(move.pledge.link) ?? null)
    const readySinceMs = move == null ? 0 : move.pledge.deadlineMs - HOLD_MS
    const standing: Standing = {
      address: port.target ?? '',
      sinceMs,
      ready: ready === null ? null : { address: ready, sinceMs: readySinceMs },
    }
    this.#standing = standing
    this.#hear(port)
    const wish = this.#routes.wish(standing, this.#nowMs)
    if (wish === null || this.#mayDial(wish.address, port)) return wish
    this.failed(wish.address)
    return null
  }

  #listen(port: LinkPort): void {
    if (this.#asked === port) return
    this.#asked = port
    this.#routes.add({ address: port.target ?? '', rank: this.#rankOf(port.target ?? '') })
    this.told(port)
  }

  /** Where the peer says that it is, as far as it may be dialled there; anew with each link that it answers. */
  told({ peer, link }: LinkPort): void {
    const { redials, pathSchemes } = this.#world
    if (pathSchemes === null || peer === null) return
    for (const address of redials.targets(peer, link)) {
      if (pathSchemes.includes(parseAddress(address).scheme)) this.#routes.add({ address, rank: this.#rankOf(address) })
    }
  }

  /** The peer of an open session says where it is, and that it is no more where it has `left`. */
  relocated(port: LinkPort, left: readonly string[]): void {
    if (this.#news?.port !== port) this.#news = { port, left: new Set() }
    for (const address of left) if (this.#news.left.size < PLACES_MAX) this.#news.left.add(address)
  }

  /** What it has left is no route any more, but one of its caller may be again. */
  #hear(port: LinkPort): void {
    if (this.#news === null || this.#nowMs < this.#newsMs + NEWS_MS) return
    const { left } = this.#news
    const isOfPort = this.#news.port === port
    this.#news = null
    if (!isOfPort) return
    this.#newsMs = this.#nowMs
    for (const address of left) this.#leave(address)
    this.told(port)
  }

  #leave(address: string): void {
    this.#routes.remove(address)
    if (this.#given.has(address)) this.#routes.add({ address, rank: Number.MAX_SAFE_INTEGER })
  }

  #mayDial(address: string, { peer }: LinkPort): boolean {
    return this.#given.has(address) || (peer !== null && this.#world.redials.take(accountOf(peer)))
  }

  /** When to look again, in ms. */
  get deadlineMs(): number {
    if (this.#standing === null) return Infinity
    const newsMs = this.#news === null ? Infinity : this.#newsMs + NEWS_MS
    return Math.min(newsMs, this.#routes.deadlineMs(this.#standing, this.#nowMs))
  }
}
