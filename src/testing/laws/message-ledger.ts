/**
 * Follows every message of a history from `send` to its end: laws L1, L2 and L7.
 *
 * Which sent message a delivered one is: the oldest one of the peer with the same key that is still open, on the
 * connection that the earlier ones came from. So equal messages are told apart by their order, and an altered or
 * invented one is like none.
 */
import type { RecordedConnection, RecordedOutcome } from './recorded.ts'
import type { HistoryEvent } from './history.ts'
import type { RecordedRun, Report } from './violation.ts'

/** The life of one sent message. */
interface Sent {
  readonly on: number
  readonly lane: number
  readonly key: string
  /** Position among the messages of its connection and lane. */
  readonly index: number
  readonly at: number
  deliveredAt: number
  delivery: number
  finishedAt: number
  /** Its handler failed. */
  failed: boolean
  handedBackAt: number
  fate: 'undelivered' | 'unknown' | 'withdrawn' | 'taken' | null
  /** What `deliver()` told its caller, if it was sent so. */
  told: 'nobody waits' | 'nothing' | 'acked' | 'undelivered' | 'unknown' | 'failed' | 'aborted'
}

/** The messages that one connection sent, by lane. */
interface Lane {
  readonly sent: Sent[]
  /** All before this are delivered or handed back. */
  open: number
}

type Fact<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

export class MessageLedger {
  readonly #run: RecordedRun
  readonly #report: Report
  readonly #instances: readonly string[]
  /** By message number; with holes where one is withheld. */
  readonly #sent: Sent[] = []
  /** By connection and lane. */
  readonly #lanes = new Map<string, Lane>()
  /** By the sender's instance and key, oldest first. */
  readonly #byKey = new Map<string, Sent[]>()
  /** By connection, the messages that may still be handed back. */
  readonly #undecided = new Map<number, Set<Sent>>()
  /** By delivery number. */
  readonly #deliveries: (Sent | undefined)[] = []
  /** The connection that a receiving connection's messages come from, and how far they are, by lane. */
  readonly #progress = new Map<string, number>()
  readonly #sources = new Map<number, number>()
  /** The newest reset of each connection, by position. */
  readonly #resets = new Map<number, number>()

  constructor(run: RecordedRun, report: Report) {
    this.#run = run
    this.#report = report
    this.#instances = run.connections.map((connection) => run.nodes[connection.node]?.instance ?? '')
  }

