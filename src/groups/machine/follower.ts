/**
 * The orderer of a member that is not the sequencer: hands its pieces over, takes orders in their order, acks cumulatively.
 *
 * What is SAFE is acked in the turn in which it came, and to all members, so that each knows by itself what all have: one trip
 * sooner than by way of the sequencer, which says it to whoever cannot reach another member. Nobody waits for the ack of anything else: it
 * goes out when a share of the window is open, or with the next tick. Limits: what it hands over is
 * bounded by the outbox, what it takes by the window (more is a fault); views of more than `directAcksMax` members ack to the
 * sequencer only.
 */
import { Deque } from '../../common/deque.ts'
import { GROUPS, type GroupLimits } from './limits.ts'
import type { Orderer, OrdererHost, StreamFault, StreamWord } from './orderer.ts'
import type { StreamStand } from './standstill.ts'
import type { Entry, MemberId } from './terms.ts'
import { ViewLog, batches, costOf } from './view-log.ts'

/** Up to this share of the window, what is not SAFE need not be acked at once. */
const ACK_SHARE = 1 / 16

export class Follower implements Orderer {
  readonly log: ViewLog
  readonly #host: OrdererHost
  readonly #limits: GroupLimits
  readonly #sequencer: MemberId
  /** How far each of the other followers has received, as it says itself. Null: only the sequencer is told. */
  readonly #received: Map<MemberId, number> | null
  #gathered: Entry[] = []
  #stable: number
  #told: { received: number; consumed: number }
  /** What was received when all were told last, and where the last SAFE entry ends. */
  #toldAll = 0
  #safeEnd = 0
  /** Who has published it: a member that waits for its own message, mostly. */
  #safeFrom: MemberId | null = null
  /** The costs of what came and was not said to be consumed, and their sum. */
  readonly #costs = new Deque<number>()
  #unconsumedBytes = 0

  constructor(host: OrdererHost, limits: GroupLimits, { base, entries, stable, next }: StreamStand) {
    const { self, view } = host
    this.#host = host
    this.#limits = limits
    this.#sequencer = view.id.installer
    this.log = new ViewLog(base, entries)
    this.#stable = stable
    this.#told = { received: this.log.length, consumed: next }
    const others = view.members.filter((member) => member !== self && member !== this.#sequencer)
    this.#received = view.members.length > GROUPS.directAcksMax ? null : new Map(others.map((member) => [member, 0]))
  }

  get stable(): number {
    return this.#stable
  }

  submit(entry: Entry): void {
    this.#gathered.push(entry)
  }

  accept(from: MemberId, word: StreamWord): StreamFault | null {
    if (word.kind === 'ack') return this.#heard(from, word.received)
    if (from !== this.#sequencer) return { kind: 'broken', reason: `${word.kind} from who is not the sequencer` }
    switch (word.kind) {
      case 'orders':
        if (word.index !== this.log.length) return { kind: 'lost' }
        for (const entry of word.entries) this.#take(entry)
        return this.#isOverfull() ? { kind: 'broken', reason: 'more than the window' } : this.#stabilise(word.stable)
      case 'stable':
        return this.#stabilise(word.stable)
      default:
        return { kind: 'broken', reason: `${word.kind} to who is not the sequencer` }
    }
  }

  turn(consumed: number): void {
    const { view } = this.#host
    const gathered = this.#gathered
    this.#gathered = []
    for (const entries of batches(gathered)) {
      this.#host.send(this.#sequencer, { kind: 'data', view: view.id, entries })
    }
    const isOwed = this.#owesAck(consumed)
    const tellsAll = this.#safeEnd > this.#toldAll
    // Of several words that go out one after the other, the one that somebody waits for goes first.
    if (tellsAll && this.#safeFrom !== this.#sequencer) this.#tellAll(consumed)
    if (isOwed) this.remind(consumed)
    if (tellsAll && this.#safeFrom === this.#sequencer) this.#tellAll(consumed)
  }

  #owesAck(consumed: number): boolean {
    if (this.#told.received === this.log.length && this.#told.consumed === consumed) return false
    const { windowEntries, windowBytes } = this.#limits
    const isMuch = this.#costs.length >= windowEntries * ACK_SHARE || this.#unconsumedBytes >= windowBytes * ACK_SHARE
    return isMuch || this.#safeEnd > this.#told.received
  }

  remind(consumed: number): void {
    for (let count = consumed - this.#told.consumed; count > 0; count--)
      this.#unconsumedBytes -= this.#costs.shift() ?? 0
    this.#told = { received: this.log.length, consumed }
    this.#host.send(this.#sequencer, this.#ack(consumed))
  }

  #ack(consumed: number): StreamWord {
    const others = this.#received?.keys()
    const needsStable = others === undefined || [...others].some((member) => !this.#host.isReached(member))
    return { kind: 'ack', view: this.#host.view.id, received: this.log.length, consumed, needsStable }
  }

  slowest(): null {
    return null
  }

  #take(entry: Entry): void {
    const cost = costOf(entry)
    this.#costs.push(cost)
    this.#unconsumedBytes += cost
    this.log.push(entry)
    if (!entry.isSafe) return
    this.#safeEnd = this.log.length
    this.#safeFrom = entry.from
  }

  /** Who keeps to the window has ordered no piece beyond it. */
  #isOverfull(): boolean {
    const { windowEntries, windowBytes, pieceBytes } = this.#limits
    const bytesMax = windowBytes + pieceBytes + GROUPS.entryOverheadBytes
    return this.#costs.length > windowEntries || this.#unconsumedBytes > bytesMax
  }

  #tellAll(consumed: number): void {
    this.#toldAll = this.log.length
    const ack = this.#ack(consumed)
    for (const member of this.#received?.keys() ?? []) this.#host.send(member, ack)
  }

  /** Another follower has received so much; perhaps more than has come here. */
  #heard(from: MemberId, received: number): StreamFault | null {
    const known = this.#received?.get(from)
    if (known === undefined) return { kind: 'broken', reason: 'an ack to who does not count it' }
    this.#received?.set(from, Math.max(known, received))
    return this.#stabilise(0)
  }

  /** As the sequencer says, or as all others have said. */
  #stabilise(said: number): StreamFault | null {
    if (said > this.log.length) return { kind: 'broken', reason: 'stable beyond what was ordered' }
    const heard = this.#received === null ? 0 : Math.min(this.log.length, ...this.#received.values())
    this.#stable = Math.max(this.#stable, said, heard)
    return null
  }
}
