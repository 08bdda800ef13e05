/**
 * Keeps the session of one connection on the best path, and a second one ready, where its user wants that.
 *
 * It decides nothing: session/routes says what to dial, session/moving how it goes. The side whose dial carries the session looks
 * after its paths; the other one follows. Where a caller says that the peer is, is dialled; where the peer says so, only with
 * the leave of `redial`, and at the rate of such dials.
 */
import type { LinkPort } from './link-port.ts'
import { HOLD_MS, mayMove } from '../session/moving.ts'
import { Routes } from '../session/routes/routes.ts'
import type { RouteWish, Standing } from '../session/routes/routes.ts'
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

export class AutoPaths {
  readonly #world: AutoWorld
  readonly #routes = new Routes(HOLD_MS / 2)
  /** Those of a caller: they need no leave. */
  readonly #given = new Set<string>()
  /** The link whose peer was asked where it is. */
  #asked: LinkPort | null = null
  #standing: Standing | null = null
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

  #mayDial(address: string, { peer }: LinkPort): boolean {
    return this.#given.has(address) || (peer !== null && this.#world.redials.take(accountOf(peer)))
  }

  /** When to look again, in ms. */
  get deadlineMs(): number {
    return this.#standing === null ? Infinity : this.#routes.deadlineMs(this.#standing, this.#nowMs)
  }
}
