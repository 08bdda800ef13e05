/**
 * One connection, without a world: the state machine, what it sends, what it receives, and the link that carries both.
 *
 * `handle(event, input)` is for what happened, and answers with the actions that the driver must carry out, in order. Data
 * goes to the parts: `path` is the link that carries the session and what comes and goes on it, `outbound` what is to be
 * sent, `inbound` what has come. Nothing touches a socket, a clock or chance: the same calls give the same answers.
 */
import type { HybridClock } from '../wire/hlc.ts'
import type { InboundMessage, OutboundMessage } from '../wire/message.ts'
import { EVERYTHING, type WireCapabilities } from '../wire/wire.ts'
import type { Failure } from '../wire/verdict.ts'
import { Inbound } from './inbound.ts'
import type { Action } from './action.ts'
import { DRAINED, SPOILED } from './farewell.ts'
import type { Effect, LinkId, Machine } from './machine.ts'
import type { Given, Input, SessionEvent } from './event.ts'
import { Outbound } from './outbound.ts'
import type { Unfinished } from './out-lane.ts'
import { Offers, type Standing } from './path/offers.ts'
import { Path } from './path/path.ts'
import { moveLanes, type SessionConfig } from './path/carried.ts'
import { deadlineOf } from './holdings.ts'
import { NEWBORN, transition } from './transition.ts'

type Adopt = Extract<Effect, { type: 'adopt' }>

export class Session {
  readonly config: SessionConfig
  readonly inbound: Inbound
  readonly outbound: Outbound
  /** What the link can do that carries the session, or did last; until then, what the protocol can. */
  capabilities: WireCapabilities
  #machine: Machine = NEWBORN
  #path: Path | null = null
  readonly clock: HybridClock
  /** What was said on links that do not carry the session yet. */
  readonly #offers: Offers

  constructor(config: SessionConfig, clock: HybridClock) {
    const { policy } = config
    this.config = config
    // With one lane urgent messages overtake nothing; without credit the driver stops reading instead.
    this.capabilities = config.protocol?.capabilities ?? EVERYTHING
    const { lanes, startsAnywhere } = this.capabilities
    this.inbound = new Inbound(policy, lanes, startsAnywhere)
    this.outbound = new Outbound(policy.replay, policy.highWater, lanes)
    this.clock = clock
    this.#offers = new Offers(this)
  }

  get machine(): Machine {
    return this.#machine
  }

