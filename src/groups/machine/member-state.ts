/**
 * Where a member stands in its group: its view and the stream of that, its promise, its peers, and what it says. What becomes of them is
 * in view-changes.ts and behind it.
 */
import { firstView } from './change.ts'
import type { GroupLimits, GroupTimes } from './limits.ts'
import { Merges } from './merges.ts'
import { Outbox } from './outbox.ts'
import { Peers } from './peers.ts'
import { NORMAL, STAYS, type GroupMachineOptions, type Leave, type Phase } from './phase.ts'
import type { Proposal } from './proposal.ts'
import type { Standstill } from './standstill.ts'
import type { GroupAction, GroupWord, MemberId, View, ViewId } from './terms.ts'
import { AT_BEGIN, ViewStream } from './view-stream.ts'

const NO_ACCOUNT = new Uint8Array(0)

export abstract class MemberState {
  readonly self: MemberId
  /** What this member answers about itself in the next change. */
  account: Uint8Array = NO_ACCOUNT
  readonly #limits: GroupLimits
  protected readonly times: GroupTimes
  protected readonly outbox: Outbox
  protected readonly peers = new Peers()
  protected readonly merges = new Merges()
  protected current: View
  protected stream: ViewStream
  protected state: Phase = NORMAL
  protected stay: Leave = STAYS
  protected proposal: Proposal | null = null
  protected promised: ViewId
  protected highest = 0
  /** It was in no view with another. */
  protected isFresh: boolean
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
    this.isFresh = from?.isFresh ?? true
    this.stream = this.openStream(0, from?.stream)
    for (const peer of from?.up ?? []) this.peers.rise(peer)
    if (from === undefined) this.act({ kind: 'view', change })
  }

  /** Where it stands, at the end of a turn; null: it is not at rest, or orders for others. */
  get standstill(): Standstill | null {
    const { self, current: view, highest } = this
    const isAtRest = this.state.kind === 'normal' && this.stay.kind === 'stays' && this.outbox.isEmpty
    const ordersForOthers = this.leads && view.members.length > 1
    const { stand } = this.stream
    if (!isAtRest || ordersForOthers || !this.isServed || stand === null) return null
    return { self, view, highest, isFresh: this.isFresh, up: [...this.peers.up], stream: stand }
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

  readonly #isReached = (member: MemberId): boolean => this.peers.isReached(member)

  /** Whoever orders hears what this member has to say. */
  protected get isServed(): boolean {
    return this.leads || this.peers.isReached(this.current.id.installer)
  }

  protected openStream(older: number, stand = AT_BEGIN): ViewStream {
    const { self } = this
    const fixed = {
      self,
      outbox: this.outbox,
      limits: this.#limits,
      send: this.send,
      act: this.act,
      isReached: this.#isReached,
    }
    return new ViewStream({ ...fixed, view: this.current, older, stand, nowMs: this.nowMs })
  }
}
