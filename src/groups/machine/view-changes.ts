/**
 * How a member gets from one view to the next: ballots, the flush in two phases, and what each step does to its stream.
 *
 * Who changes the view picks a ballot above all it has seen and asks its candidates to promise; who promises accepts no order of the
 * old view any more and says what it has. When all have, the initiator gives each what it lacks and installs the view of that
 * ballot, whose sequencer it is. So all who come from one view into the next have delivered the same in the old one.
 *
 * Its own PREPARE and INSTALL an initiator handles in the same step as it sends them: else it would go on ordering meanwhile.
 */
import { firstView, viewChange } from './change.ts'
import type { GroupLimits, GroupTimes } from './limits.ts'
import { Outbox } from './outbox.ts'
import { Peers } from './peers.ts'
import { NORMAL, STAYS, type GroupMachineOptions, type Leave, type Phase } from './phase.ts'
import { Proposal } from './proposal.ts'
import { isAbove, sameView } from './terms.ts'
import type { GroupAction, GroupWord, LeftReason, MemberId, View, ViewId } from './terms.ts'
import type { Standstill } from './standstill.ts'
import { AT_BEGIN, ViewStream } from './view-stream.ts'

export type Word<K extends GroupWord['kind']> = Extract<GroupWord, { readonly kind: K }>

const NO_ACCOUNT = new Uint8Array(0)

export abstract class ViewChanges {
  readonly self: MemberId
  /** What this member answers about itself in the next change. */
  account: Uint8Array = NO_ACCOUNT
  readonly #limits: GroupLimits
  protected readonly times: GroupTimes
  protected readonly outbox: Outbox
  protected readonly peers = new Peers()
  protected current: View
  protected stream: ViewStream
  protected state: Phase = NORMAL
  protected stay: Leave = STAYS
  protected proposal: Proposal | null = null
  protected promised: ViewId
  protected highest = 0
  #isFresh: boolean
  /** Since when its sequencer is not to be reached; null: it is. */
  protected lostSinceMs: number | null = null
  protected nowMs: number
  protected actions: GroupAction[] = []

  constructor({ self, limits, times, nowMs, from }: GroupMachineOptions) {
    this.self = self
    this.#limits = limits
    this.times = times
    this.nowMs = nowMs
    this.outbox = new Outbox(self, limits)
    const change = firstView(self)
    this.current = from?.view ?? change.view
    this.promised = this.current.id
    this.highest = from?.highest ?? 0
    this.#isFresh = from?.isFresh ?? true
    this.stream = this.#openStream(0, from?.stream)
    for (const peer of from?.up ?? []) this.peers.rise(peer)
    if (from === undefined) this.act({ kind: 'view', change })
  }

