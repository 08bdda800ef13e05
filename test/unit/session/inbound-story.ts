/** An Inbound beside the rules about marks and acks in plain words: random steps on both, and where they differ. */
import type { PeerOptions } from '../../../src/policies/peer.ts'
import type { BatchHeader } from '../../../src/wire/wire.ts'
import { Linked } from './linked.ts'
import { chance, inbound, outbound } from './samples.ts'

export function make(options: PeerOptions = {}): Linked {
  return new Linked(options)
}

export function header(firstSeq: number, count: number, change: Partial<BatchHeader> = {}): BatchHeader {
  return { lane: 1, firstSeq, count, received: 0, processed: 0, stampMs: 0, stampCounter: 0, ackNow: false, ...change }
}

/** What a lane should know. */
class LaneStory {
  received = 0
  done = new Set<number>()
  told = '0 0'
  urgentUpTo = 0
  get processed(): number {
    let processed = 0
    while (this.done.has(processed + 1)) processed++
    return processed
  }
  get marks(): string {
    return `${this.received} ${this.processed}`
  }
}

/** Random steps on an Inbound, beside the rules in plain words. */
export class InboundStory {
  readonly #random: (below: number) => number
  readonly #ackOn: 'processed' | 'received'
  readonly #to: Linked
  #lanes = [0, 1, 2].map(() => new LaneStory())
  #handling: ReturnType<typeof inbound>[] = []
  #generation = 1
  #dueMs = Infinity
  #untold = { messages: 0, bytes: 0 }
  #counts = { receivedMessages: 0, receivedBytes: 0, duplicates: 0 }
  #nowMs = 0

  constructor(seed: number) {
    this.#random = chance(seed)
    this.#ackOn = this.#random(4) === 0 ? 'received' : 'processed'
    this.#to = make({ ackOn: this.#ackOn })
  }

