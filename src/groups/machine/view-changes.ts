/**
 * How a member gets from one view to the next: ballots, the flush in two phases, and what each step does to its stream.
 *
 * Who changes the view picks a ballot above all it has seen and asks its candidates to promise; who promises accepts no order of the
 * old view any more and says what it has. When all have, the initiator gives each what it lacks and installs the view of that
 * ballot, whose sequencer it is. So all who come from one view into the next have delivered the same in the old one.
 *
 * Its own PREPARE and INSTALL an initiator handles in the same step as it sends them: else it would go on ordering meanwhile.
 */
import { isMembership } from './ballots.ts'
import { viewChange } from './change.ts'
import { MemberState } from './member-state.ts'
import { NORMAL } from './phase.ts'
import { Proposal } from './proposal.ts'
import { isAbove, sameView } from './terms.ts'
import type { GroupWord, LeftReason, MemberId, View, ViewId } from './terms.ts'

export type Word<K extends GroupWord['kind']> = Extract<GroupWord, { readonly kind: K }>

export abstract class ViewChanges extends MemberState {
  /** Proposes a view of those that are up. */
  protected propose(wanted: readonly MemberId[]): void {
    if (this.stay.kind === 'leaving') {
      this.goAlone('leave')
      return
    }
    const candidates = [this.self, ...this.peers.among(wanted)].sort(byText)
    const ballot = { number: Math.max(this.highest, this.promised.number) + 1, installer: this.self }
    this.highest = ballot.number
    this.proposal = new Proposal(ballot, candidates)
    const { length } = this.stream.log
    const word: GroupWord = { kind: 'prepare', ballot, candidates, view: this.current.id, length }
    for (const member of candidates) this.send(member, word)
    this.prepare(this.self, word)
  }

  protected prepare(from: MemberId, { ballot, candidates, view, length }: Word<'prepare'>): void {
    if (ballot.installer !== from || !isMembership(candidates)) {
      this.act({ kind: 'fault', peer: from, reason: 'a ballot of another, or for what is no view' })
      return
    }
    this.highest = Math.max(this.highest, ballot.number)
    if (!isAbove(ballot, this.promised)) {
      this.send(from, { kind: 'refuse', ballot, promised: this.promised.number })
      return
    }
    if (!candidates.includes(this.self)) return
    this.promised = ballot
    if (from !== this.self) {
      this.proposal = null
      this.peers.promised(from)
    }
    this.state = { kind: 'flushing', candidates, sinceMs: this.nowMs }
    const isLeaving = this.stay.kind === 'leaving'
    const answer: Word<'flushed'> = {
      kind: 'flushed',
      ballot,
      view: this.current.id,
      length: this.stream.log.length,
      stable: this.stream.stable,
      isLeaving,
      isFresh: this.isFresh,
      account: this.account,
    }
    if (from === this.self) {
      this.flushed(from, answer)
      return
    }
    const known = sameView(view, this.current.id) ? length : 0
    for (const word of this.stream.beyond(known, ballot)) this.send(from, word)
    this.send(from, answer)
  }

  protected refused(from: MemberId, { ballot, promised }: Word<'refuse'>): void {
    this.highest = Math.max(this.highest, promised)
    if (this.proposalOf(ballot)?.candidates.includes(from) !== true) return
    // Not at once: the other ballot may get through.
    if (this.state.kind === 'flushing') this.state.sinceMs -= this.times.flushTimeoutMs * 0.8
  }

  protected holds(from: MemberId, { ballot, view, index, entries }: Word<'held'>): void {
    const wrong = this.proposalOf(ballot)?.held(from, view, index, entries) ?? null
    if (wrong !== null) this.#without(from, wrong)
  }

  protected flushed(from: MemberId, answer: Word<'flushed'>): void {
    const proposal = this.proposalOf(answer.ballot)
    if (proposal === null) return
    const wrong = proposal.flushed(from, answer, this.current)
    if (wrong !== null) this.#without(from, wrong)
    else if (proposal.isComplete) this.#commit(proposal)
  }

  /** A candidate has broken the protocol: the change goes on without it. */
  #without(candidate: MemberId, reason: string): void {
    this.act({ kind: 'fault', peer: candidate, reason })
    this.propose(this.proposal?.candidates.filter((member) => member !== candidate) ?? [])
  }

  #commit(proposal: Proposal): void {
    const decision = proposal.decide(this.current, this.stream.log, this.peers.gone)
    if (decision.kind === 'liar') {
      this.#without(decision.candidate, 'it said that it has what it did not send')
      return
    }
    const { words } = decision
    this.proposal = null
    for (const { to, word } of words) if (to !== this.self) this.send(to, word)
    for (const { to, word } of words) {
      if (to === this.self && word.kind === 'cut') this.cut(word)
      else if (to === this.self && word.kind === 'install') this.install(word)
    }
  }

  /** Taken even if the change then comes to nothing: it is the sequencer's order. */
  protected cut({ ballot, view, index, entries }: Word<'cut'>): void {
    if (this.state.kind !== 'flushing' || !sameView(ballot, this.promised)) return
    if (sameView(view, this.current.id)) this.stream.complete(index, entries)
  }

  protected install({ ballot, members, lineages, reasons }: Word<'install'>): void {
    if (this.state.kind !== 'flushing' || !sameView(ballot, this.promised)) return
    const { candidates } = this.state
    const previous = this.current
    const own = lineages.find(({ view }) => sameView(view, previous.id))
    const isView = isMembership(members) && members.every((member) => candidates.includes(member))
    // It lacks something, so it cannot go there with the others; who keeps to the protocol has sent it before.
    if (!isView || own === undefined || own.length !== this.stream.log.length || own.stable > own.length) {
      this.act({ kind: 'fault', peer: ballot.installer, reason: 'a view without all that was told before it' })
      this.propose([])
      return
    }
    this.stream.finish(own.stable, own.transitional)
    if (!members.includes(this.self)) {
      this.end('leave')
      return
    }
    const change = viewChange({ id: ballot, members }, previous, lineages, reasons)
    this.#enter(change.view)
    this.act({ kind: 'view', change })
    // Who was left behind learns of it.
    const behind = previous.members.filter((member) => !members.includes(member))
    for (const member of behind) this.send(member, { kind: 'probe', view: change.view })
    if (this.stay.kind === 'leaving') this.askLeave()
  }

  #enter(view: View): void {
    this.current = view
    this.state = NORMAL
    this.proposal = null
    this.lostSinceMs = null
    if (view.members.length > 1) this.isFresh = false
    this.peers.entered(view)
    this.merges.entered()
    this.stream = this.openStream(this.stream.open)
  }

  /** Tells others to let this member go. */
  protected abstract askLeave(): void

  /** Goes without waiting for anybody. */
  protected abstract goAlone(reason: LeftReason): void

  /** It is out: what waits will be sent in no view. */
  protected abstract end(reason: LeftReason): void

  protected proposalOf(ballot: ViewId): Proposal | null {
    return this.proposal !== null && sameView(this.proposal.ballot, ballot) ? this.proposal : null
  }
}

export function byText(one: MemberId, other: MemberId): number {
  return one < other ? -1 : 1
}
