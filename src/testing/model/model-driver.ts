/**
 * What Driver, Flow, LinkPort and Messenger do around a session, said again for the model: without bytes, timers or
 * callbacks, but in the same order. The Session and the HybridClock inside are the real ones.
 *
 * Time stands still at 0. Deadlines fire when the checker says so; afterwards all waits are set back, because only their
 * order matters and the checker tries every order. When messenger/performer.ts, turns.ts or flow.ts changes, this follows.
 */
import { isVoid } from '../../session/action.ts'
import type { Action } from '../../session/action.ts'
import type { SessionEvent } from '../../session/machine.ts'
import { Session } from '../../session/session.ts'
import type { SavedSession } from '../../session/session.ts'
import { EPOCH_MAX } from '../../wire/wire.ts'
import type { Identity, SessionAnswer, SessionOffer } from '../../wire/wire.ts'
import { HybridClock } from '../../wire/hlc.ts'
import { Ended } from './ended.ts'
import { ModelFlow, SMALL } from './model-flow.ts'
import type { Scene } from './scene.ts'
import { timed, timeless } from './timeless.ts'
import { bury, identityOf, lookup, note } from './table.ts'
import { BrokenLaw } from './broken-law.ts'
import { NOBODY, STRANGER } from './state.ts'
import type { DriverState, End, Heard, Item, ModelFrames, Payload } from './state.ts'

const RUNS = { batchMessages: 2, batchBytes: 2, chunkBytes: 2 }
const ACKS = { ackDelayMs: 5, ackEveryMessages: 1, ackEveryBytes: 1 << 20 }

type Opened = Extract<Item, { type: 'opened' }>
type Newborn = Omit<DriverState, 'session'> & { readonly session: SavedSession | null }

export class ModelDriver {
  readonly #scene: Scene
  readonly node: number
  readonly uid: number
  readonly state: Omit<DriverState, 'session'>
  readonly session: Session
  readonly clock = new HybridClock(Infinity)
  readonly flow: ModelFlow
  /** What its queues held when the step began, and got since: what is gone without an outcome was acked. */
  readonly #queued: Set<Payload>
  readonly #waiting: SessionEvent[] = []
  #reacting = false
  #closed = false
  /** A link was adopted: what waits goes out at the end of the turn. */
  #flushLater = false
  #nowMs = 0
  /** The link that both sides have ended; null: none is left so now. */
  #ended: Ended | null = null
  /** The offer that is decided about. */
  #heard: SessionOffer | null = null

  constructor(scene: Scene, node: number, state: Newborn) {
    const { policy } = scene.planOf(node)
    const { session, ...rest } = state
    this.#scene = scene
    this.node = node
    this.uid = state.uid
    this.state = rest
    this.session = new Session(
      {
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
      },
      this.clock,
    )
    if (session !== null) this.session.restore(timed(session))
    this.#queued = new Set(this.#queue())
    this.flow = new ModelFlow(scene, this)
  }

  isOver(): boolean {
    return this.#closed
  }

