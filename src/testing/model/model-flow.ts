/**
 * What Flow, Inbox and LinkPort do with data around an open session, said again for the model: messages in and out,
 * handlers, acks. The laws about single messages (L1, L3, L7, L9) are held where they happen.
 */
import type { Path } from '../../session/path/path.ts'
import type { Session } from '../../session/session.ts'
import type { HybridClock } from '../../wire/hlc.ts'
import { CONTROL_LANE, InboundMessage } from '../../wire/message.ts'
import type { Failure } from '../../wire/verdict.ts'
import { EVERYTHING, type BatchHeader, type Marks, type WireCapabilities } from '../../wire/wire.ts'
import type { Payload } from './plan.ts'
import type { Scene } from './scene.ts'
import { Stamp, type DataItem, type DriverState, type End, type FailedItem, type Held } from './state.ts'
import { BrokenLaw } from './broken-law.ts'

const EMPTY = new ArrayBuffer(0)
const FAILURE: Failure = { code: 'INK_HANDLER_FAILED', errorCode: null, reason: '' }
/** What the native protocol can do, in small. */
export const SMALL: WireCapabilities = { ...EVERYTHING, batchMax: 2 }

/** What a flow needs of its connection. */
export interface FlowHost {
  readonly node: number
  readonly state: Omit<DriverState, 'session'>
  readonly session: Session
  readonly clock: HybridClock
  /** After anything happened: is a closing connection done? */
  settle(): void
  isOver(): boolean
}

export class ModelFlow {
  readonly #scene: Scene
  readonly #node: number
  readonly #state: FlowHost['state']
  readonly #session: Session
  readonly #clock: HybridClock
  readonly #settle: () => void
  readonly #isOver: () => boolean

