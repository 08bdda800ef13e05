/**
 * The orderer of the sequencer: puts what the members hand over into one order, in turn, as far as the window goes.
 *
 * Two marks come from each member: what it has received, whose minimum is `stable`, and what its application has consumed, whose
 * minimum the window goes by. So a slow reader holds up the senders, never SAFE delivery of what is ordered. Limits: per member
 * `senderEntries` and `senderBytes` wait here (more is a fault), `windowEntries` and `windowBytes` are ordered and unconsumed.
 */
import { Deque } from '../../common/deque.ts'
import { GROUPS, type GroupLimits } from './limits.ts'
import type { Orderer, OrdererHost, StreamFault, StreamWord } from './orderer.ts'
import type { Entry, GroupWord, MemberId } from './terms.ts'
import { ViewLog, batches, costOf } from './view-log.ts'

/** What a member says of itself. */
interface Standing {
  received: number
  consumed: number
  needsStable: boolean
}

interface Follow extends Standing {
  readonly queue: Deque<Entry>
  queuedBytes: number
  /** When its application last got on, or had nothing to do. */
  movedMs: number
}

export class Sequencer implements Orderer {
  readonly log: ViewLog
  readonly #host: OrdererHost
  readonly #limits: GroupLimits
  readonly #members: readonly MemberId[]
  readonly #follows: ReadonlyMap<MemberId, Follow>
  /** The same in the order of the members, to be served in turn. */
  readonly #turns: readonly Follow[]
  #turnOf = 0
  /** Entries that wait in all their queues. */
  #queued = 0
  #unsent: Entry[] = []
  #stable: number
  /** What was said of it to all, and to those who need it for SAFE. */
  #toldStable: number
  #toldSafe: number
  /** Where the last SAFE entry ends. */
  #safeEnd = 0
  /** The costs of those that some application has not consumed, and their sum. */
  readonly #costs = new Deque<number>()
  #unconsumedBytes = 0
  #consumed: number
  #assemblyBytes = 0
  #nowMs: number

  /** All members have told what lies before `start`. */
  constructor(host: OrdererHost, limits: GroupLimits, nowMs: number, start: number) {
    this.#host = host
    this.#limits = limits
    this.#nowMs = nowMs
    this.#members = host.view.members
    this.log = new ViewLog(start)
    this.#stable = this.#toldStable = this.#toldSafe = this.#consumed = start
    const at = { received: start, consumed: start, needsStable: false, movedMs: nowMs }
    this.#follows = new Map(this.#members.map((member) => [member, { queue: new Deque(), queuedBytes: 0, ...at }]))
    this.#turns = [...this.#follows.values()]
  }

  get stable(): number {
    return this.#stable
  }

  submit(entry: Entry): void {
    this.#queue(this.#host.self, entry)
    this.#order()
  }

  accept(from: MemberId, word: StreamWord): StreamFault | null {
    switch (word.kind) {
      case 'data':
        for (const entry of word.entries) {
          const wrong = this.#check(from, entry)
          if (wrong !== null) return { kind: 'broken', reason: wrong }
          this.#queue(from, entry)
        }
        this.#order()
        return null
      case 'ack':
        return this.#acked(from, word)
      default:
        return { kind: 'broken', reason: `${word.kind} to the sequencer` }
    }
  }

