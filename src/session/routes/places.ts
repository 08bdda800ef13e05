/**
 * Where one peer is dialled, and in which order, while no link of it can say more.
 *
 * One place is dialled at a time, and kept to for as long as it leads to the peer. After a dial that came to nothing the place
 * goes next that has failed longest ago; those that never have come first, in the order in which they were named. So none is
 * tried twice before all were tried once, and nothing is waited for in between (see `redial` in ../linkless.ts). Where whoever
 * answers refuses us for good, nobody goes again before the peer was met elsewhere. A place that the peer has left, as it says, is
 * tried last: where it began anew it may be back. Pure. Limits: PLACES_MAX places, those that were named first stay; of those
 * that only the peer had told, and has left, the last LEFT_MAX.
 */
import { ROUTES_MAX } from './routes.ts'

export const PLACES_MAX = ROUTES_MAX
export const LEFT_MAX = 2

interface Place {
  readonly address: string
  /** The name of which it is one of the addresses; null: it was named itself. */
  readonly of: string | null
  /** Which of all dials that came to nothing was the last one here; 0: none. */
  failed: number
  isRefused: boolean
  /** Only the peer has said that it is there. */
  readonly isTold: boolean
  /** It says that it is not there any more, the how-manieth such place this was; 0: it does not. */
  left: number
}

/** Of all who know none. Never written to. */
const NO_PLACES: readonly Place[] = []

export class Places {
  #all = NO_PLACES
  #here: Place | null = null
  /** Dials that came to nothing. */
  #failures = 0

  /** `areTold`: by the peer; else a caller has named them. */
  constructor(addresses: readonly string[], areTold = false) {
    this.name(addresses, areTold)
  }

  /** Where the next dial goes; null: nobody has said. */
  get here(): string | null {
    return this.#here?.address ?? null
  }

  /** The next dial goes where only the peer says that it is. */
  get isTold(): boolean {
    return this.#here?.isTold === true
  }

  /** How many there are to be tried. */
  get size(): number {
    return this.#all.reduce((count, { isRefused }) => count + (isRefused ? 0 : 1), 0)
  }

  /** The dial of now is the last one of the first round: everywhere else it has come to nothing. */
  get isLast(): boolean {
    return this.#all.every((place) => (place === this.#here) === (place.failed === 0) || place.isRefused)
  }

  has(address: string): boolean {
    return this.#all.some((place) => place.address === address)
  }

  /** The peer is at these places, and at none of those that were named before. The first one is dialled next. */
  name(addresses: readonly string[], areTold = false): void {
    this.#all = NO_PLACES
    this.#here = null
    this.add(addresses, null, areTold)
    this.#here = this.#all[0] ?? null
  }

  /** The peer is there as well. What is known of a place stays. */
  add(addresses: readonly string[], of: string | null = null, isTold = false): void {
    for (const address of addresses) {
      if (this.#all.length >= PLACES_MAX || this.has(address)) continue
      // As long as it is: one that was pushed to has room for sixteen more.
      this.#all = this.#all.concat({ address, of, failed: 0, isRefused: false, isTold, left: 0 })
    }
  }

  /** The peer says that it is at these places, and has left others. */
  told(addresses: readonly string[], left: readonly string[]): void {
    for (const place of this.#all) {
      const isThere = addresses.includes(place.address)
      // Back there: that it was left is no failure any more.
      if (isThere && place.left > 0) place.left = place.failed = 0
      else if (!isThere && left.includes(place.address)) place.left = place.failed = ++this.#failures
    }
    const old = this.#all.filter((place) => place.isTold && place.left > 0).sort((a, b) => a.left - b.left)
    const tooOld = addresses.length === 0 ? old : old.slice(0, -LEFT_MAX)
    this.#keep((place) => !tooOld.includes(place))
    this.add(addresses, null, true)
    if (this.#here === null || left.includes(this.#here.address)) this.#next()
  }

  /** What only the peer has said leads nowhere. */
  forgetTold(): void {
    this.#keep(({ isTold }) => !isTold)
    if (this.#here === null) this.#next()
  }

  #keep(which: (place: Place) => boolean): void {
    this.#all = this.#all.filter(which)
    if (this.#here !== null && !this.#all.includes(this.#here)) this.#here = null
  }

  /** These are the addresses of a name that is one of the places. */
  resolved(name: string, addresses: readonly string[]): void {
    if (!this.has(name)) return
    const isPlace = this.#here !== null
    this.#keep(({ of, address }) => of !== name || addresses.includes(address))
    this.add(addresses, name)
    if (isPlace && this.#here === null) this.#next()
  }

  /** The next dial goes there. */
  goTo(address: string): void {
    this.add([address])
    this.#here = this.#all.find((place) => place.address === address) ?? this.#here
  }

  /** The last dial came to nothing: the next one goes elsewhere, if there is another place. */
  failed(): void {
    if (this.#here === null) return
    this.#here.failed = ++this.#failures
    this.#next()
  }

  /** Whoever answers here refuses us for good. False: everywhere. */
  refused(): boolean {
    if (this.#here === null || this.size <= 1) return false
    this.#here.isRefused = true
    return true
  }

  /** The peer was found here: no place has failed any more. */
  found(address: string | null): void {
    for (const place of this.#all) {
      place.failed = 0
      place.isRefused = false
    }
    if (address !== null) this.goTo(address)
  }

  #next(): void {
    const [first] = this.#all
      .filter(({ isRefused }) => !isRefused)
      .sort((a, b) => a.failed - b.failed || a.left - b.left)
    this.#here = first ?? null
  }
}