  /** The link that carries the session now; null: none does. */
  get path(): Path | null {
    return this.#path
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
   * True when the peer is given more credit. A closing side that has nothing more to send gives no more: what its peer has
   * not sent by then stays there, undelivered, and a busy peer cannot keep it from its end.
   */
  get givesCredit(): boolean {
    return this.#machine.life.name !== 'closing' || this.outbound.hasWork
  }

  /** Something happened: what must be done about it, in order. */
  handle(event: SessionEvent, input: Given): Action[] {
    const before = this.#machine
    // Field by field: a spread costs several times as much, and every event of every connection comes here.
    const { nowMs, random, freshId, freshLink, canDial, places = 1 } = input
    const progressed = this.#path?.progressed === true
    const closing = before.life.name === 'closing' || event.type === 'close'
    const hasWork = this.#hasWork(closing, input.handling === true)
    const { owesAcks } = this.inbound
    // prettier-ignore
    const known: Input = {
      nowMs, random, freshId, freshLink, canDial, places, hasWork, owesAcks, progressed, isUseful: this.isUseful,
    }
    const step = transition(this.config, before, event, known)
    this.#machine = step.machine
    const path = this.#path
    if (path !== null && this.openLink !== path.link) this.#leave(path)
    const actions: Action[] = []
    for (const effect of step.effects)
      if (effect.type === 'adopt') this.#adopt(effect, event, input, actions)
      else actions.push(this.#actionOf(effect, path))
    return actions
  }

  #leave(path: Path): void {
    this.#path = null
    path.end()
  }

  /**
   * What it makes of itself once all that happened is done with: it cannot go on, or it was closing and has nothing left to
   * do. Null: nothing. `handling`: as in Given.
   */
  due(handling: boolean): SessionEvent | null {
    if (this.outbound.isSpoiled) return SPOILED
    const { life, state } = this.#machine
    const isDone = life.name === 'closing' && state.name !== 'draining' && !handling && !this.hasWork
    return isDone ? DRAINED : null
  }

  /** When it wants a `deadline` event, in ms; Infinity: never. */
  get deadlineMs(): number {
    return deadlineOf(this.#machine)
  }

  /** Its caller gives it up: nothing of it comes or goes any more. Returns what was not delivered, or may not have been. */
  abandon(): Unfinished {
    if (this.#path !== null) this.#leave(this.#path)
    return this.outbound.takeOutcome()
  }

  /** What the driver has to do for this effect. `path`: what carried the session when the event came. */
  #actionOf(effect: Exclude<Effect, Adopt>, path: Path | null): Action {
    switch (effect.type) {
      case 'dial':
        return { type: 'dial', link: effect.link, offer: this.#offers.offer(effect, this.#standing()) }
      case 'answer':
        return { type: 'answer', link: effect.link, answer: this.#offers.answer(effect, this.#standing()) }
      case 'remoteReset':
        return { type: 'remoteReset', code: effect.code, reason: effect.reason, outcome: this.#reset() }
      case 'confirm':
        return { type: 'confirm', link: effect.link, marks: effect.moves ? this.#offers.final(effect.link) : null }
      case 'part':
        this.#path?.part(effect)
        return { type: 'part', link: effect.link }
      case 'goodbye': {
        const { type, link, reason } = effect
        return { type, link, reason, path: path?.link === link ? path : null }
      }
      case 'closed': {
        this.#offers.clear()
        this.inbound.reset()
        const { type, cause, code, reason } = effect
        return { type, cause, code, reason, outcome: this.outbound.takeOutcome() }
      }
      case 'drop':
        this.#offers.forget(effect.link)
        return effect
      case 'yield':
      case 'again':
      case 'reject':
      case 'replaced':
        return effect
    }
  }

  #standing(): Standing {
    return { session: this.#machine.session, isCarried: this.#path !== null }
  }

  /** The lanes move to the link. With impossible marks the session cannot go on, on this link or any other: it is over. */
  #adopt(effect: Adopt, event: SessionEvent, input: Given, actions: Action[]): void {
    const { link, continues, moved, grant } = effect
    const met = event.type === 'opened' || event.type === 'confirmed' ? event.capabilities : undefined
    const capabilities = met ?? this.capabilities
    const { budget: offered, marks: stated } = this.#offers.take(link, continues)
    this.inbound.agreed(stated)
    const before = this.outbound.replayedMessages
    const reason = moveLanes(this.outbound, effect, this.capabilities, capabilities)
    this.capabilities = capabilities
    if (reason !== null) {
      actions.push(...this.handle({ type: 'goodbye', link, code: 'INK_RESET', reason }, input))
      return
    }
    this.#path = new Path(this, { link, capabilities, granted: grant.free, offered, stated, nowMs: input.nowMs })
    const how = moved ? 'moved' : continues ? 'resumed' : event.type === 'opened' ? 'dialled' : 'accepted'
    actions.push({ type: 'adopt', link, continues })
    actions.push({ type: 'begun', link, how, replayed: this.outbound.replayedMessages - before })
    const { policy, role } = this.config
    if (policy.kind === 'lossy' && role === 'responder') actions.push({ type: 'displace' })
  }

  #reset(): Unfinished {
    this.inbound.reset()
    if (this.config.policy.onReset === 'hand-back') return this.outbound.takeOutcome()
    this.outbound.renumber()
    return { undelivered: [], unknown: [] }
  }

  /** The link that the machine calls open; -1: none. */
  get openLink(): LinkId {
    return this.#machine.state.name === 'open' ? this.#machine.state.link : -1
  }

  /**
   * A handler is done with a message, perhaps long after its link or its session ended; with `failure`, where the link can
   * say so, its sender is told that it failed. True: an ack should go out at the end of this turn.
   */
  finish(message: InboundMessage, nowMs: number, failure?: Failure): boolean {
    const acks = this.#path?.acks ?? null
    if (failure === undefined) this.inbound.finish(message, acks, nowMs)
    else this.inbound.fail(message, failure, acks, nowMs, this.capabilities.verdicts)
    return acks?.isDueNow === true
  }

  /** A control word; see Outbound. */
  enqueueControl(message: OutboundMessage, own: (message: OutboundMessage) => boolean): boolean {
    return this.outbound.enqueueControl(message, own, this.capabilities.controlLane)
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
      path: this.#path?.save() ?? null,
      offers: this.#offers.save(),
    }
  }

  restore({ machine, inbound, outbound, path, offers }: SavedSession): void {
    this.#machine = machine
    this.inbound.restore(inbound)
    this.outbound.restore(outbound)
    this.#offers.restore(offers)
    if (path === null) return
    const { capabilities } = this
    const none = { messages: 0, bytes: 0 }
    this.#path = new Path(this, { link: path.link, capabilities, granted: none, offered: none, stated: [], nowMs: 0 })
    this.#path.restore(path)
  }
}

/** What `Session.save()` gives. */
export type SavedSession = ReturnType<Session['save']>
