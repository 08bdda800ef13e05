/**
 * What Driver, Flow, LinkPort and Messenger do around a session, said again for the model: without bytes, timers or
 * callbacks, but in the same order. The Session and the HybridClock inside are the real ones.
 *
 * Time stands still at 0. Deadlines fire when the checker says so; afterwards all waits are set back, because only their
 * order matters and the checker tries every order. When messenger/driver.ts or flow.ts changes, this follows.
 */
import { policiesFit } from '../../policies/compatibility.ts'
import type { SessionEvent } from '../../session/machine.ts'
import { Session } from '../../session/session.ts'
import type { Action, SavedSession } from '../../session/session.ts'
import { InboundMessage } from '../../wire/message.ts'
import type { BatchHeader, SessionAnswer, SessionOffer, WireCapabilities } from '../../wire/wire.ts'
import { HybridClock } from '../../wire/hlc.ts'
import { Violation } from './play.ts'
import type { Play } from './play.ts'
import { timed, timeless } from './timeless.ts'
import { bury, find, identify, lookup } from './table.ts'
import { NOBODY, Stamp } from './state.ts'
import type { DataItem, DriverState, End, Held, Payload } from './state.ts'

const EMPTY = new Uint8Array(0)
const CAPABILITIES: WireCapabilities = { lanes: 3, processedMarks: true, credit: true, batchMax: 2, chunks: true }
const RUNS = { batchMessages: 2, batchBytes: 2, chunkBytes: 2 }
const ACKS = { ackDelayMs: 5, ackEveryMessages: 1, ackEveryBytes: 1 << 20 }

type Newborn = Omit<DriverState, 'session'> & { readonly session: SavedSession | null }

export class ModelDriver {
  readonly #play: Play
  readonly node: number
  readonly uid: number
  readonly state: Omit<DriverState, 'session'>
  readonly session: Session
  readonly #clock: HybridClock
  /** What its queues held when the step began: what is gone without an outcome was acked. */
  readonly #queued: ReadonlySet<Payload>
  readonly #waiting: SessionEvent[] = []
  #reacting = false
  #closed = false
  /** A link was adopted: what waits goes out at the end of the turn. */
  #flushLater = false
  #nowMs = 0

