/** Parts of a session, and links that carry it, one after the other: without a machine. */
import { peer } from '../../../src/policies/peer.ts'
import type { PeerOptions } from '../../../src/policies/peer.ts'
import type { Budget } from '../../../src/policies/policy.ts'
import { Inbound } from '../../../src/session/inbound.ts'
import { OutLane } from '../../../src/session/out-lane.ts'
import type { Unfinished } from '../../../src/session/out-lane.ts'
import { Outbound } from '../../../src/session/outbound.ts'
import { OutCursor } from '../../../src/session/path/out-cursor.ts'
import { Path } from '../../../src/session/path/path.ts'
import type { Run, RunLimits } from '../../../src/session/path/run.ts'
import { Runs } from '../../../src/session/path/runs.ts'
import { SendCredit } from '../../../src/session/path/send-credit.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'
import type { InboundMessage } from '../../../src/wire/message.ts'
import { EVERYTHING } from '../../../src/wire/wire.ts'
import type { Grant, Marks, WireCapabilities } from '../../../src/wire/wire.ts'

const ACKS = { ackDelayMs: 5, ackEveryMessages: 4, ackEveryBytes: 1000 }
const RUNS = { batchMessages: 3, batchBytes: 20, chunkBytes: 8 }
const CAPABILITIES: WireCapabilities = { ...EVERYTHING, batchMax: 100 }
const WIDE: Grant = { window: { messages: 100, bytes: 1000 }, free: { messages: 100, bytes: 1000 } }

/** What a session has received and sends, and the path of now. */
export class Linked {
  readonly inbound: Inbound
  readonly outbound: Outbound
  path: Path
  readonly #keepalive

  constructor(options: PeerOptions = {}, limit: Budget = { messages: 10, bytes: 100 }, highWater = 0.5) {
    const policy = peer({ window: { messages: 8, bytes: 80 }, ...options })
    this.inbound = new Inbound(policy)
    this.outbound = new Outbound(limit, highWater)
    this.#keepalive = policy.keepalive
    this.path = this.#path(WIDE, CAPABILITIES)
    this.path.acks.rest()
  }

  #path(grant: Grant, capabilities: WireCapabilities): Path {
    const { inbound, outbound } = this
    const config = { runs: RUNS, acks: ACKS, policy: { keepalive: this.#keepalive } }
    const carried = { inbound, outbound, clock: new HybridClock(), config }
    const offered = inbound.held.offer().free
    const agreed = { link: 1, capabilities, granted: grant.free, offered, stated: inbound.safeMarks(), nowMs: 0 }
    return new Path(carried, agreed)
  }

  /** Another link carries the session on, from these marks of the peer. False: they are impossible. */
  relink(grant: Grant = WIDE, marks: readonly Marks[] = [], capabilities = CAPABILITIES): boolean {
    this.path.end()
    this.outbound.peerWindow = grant.window
    const isSound = this.outbound.resume(marks)
    this.path = this.#path(grant, capabilities)
    this.path.acks.rest()
    return isSound
  }

  /** A handler is done. True: an ack is due at the end of the turn. */
  finish(message: InboundMessage, nowMs: number): boolean {
    this.inbound.finish(message, this.path.acks, nowMs)
    return this.path.acks.isDueNow
  }
}

/** A lane, and how far the link of now was given it. */
export class LinkedLane extends OutLane {
  #cursor = new OutCursor(this)

  get sent(): number {
    return this.#cursor.sent
  }

  get chunkOffset(): number {
    return this.#cursor.cutBytes
  }

  put(count: number): void {
    this.#cursor.put(count)
  }

  putChunk(bytes: number, total: number): boolean {
    return this.#cursor.putChunk(bytes, total)
  }

  unlink(): void {
    this.#cursor = new OutCursor(this)
  }

  override acknowledge(received: number, processed: number): number {
    const freed = super.acknowledge(received, processed)
    this.#cursor.catchUp()
    return freed
  }

  override resume(received: number): number {
    const replayed = super.resume(received)
    this.unlink()
    return replayed
  }

  override renumber(): void {
    super.renumber()
    this.unlink()
  }
}

/** What is to be sent, and the runs of the link of now. */
export class LinkedOutbound extends Outbound {
  readonly #limits: RunLimits
  readonly #capabilities = { ...CAPABILITIES }
  #credit = new SendCredit({ messages: 0, bytes: 0 })
  #runs: Runs

  constructor(limit: Budget, highWater: number, limits: RunLimits) {
    super(limit, highWater)
    this.#limits = limits
    this.#runs = new Runs(this, this.#credit, limits, this.#capabilities)
  }

  get credit(): SendCredit {
    return this.#credit
  }

  begin(grant: Grant, marks: readonly Marks[]): boolean {
    this.peerWindow = grant.window
    const isSound = this.resume(marks)
    this.#credit = new SendCredit(grant.free)
    this.unlink()
    return isSound
  }

  unlink(): void {
    this.#runs = new Runs(this, this.#credit, this.#limits, this.#capabilities)
  }

  /** `capabilities`: what the link can do from now on. */
  next(capabilities: WireCapabilities, hold: boolean): Run | null {
    Object.assign(this.#capabilities, capabilities)
    return this.#runs.next(hold)
  }

  override acknowledge(lane: number, received: number, processed: number): boolean {
    const isSound = super.acknowledge(lane, received, processed)
    this.#runs.catchUp(lane)
    return isSound
  }

  override renumber(): void {
    super.renumber()
    this.unlink()
  }

  override takeOutcome(): Unfinished {
    const outcome = super.takeOutcome()
    this.unlink()
    return outcome
  }
}