  #queue(): Payload[] {
    return this.session.outbound.lanes.flatMap((lane) => [...lane.queue] as Payload[])
  }

  save(): DriverState {
    this.#settleAcked()
    return { ...this.state, session: timeless(this.session.save()) }
  }

  #settleAcked(): void {
    const left = new Set(this.#queue())
    for (const payload of this.#queued) {
      if (!left.has(payload) && this.#scene.ghostOf(payload).fate === null) this.#scene.settle(payload, 'acked')
    }
  }

  // What happens.

  /** As Reactor.post and Driver.post. */
  post(event: SessionEvent, nowMs = 0): void {
    if (this.#closed) return
    this.#nowMs = nowMs
    this.#react(event)
    this.settle()
    if (this.#flushLater) this.flow.flush()
    this.#flushLater = false
    this.#nowMs = 0
  }

  #react(event: SessionEvent): void {
    this.#waiting.push(event)
    if (this.#reacting) return
    this.#reacting = true
    for (let next = this.#waiting.shift(); next !== undefined && !this.#closed; next = this.#waiting.shift()) {
      const { best } = this.session.machine
      // An id is used by a dial. Where epochs begin anew with every session, the number of dials makes it fresh.
      const count = this.#frames === undefined ? best.epoch + 1 : this.#scene.used.links + 1
      const freshId = `${this.#scene.instanceOf(this.node)}/${this.uid}.${count}`
      const canDial = this.state.target !== null
      const input = { nowMs: this.#nowMs, random: 0, freshId, freshLink: this.#scene.freshLink(), canDial }
      this.#ended = next.type === 'parted' ? new Ended(this.session) : null
      for (const action of this.session.handle(next, input)) if (!isVoid(action, this.#waiting)) this.#perform(action)
    }
    this.#reacting = false
  }

  /** As Driver.settle: is a closing connection done? */
  settle(): void {
    const event = this.#closed ? null : this.session.due(false)
    if (event !== null) this.#react(event)
  }

  send(payload: Payload): void {
    this.#scene.accept(payload, `${this.#scene.instanceOf(this.node)}/${this.uid}`)
    this.session.outbound.enqueue(payload)
    this.#queued.add(payload)
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
    this.#scene.handBack(this.session.abandon())
    this.post({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'marked down' })
  }

  /** A bare ack is due. */
  tellEarly(): void {
    this.flow.flush(5)
  }

  // What the session wants done.

  #perform(action: Action): void {
    const end = 'link' in action ? this.#scene.endOf(action.link, this.node, this.uid) : null
    switch (action.type) {
      case 'dial':
        this.#dial(action.link, action.offer)
        break
      case 'answer':
        if (end) this.#answer(action.link, end, action.answer)
        break
      case 'again':
        if (end) this.#askAgain(action.link, end, action.say)
        break
      case 'confirm':
        if (end && this.#isConfirmed)
          this.#scene.write(action.link, end, {
            type: 'confirm',
            ...(action.marks !== null && { marks: action.marks }),
          })
        break
      case 'part':
        this.#flushLater = true
        break
      case 'yield':
        if (end) this.#scene.write(action.link, end, { type: 'yield', epoch: action.epoch })
        if (end) this.#scene.shut(action.link, end, false, false)
        break
      case 'reject':
        if (end && this.#frames === undefined)
          this.#scene.write(action.link, end, {
            type: 'reject',
            code: action.code === 'INK_REFUSED' ? 'INK_REFUSED' : 'INK_INTERNAL',
          })
        if (end) this.#scene.shut(action.link, end, false, false)
        break
      case 'goodbye':
        if (end) this.#goodbye(action, end)
        break
      case 'drop':
        if (end) this.#scene.shut(action.link, end, false, true)
        break
      case 'replaced':
        bury(this.#scene.node(this.node), this.uid, action.instance)
        break
      case 'adopt':
        this.#adopt(action.link, end)
        break
      case 'begun':
        this.#ended?.check(this.node)
        break
      case 'displace':
        this.#displace()
        break
      case 'remoteReset':
        this.#lawful(action.reason)
        this.#clearInbox()
        this.#scene.handBack(action.outcome)
        break
      case 'closed':
        this.#end(action)
        break
    }
  }

  get #frames(): ModelFrames | undefined {
    return this.#scene.plan.protocol?.frames
  }

  /** The dialler says when it adopts a link. Else an answered link is the session's at once. */
  get #isConfirmed(): boolean {
    return this.#frames?.awaitsSign(this.session.config.policy.kind) ?? true
  }

  #answer(link: number, end: End, answer: SessionAnswer): void {
    const instance = this.#scene.instanceOf(this.node)
    if (this.#frames === undefined || this.#heard === null) {
      this.#scene.write(link, end, { type: 'opened', instance, answer })
      return
    }
    // As SERVER_IDENT does: above our dials so far, below the next.
    const attempt = 2 * this.#scene.used.links + 1
    this.#scene.write(link, end, { type: 'opened', instance, answer, asked: this.#heard, attempt })
    for (const driver of this.#scene.driversOf(this.node)) {
      if (driver.state.pending === this.#heard.fresh) driver.state.pending = null
    }
    this.#hear(end, this.#frames.attemptOf(this.#heard))
    if (!this.#isConfirmed) this.#react({ type: 'confirmed', link })
  }

  #hear(end: End, attempt: number): void {
    if (this.session.config.policy.kind !== 'lossy') this.#scene.hear(this.node, end.peer ?? '', attempt)
  }

  #ask(offer: SessionOffer): SessionOffer {
    const asked = this.#frames?.ask(offer, 2 * this.#scene.used.links, this.state.pending ?? null) ?? offer
    if (this.#frames !== undefined) this.#remember(asked)
    return asked
  }

  /** A session that does not exist yet is asked for by the same name until it is answered. */
  #remember(asked: SessionOffer): void {
    this.state.pending = asked.resume.length === 0 && asked.policy !== 'lossy' ? asked.fresh : null
  }

  #dial(link: number, offer: SessionOffer): void {
    const { target } = this.state
    if (target === null) {
      this.#react({ type: 'fault', link, reason: 'no address' })
      return
    }
    if (offer.ballot.epoch > EPOCH_MAX)
      throw new BrokenLaw(`node ${this.node} dials with epoch ${offer.ballot.epoch}, which nobody takes`)
    const made = this.#scene.addLink(link, this.node, this.uid, target)
    if (this.#scene.planOf(target).address === 'open') {
      this.#scene.write(link, made.ends[0], {
        type: 'offer',
        instance: this.#scene.instanceOf(this.node),
        offer: this.#ask(offer),
      })
      return
    }
    made.ends[1].ended = true
    made.ends[1].owner = NOBODY
    made.ends[1].out = [{ type: 'fin' }]
  }

  /** The link belongs to nobody again, until its dialler offers anew. */
  #askAgain(link: number, end: End, say: unknown): void {
    if (this.#heard === null) throw new BrokenLaw('a dialler is asked again that offered nothing')
    this.#scene.write(link, end, { type: 'again', say, offer: this.#heard })
    end.owner = STRANGER
    end.since = []
  }

  #goodbye({ link, path }: Extract<Action, { type: 'goodbye' }>, end: End): void {
    if (path !== null) this.flow.writeAck(link, end, path, false)
    if (this.#frames === undefined) this.#scene.write(link, end, { type: 'goodbye' })
    this.#scene.shut(link, end, true, false)
  }

  #adopt(link: number, end: End | null): void {
    if (end === null || end.peer === null) return
    const peer = identityOf(this.#scene.plan, end.peer)
    const endpoint = this.#scene.endpoint(this.node)
    if (this.session.config.policy.kind !== 'lossy' && endpoint.isGone(peer))
      throw new BrokenLaw(`L8: node ${this.node} adopts a link of ${end.peer}, which was replaced`)
    endpoint.adopt(this.uid, peer)
    this.state.shown = true
    this.#flushLater = true
    // Only the adopted link has a sink.
    for (const id of this.#scene.linksOf(this.node, this.uid)) {
      const mine = this.#scene.endOf(id, this.node, this.uid)
      if (mine) mine.sink = id === link
    }
  }

  #displace(): void {
    const over = this.#scene.endpoint(this.node).displaced(this.uid)
    if (over === undefined) return
    const reset = { type: 'markDown', cause: 'fault', code: 'INK_RESET', reason: 'dialled again' } as const
    this.#scene.driver(this.node, over).post(reset)
  }

  #end(action: Extract<Action, { type: 'closed' }>): void {
    // Whoever was refused before it had a session has lost none.
    const stillborn = action.cause === 'refused' && !this.state.shown
    if (this.session.config.policy.kind !== 'lossy' && action.cause !== 'local' && !stillborn)
      this.#lawful(`${action.code}: ${action.reason}`)
    this.#closed = true
    for (const link of this.#scene.linksOf(this.node, this.uid)) {
      const end = this.#scene.endOf(link, this.node, this.uid)
      if (end) this.#scene.shut(link, end, false, true)
    }
    this.#clearInbox()
    this.#scene.handBack(action.outcome)
    this.#settleAcked()
    this.#scene.removeDriver(this.node, this.uid)
  }

  /** A lossless session may not end by itself. */
  #lawful(reason: string): void {
    if (this.#scene.disturbed) return
    throw new BrokenLaw(`L2/L4: node ${this.node} loses a session without crash, mark-down, close or expiry: ${reason}`)
  }

  #clearInbox(): void {
    for (const held of this.state.inbox) if (!held.running) this.session.inbound.discard(this.flow.inboundOf(held))
    this.state.inbox = this.state.inbox.filter((held) => held.running)
  }

  // What the links tell.

  onOffer(link: number, end: End, peer: Identity, offer: SessionOffer): void {
    const { instance } = peer
    end.owner = this.uid
    end.peer = instance
    const replaced = this.#scene.endpoint(this.node).isGone(peer)
    const pending = this.#scene.driversOf(this.node).map((driver) => driver.state.pending ?? '')
    const met = this.#frames?.meet(offer, pending, this.#heardSince(end.since)) ?? offer
    end.since = []
    this.#heard = offer
    this.post({ type: 'offer', link, instance, offer: met, replaced })
  }

  #heardSince(since: readonly string[]): Heard {
    const { heard } = this.#scene.node(this.node)
    return (instance) => (since.includes(instance) ? (lookup(heard, instance) ?? null) : null)
  }

  onOpened(link: number, end: End, { instance, answer: said, asked, attempt }: Opened): void {
    const answer = asked === undefined ? said : (this.#frames?.hear(asked, said) ?? said)
    if (asked !== undefined) this.state.pending = null
    end.peer = instance
    // Only SERVER_IDENT has a number.
    if (asked?.resume.length === 0 && attempt !== undefined) this.#hear(end, attempt)
    const peer = identityOf(this.#scene.plan, instance)
    const hasSession = this.session.machine.session !== null
    const heard = this.#scene.endpoint(this.node).disowned(this.uid, hasSession, link, peer, answer)
    if (heard?.event.type === 'fault') this.#lose(link, end)
    else this.post(heard?.event ?? { type: 'opened', link, instance, answer })
  }

  #lose(link: number, end: End): void {
    this.#scene.shut(link, end, false, true)
    this.post({ type: 'fault', link, reason: 'the link is given up' })
  }

  /** As the dialler's wire: the offer was not taken, and is made anew or given up. */
  onAgain(link: number, end: End, offer: SessionOffer, say: unknown): void {
    const next = this.#scene.plan.protocol?.again(offer, say) ?? null
    if (next !== null) {
      if (this.#frames !== undefined) this.#remember(next)
      this.#scene.write(link, end, { type: 'offer', instance: this.#scene.instanceOf(this.node), offer: next })
      return
    }
    this.#lose(link, end)
  }
}
