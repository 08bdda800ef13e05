/**
 * Where one peer can be reached, and which way is best: when a session should go to another path, and which one is kept ready.
 *
 * A route has a rank, that its user gave: a lower one is better, and of equals none is. What is believed of a route is only
 * what happened on it. One that failed, or that carried the session and was lost, rests; each time twice as long, until the
 * session has stayed on it for a while. So a path that comes and goes is not run after, and nothing flaps. Pure: time and
 * chance come in. Limit: ROUTES_MAX routes.
 *
 * Of routes with one rank a nearer one is not run after either, unless it is at most half as far, by a whole millisecond, each time that
 * it is proved, and the session did not go for that before: a path that carries much answers later than one that carries nothing.
 */

/** As many as a peer tells of itself, and as many again that a caller knows. */
export const ROUTES_MAX = 16
/** How long a route rests that failed for the first time, and at the most, in ms. */
export const REST_FIRST_MS = 1000
export const REST_MAX_MS = 60_000
/** Whoever carries a session for so long has shown that it can. */
export const PROVEN_MS = 10_000
/** How much nearer a route must be than the one that is used, in ms, and how often in a row. */
export const NEARER_MS = 1
export const NEARER_PROOFS = 3
/** How long nothing is gone to for that when the session went last, in ms. */
export const NEARER_REST_MS = 600_000

export interface Route {
  readonly address: string
  /** Lower is better; equals are not run after. */
  readonly rank: number
}

/** Where the session is now. */
export interface Standing {
  /** The path that carries it. */
  readonly address: string
  /** Since when, in ms. */
  readonly sinceMs: number
  /** What is kept ready beside it, and since when; null: nothing. */
  readonly ready: { readonly address: string; readonly sinceMs: number } | null
}

/** A route, as it is known. */
export interface KnownRoute {
  readonly address: string
  /** How long the peer took to answer there when it was proved last, in ms; null: it was not. */
  readonly rttMs: number | null
  /** It failed, and is not dialled for a while. */
  readonly rests: boolean
}

/** What should be dialled now. */
export interface RouteWish {
  readonly purpose: 'switch' | 'standby'
  readonly address: string
}

interface Known {
  readonly address: string
  rank: number
  failures: number
  /** It rests until then, in ms. */
  restsUntilMs: number
  rttMs: number | null
  /** Proofs in a row that found it much nearer than the route that is used. */
  nearer: number
}

export class Routes {
  readonly #all = new Map<string, Known>()
  /** How long a link is kept ready before it is proved anew, in ms. */
  readonly #readyMs: number
  /** Until then no route is gone to because it is nearer, in ms. */
  #nearUntilMs = -Infinity

  constructor(readyMs: number) {
    this.#readyMs = readyMs
  }

  get size(): number {
    return this.#all.size
  }

  /** The peer can be reached there. What was known of a route stays. */
  add({ address, rank }: Route): void {
    const known = this.#all.get(address)
    if (known !== undefined) known.rank = Math.min(known.rank, rank)
    else if (this.#all.size < ROUTES_MAX)
      this.#all.set(address, { address, rank, failures: 0, restsUntilMs: -Infinity, rttMs: null, nearer: 0 })
  }

  /** It was proved: the peer took so long to answer. `usedMs`: and so long where the session is; null: nobody knows. */
  timed(address: string, rttMs: number, usedMs: number | null): void {
    const route = this.#all.get(address)
    if (route === undefined) return
    route.rttMs = rttMs
    const isNearer = usedMs !== null && 2 * rttMs <= usedMs && rttMs + NEARER_MS <= usedMs
    route.nearer = isNearer ? route.nearer + 1 : 0
  }

  /** How far the peer was there when that was proved last, in ms; null: nobody knows. */
  rttOf(address: string): number | null {
    return this.#all.get(address)?.rttMs ?? null
  }

  /** All of them. */
  known(nowMs: number): KnownRoute[] {
    return [...this.#all.values()].map(({ address, rttMs, restsUntilMs }) => ({
      address,
      rttMs,
      rests: restsUntilMs > nowMs,
    }))
  }

  /** The peer is there no more. */
  remove(address: string): void {
    this.#all.delete(address)
  }

  /** A dial there came to nothing, or what was there is lost. `random`: in [0, 1). */
  failed(address: string, nowMs: number, random: number): void {
    const route = this.#all.get(address)
    if (route === undefined) return
    const restMs = Math.min(REST_MAX_MS, REST_FIRST_MS * 2 ** Math.min(route.failures, 16))
    route.failures++
    route.restsUntilMs = nowMs + restMs * (1 - random / 2)
  }

  /** What should be done now; null: nothing. */
  wish(standing: Standing, nowMs: number): RouteWish | null {
    this.#prove(standing, nowMs)
    const { address, ready } = standing
    const rank = this.#all.get(address)?.rank ?? Infinity
    const others = [...this.#all.values()].filter((route) => route.address !== address && route.restsUntilMs <= nowMs)
    const [best] = others.sort((a, b) => a.rank - b.rank || (a.rttMs ?? 0) - (b.rttMs ?? 0))
    if (best === undefined) return null
    if (best.rank < rank) return { purpose: 'switch', address: best.address }
    if (ready === null) return { purpose: 'standby', address: best.address }
    if (this.#isNearer(ready.address, rank, nowMs)) return { purpose: 'switch', address: ready.address }
    return nowMs >= ready.sinceMs + this.#readyMs ? { purpose: 'standby', address: ready.address } : null
  }

  /** When to look again, in ms; Infinity: when something happens. */
  deadlineMs({ address, sinceMs, ready }: Standing, nowMs: number): number {
    let soonestMs = ready === null ? Infinity : ready.sinceMs + this.#readyMs
    for (const route of this.#all.values()) {
      if (route.address === address) {
        if (route.failures > 0 && sinceMs + PROVEN_MS > nowMs) soonestMs = Math.min(soonestMs, sinceMs + PROVEN_MS)
      } else if (route.restsUntilMs > nowMs) soonestMs = Math.min(soonestMs, route.restsUntilMs)
    }
    return soonestMs
  }

  /** What is kept ready is as good as what is used, and so much nearer that the session goes there. */
  #isNearer(address: string, rank: number, nowMs: number): boolean {
    const route = this.#all.get(address)
    if (route?.rank !== rank || route.nearer < NEARER_PROOFS || nowMs < this.#nearUntilMs) return false
    route.nearer = 0
    this.#nearUntilMs = nowMs + NEARER_REST_MS
    return true
  }

  /** Who has carried the session for a while may fail again as for the first time. */
  #prove({ address, sinceMs }: Standing, nowMs: number): void {
    const route = this.#all.get(address)
    if (route !== undefined && nowMs >= sinceMs + PROVEN_MS) route.failures = 0
  }
}