  constructor(play: Play, node: number, state: Newborn) {
    const { policy } = play.planOf(node)
    const { session, ...rest } = state
    this.#play = play
    this.node = node
    this.uid = state.uid
    this.state = rest
    this.#clock = new HybridClock(Infinity)
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
      },
      this.#clock,
    )
    if (session !== null) this.session.restore(timed(session))
    this.#queued = new Set(this.#queue())
  }

  /** True for what the application may send on. */
  get sendable(): boolean {
    return !this.#closed && this.state.life === 'running' && this.state.shown
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
      if (!left.has(payload) && this.#play.ghostOf(payload).fate === null) this.#play.settle(payload, 'acked')
    }
  }

  // What happens.

  /** As Reactor.post and Driver.post. */
  post(event: SessionEvent, nowMs = 0): void {
    if (this.#closed) return
    this.#nowMs = nowMs
    this.#react(event)
    this.#settle()
    if (this.#flushLater) this.flush()
    this.#flushLater = false
    this.#nowMs = 0
  }

  #react(event: SessionEvent): void {
    this.#waiting.push(event)
    if (this.#reacting) return
    this.#reacting = true
    for (let next = this.#waiting.shift(); next !== undefined && !this.#closed; next = this.#waiting.shift()) {
      const { best } = this.session.machine
      const freshId = `${this.#play.instanceOf(this.node)}/${this.uid}.${best.epoch + 1}`
      const input = { nowMs: this.#nowMs, random: 0, freshId, freshLink: this.#play.freshLink() }
      for (const action of this.session.handle(next, input)) this.#perform(action)
    }
    this.#reacting = false
  }

  #settle(): void {
    if (this.#closed) return
    const { machine } = this.session
    if (machine.life.name === 'closing' && machine.state.name !== 'draining' && !this.session.hasWork) this.#react({ type: 'drained' })
  }

  send(payload: Payload): void {
    this.#play.accept(payload, `${this.#play.instanceOf(this.node)}/${this.uid}`)
    this.session.enqueue(payload)
    const { name } = this.session.machine.state
    if (name === 'open') this.flush()
    else if (name === 'idle' || name === 'standby') this.post({ type: 'work' })
  }

  close(): void {
    this.state.life = 'closing'
    this.post({ type: 'close', deadlineMs: 100 })
  }

  markDown(): void {
    this.state.life = 'closing'
    this.#play.handBack(this.session.outbound.takeOutcome())
    this.post({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'marked down' })
  }

  /** A bare ack is due. */
  tellEarly(): void {
    this.#flush(5)
  }

  // What the session wants done.

  #perform(action: Action): void {
    const end = 'link' in action ? this.#play.endOf(action.link, this.node, this.uid) : null
    switch (action.type) {
      case 'dial':
        this.#dial(action.link, action.offer)
        break
      case 'answer':
        if (end) this.#play.write(action.link, end, { type: 'opened', instance: this.#play.instanceOf(this.node), answer: action.answer })
        break
      case 'confirm':
        if (end) this.#play.write(action.link, end, { type: 'confirm' })
        break
      case 'yield':
        if (end) this.#play.write(action.link, end, { type: 'yield', epoch: action.epoch })
        if (end) this.#play.shut(action.link, end, false, false)
        break
      case 'reject':
        if (end) this.#play.write(action.link, end, { type: 'reject', code: action.code === 'INK_REFUSED' ? 'INK_REFUSED' : 'INK_INTERNAL' })
        if (end) this.#play.shut(action.link, end, false, false)
        break
      case 'goodbye':
        if (end) this.#goodbye(action.link, end)
        break
      case 'drop':
        if (end) this.#play.shut(action.link, end, false, true)
        break
      case 'replaced':
        bury(this.#play.node(this.node), action.instance)
        break
      case 'adopt':
        this.#adopt(action.link, end)
        break
      case 'remoteReset':
        this.#lawful(action.reason)
        this.#clearInbox()
        this.#play.handBack(action.outcome)
        break
      case 'closed':
        this.#end(action)
        break
    }
  }

  #dial(link: number, offer: SessionOffer): void {
    const { target } = this.state
    if (target === null) {
      this.#react({ type: 'fault', link, reason: 'no address' })
      return
    }
    const made = this.#play.addLink(link, this.node, this.uid, target)
    if (this.#play.planOf(target).address === 'open') {
      this.#play.write(link, made.ends[0], { type: 'offer', instance: this.#play.instanceOf(this.node), offer })
      return
    }
    made.ends[1].ended = true
    made.ends[1].owner = NOBODY
    made.ends[1].out = [{ type: 'fin' }]
  }

  #goodbye(link: number, end: End): void {
    this.#writeAck(link, end)
    this.#play.write(link, end, { type: 'goodbye' })
    this.#play.shut(link, end, true, false)
  }

  #adopt(link: number, end: End | null): void {
    if (end === null || end.peer === null) return
    const node = this.#play.node(this.node)
    const lossy = this.session.config.policy.kind === 'lossy'
    const peerNode = Number(end.peer.split('#')[0])
    const { name } = this.#play.planOf(peerNode)
    const otherUid = lossy ? lookup(node.table.byInstance, end.peer) : lookup(node.table.byName, name)
    if (!lossy && node.gone.includes(end.peer)) throw new Violation(`L8: node ${this.node} adopts a link of ${end.peer}, which was replaced`)
    identify(node, this.uid, end.peer, lossy ? null : name, this.#play.planOf(peerNode).address === 'none' ? null : peerNode)
    this.state.shown = true
    this.#flushLater = true
    // Only the adopted link has a sink.
    for (const id of this.#play.linksOf(this.node, this.uid)) {
      const mine = this.#play.endOf(id, this.node, this.uid)
      if (mine) mine.sink = id === link
    }
    if (otherUid === undefined || otherUid === this.uid) return
    const rival = this.#play.driver(this.node, otherUid)
    if (!lossy) rival.post({ type: 'markDown', cause: 'fault', code: 'INK_TAKEN_OVER', reason: 'another instance took over' })
    else if (this.state.role === 'responder' && rival.state.role === 'responder') rival.post({ type: 'markDown', cause: 'fault', code: 'INK_RESET', reason: 'dialled again' })
  }

  #end(action: Extract<Action, { type: 'closed' }>): void {
    if (this.session.config.policy.kind !== 'lossy' && action.cause !== 'local') this.#lawful(`${action.code}: ${action.reason}`)
    this.#closed = true
    for (const link of this.#play.linksOf(this.node, this.uid)) {
      const end = this.#play.endOf(link, this.node, this.uid)
      if (end) this.#play.shut(link, end, false, true)
    }
    this.#clearInbox()
    this.#play.handBack(action.outcome)
    this.#settleAcked()
    this.#play.removeDriver(this.node, this.uid)
  }

  /** A lossless session may not end by itself. */
  #lawful(reason: string): void {
    if (this.#play.disturbed) return
    throw new Violation(`L2/L4: node ${this.node} loses a session without crash, mark-down, close or expiry: ${reason}`)
  }

  #clearInbox(): void {
    for (const held of this.state.inbox) if (!held.running) this.session.inbound.discard(this.#inboundOf(held))
    this.state.inbox = this.state.inbox.filter((held) => held.running)
  }

  // What the links tell.

  onOffer(link: number, end: End, instance: string, offer: SessionOffer): void {
    end.owner = this.uid
    end.peer = instance
    const replaced = this.#play.node(this.node).gone.includes(instance)
    this.post({ type: 'offer', link, instance, offer, replaced })
  }

  onOpened(link: number, end: End, instance: string, answer: SessionAnswer): void {
    const { policy } = this.session.config
    const node = this.#play.node(this.node)
    end.peer = instance
    const twin = policy.kind === 'lossy' ? undefined : lookup(node.table.byInstance, instance)
    if (!policiesFit(policy.kind, answer.policy)) this.#refuse(link)
    else if (node.gone.includes(instance) || (twin !== undefined && twin !== this.uid)) this.#refuse(link)
    else this.post({ type: 'opened', link, instance, answer })
  }

  #refuse(link: number): void {
    this.post({ type: 'rejected', link, code: 'INK_INTERNAL', reason: 'refused' })
  }

  lose(link: number, end: End, reason: string): void {
    this.#play.shut(link, end, false, true)
    this.post({ type: 'fault', link, reason })
  }

  onMarks(link: number, end: End, item: { marks: readonly { received: number; processed: number }[]; credit: { messages: number; bytes: number } }): void {
    item.marks.forEach(({ received, processed }, lane) => {
      if (!this.session.marks(lane, received, processed)) throw new Violation(`node ${this.node} is told impossible marks on link ${link}`)
    })
    this.session.outbound.credit.grant(item.credit.messages, item.credit.bytes)
    if (end.sink) this.#turn()
  }

  onData(link: number, end: End, item: DataItem): void {
    const { lane, firstSeq, received, processed, ackNow, stamp, messages } = item
    const count = messages.length
    const header: BatchHeader = { lane, firstSeq, count, received, processed, stampMs: 0, stampCounter: stamp.counter, ackNow }
    this.#withClock(() => {
      const skip = this.session.batch(header, 0)
      if (skip < 0) throw new Violation(`L1: node ${this.node} refuses a run on link ${link}: a gap, or impossible marks`)
      if (this.#clock.counter <= stamp.counter) throw new Violation('HLC: the clock is not past what was received')
      if (item.chunkLength > 0) this.#onChunk(end, item, skip > 0)
      else messages.forEach((payload, index) => this.#onWhole(payload, firstSeq + index, lane, index < skip))
    })
    if (!this.#closed) this.#turn()
  }

  #onWhole(payload: Payload, seq: number, lane: number, skipped: boolean): void {
    if (!this.session.admit(payload.bytes, skipped)) throw new Violation(`L9: node ${this.node} refuses ${payload}: past the credit that it gave`)
    if (!skipped) this.#deliver(payload, seq, lane)
  }

  #onChunk(end: End, item: DataItem, skipped: boolean): void {
    const payload = item.messages[0] as Payload
    const { lane, firstSeq: seq, chunkOffset, chunkLength } = item
    const begun = end.assembling[lane] ?? null
    if ((begun === null) !== (chunkOffset === 0) || (begun !== null && (begun.payload !== payload || begun.filledBytes !== chunkOffset))) {
      throw new Violation(`L1: a chunk of ${payload} at ${chunkOffset} does not continue what is there`)
    }
    if (begun === null && !this.session.admit(payload.bytes, skipped)) throw new Violation(`L9: node ${this.node} refuses ${payload}: past the credit that it gave`)
    const assembly = { payload, seq, skipped: begun?.skipped ?? skipped, filledBytes: chunkOffset + chunkLength }
    end.assembling[lane] = assembly.filledBytes < payload.bytes ? assembly : null
    if (assembly.filledBytes === payload.bytes && !assembly.skipped) this.#deliver(payload, seq, lane)
  }

  #inboundOf(held: Pick<Held, 'payload' | 'seq' | 'lane' | 'generation'>): InboundMessage {
    const { payload, seq, lane, generation } = held
    const message = new InboundMessage(0, 0, payload.priority, 0, seq, lane, 0, 0, EMPTY, 0, payload.bytes, 0, 0)
    message.generation = generation
    return message
  }

  #deliver(payload: Payload, seq: number, lane: number): void {
    const { policy } = this.session.config
    const ghost = this.#play.ghostOf(payload)
    if (ghost.delivered && policy.onReset === 'hand-back') throw new Violation(`L1: ${payload} arrives twice`)
    const row = this.#play.ghostEntries(payload.sender)
    row.forEach((entry, index) => {
      const rest = this.#play.payload(payload.sender, index)
      if (rest.priority !== payload.priority || entry.via !== ghost.via) return
      if (policy.onReset === 'hand-back' && entry.delivered && index > payload.index) throw new Violation(`L1: ${payload} arrives after ${rest}`)
      if (policy.kind === 'lossy' && !entry.delivered && index < payload.index) throw new Violation(`L3: ${payload} arrives without ${rest}`)
    })
    this.#play.mark(payload, { delivered: true })
    const message = this.#inboundOf({ payload, seq, lane, generation: 0 })
    this.session.complete(message, 0)
    this.state.inbox.push({ payload, seq, lane, generation: message.generation, running: false })
  }

  // Handlers and flushes.

  #turn(): void {
    this.#runHandlers()
    this.#settle()
    if (this.#closed) return
    const { outbound, inbound } = this.session
    if (outbound.messages > 0 || inbound.ackDueMs === -Infinity) this.flush()
  }

  #runHandlers(): void {
    const { concurrency } = this.#play.planOf(this.node)
    if (concurrency === 0) {
      while (this.state.inbox.length > 0 && !this.#closed) this.finishHandler(0)
      return
    }
    let running = this.state.inbox.filter((held) => held.running).length
    this.state.inbox = this.state.inbox.map((held) => (held.running || running++ >= concurrency ? held : { ...held, running: true }))
  }

  finishHandler(index: number): void {
    const [held] = this.state.inbox.splice(index, 1)
    if (held === undefined) return
    this.#play.mark(held.payload, { finished: true })
    if (this.session.finish(this.#inboundOf(held), 0)) this.flush()
    if (this.state.life === 'closing') this.#settle()
    if (this.#play.planOf(this.node).concurrency > 0) this.#runHandlers()
  }

  flush(): void {
    this.#flush(0)
  }

  #flush(nowMs: number): void {
    const link = this.session.openLink
    const end = link < 0 ? null : this.#play.endOf(link, this.node, this.uid)
    if (end === null || !end.sink) return
    const { session } = this
    if (session.inbound.credit.worthTelling) this.#writeAck(link, end)
    this.#withClock(() => {
      for (let run = session.next(CAPABILITIES, 0); run !== null; run = session.next(CAPABILITIES, 0)) {
        const { header, lane, index, count, chunkOffset, chunkLength } = run
        const messages = Array.from({ length: count }, (_, at) => lane.queue.at(index + at) as Payload)
        const { firstSeq, received, processed, ackNow, stampCounter } = header
        this.#play.write(link, end, {
          type: 'data', lane: header.lane, firstSeq, received, processed, ackNow, stamp: new Stamp(stampCounter), messages, chunkOffset, chunkLength,
        })
      }
    })
    if (session.inbound.ackIsDue(nowMs)) this.#writeAck(link, end)
  }

  #writeAck(link: number, end: End): void {
    const { inbound } = this.session
    this.#play.write(link, end, { type: 'ack', marks: inbound.marks(), credit: inbound.credit.tell() })
    for (const lane of inbound.lanes) lane.tell()
    inbound.told()
  }

  /** The node's clock is one for all of its connections. */
  #withClock(act: () => void): void {
    const node = this.#play.node(this.node)
    if (this.#clock.counter < node.clock.counter) this.#clock.merge(0, node.clock.counter - 1, 0)
    act()
    node.clock = new Stamp(this.#clock.counter)
  }
}

/** An arriving link finds its connection, or gets one; see Messenger. */
export function route(play: Play, link: number, end: End, instance: string, offer: SessionOffer): void {
  const index = end.node
  const { policy } = play.planOf(index)
  const peerNode = Number(instance.split('#')[0])
  const { name, address } = play.planOf(peerNode)
  const told = address === 'none' ? null : peerNode
  const existing = policy.kind === 'lossy' ? undefined : find(play.node(index), instance, name, told)
  if (existing !== undefined) {
    play.driver(index, existing).onOffer(link, end, instance, offer)
    return
  }
  const driver = play.addDriver(index, 'responder', told)
  if (policy.kind !== 'lossy') identify(play.node(index), driver.uid, instance, name, told)
  driver.onOffer(link, end, instance, offer)
}
