/**
 * The order in which received messages reach handlers: most urgent lane first, connections in turn within a lane.
 *
 * It runs in the turn in which messages came, for at most `dispatchTurnMs`; what is left runs in the next turn, after
 * I/O, so that handlers never starve the network. Every sixteenth quantum goes to the least urgent lane that waits, so
 * that urgent traffic starves nobody. Limit: every inbox is bounded by its connection's window.
 */
import { Deque } from '../common/deque.ts'
import { LANES } from '../wire/message.ts'
import type { InboundMessage } from '../wire/message.ts'
import type { Dispatchers } from './dispatchers.ts'
import type { Inbox } from './inbox.ts'
import type { Clock } from './runtime.ts'

/** Messages that one connection may have handled before the next one's turn. */
const QUANTUM = 64
const FAIR_TURN = 16

export class DispatchQueue {
  readonly #levels: readonly Deque<Inbox>[] = Array.from({ length: LANES }, () => new Deque<Inbox>())
  readonly #dispatchers: Pick<Dispatchers, 'dispatch' | 'expired'>
  readonly #clock: Clock
  readonly #turnMs: number
  #phase: 'resting' | 'running' | 'resuming' = 'resting'
  #quanta = 0
  #handling = 0
  #onIdle: (() => void) | null = null

  constructor(dispatchers: Pick<Dispatchers, 'dispatch' | 'expired'>, clock: Clock, turnMs: number) {
    this.#dispatchers = dispatchers
    this.#clock = clock
    this.#turnMs = turnMs
  }

  /** Handlers that run, of all connections. */
  get handling(): number {
    return this.#handling
  }

  /** The messenger is ending, and a handler runs: it may need any connection, for its answer or for what it waits for. */
  get keepsAll(): boolean {
    return this.#onIdle !== null && this.#handling > 0
  }

  /** The messenger is ending: `onIdle` is called whenever the last handler that runs has ended. */
  end(onIdle: () => void): void {
    this.#onIdle = onIdle
  }

  /** A message waits in the inbox; `run` hands it over. */
  add(inbox: Inbox, message: InboundMessage): void {
    inbox.push(message)
    this.#enlist(inbox, message.lane)
  }

  /** The inbox may hand over again; its messages run in a turn of their own. */
  wake(inbox: Inbox): void {
    for (let lane = 0; lane < LANES; lane++) if (inbox.has(lane)) this.#enlist(inbox, lane)
    this.#resumeLater()
  }

  /** Hands over what waits, for a bounded time. */
  run(): void {
    if (this.#phase === 'running') return
    this.#phase = 'running'
    try {
      let inbox = this.#next()
      const untilMs = inbox === null ? 0 : this.#clock.nowMs() + this.#turnMs
      while (inbox !== null) {
        this.#quantum(inbox.inbox, inbox.lane)
        if (this.#clock.nowMs() >= untilMs) break
        inbox = this.#next()
      }
    } finally {
      this.#phase = 'resting'
      if (this.#levels.some((level) => level.length > 0)) this.#resumeLater()
    }
  }

  #quantum(inbox: Inbox, lane: number): void {
    for (let count = 0; count < QUANTUM; count++) {
      const message = inbox.take(lane)
      if (message === null) return
      this.#deliver(inbox, message)
    }
    if (inbox.has(lane)) this.#enlist(inbox, lane)
  }

  #deliver(inbox: Inbox, message: InboundMessage): void {
    const { connection, stream } = inbox.owner
    this.#handling++
    // Asked for the time only by what expires.
    if (message.dueMs !== null && message.dueMs <= this.#clock.nowMs()) {
      this.#dispatchers.expired(message, connection)
      this.#finished(inbox, message)
      return
    }
    const pending = this.#dispatchers.dispatch(message, connection, stream)
    if (pending === null) this.#finished(inbox, message)
    else void pending.then(() => this.#finished(inbox, message))
  }

  #finished(inbox: Inbox, message: InboundMessage): void {
    this.#handling--
    message.ack()
    inbox.finished(message.bytes)
    if (this.#handling === 0) this.#onIdle?.()
  }

  /** A handler runs beside this queue, and ends with `release()`. */
  hold(): void {
    this.#handling++
  }

  release(): void {
    this.#handling--
    if (this.#handling === 0) this.#onIdle?.()
  }

  #enlist(inbox: Inbox, lane: number): void {
    if (inbox.enlist(lane)) this.#levels[lane]?.push(inbox)
  }

  #next(): { inbox: Inbox; lane: number } | null {
    const fair = ++this.#quanta % FAIR_TURN === 0
    for (let step = 0; step < LANES; step++) {
      const lane = fair ? LANES - 1 - step : step
      const inbox = this.#levels[lane]?.shift()
      if (inbox === undefined) continue
      inbox.delist(lane)
      return { inbox, lane }
    }
    return null
  }

  #resumeLater(): void {
    if (this.#phase !== 'resting') return
    this.#phase = 'resuming'
    this.#clock.later(() => {
      this.#phase = 'resting'
      this.run()
    })
  }
}
