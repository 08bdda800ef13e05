/**
 * The links between the members of a world: FIFO, and cut at any time.
 *
 * Of a link that is cut what is under way is lost, both ends hear of it, each in its own time, and of the next link before its first
 * word. There are partitions, pairs that cannot reach each other at all, and suspicion of links that are as they were.
 */
import type { GroupWord } from '../../groups/machine/terms.ts'
import type { SeededRandom } from '../simulator/random.ts'
import type { WorldMember } from './world-member.ts'

/** One direction of a link, and the words that are on their way. */
export interface Link {
  readonly from: string
  readonly to: string
  readonly words: GroupWord[]
}

export interface Note {
  readonly at: string
  readonly about: string
  readonly kind: 'up' | 'down'
  /** Of a link that was cut or made; else it is a suspicion, and the link is as it was. */
  readonly isOfLink: boolean
}

export class WorldNetwork {
  readonly #random: SeededRandom
  readonly #members: ReadonlyMap<string, WorldMember>
  readonly #links = new Map<string, Link>()
  /** What members have not heard yet of their links, in order. */
  readonly #notes: Note[] = []
  readonly #side = new Map<string, number>()
  /** Pairs that cannot reach each other. */
  readonly #apart = new Set<string>()

  constructor(random: SeededRandom, members: ReadonlyMap<string, WorldMember>) {
    this.#random = random
    this.#members = members
  }

  /** Words and notes under way. */
  get underWay(): number {
    let words = this.#notes.length
    for (const link of this.#links.values()) words += link.words.length
    return words
  }

  /** A word for a link that is gone reaches no later one. */
  send(from: string, to: string, word: GroupWord): void {
    if (this.#notes.some(({ at, about, isOfLink }) => isOfLink && at === from && about === to)) return
    this.#links.get(`${from}>${to}`)?.words.push(word)
  }

  /** Cuts a link; the two may find each other again at once. */
  reset(one: string, other: string): void {
    if (!this.#links.has(`${one}>${other}`)) return
    this.#cut(one, other)
    this.relink()
  }

  /** Puts every member on one of so many sides. */
  part(sides: number): void {
    for (const id of this.#members.keys()) this.#side.set(id, this.#random.integer(0, sides - 1))
    this.relink()
  }

  split(sides: readonly (readonly string[])[]): void {
    sides.forEach((ids, side) => ids.forEach((id) => this.#side.set(id, side)))
    this.relink()
  }

  keepApart(one: string, other: string): void {
    this.#apart.add(pairOf(one, other))
    this.relink()
  }

  /** All can reach all. */
  heal(): void {
    this.#side.clear()
    this.#apart.clear()
    this.relink()
  }

  /** One takes the other for dead, which is not; or thinks better of it. */
  suspect(at: string, about: string, kind: Note['kind']): void {
    this.#notes.push({ at, about, kind, isOfLink: false })
  }

  relink(): void {
    const ids = [...this.#members.keys()]
    for (const one of ids) {
      for (const other of ids) {
        if (one >= other) continue
        const can = this.#canReach(one, other)
        const is = this.#links.has(`${one}>${other}`)
        if (can && !is) this.#join(one, other)
        else if (!can && is) this.#cut(one, other)
      }
    }
  }

  /** What some member hears of next; undefined: nobody has anything to hear. Null: whoever has is frozen. */
  hear(): Note | null | undefined {
    if (this.#notes.length === 0) return undefined
    const any = this.#random.pick(this.#notes)
    const first = this.#notes.findIndex(({ at, about }) => at === any.at && about === any.about)
    if (this.#members.get(any.at)!.isFrozen) return null
    return this.#notes.splice(first, 1)[0]!
  }

  /** Those of which a word may arrive now. */
  ready(): Link[] {
    const ready: Link[] = []
    for (const link of this.#links.values()) if (link.words.length > 0 && this.#mayArrive(link)) ready.push(link)
    return ready
  }

  #mayArrive({ from, to }: Link): boolean {
    return !this.#members.get(to)!.isFrozen && !this.#notes.some(({ at, about }) => at === to && about === from)
  }

  #canReach(one: string, other: string): boolean {
    if (!this.#members.get(one)!.isAlive || !this.#members.get(other)!.isAlive) return false
    return this.#side.get(one) === this.#side.get(other) && !this.#apart.has(pairOf(one, other))
  }

  #join(one: string, other: string): void {
    this.#open(one, other)
    this.#open(other, one)
    this.#note(one, other, 'up')
  }

  #open(from: string, to: string): void {
    this.#links.set(`${from}>${to}`, { from, to, words: [] })
  }

  #cut(one: string, other: string): void {
    this.#links.delete(`${one}>${other}`)
    this.#links.delete(`${other}>${one}`)
    this.#note(one, other, 'down')
  }

  /** Both ends of a link will hear of it. */
  #note(one: string, other: string, kind: Note['kind']): void {
    for (const [at, about] of [
      [one, other],
      [other, one],
    ] as const)
      this.#notes.push({ at, about, kind, isOfLink: true })
  }
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`
}
