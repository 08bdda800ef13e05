/**
 * One connection, without a world: the state machine, what it sends and what it receives, in one pure object.
 *
 * Three kinds of methods. `handle(event, input)` is for what happened and answers with the actions that the driver must
 * carry out, in order. The data methods (`batch`, `admit`, `complete`, `finish`, `marks`, `next`) are the straight path of
 * an open session. Getters look. Nothing here touches a socket, a clock or chance: the same calls give the same answers.
 */
import type { InkwireErrorCode } from '../common/errors.ts'
import type { Budget } from '../policies/policy.ts'
import type { HybridClock } from '../wire/hlc.ts'
import type { InboundMessage, OutboundMessage } from '../wire/message.ts'
import { EVERYTHING } from '../wire/wire.ts'
import type { BatchHeader, Marks, SessionAnswer, SessionOffer, WireCapabilities } from '../wire/wire.ts'
import { VERDICTS_PER_FRAME } from '../wire/verdict.ts'
import type { Failure, Verdict } from '../wire/verdict.ts'
import { Inbound } from './inbound.ts'
import type { AckLimits } from './inbound.ts'
import type { CloseCause, Effect, Given, Input, LinkId, Machine, MachineConfig, SessionEvent } from './machine.ts'
import { Outbound } from './outbound.ts'
import type { Unfinished } from './out-lane.ts'
import type { Run, RunLimits } from './run.ts'
import { NEWBORN, transition } from './transition.ts'

/** What a session needs to know. */
export interface SessionConfig extends MachineConfig {
  /** Which of the messenger's connections to this peer it is: 0, or from 1 for extra ones. */
  readonly channel: number
  readonly runs: RunLimits
  readonly acks: AckLimits
}

/** What the driver must do. Effects of the machine, completed with what only the lanes know. */
export type Action =
  | { readonly type: 'dial'; readonly link: LinkId; readonly offer: SessionOffer }
  | { readonly type: 'answer'; readonly link: LinkId; readonly answer: SessionAnswer }
  | { readonly type: 'adopt'; readonly link: LinkId; readonly continues: boolean; readonly replayed: number }
  | {
      readonly type: 'remoteReset'
      readonly code: InkwireErrorCode
      readonly reason: string
      readonly outcome: Unfinished
    }
  | {
      readonly type: 'closed'
      readonly cause: CloseCause
      readonly code: InkwireErrorCode
      readonly reason: string
      readonly outcome: Unfinished
    }
  | Extract<Effect, { type: 'yield' | 'again' | 'reject' | 'confirm' | 'replaced' | 'goodbye' | 'drop' }>

type EffectOf<T extends Effect['type']> = Extract<Effect, { type: T }>

/** What the peer of a link may send first. */
interface Offered {
  readonly link: LinkId
  readonly budget: Budget
  /** What the peer was told then of what is finished here. */
  readonly marks: readonly Marks[]
}

const NONE: readonly Offered[] = []

export class Session {
  readonly config: SessionConfig
  readonly inbound: Inbound
  readonly outbound: Outbound
  /** What the link can do that carries the session, or did last; until then, what the protocol can. */
  capabilities: WireCapabilities
  #machine: Machine = NEWBORN
  readonly #clock: HybridClock
  /** What had come and was acked when the open link was adopted. */
  #progressAtAdoption = 0
  /** What the peer of a link under way may send first. */
  #offered: readonly Offered[] = NONE

  constructor(config: SessionConfig, clock: HybridClock) {
    const { policy } = config
    this.config = config
    this.#clock = clock
    // With one lane urgent messages overtake nothing; without credit the driver stops reading instead.
    this.capabilities = config.protocol?.capabilities ?? EVERYTHING
    const { lanes, credit, startsAnywhere } = this.capabilities
    this.inbound = new Inbound(policy, config.acks, lanes, credit, startsAnywhere)
    this.outbound = new Outbound(policy.replay, policy.highWater, config.runs, lanes)
  }

  get machine(): Machine {
    return this.#machine
  }

  /** True when something is queued or unacked; while closing, also when a message is not finished. */
  get hasWork(): boolean {
    return this.#hasWork(this.#machine.life.name === 'closing', false)
  }

  /** True when this session has carried something: a message that came, or one that there is to send. */
  get isUseful(): boolean {
    return this.inbound.lanes.some(({ received }) => received > 0) || this.outbound.lanes.some(({ tail }) => tail > 0)
  }