  send(event: Fact<'send'>, at: number): void {
    const lane = this.#lane(event.on, event.lane)
    const { on, key } = event
    const sent: Sent = {
      on,
      lane: event.lane,
      key,
      index: lane.sent.length,
      at,
      deliveredAt: -1,
      delivery: -1,
      finishedAt: -1,
      failed: false,
      handedBackAt: -1,
      fate: null,
      told: event.awaited ? 'nothing' : 'nobody waits',
    }
    lane.sent.push(sent)
    this.#sent[event.message] = sent
    list(this.#byKey, `${this.#instances[on]} ${key}`).push(sent)
    this.#open(on).add(sent)
  }

  withdraw(event: Fact<'withdraw'>, at: number): void {
    const sent = this.#sent[event.message]
    if (sent === undefined) return
    sent.told = 'nobody waits'
    this.#decide(sent, 'withdrawn', at)
  }

  /** `deliver()` rejected: as the reset said, which was told before. */
  failed(event: Fact<'failed'>, at: number): void {
    const sent = this.#sent[event.message]
    if (sent === undefined) return
    sent.told = event.fate
    if (event.fate === 'failed') {
      if (!sent.failed)
        this.#report('L10', `deliver() of ${sent.key} says that it failed, and it did not`, [sent.at, at])
      this.#open(sent.on).delete(sent)
      return
    }
    if (event.fate === 'aborted' || sent.fate === event.fate) return
    const said = sent.fate === null ? 'no reset handed it back' : `a reset handed it back as ${sent.fate}`
    this.#report('L2', `deliver() of ${sent.key} says ${event.fate}, but ${said}`, [sent.at, sent.handedBackAt, at])
  }

  acked(event: Fact<'acked'>, at: number, receiverAcksEarly: boolean): void {
    const sent = this.#sent[event.message]
    if (sent === undefined) return
    sent.told = 'acked'
    if (sent.fate === 'undelivered' || sent.fate === 'unknown')
      this.#report('L2', `${sent.key} was acked although it was handed back`, [sent.at, sent.handedBackAt, at])
    // It has left the queue: whoever hands it back later is wrong.
    if (sent.finishedAt >= 0) this.#open(sent.on).delete(sent)
    if (sent.failed && !receiverAcksEarly)
      this.#report('L10', `${sent.key} was acked although its handler failed`, [sent.at, sent.finishedAt, at])
    if (receiverAcksEarly || sent.finishedAt >= 0) return
    this.#report('L7', `${sent.key} was acked as processed, but its handler never finished`, [
      sent.at,
      sent.deliveredAt,
      at,
    ])
  }

  /** A handler got a message; `peer` is the instance that the connection belongs to now. */
  deliver(event: Fact<'deliver'>, at: number, peer: string): void {
    const sent = this.#match(event, at, peer)
    this.#deliveries[event.delivery] = sent
    if (sent === undefined) return
    if (sent.fate === 'undelivered') {
      const story = [sent.at, sent.handedBackAt, at]
      this.#report('L2', `${sent.key} was delivered although it was handed back as undelivered`, story)
    }
    sent.deliveredAt = at
    sent.delivery = event.delivery
    this.#checkOrder(sent, event, at)
  }

  finish(event: Fact<'finish'>, at: number): void {
    const sent = this.#deliveries[event.delivery]
    // What was queued again may be handled twice: its sender hears of the last time.
    if (sent === undefined || (sent.finishedAt >= 0 && sent.delivery !== event.delivery)) return
    sent.finishedAt = at
    sent.failed = event.failed === true
  }

  undeliverable(event: Fact<'undeliverable'>, at: number): void {
    this.#handBack(event.on, [event.key], event.fate, at)
  }

  /** A session ended: what it handed back, and so what it says was handled. */
  reset(on: number, outcome: RecordedOutcome, at: number, receiverAcksEarly: boolean, over: boolean): void {
    this.#resets.set(on, at)
    this.#handBack(on, outcome.undelivered, 'undelivered', at)
    this.#handBack(on, outcome.unknown, 'unknown', at)
    if (over || !this.#connection(on).requeues) this.#settle(on, at, receiverAcksEarly)
    else if (receiverAcksEarly) this.#doubt(on)
  }

  /** What is queued again, and what was taken and never handled, nobody can tell apart from here. */
  #doubt(on: number): void {
    for (const sent of this.#open(on)) sent.fate = 'taken'
  }

  /** The connection is over, or the run is: what was not handed back must have been handled. */
  #settle(on: number, at: number, receiverAcksEarly: boolean): void {
    for (const sent of this.#open(on)) {
      if (sent.finishedAt >= 0) this.#open(on).delete(sent)
      // It was taken, and so acked; whether a handler ever saw it, nobody promised.
      else if (receiverAcksEarly) this.#decide(sent, 'taken', at)
      else this.#lost(sent, at)
    }
  }

  /** The connection is closed. */
  closed(on: number, at: number, receiverAcksEarly: boolean): void {
    this.#settle(on, at, receiverAcksEarly)
  }

  /** The run ended, and everything had time to arrive. */
  settled(on: number, receiverAcksEarly: boolean): void {
    this.#sent.forEach((sent) => {
      if (sent.on === on && sent.told === 'nothing')
        this.#report('L2', `deliver() of ${sent.key} never ended`, [sent.at, sent.deliveredAt, sent.finishedAt])
    })
    for (const sent of this.#open(on)) {
      const taken = sent.fate === 'taken' || (receiverAcksEarly && sent.deliveredAt >= 0)
      if (sent.finishedAt < 0 && !taken) this.#lost(sent, this.#run.events.length)
    }
  }

  #lost(sent: Sent, at: number): void {
    this.#open(sent.on).delete(sent)
    const how = sent.deliveredAt < 0 ? 'was never delivered' : 'never finished its handler'
    this.#report('L2', `${sent.key} ${how} and was not handed back`, [sent.at, sent.deliveredAt, at])
  }

  #handBack(on: number, keys: readonly string[], fate: 'undelivered' | 'unknown', at: number): void {
    const open = [...this.#open(on)].reverse()
    for (const key of [...keys].reverse()) {
      const position = open.findIndex((sent) => sent.key === key)
      const sent = open[position]
      if (sent === undefined) {
        this.#report('L2', `${key} was handed back, but it was not sent there, or was handed back before`, [at])
        continue
      }
      open.splice(position, 1)
      if (fate === 'undelivered' && sent.deliveredAt >= 0) {
        this.#report('L2', `${key} was handed back as undelivered, but it was delivered`, [
          sent.at,
          sent.deliveredAt,
          at,
        ])
      }
      this.#decide(sent, fate, at)
    }
  }

  #decide(sent: Sent, fate: NonNullable<Sent['fate']>, at: number): void {
    sent.fate = fate
    sent.handedBackAt = at
    this.#open(sent.on).delete(sent)
  }

  #match(event: Fact<'deliver'>, at: number, peer: string): Sent | undefined {
    const candidates = this.#byKey.get(`${peer} ${event.key}`) ?? []
    const source = this.#sources.get(event.on)
    const open = candidates.filter((sent) => sent.deliveredAt < 0 && sent.fate !== 'withdrawn')
    const best =
      open.find((sent) => sent.fate === null && sent.on === source) ??
      open.find((sent) => sent.fate === null) ??
      open.find((sent) => sent.fate === 'unknown' || sent.fate === 'taken') ??
      open[0] ??
      candidates.find((sent) => this.#mayComeAgain(sent))
    if (best !== undefined) {
      this.#sources.set(event.on, best.on)
      return best
    }
    const [before] = candidates
    if (before === undefined) this.#explainStranger(event, at, peer)
    else this.#report('L1', `${event.key} was delivered twice`, [before.at, before.deliveredAt, at])
    return undefined
  }

  /** With `requeue`, what a lost session left open is sent again in the next one. */
  #mayComeAgain(sent: Sent): boolean {
    if (!this.#connection(sent.on).requeues) return false
    return (this.#resets.get(sent.on) ?? -1) > sent.deliveredAt
  }

  #explainStranger(event: Fact<'deliver'>, at: number, peer: string): void {
    for (const instance of new Set(this.#instances)) {
      const [other] = this.#byKey.get(`${instance} ${event.key}`) ?? []
      if (other === undefined || instance === peer) continue
      this.#report('L8', `${event.key} was delivered in a session of another instance than its sender`, [other.at, at])
      return
    }
    this.#report('L1', `${event.key} was delivered, but nobody sent it: it was invented or altered`, [at])
  }

  /** Fast dispatch overtakes the queue by design: among themselves, both keep the order. */
  #checkOrder(sent: Sent, event: Fact<'deliver'>, at: number): void {
    const lane = this.#lane(sent.on, sent.lane)
    const track = `${event.on} ${sent.on} ${sent.lane} ${event.fast}`
    const before = this.#progress.get(track) ?? -1
    if (sent.index <= before && !this.#connection(sent.on).requeues) {
      const last = lane.sent[before]
      this.#report('L1', `${sent.key} was delivered after a younger one`, [sent.at, last?.deliveredAt ?? -1, at])
    }
    this.#progress.set(track, sent.index)
    if (event.fast) return
    for (let first = lane.sent[lane.open]; first !== undefined; first = lane.sent[++lane.open]) {
      if (first.deliveredAt < 0 && first.fate === null) break
    }
    const missing = lane.sent[lane.open]
    if (missing === undefined || missing.index >= sent.index) return
    this.#report('L1', `${sent.key} overtook ${missing.key}, which is older`, [missing.at, sent.at, at])
    lane.open = sent.index + 1
  }

  #connection(on: number): RecordedConnection {
    return this.#run.connections[on] as RecordedConnection
  }

  #lane(on: number, lane: number): Lane {
    const at = `${on} ${lane}`
    const known = this.#lanes.get(at)
    if (known !== undefined) return known
    const made: Lane = { sent: [], open: 0 }
    this.#lanes.set(at, made)
    return made
  }

  #open(on: number): Set<Sent> {
    const known = this.#undecided.get(on)
    if (known !== undefined) return known
    const made = new Set<Sent>()
    this.#undecided.set(on, made)
    return made
  }
}

function list<T>(map: Map<string, T[]>, key: string): T[] {
  const known = map.get(key)
  if (known !== undefined) return known
  const made: T[] = []
  map.set(key, made)
  return made
}
