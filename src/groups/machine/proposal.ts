/**
 * A change of view, at its initiator: who has answered, what each has, and what of each old view everybody will deliver.
 *
 * There is one sequencer per view, so of its logs the longest is the cut, and each candidate lacks its end only. What a candidate
 * has beyond the initiator's own log arrives before its answer; of other views, once per entry. Limit: of each old view
 * no more is held than its window.
 */
import type { Entry, Flushed, GroupWord, LeftReason, Lineage, MemberId, ViewId } from './terms.ts'
import { sameView, viewKey } from './terms.ts'
import { batches, type ViewLog } from './view-log.ts'

/** A word to one candidate. */
export interface Said {
  readonly to: MemberId
  readonly word: Extract<GroupWord, { readonly kind: 'cut' | 'install' }>
}

export class Proposal {
  readonly ballot: ViewId
  /** In rising order. */
  readonly candidates: readonly MemberId[]
  readonly #answers = new Map<MemberId, Flushed>()
  readonly #held = new Map<string, Map<number, Entry>>()

  constructor(ballot: ViewId, candidates: readonly MemberId[]) {
    this.ballot = ballot
    this.candidates = candidates
  }

  get isComplete(): boolean {
    return this.candidates.every((member) => this.#answers.has(member))
  }

  /** Who of them goes on. */
  get members(): MemberId[] {
    return this.candidates.filter((member) => this.#answers.get(member)?.isLeaving === false)
  }

  held(from: MemberId, view: ViewId, index: number, entries: readonly Entry[]): void {
    if (!this.candidates.includes(from) || this.#answers.has(from)) return
    const key = viewKey(view)
    const of = this.#held.get(key) ?? new Map<number, Entry>()
    this.#held.set(key, of)
    entries.forEach((entry, at) => {
      if (!of.has(index + at)) of.set(index + at, entry)
    })
  }

  flushed(from: MemberId, answer: Flushed): void {
    if (this.candidates.includes(from)) this.#answers.set(from, answer)
  }

  /** What becomes of each old view, in the order of the least member that came from it. */
  lineages(): Lineage[] {
    const byView = new Map<string, MemberId[]>()
    for (const member of this.candidates) {
      const key = viewKey(this.#answers.get(member)!.view)
      const of = byView.get(key)
      if (of === undefined) byView.set(key, [member])
      else of.push(member)
    }
    return [...byView.values()].map((members) => this.#lineage(members))
  }

  /**
   * What is said to whom, in this order: to each what it lacks of its view, then to all what is installed. Null: what one lacks is
   * not here, which no member that keeps to the protocol brings about.
   */
  decide(own: ViewId, log: ViewLog, gone: Iterable<readonly [MemberId, LeftReason]>): Said[] | null {
    const { ballot, candidates, members } = this
    const said: Said[] = []
    const lineages = this.lineages()
    for (const { view, length } of lineages) {
      const staged = this.#held.get(viewKey(view))
      const at = (index: number): Entry | null =>
        (sameView(view, own) ? log.at(index) : null) ?? staged?.get(index) ?? null
      for (const [to, answer] of this.#answers) {
        if (!sameView(answer.view, view)) continue
        const lacks = run(at, answer.length, length)
        if (lacks === null) return null
        let index = answer.length
        for (const entries of batches(lacks)) {
          said.push({ to, word: { kind: 'cut', ballot, view, index, entries } })
          index += entries.length
        }
      }
    }
    const reasons = [...gone].filter(([member]) => !members.includes(member))
    for (const member of candidates) if (!members.includes(member)) reasons.push([member, 'leave'])
    for (const to of candidates) said.push({ to, word: { kind: 'install', ballot, members, lineages, reasons } })
    return said
  }

  #lineage(members: readonly MemberId[]): Lineage {
    const answers = members.map((member) => this.#answers.get(member)!)
    return {
      view: answers[0]!.view,
      length: Math.max(...answers.map(({ length }) => length)),
      stable: Math.max(...answers.map(({ stable }) => stable)),
      transitional: members.filter((member) => !this.#answers.get(member)!.isLeaving),
      isFresh: answers.every(({ isFresh }) => isFresh),
      accounts: members.map((member) => [member, this.#answers.get(member)!.account]),
    }
  }
}

function run(at: (index: number) => Entry | null, from: number, to: number): Entry[] | null {
  const entries: Entry[] = []
  for (let index = from; index < to; index++) {
    const entry = at(index)
    if (entry === null) return null
    entries.push(entry)
  }
  return entries
}