  #hasWork(closing: boolean, handling: boolean): boolean {
    return this.outbound.hasWork || (closing && (handling || this.inbound.isBusy))
  }

  /**
   * The credit that a peer is told. A closing side that has nothing more to send gives no more: what its peer has not sent
   * by then stays there, undelivered, and a busy peer cannot keep it from its end.
   */
  tellCredit(): Budget {
    const { credit } = this.inbound
    return this.#machine.life.name === 'closing' && !this.outbound.hasWork ? credit.told : credit.tell()
  }

  get #progress(): number {
    return this.inbound.receivedMessages + this.outbound.ackedMessages
  }

  /** Something happened: what must be done about it, in order. */
  handle(event: SessionEvent, input: Given): Action[] {
    const before = this.#machine
    // Field by field: a spread costs several times as much, and every event of every connection comes here.
    const { nowMs, random, freshId, freshLink, canDial } = input
    const progressed = this.#progress > this.#progressAtAdoption
    const closing = before.life.name === 'closing' || event.type === 'close'
    const hasWork = this.#hasWork(closing, input.handling === true)
    const { owesAcks } = this.inbound
    const { isUseful } = this
    const known: Input = { nowMs, random, freshId, freshLink, canDial, hasWork, owesAcks, progressed, isUseful }
    const step = transition(this.config, before, event, known)
    this.#machine = step.machine
    if (
      before.state.name === 'open' &&
      (step.machine.state.name !== 'open' || step.machine.state.link !== before.state.link)
    ) {
      this.outbound.unlink()
      this.inbound.unlink()
    }
    const actions: Action[] = []
    const met = event.type === 'opened' || event.type === 'confirmed' ? event.capabilities : undefined
    for (const effect of step.effects) this.#perform(effect, input, met, actions)
    return actions
  }

  #perform(effect: Effect, input: Given, met: WireCapabilities | undefined, actions: Action[]): void {
    switch (effect.type) {
      case 'dial':
        actions.push({ type: 'dial', link: effect.link, offer: this.#offer(effect) })
        break
      case 'answer':
        actions.push({ type: 'answer', link: effect.link, answer: this.#answer(effect) })
        break
      case 'adopt':
        this.#adopt(effect, input, met ?? this.capabilities, actions)
        break
      case 'remoteReset':
        actions.push({ type: 'remoteReset', code: effect.code, reason: effect.reason, outcome: this.#reset() })
        break
      case 'closed':
        this.#offered = NONE
        this.inbound.reset()
        actions.push({ ...effect, outcome: this.outbound.takeOutcome() })
        break
      case 'drop':
        this.#forgetOffer(effect.link)
        actions.push(effect)
        break
      case 'yield':
      case 'again':
      case 'reject':
      case 'confirm':
      case 'replaced':
      case 'goodbye':
        actions.push(effect)
        break
    }
  }

  #offer(effect: EffectOf<'dial'>): SessionOffer {
    const grant = this.inbound.credit.offer(false)
    this.#noteOffer(effect.link, grant.free, this.inbound.safeMarks())
    const none = this.inbound.marks().map(() => ({ received: 0, processed: 0 }))
    const resume = effect.resume.map((id) => ({
      id,
      marks: id === this.#machine.session ? this.inbound.safeMarks() : none,
      // Of one that was only promised nothing can have come.
      unproven: id !== this.#machine.session || this.#isUnproven,
    }))
    const { policy, channel, role } = this.config
    const offer = { ballot: effect.ballot, channel, policy: policy.kind, fresh: effect.fresh, resume, grant }
    return channel === 0 ? offer : { ...offer, counted: role === 'initiator' ? 'dialler' : 'acceptor' }
  }

  get #isUnproven(): boolean {
    return this.outbound.isUnproven && this.inbound.marks().every(({ received }) => received === 0)
  }

  #answer(effect: EffectOf<'answer'>): SessionAnswer {
    // What still comes on the open link of this session will come again, as a duplicate; of another session it will not.
    const continues = effect.resumed && effect.id === this.#machine.session
    const grant = this.inbound.credit.offer(!continues && this.#machine.state.name === 'open')
    const marks = continues ? this.inbound.safeMarks() : []
    this.#noteOffer(effect.link, grant.free, marks)
    return { id: effect.id, resumed: effect.resumed, marks, policy: this.config.policy.kind, grant }
  }

  /** The lanes move to the link. With impossible marks the session cannot go on, on this link or any other: it is over. */
  #adopt(effect: EffectOf<'adopt'>, input: Given, capabilities: WireCapabilities, actions: Action[]): void {
    const offered = this.#offered.find(({ link }) => link === effect.link)
    const free = offered?.budget ?? this.inbound.credit.offer(false).free
    this.#offered = NONE
    this.inbound.credit.begin(free)
    this.inbound.agreed(offered?.marks ?? [])
    const before = this.outbound.replayedMessages
    const reason = this.#refuseLink(effect, capabilities)
    this.capabilities = capabilities
    if (reason !== null) {
      actions.push(...this.handle({ type: 'goodbye', link: effect.link, code: 'INK_RESET', reason }, input))
      return
    }
    // The peer may not know what we finished while there was no link, nor what credit came back since it was offered.
    this.inbound.ackDueMs = -Infinity
    this.#progressAtAdoption = this.#progress
    const replayed = this.outbound.replayedMessages - before
    actions.push({ type: 'adopt', link: effect.link, continues: effect.continues, replayed })
  }

  /** Why the session cannot go on: the peer is not who it was. Its lanes are moved meanwhile. */
  #refuseLink({ continues, grant, marks }: EffectOf<'adopt'>, capabilities: WireCapabilities): string | null {
    // What a messenger knows it knows for as long as it lives, and what was sent may rely on it.
    const { extensions, controlLane, verdicts } = this.capabilities
    const forgotten =
      (extensions && !capabilities.extensions) ||
      (controlLane && !capabilities.controlLane) ||
      (verdicts && !capabilities.verdicts)
    if (continues && forgotten) return 'the peer has forgotten a feature'
    if (this.outbound.begin(grant, marks)) return null
    return 'the peer claims messages that were never sent, or lost ones that it had acked'
  }

  #noteOffer(link: LinkId, budget: Budget, marks: readonly Marks[]): void {
    this.#forgetOffer(link)
    this.#offered = [...this.#offered, { link, budget, marks }]
  }

  #forgetOffer(link: LinkId): void {
    if (this.#offered.length > 0) this.#offered = this.#offered.filter((offered) => offered.link !== link)
  }

  #reset(): Unfinished {
    this.inbound.reset()
    if (this.config.policy.onReset === 'hand-back') return this.outbound.takeOutcome()
    this.outbound.renumber()
    return { undelivered: [], unknown: [] }
  }

  /** The link that carries data now; -1: none. */
  get openLink(): LinkId {
    return this.#machine.state.name === 'open' ? this.#machine.state.link : -1
  }

  /** A run of messages begins on the open link; see WireSink. The clock is merged before any handler sees it. */
  batch(header: BatchHeader, nowMs: number): number {
    if (!this.outbound.acknowledge(header.lane, header.received, header.processed)) return -1
    this.#clock.merge(header.stampMs, header.stampCounter, nowMs)
    return this.inbound.batch(header)
  }

  admit(bytes: number, duplicate: boolean): boolean {
    return this.inbound.admit(bytes, duplicate)
  }

  complete(message: InboundMessage, nowMs: number): void {
    this.inbound.complete(message, nowMs)
  }

  /** With `failure`, where the link can say so, its sender is told that it failed. */
  finish(message: InboundMessage, nowMs: number, failure?: Failure): boolean {
    if (failure === undefined) return this.inbound.finish(message, nowMs)
    return this.inbound.fail(message, failure, nowMs, this.capabilities.verdicts)
  }

  /** True when verdicts of ours, or how many of the peer's are here, are to be said before anything else. */
  get owesVerdicts(): boolean {
    return this.inbound.verdicts.untold || this.outbound.owesTaken
  }

  /**
   * Verdicts of the peer, the first with this number, and how many of ours it has by now. False: it judges what was never
   * sent, leaves some out, or was told less.
   */
  judge(first: number, verdicts: readonly Verdict[], taken: number, nowMs: number): boolean {
    return (verdicts.length === 0 || this.outbound.judge(first, verdicts)) && this.inbound.confirm(taken, nowMs)
  }

  /** The next verdicts to put on the link; see Wire.encodeFailed. */
  tellVerdicts(): { readonly first: number; readonly verdicts: readonly Verdict[]; readonly taken: number } {
    this.outbound.owesTaken = false
    return { ...this.inbound.verdicts.tell(VERDICTS_PER_FRAME), taken: this.outbound.takenVerdicts }
  }

  /** The peer's marks for one lane. False: they are impossible. */
  marks(lane: number, received: number, processed: number): boolean {
    return this.outbound.acknowledge(lane, received, processed)
  }

  enqueue(message: OutboundMessage): void {
    this.outbound.enqueue(message)
  }

  /** A control word; see Outbound. */
  enqueueControl(message: OutboundMessage, own: (message: OutboundMessage) => boolean): boolean {
    return this.outbound.enqueueControl(message, own, this.capabilities.controlLane)
  }

  /** What goes on the open link now; null: nothing may. `hold`: no chunk of a large message. */
  next(nowMs: number, hold = false): Run | null {
    const run = this.outbound.next(this.capabilities, hold)
    if (run === null) return null
    this.#clock.tick(nowMs)
    run.header.stampMs = this.#clock.ms
    run.header.stampCounter = this.#clock.counter
    this.inbound.ride(run.header)
    return run
  }

  /**
   * All of it as plain data, but for the configuration, what the peer knows, the totals and the clock: two sessions that
   * save the same behave the same from then on. The model checker searches by this; nothing else needs it.
   */
  save() {
    return {
      machine: this.#machine,
      inbound: this.inbound.save(),
      outbound: this.outbound.save(),
      progressed: this.#progress > this.#progressAtAdoption,
      offered: this.#offered,
    }
  }

  restore(saved: SavedSession): void {
    this.#machine = saved.machine
    this.inbound.restore(saved.inbound)
    this.outbound.restore(saved.outbound)
    this.#progressAtAdoption = this.#progress - (saved.progressed ? 1 : 0)
    this.#offered = saved.offered
  }
}

/** What `Session.save()` gives. */
export type SavedSession = ReturnType<Session['save']>