  /** Where it stands, at the end of a turn; null: it is not at rest, or orders for others. */
  get standstill(): Standstill | null {
    const { self, current: view, highest } = this
    const isAtRest = this.state.kind === 'normal' && this.stay.kind === 'stays' && this.outbox.isEmpty
    const isServed = this.leads ? view.members.length === 1 : this.peers.isReached(view.id.installer)
    const { stand } = this.stream
    if (!isAtRest || !isServed || stand === null) return null
    return { self, view, highest, isFresh: this.#isFresh, up: [...this.peers.up], stream: stand }
  }

  get view(): View {
    return this.current
  }

  get isSequencer(): boolean {
    return this.leads
  }

  get phase(): Phase['kind'] {
    return this.state.kind
  }

  /** Entries of the view that some member may lack. */
  get held(): number {
    return this.stream.log.length - this.stream.log.base
  }

  /** Nothing of its own is under way or waits. */
  get isIdle(): boolean {
    return this.state.kind !== 'flushing' && this.outbox.isEmpty
  }

  protected readonly act = (action: GroupAction): void => {
    this.actions.push(action)
  }

  protected readonly send = (to: MemberId, word: GroupWord): void => {
    if (this.peers.isUp(to)) this.actions.push({ kind: 'send', to, word })
  }

  protected get leads(): boolean {
    return this.current.id.installer === this.self
  }

  #openStream(older: number, stand = AT_BEGIN): ViewStream {
    const { self } = this
    const fixed = { self, outbox: this.outbox, limits: this.#limits, send: this.send, act: this.act }
    return new ViewStream({ ...fixed, view: this.current, older, stand, nowMs: this.nowMs })
  }

  /** Proposes a view of those that are up. */
  protected propose(wanted: readonly MemberId[]): void {
    if (this.stay.kind === 'leaving') {
      this.goAlone('leave')
      return
    }
    const candidates = [this.self, ...this.peers.among(wanted)].sort(byText)
    if (this.state.kind === 'normal') this.stream.say(this.nowMs)
    const ballot = { number: Math.max(this.highest, this.promised.number) + 1, installer: this.self }
    this.highest = ballot.number
    this.peers.proposed()
    this.proposal = new Proposal(ballot, candidates)
    const { length } = this.stream.log
    const word: GroupWord = { kind: 'prepare', ballot, candidates, view: this.current.id, length }
    for (const member of candidates) this.send(member, word)
    this.prepare(this.self, word)
  }

  protected prepare(from: MemberId, { ballot, candidates, view, length }: Word<'prepare'>): void {
    if (ballot.installer !== from) {
      this.act({ kind: 'fault', peer: from, reason: 'a ballot of another' })
      return
    }
    this.highest = Math.max(this.highest, ballot.number)
    if (!isAbove(ballot, this.promised)) {
      this.send(from, { kind: 'refuse', ballot, promised: this.promised.number })
      return
    }
    if (!candidates.includes(this.self)) return
    this.promised = ballot
    if (from !== this.self) this.proposal = null
    this.state = { kind: 'flushing', sinceMs: this.nowMs }
    const isLeaving = this.stay.kind === 'leaving'
    const answer: Word<'flushed'> = {
      kind: 'flushed',
      ballot,
      view: this.current.id,
      length: this.stream.log.length,
      stable: this.stream.stable,
      isLeaving,
      isFresh: this.#isFresh,
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

  protected refused({ ballot, promised }: Word<'refuse'>): void {
    this.highest = Math.max(this.highest, promised)
    if (this.proposalOf(ballot) === null) return
    this.proposal = null
    // Not at once: the other ballot may get through.
    if (this.state.kind === 'flushing') this.state.sinceMs -= this.times.flushTimeoutMs * 0.8
  }

  protected flushed(from: MemberId, answer: Word<'flushed'>): void {
    const proposal = this.proposalOf(answer.ballot)
    proposal?.flushed(from, answer)
    if (proposal?.isComplete === true) this.#commit(proposal)
  }

  #commit(proposal: Proposal): void {
    this.proposal = null
    const words = proposal.decide(this.current.id, this.stream.log, this.peers.gone)
    // A member said that it has what it did not send: this change comes to nothing, and the next one is due.
    if (words === null) {
      this.act({ kind: 'fault', peer: this.self, reason: 'a cut that nobody has' })
      return
    }
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
    const previous = this.current
    const own = lineages.find(({ view }) => sameView(view, previous.id))
    // It lacks something, so it cannot go there with the others; who keeps to the protocol has sent it before.
    if (own === undefined || own.length !== this.stream.log.length || own.stable > own.length) {
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
    else if (this.leads && members.some((member) => this.peers.isDirty(member) || this.peers.isLeaving(member))) {
      this.propose(members)
    }
  }

  #enter(view: View): void {
    this.current = view
    this.state = NORMAL
    this.proposal = null
    this.lostSinceMs = null
    if (view.members.length > 1) this.#isFresh = false
    this.peers.entered(view)
    this.stream = this.#openStream(this.stream.open)
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