  tell(): string | null {
    for (let step = 1; step <= 120; step++) {
      this.#nowMs += this.#random(3)
      const act = [
        this.#arrive,
        this.#arrive,
        this.#again,
        this.#finish,
        this.#finish,
        this.#look,
        this.#ride,
        this.#end,
      ]
      const wrong = act[this.#random(act.length)]?.call(this) ?? this.#compare()
      if (wrong !== null) return `step ${step}: ${wrong}`
    }
    return null
  }

  #compare(): string | null {
    const { generation, held, receivedMessages, receivedBytes, duplicates } = this.#to.inbound
    const bytes = this.#handling.reduce((sum, message) => sum + message.bytes, 0)
    const { dueMs } = this.#to.path.acks
    if (dueMs !== this.#dueMs) return `due at ${dueMs}, not at ${this.#dueMs}`
    if (generation !== this.#generation) return 'generation'
    if (held.messages !== this.#handling.length || held.bytes !== bytes) return 'held'
    if (JSON.stringify({ receivedMessages, receivedBytes, duplicates }) !== JSON.stringify(this.#counts))
      return 'totals'
    const marks = this.#to.inbound.marks().map(({ received, processed }) => `${received} ${processed}`)
    return marks.join() === this.#lanes.map((lane) => lane.marks).join() ? null : 'marks'
  }

  #arrive(): string | null {
    const index = this.#random(3)
    const lane = this.#lanes[index] as LaneStory
    const [bytes, count] = [this.#random(12), 1 + this.#random(3)]
    const ackNow = this.#random(5) === 0
    const gap = this.#random(8) === 0
    const first = lane.received + (gap ? 2 : 1)
    if (this.#to.path.batch(header(first, count, { lane: index, ackNow }), 0) !== (gap ? -1 : 0)) return 'batch'
    if (ackNow) lane.urgentUpTo = first + count - 1
    if (gap) return null
    for (let seq = first; seq < first + count; seq++) {
      const { messages, bytes: free } = this.#to.path.receiving.granted
      const fits = messages >= 1 && free >= bytes
      if (this.#to.path.admit(bytes, false) !== fits) return 'admit'
      if (!fits) return null
      const message = inbound(seq, index, bytes)
      this.#to.path.complete(message, this.#nowMs)
      if (message.generation !== this.#generation) return 'generation of a message'
      this.#handling.push(message)
      lane.received = seq
      this.#counts.receivedMessages++
      this.#counts.receivedBytes += bytes
      this.#count(message, this.#ackOn === 'received')
    }
    return null
  }

  /** A message moved a mark: when it came, and when it was done. */
  #count(message: ReturnType<typeof inbound>, done: boolean): void {
    const lane = this.#lanes[message.lane] as LaneStory
    if (done) lane.done.add(message.seq)
    this.#untold.messages++
    this.#untold.bytes += message.bytes
    const many = this.#untold.messages >= 8 || this.#untold.bytes >= 2000
    const asked = done && lane.processed >= message.seq && message.seq <= lane.urgentUpTo
    if (many || asked) this.#dueMs = -Infinity
    else this.#dueMs = Math.min(this.#dueMs, this.#nowMs + 5)
  }

  /** Messages come again, and one new one behind them. */
  #again(): string | null {
    const index = this.#random(3)
    const { received } = this.#lanes[index] as LaneStory
    if (received === 0) return null
    const first = 1 + this.#random(received)
    if (this.#to.path.batch(header(first, received - first + 2, { lane: index }), 0) !== received - first + 1)
      return 'skip'
    const fits = this.#to.path.receiving.granted.messages >= 1 && this.#to.path.receiving.granted.bytes >= 1
    if (this.#to.path.admit(1, true) !== fits) return 'admit a duplicate'
    if (!fits) return null
    this.#counts.duplicates++
    this.#dueMs = -Infinity
    return null
  }

  #finish(): string | null {
    const [message] = this.#handling.splice(this.#random(this.#handling.length + 1), 1)
    if (message === undefined) return null
    const now = this.#to.finish(message, this.#nowMs)
    if (this.#ackOn === 'processed' && message.generation === this.#generation) this.#count(message, true)
    else if (this.#to.path.receiving.worthTelling) this.#dueMs = -Infinity
    else this.#dueMs = Math.min(this.#dueMs, this.#nowMs + 5)
    return now === (this.#dueMs === -Infinity) ? null : 'finish'
  }

  /** The driver asks whether an ack is due, and sends it. */
  #look(): string | null {
    const late = this.#nowMs >= this.#dueMs
    const news = this.#lanes.some((lane) => lane.told !== lane.marks) || this.#to.path.receiving.untold
    if (this.#to.path.owesAck(this.#nowMs) !== (late && news)) return 'owesAck'
    if (!late) return null
    if (news) {
      this.#to.path.tellMarks()
      for (const lane of this.#lanes) lane.told = lane.marks
      this.#to.path.tellCredit(true)
    }
    this.#rest()
    return null
  }

  #rest(): void {
    this.#dueMs = Infinity
    this.#untold = { messages: 0, bytes: 0 }
  }

  #ride(): string | null {
    const index = this.#random(3)
    const lane = this.#lanes[index] as LaneStory
    this.#to.outbound.enqueue(outbound(1, [255, 127, 1][index]))
    const out = this.#to.path.next(0, 0, 0)?.header
    if (out?.lane !== index) return 'nothing to ride on'
    lane.told = lane.marks
    // The peer has it.
    this.#to.path.marks(index, out.firstSeq, out.firstSeq)
    return `${out.received} ${out.processed}` === lane.marks ? null : 'marks that ride'
  }

  /** A link ends in the middle of a message, and sometimes the session with it. */
  #end(): string | null {
    const index = this.#random(3)
    this.#to.path.batch(header((this.#lanes[index] as LaneStory).received + 1, 1, { lane: index }), 0)
    this.#to.path.admit(1, false)
    const marks = this.#to.outbound.lanes.map(({ received }) => ({ received, processed: received }))
    this.#to.relink(undefined, marks)
    if (this.#random(3) === 0) {
      this.#to.inbound.reset()
      this.#to.relink(undefined, marks)
      this.#generation++
      this.#lanes = this.#lanes.map(() => new LaneStory())
      const [discarded] = this.#handling.splice(0, 1)
      if (discarded !== undefined) this.#to.inbound.discard(discarded)
    }
    // What the handshake has stated, the peer knows; all else is told on this link.
    for (const lane of this.#lanes) lane.told = lane.marks
    this.#rest()
    return null
  }
}