  turn(consumed: number, nowMs: number): void {
    this.#nowMs = nowMs
    this.#own(consumed)
    for (const follow of this.#follows.values()) if (follow.consumed === this.log.length) follow.movedMs = nowMs
    const { view } = this.#host
    const unsent = this.#unsent
    const stable = this.#stable
    this.#unsent = []
    let index = this.log.length - unsent.length
    for (const entries of batches(unsent)) {
      this.#toAll({ kind: 'orders', view: view.id, index, stable, entries }, entries.at(-1)!)
      index += entries.length
    }
    if (unsent.length > 0) this.#toldStable = this.#toldSafe = stable
    else if (stable > this.#toldSafe && this.#safeEnd > this.#toldSafe) this.#tellStable()
  }

  /** Whoever cannot find it out waits for it with SAFE. */
  #tellStable(): void {
    const word = { kind: 'stable', view: this.#host.view.id, stable: this.#stable } as const
    for (const [member, { needsStable }] of this.#follows) if (needsStable) this.#host.send(member, word)
    this.#toldSafe = this.#stable
  }

  /** Its probes and orders are signs of life; so that others let go of what all have, they are told by and by. */
  remind(): void {
    if (this.#stable === this.#toldStable) return
    this.#toldStable = this.#toldSafe = this.#stable
    this.#toOthers({ kind: 'stable', view: this.#host.view.id, stable: this.#stable })
  }

  slowest(nowMs: number, slowMs: number): MemberId | null {
    if (!this.#isHeldUp()) return null
    for (const [member, follow] of this.#follows) {
      if (follow.consumed === this.#consumed && nowMs - follow.movedMs > slowMs) return member
    }
    return null
  }

  #toOthers(word: GroupWord): void {
    for (const member of this.#members) if (member !== this.#host.self) this.#host.send(member, word)
  }

  /** Words go out one after the other: who waits for its own message has it first, but of SAFE what the others say of it comes last. */
  #toAll(word: GroupWord, { from, isSafe }: Entry): void {
    const { self } = this.#host
    if (!isSafe && from !== self) this.#host.send(from, word)
    for (const member of this.#members) if (member !== self && member !== from) this.#host.send(member, word)
    if (isSafe && from !== self) this.#host.send(from, word)
  }

  /** What its own application has consumed, and that it has all that is ordered. */
  #own(consumed: number): void {
    const { self } = this.#host
    this.#acked(self, { received: this.log.length, consumed, needsStable: false })
  }

  #check(from: MemberId, entry: Entry): string | null {
    const follow = this.#follows.get(from)
    if (follow === undefined || entry.from !== from) return 'a message in the name of another'
    const { offset, total, data } = entry
    if (total > GROUPS.messageBytesMax || data.length > this.#limits.pieceBytes || offset + data.length > total) {
      return 'a piece that fits no message'
    }
    if (follow.queue.length >= this.#limits.senderEntries * 2) return 'more messages than may wait'
    if (follow.queuedBytes > this.#limits.senderBytes + 2 * this.#limits.pieceBytes + costOf(entry)) {
      return 'more bytes than may wait'
    }
    return null
  }

  #queue(from: MemberId, entry: Entry): void {
    const follow = this.#follows.get(from)!
    follow.queue.push(entry)
    follow.queuedBytes += costOf(entry)
    this.#queued++
  }

  #acked(from: MemberId, { received, consumed, needsStable }: Standing): StreamFault | null {
    const follow = this.#follows.get(from)
    if (follow === undefined) return { kind: 'broken', reason: 'an ack of who is no member' }
    if (received > this.log.length || consumed > received || received < follow.received || consumed < follow.consumed) {
      return { kind: 'broken', reason: 'an ack of what it cannot have' }
    }
    follow.received = received
    follow.needsStable = needsStable
    if (consumed > follow.consumed) {
      follow.consumed = consumed
      follow.movedMs = this.#nowMs
    }
    this.#stable = this.log.length
    let least = this.log.length
    for (const each of this.#follows.values()) {
      this.#stable = Math.min(this.#stable, each.received)
      least = Math.min(least, each.consumed)
    }
    for (; this.#consumed < least; this.#consumed++) this.#unconsumedBytes -= this.#costs.shift() ?? 0
    this.#order()
    return null
  }

  /** One piece of each member in turn. */
  #order(): void {
    let idle = 0
    while (this.#queued > 0 && idle < this.#turns.length && !this.#isFull()) {
      const follow = this.#turns[this.#turnOf]!
      this.#turnOf = (this.#turnOf + 1) % this.#turns.length
      const entry = follow.queue.at(0)
      if (entry === undefined || !this.#hasRoom(entry)) idle++
      else {
        idle = 0
        follow.queue.shift()
        this.#queued--
        follow.queuedBytes -= costOf(entry)
        this.#append(entry)
      }
    }
  }

  #append(entry: Entry): void {
    const cost = costOf(entry)
    this.log.push(entry)
    if (entry.isSafe) this.#safeEnd = this.log.length
    this.#unsent.push(entry)
    this.#costs.push(cost)
    this.#unconsumedBytes += cost
    const isFirst = entry.offset === 0
    const isLast = entry.offset + entry.data.length >= entry.total
    if (isFirst && !isLast) this.#assemblyBytes += entry.total
    if (isLast && !isFirst) this.#assemblyBytes -= entry.total
  }

  /** A message that is to be put together does not begin while too much is. */
  #hasRoom({ offset, total, data }: Entry): boolean {
    if (offset > 0 || data.length === total || this.#assemblyBytes === 0) return true
    return this.#assemblyBytes + total <= this.#limits.assemblyBytesMax
  }

  #isFull(): boolean {
    return this.#costs.length >= this.#limits.windowEntries || this.#unconsumedBytes >= this.#limits.windowBytes
  }

  #isHeldUp(): boolean {
    return this.#isFull() && this.#queued > 0
  }
}
