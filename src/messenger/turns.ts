/**
 * When anything happens to one connection, in which order: its event goes through the session, and then there is one turn.
 *
 * A turn ends what happened: whose messages came back is told, the session goes on by itself, who waits for room may go on,
 * and the alarm is set for what comes next. It is asked for by everything that changes the session without an event, too,
 * and may come at any time, also from inside of a callback.
 */
import type { SessionEvent } from '../session/event.ts'
import type { Session } from '../session/session.ts'
import { Alarm } from './alarm.ts'
import type { AlarmOwner, Alarms } from './alarm.ts'
import type { Caller } from './caller.ts'
import type { Flow } from './flow.ts'
import type { Paths } from './paths.ts'
import type { Reactor } from './reactor.ts'
import type { Clock } from './runtime.ts'

/** Whose turns they are. */
export interface TurnOwner {
  readonly session: Session
  readonly caller: Caller
  readonly reactor: Reactor
  readonly flow: Flow
  readonly paths: Paths
  /** A handler runs for which a close waits. */
  readonly isHandling: boolean
}

export class Turns implements AlarmOwner {
  readonly #owner: TurnOwner
  readonly #clock: Clock
  readonly #alarm: Alarm

  constructor(alarms: Alarms, owner: TurnOwner) {
    this.#owner = owner
    this.#alarm = new Alarm(alarms, this)
    this.#clock = alarms.clock
  }

  /** Something happened. */
  post(event: SessionEvent): void {
    this.#owner.reactor.post(event)
    this.turn()
  }

  turn(): void {
    const { session, caller, reactor, flow, paths } = this.#owner
    if (caller.life === 'closed') return
    caller.returns.tell()
    const event = session.due(this.#owner.isHandling)
    if (event !== null) reactor.post(event)
    if (caller.state === 'closed') return
    caller.view.letGo()
    paths.look()
    this.#alarm.ringBy(Math.min(session.deadlineMs, flow.deadlineMs, paths.deadlineMs))
  }

  /** A message is finished: an ack may be due. Called for every message. */
  afterFinish(): void {
    const acks = this.#owner.session.path?.acks
    // What is due at the end of this turn needs no timer: the flow has scheduled it.
    if (acks !== undefined && acks.dueMs < this.#alarm.deadlineMs && !acks.isDueNow) this.turn()
  }

  /** A deadline of the session, or of the link that carries it. */
  rung(): void {
    const { session, reactor, flow } = this.#owner
    const nowMs = this.#clock.nowMs()
    flow.tick(nowMs)
    if (nowMs >= session.deadlineMs) reactor.post({ type: 'deadline' })
    this.turn()
  }

  /** The connection is over. */
  end(): void {
    this.#alarm.clear()
  }
}