  constructor(scene: Scene, host: FlowHost) {
    this.#scene = scene
    this.#node = host.node
    this.#state = host.state
    this.#session = host.session
    this.#clock = host.clock
    this.#settle = () => {
      host.settle()
    }
    this.#isOver = () => host.isOver()
  }

  marks(
    link: number,
    end: End,
    item: { marks: readonly { received: number; processed: number }[]; credit: { messages: number; bytes: number } },
  ): void {
    const path = this.#path
    item.marks.forEach(({ received, processed }, lane) => {
      if (!path.marks(lane, received, processed))
        throw new BrokenLaw(`node ${this.#node} is told impossible marks on link ${link}`)
    })
    if (!this.#hasOneAck) path.sending.grant(item.credit.messages, item.credit.bytes)
    if (end.sink) this.#turn()
  }

  verdicts(link: number, end: End, { first, verdicts, taken }: FailedItem): void {
    if (!this.#path.judge(first, verdicts, taken, 0))
      throw new BrokenLaw(`L10: node ${this.#node} is told impossible verdicts on link ${link}`)
    if (end.sink) this.#turn()
  }

  data(link: number, end: End, item: DataItem): void {
    const { lane, firstSeq, received, processed, ackNow, stamp, messages } = item
    const count = messages.length
    const header: BatchHeader = {
      lane,
      firstSeq,
      count,
      received,
      processed,
      stampMs: 0,
      stampCounter: stamp.counter,
      ackNow,
    }
    this.#withClock(() => {
      const skip = this.#path.batch(header, 0)
      if (skip < 0)
        throw new BrokenLaw(`L1: node ${this.#node} refuses a run on link ${link}: a gap, or impossible marks`)
      if (this.#clock.counter <= stamp.counter) throw new BrokenLaw('HLC: the clock is not past what was received')
      if (item.chunkLength > 0) {
        this.#onChunk(end, item, skip > 0)
        return
      }
      this.#leave(end, lane, firstSeq)
      messages.forEach((payload, index) => this.#onWhole(payload, firstSeq + index, lane, index < skip))
    })
    if (!this.#isOver()) this.#turn()
  }

  #onWhole(payload: Payload, seq: number, lane: number, skipped: boolean): void {
    if (!this.#path.admit(payload.bytes, skipped))
      throw new BrokenLaw(`L9: node ${this.#node} refuses ${payload.label}: past the credit that it gave`)
    if (!skipped) this.#deliver(payload, seq, lane)
  }

  #onChunk(end: End, item: DataItem, skipped: boolean): void {
    const payload = item.messages[0] as Payload
    const { lane, firstSeq: seq, chunkOffset, chunkLength } = item
    if (chunkOffset === 0) this.#leave(end, lane, seq)
    const begun = end.assembling[lane] ?? null
    if (
      (begun === null) !== (chunkOffset === 0) ||
      (begun !== null && (begun.payload !== payload || begun.filledBytes !== chunkOffset))
    ) {
      throw new BrokenLaw(`L1: a chunk of ${payload.label} at ${chunkOffset} does not continue what is there`)
    }
    if (begun === null && !this.#path.admit(payload.bytes, skipped))
      throw new BrokenLaw(`L9: node ${this.#node} refuses ${payload.label}: past the credit that it gave`)
    const assembly = { payload, seq, skipped: begun?.skipped ?? skipped, filledBytes: chunkOffset + chunkLength }
    end.assembling[lane] = assembly.filledBytes < payload.bytes ? assembly : null
    if (assembly.filledBytes === payload.bytes && !assembly.skipped) this.#deliver(payload, seq, lane)
  }

  /** As the decoder: a message begins, and may leave one unfinished that is here already. */
  #leave(end: End, lane: number, seq: number): void {
    const unfinished = end.assembling[lane] ?? null
    if (unfinished === null) return
    if (!unfinished.skipped || seq <= unfinished.seq)
      throw new BrokenLaw(`L1: message ${seq} begins, but ${unfinished.payload.label} is not whole`)
    end.assembling[lane] = null
  }

  inboundOf(held: Pick<Held, 'payload' | 'seq' | 'lane' | 'generation'>): InboundMessage {
    const { payload, seq, lane, generation } = held
    const message = new InboundMessage(0, 0, payload.priority, 0, seq, lane, 0, 0, EMPTY, 0, payload.bytes, 0, 0)
    message.generation = generation
    return message
  }

  #deliver(payload: Payload, seq: number, lane: number): void {
    const { policy } = this.#session.config
    const ghost = this.#scene.ghostOf(payload)
    const isWord = lane === CONTROL_LANE
    const once = isWord || policy.onReset === 'hand-back'
    if (ghost.delivered && once) throw new BrokenLaw(`L1: ${payload.label} arrives twice`)
    const row = this.#scene.ghostEntries(payload.sender)
    row.forEach((entry, index) => {
      const rest = this.#scene.payload(payload.sender, index)
      if (rest.priority !== payload.priority || entry.via !== ghost.via) return
      if ((rest.kind === 'word') !== isWord) return
      if (once && entry.delivered && index > payload.index)
        throw new BrokenLaw(`L1: ${payload.label} arrives after ${rest.label}`)
      if (policy.kind === 'lossy' && !entry.delivered && index < payload.index)
        throw new BrokenLaw(`L3: ${payload.label} arrives without ${rest.label}`)
    })
    this.#scene.mark(payload, { delivered: true })
    const message = this.inboundOf({ payload, seq, lane, generation: 0 })
    this.#path.complete(message, 0)
    if (isWord) {
      // Its service has done with it in this turn.
      this.#scene.mark(payload, { finished: true })
      this.#session.finish(message, 0)
      return
    }
    this.#state.inbox.push({ payload, seq, lane, generation: message.generation, running: false })
  }

  // Handlers and flushes.

  #turn(): void {
    this.#runHandlers()
    this.#settle()
    if (this.#isOver()) return
    const { outbound, path } = this.#session
    const owes = path !== null && (path.acks.isDueNow || path.owesPart || path.verdicts.owes)
    if (outbound.hasWork || owes) this.flush()
  }

  #runHandlers(): void {
    const { concurrency } = this.#scene.planOf(this.#node)
    if (concurrency === 0) {
      while (this.#state.inbox.length > 0 && !this.#isOver()) this.finishHandler(0)
      return
    }
    let running = this.#state.inbox.filter((held) => held.running).length
    this.#state.inbox = this.#state.inbox.map((held) =>
      held.running || running++ >= concurrency ? held : { ...held, running: true },
    )
  }

  finishHandler(index: number): void {
    const [held] = this.#state.inbox.splice(index, 1)
    if (held === undefined) return
    this.#scene.mark(held.payload, { finished: true })
    const failure = held.payload.kind === 'failing' ? FAILURE : undefined
    if (this.#session.finish(this.inboundOf(held), 0, failure)) this.flush()
    if (this.#state.life === 'closing') this.#settle()
    if (this.#scene.planOf(this.#node).concurrency > 0) this.#runHandlers()
  }

  flush(nowMs = 0): void {
    const { path, config } = this.#session
    if (path === null) return
    const { link } = path
    const end = this.#scene.endOf(link, this.#node, this.#state.uid)
    if (end === null || !end.sink || this.#isBlocked(link, end)) return
    this.writeVerdicts(link, end, path)
    if (path.receiving.worthTelling) this.writeAck(link, end, path)
    this.#withClock(() => {
      const next = () => (this.#isBlocked(link, end) ? null : path.next(0, 0, 0))
      for (let run = next(); run !== null; run = next()) {
        const { header, lane, index, count, chunkOffset, chunkLength } = run
        const messages = Array.from({ length: count }, (_, at) => lane.queue.at(index + at) as Payload)
        const { firstSeq, ackNow, stampCounter } = header
        this.#scene.write(link, end, {
          type: 'data',
          lane: header.lane,
          firstSeq,
          ...this.#wired(header),
          ackNow,
          stamp: new Stamp(stampCounter),
          messages,
          chunkOffset,
          chunkLength,
        })
        const last = firstSeq + count - 1
        if (this.#hasOneAck && config.policy.kind === 'lossy') path.marks(0, last, last)
      }
    })
    for (let part = path.tellPart(); part !== null; part = path.tellPart()) {
      this.writeAck(link, end, path)
      this.#scene.write(link, end, { type: 'end', ...part })
    }
    if (path.owesAck(nowMs)) this.writeAck(link, end, path)
  }

  /** The link takes no more now; when something of it has arrived, it asks. */
  #isBlocked(link: number, end: End): boolean {
    const { linkRuns = Infinity, narrowFrom = 0 } = this.#scene.plan
    return link >= narrowFrom && end.out.filter(({ type }) => type === 'data').length >= linkRuns
  }

  /** As encodeVerdicts. */
  writeVerdicts(link: number, end: End, path: Path): void {
    while (path.verdicts.owes) this.#scene.write(link, end, { type: 'failed', ...path.verdicts.tell() })
  }

  writeAck(link: number, end: End, path: Path, more = this.#session.givesCredit): void {
    const marks = path.tellMarks().map((mark) => this.#wired(mark))
    this.#scene.write(link, end, { type: 'ack', marks, credit: path.tellCredit(more) })
  }

  /** Only the end that has a sink is read. */
  get #path(): Path {
    return this.#session.path as Path
  }

  get #hasOneAck(): boolean {
    return this.#scene.plan.protocol?.frames !== undefined
  }

  /** One ack says "handled"; a lossy session has none. */
  #wired({ received, processed }: Marks): Marks {
    if (!this.#hasOneAck) return { received, processed }
    const handled = this.#session.config.policy.kind === 'lossy' ? 0 : processed
    return { received: handled, processed: handled }
  }

  /** The node's clock is one for all of its connections. */
  #withClock(act: () => void): void {
    const node = this.#scene.node(this.#node)
    if (this.#clock.counter < node.clock.counter) this.#clock.merge(0, node.clock.counter - 1, 0)
    act()
    node.clock = new Stamp(this.#clock.counter)
  }
}
