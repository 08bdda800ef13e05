/**
 * A change of view, at its initiator: who has answered, what each has, and what of each old view everybody will deliver.
 *
 * There is one sequencer per view, so of its logs the longest is the cut, and each candidate lacks its end only. What a candidate
 * has beyond the initiator's own log arrives before its answer; of other views, once per entry. What a candidate says that cannot be is
 * returned as a sentence, and the change goes on without it. Limit: of each candidate no more is held than two windows.
 */
import { GROUPS } from './limits.ts'
import type { Entry, Flushed, GroupWord, LeftReason, Lineage, MemberId, View, ViewId } from './terms.ts'
import { isAbove, sameView, viewKey } from './terms.ts'
import { batches, costOf, type ViewLog } from './view-log.ts'

/** A word to one candidate. */
export interface Said {
  readonly to: MemberId
  readonly word: Extract<GroupWord, { readonly kind: 'cut' | 'install' }>
}

/** What comes of a change: words, or that a candidate has not sent what it said that it has. */
export type Decision =
  { readonly kind: 'said'; readonly words: readonly Said[] } | { readonly kind: 'liar'; readonly candidate: MemberId }

/** Null: it is not here. */
type EntryAt = (index: number) => Entry | null

interface Held {
  entries: number
  bytes: number
}

export class Proposal {
  readonly ballot: ViewId
  /** In rising order. */
  readonly candidates: readonly MemberId[]
  readonly #answers = new Map<MemberId, Flushed>()
  readonly #held = new Map<string, Map<number, Entry>>()
  readonly #heldOf = new Map<MemberId, Held>()

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

  /** Returns what is wrong with it. */
  held(from: MemberId, view: ViewId, index: number, entries: readonly Entry[]): string | null {
    if (!this.candidates.includes(from) || this.#answers.has(from)) return null
    const held = this.#heldOf.get(from) ?? { entries: 0, bytes: 0 }
    this.#heldOf.set(from, held)
    held.entries += entries.length
    for (const entry of entries) held.bytes += costOf(entry)
    if (held.entries > 2 * GROUPS.windowEntries || held.bytes > 2 * GROUPS.windowBytes)
      return 'more than a view may hold'
    const key = viewKey(view)
    const of = this.#held.get(key) ?? new Map<number, Entry>()
    this.#held.set(key, of)
    entries.forEach((entry, at) => {
      if (!of.has(index + at)) of.set(index + at, entry)
    })
    return null
  }

  /** `own`: the view of the initiator. Returns what is wrong with it. */
  flushed(from: MemberId, answer: Flushed, own: View): string | null {
    if (!this.candidates.includes(from)) return null
    if (answer.stable > answer.length) return 'more is stable than it has'
    if (!isAbove(this.ballot, answer.view)) return 'it comes from a view behind the ballot'
    if (sameView(answer.view, own.id) && !own.members.includes(from)) return 'it comes from a view that it was not in'
    this.#answers.set(from, answer)
    return null
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

  /** What is said to whom, in this order: to each what it lacks of its view, then to all what is installed. */
  decide(own: View, log: ViewLog, gone: Iterable<readonly [MemberId, LeftReason]>): Decision {
    const { ballot, candidates, members } = this
    const words: Said[] = []
    const lineages = this.lineages()
    for (const { view, length } of lineages) {
      const staged = this.#held.get(viewKey(view))
      const at: EntryAt = (index) => (sameView(view, own.id) ? log.at(index) : null) ?? staged?.get(index) ?? null
      for (const [to, answer] of this.#answers) {
        if (!sameView(answer.view, view)) continue
        const lacks = run(at, answer.length, length)
        if (lacks === null) return { kind: 'liar', candidate: this.#liar(to, view, length, at) }
        let index = answer.length
        for (const entries of batches(lacks)) {
          words.push({ to, word: { kind: 'cut', ballot, view, index, entries } })
          index += entries.length
        }
      }
    }
    const reasons = reasonsOf(members, own, gone)
    for (const member of candidates) if (!members.includes(member)) reasons.push([member, 'leave'])
    const word = { kind: 'install', ballot, members, lineages, reasons } as const
    for (const to of candidates) words.push({ to, word })
    return { kind: 'said', words }
  }

  /** What one lacks is not here: whoever has the most did not send it, or the other has had it, as it said before. */
  #liar(lacking: MemberId, view: ViewId, length: number, at: EntryAt): MemberId {
    const [longest, { stable }] = [...this.#answers].find(
      ([, one]) => one.length === length && sameView(one.view, view),
    )!
    return run(at, stable, length) === null ? longest : lacking
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

/** Of who is gone: of its own view first, then of whom others may have missed, as many as a word has room for. */
function reasonsOf(
  members: readonly MemberId[],
  own: View,
  gone: Iterable<readonly [MemberId, LeftReason]>,
): (readonly [MemberId, LeftReason])[] {
  const missing = [...gone].filter(([member]) => !members.includes(member))
  const isOurs = ([member]: readonly [MemberId, LeftReason]): boolean => own.members.includes(member)
  return [...missing.filter(isOurs), ...missing.filter((one) => !isOurs(one))].slice(0, GROUPS.membersMax)
}

function run(at: EntryAt, from: number, to: number): Entry[] | null {
  const entries: Entry[] = []
  for (let index = from; index < to; index++) {
    const entry = at(index)
    if (entry === null) return null
    entries.push(entry)
  }
  return entries
}
