/**
 * One connection of the model's world, made from its plain data for a step: a real Session, handled by the real Reactor.
 *
 * It decides nothing. What the session wants done is in model-performer.ts, what links tell in model-links.ts, data in
 * model-flow.ts; those say again what their namesakes of messenger/ do, without bytes, timers or callbacks, but in the same
 * order. When these change, they follow.
 *
 * Time stands still at 0. Deadlines fire when the checker says so; afterwards all waits are set back, because only their
 * order matters and the checker tries every order.
 */
import { Reactor } from '../../messenger/reactor.ts'
import type { Given, SessionEvent } from '../../session/event.ts'
import { Session } from '../../session/session.ts'
import type { SavedSession } from '../../session/session.ts'
import type { SessionConfig } from '../../session/path/carried.ts'
import { HybridClock } from '../../wire/hlc.ts'
import { ModelFlow, SMALL } from './model-flow.ts'
import { ModelLinks } from './model-links.ts'
import { ModelPerformer } from './model-performer.ts'
import { ModelWire } from './model-wire.ts'
import type { Payload } from './plan.ts'
import type { Scene } from './scene.ts'
import type { DriverState } from './state.ts'
import { note } from './table.ts'
import { timed, timeless } from './timeless.ts'

const RUNS = { batchMessages: 2, batchBytes: 2, chunkBytes: 2 }
const ACKS = { ackDelayMs: 5, ackEveryMessages: 1, ackEveryBytes: 1 << 20 }

type Newborn = Omit<DriverState, 'session'> & { readonly session: SavedSession | null }

/** The real one; `about` hears of each event before it is handled. */
class WatchedSession extends Session {
  readonly #about: (event: SessionEvent) => void

  constructor(config: SessionConfig, clock: HybridClock, about: (event: SessionEvent) => void) {
    super(config, clock)
    this.#about = about
  }

  override handle(event: SessionEvent, input: Given): ReturnType<Session['handle']> {
    this.#about(event)
    return super.handle(event, input)
  }
}

export class ModelDriver {
  readonly #scene: Scene
  readonly node: number
  readonly uid: number
  readonly state: Omit<DriverState, 'session'>
  readonly session: Session
  readonly clock = new HybridClock(Infinity)
  readonly wire: ModelWire
  readonly flow: ModelFlow
  readonly links: ModelLinks
  readonly #reactor: Reactor
  /** What its queues held when the step began, and got since: what is gone without an outcome was acked. */
  readonly #queued: Set<Payload>
  #life: 'on' | 'over' = 'on'
  /** What waits goes out at the end of the turn: a link was adopted, or there is something to say on one. */
  #flush: 'none' | 'due' = 'none'
  #nowMs = 0

  constructor(scene: Scene, node: number, state: Newborn) {
    const { policy } = scene.planOf(node)
    const { session, ...rest } = state
    this.#scene = scene
    this.node = node
    this.uid = state.uid
    this.state = rest
    this.wire = new ModelWire(scene, node, this.state, policy.kind)
    const performer = new ModelPerformer(scene, this)
    const config = {
      policy,
      role: state.role,
      channel: 0,
      self: `${node}`,
      handshakeTimeoutMs: 10,
      yieldMs: 10,
      tentativeMs: 20,
      runs: RUNS,
      acks: ACKS,
      protocol: scene.plan.protocol ?? { capabilities: SMALL },
    }
    this.session = new WatchedSession(config, this.clock, (event) => {
      this.#settleAcked()
      performer.begins(event)
    })
    if (session !== null) this.session.restore(timed(session))
    this.#queued = new Set(this.#queue())
    this.flow = new ModelFlow(scene, this)
    this.links = new ModelLinks(scene, this)
    this.#reactor = new Reactor(this.session, {
      input: () => this.#input(),
      perform: (action) => {
        performer.perform(action)
      },
    })
  }

  isOver(): boolean {
    return this.#life === 'over'
  }

  #queue(): Payload[] {
    return this.session.outbound.lanes.flatMap((lane) => [...lane.queue] as Payload[])
  }

  #input(): Given {
    const { best } = this.session.machine
    // An id is used by a dial. Where epochs begin anew with every session, the number of dials makes it fresh.
    const count = this.wire.frames === undefined ? best.epoch + 1 : this.#scene.used.links + 1
    const freshId = `${this.#scene.instanceOf(this.node)}/${this.uid}.${count}`
    const canDial = this.state.target !== null
    return { nowMs: this.#nowMs, random: 0, freshId, freshLink: this.#scene.freshLink(), canDial }
  }

  save(): DriverState {
    this.tellFailed()
    this.#settleAcked()
    return { ...this.state, session: timeless(this.session.save()) }
  }

  // How messages end.

  #settleAcked(): void {
    this.#settleGone(() => 'acked')
  }

  /** What is in the queue no more, and in no outcome. */
  #settleGone(fateOf: (payload: Payload) => 'acked' | 'dropped' | null): void {
    const left = new Set(this.#queue())
    for (const payload of this.#queued) {
      if (left.has(payload) || this.#scene.ghostOf(payload).fate !== null) continue
      const fate = fateOf(payload)
      if (fate !== null) this.#scene.settle(payload, fate)
    }
  }

  /** The session is over: its control words are, too, and in no outcome. */
  dropWords(): void {
    this.#settleGone(({ kind }) => (kind === 'word' ? 'dropped' : null))
  }

  /** As Returns.tellFailed. */
  tellFailed(): void {
    for (const { message } of this.session.outbound.takeFailed()) this.#scene.settle(message as Payload, 'failed')
  }

  // What happens.

  /** As Turns.post. */
  post(event: SessionEvent, nowMs = 0): void {
    if (this.isOver()) return
    this.#nowMs = nowMs
    this.react(event)
    this.settle()
    if (this.#flush === 'due') this.flow.flush()
    this.#flush = 'none'
    this.#nowMs = 0
  }

  /** Without a turn: there is one under way. */
  react(event: SessionEvent): void {
    this.#reactor.post(event)
  }

  flushLater(): void {
    this.#flush = 'due'
  }

  /** As Turns.turn: what failed is told, and is a closing connection done? */
  settle(): void {
    if (this.isOver()) return
    this.tellFailed()
    const event = this.session.due(false)
    if (event !== null) this.react(event)
  }

  send(payload: Payload): void {
    this.#scene.accept(payload, `${this.#scene.instanceOf(this.node)}/${this.uid}`)
    this.#queued.add(payload)
    if (payload.kind === 'word') this.session.enqueueControl(payload, (queued) => (queued as Payload).kind === 'word')
    else this.session.outbound.enqueue(payload)
    const { name } = this.session.machine.state
    if (name === 'open') this.flow.flush()
    else if (name === 'idle' || name === 'standby') this.post({ type: 'work' })
  }

  close(): void {
    this.state.life = 'closing'
    note(this.#scene.node(this.node), this.uid, { life: 'closing' })
    this.post({ type: 'close', deadlineMs: 100 })
  }

  markDown(): void {
    this.state.life = 'closing'
    const outcome = this.session.abandon()
    this.tellFailed()
    this.dropWords()
    this.#scene.handBack(outcome)
    this.post({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'marked down' })
  }

  /** A bare ack is due. */
  tellEarly(): void {
    this.flow.flush(5)
  }

  /** The connection is over. */
  end(): void {
    this.#life = 'over'
    this.#reactor.complete()
  }
}
