/**
 * Where one peer can be reached, and which way is best: when a session should go to another path, and which one is kept ready.
 *
 * A route has a rank, that its user gave: a lower one is better, and of equals none is. What is believed of a route is only
 * what happened on it. One that failed, or that carried the session and was lost, rests; each time twice as long, until the
 * session has stayed on it for a while. So a path that comes and goes is not run after, and nothing flaps. Pure: time and
 * chance come in. Limit: ROUTES_MAX routes.
 */

/** As many as a peer tells of itself, and as many again that a caller knows. */
export const ROUTES_MAX = 16
/** How long a route rests that failed for the first time, and at the most, in ms. */
export const REST_FIRST_MS = 1000
export const REST_MAX_MS = 60_000
/** Whoever carries a session for so long has shown that it can. */
export const PROVEN_MS = 10_000

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
}

export class Routes {
  readonly #all = new Map<string, Known>()
  /** How long a link is kept ready before it is proved anew, in ms. */
  readonly #readyMs: number

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
      this.#all.set(address, { address, rank, failures: 0, restsUntilMs: -Infinity })
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
    const [best] = others.sort((a, b) => a.rank - b.rank)
    if (best === undefined) return null
    if (best.rank < rank) return { purpose: 'switch', address: best.address }
    if (ready === null) return { purpose: 'standby', address: best.address }
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

  /** Who has carried the session for a while may fail again as for the first time. */
  #prove({ address, sinceMs }: Standing, nowMs: number): void {
    const route = this.#all.get(address)
    if (route !== undefined && nowMs >= sinceMs + PROVEN_MS) route.failures = 0
  }
}
