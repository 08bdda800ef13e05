/**
 * What only shows over time, of one connection: rates, and how far whoever must act is behind.
 *
 * Made of dumps that are looked at now and then. Nothing is counted here for a message.
 */
import type { ConnectionDump } from '../index.ts'
import { Marks } from './marks.ts'

/** Per second, over the last interval. */
export interface Rates {
  /** Messages sent in a second. */
  readonly sentMessages: number
  /** Bytes sent in a second. */
  readonly sentBytes: number
  /** Messages received in a second. */
  readonly receivedMessages: number
  /** Bytes received in a second. */
  readonly receivedBytes: number
}

/** How long the oldest thing waits, in ms, at least; 0: nothing does for as long as an interval. */
export interface Ages {
  /** In our queue, on no link. */
  readonly queuedMs: number
  /** With the peer, which has it and has not finished it: how far its handlers are behind. */
  readonly peerMs: number
  /** With us: how far our handlers are behind. */
  readonly hereMs: number
}

interface LaneMarks {
  readonly queued: Marks
  readonly peer: Marks
  readonly here: Marks
}

const NO_RATES: Rates = { sentMessages: 0, sentBytes: 0, receivedMessages: 0, receivedBytes: 0 }

export class Pulse {
  #lanes: LaneMarks[] = []
  #session: string | null = null
  #last: { readonly atMs: number; readonly totals: Rates } | null = null
  rates: Rates = NO_RATES

  /** Looks at a dump of now. */
  beat(dump: ConnectionDump, nowMs: number): void {
    // Another session numbers its messages anew.
    if (dump.session !== this.#session) this.#lanes = []
    this.#session = dump.session
    dump.lanes.forEach((lane, index) => {
      const marks = (this.#lanes[index] ??= { queued: new Marks(), peer: new Marks(), here: new Marks() })
      marks.queued.note(lane.tail, lane.processed + lane.sent, nowMs)
      marks.peer.note(lane.received, lane.processed, nowMs)
      marks.here.note(lane.inReceived, lane.inProcessed, nowMs)
    })
    const { sentMessages, sentBytes, receivedMessages, receivedBytes } = dump.counters
    const totals = { sentMessages, sentBytes, receivedMessages, receivedBytes }
    if (this.#last !== null) this.rates = ratesOf(this.#last.totals, totals, nowMs - this.#last.atMs)
    this.#last = { atMs: nowMs, totals }
  }

  ages(dump: ConnectionDump, nowMs: number): Ages {
    const ages = { queuedMs: 0, peerMs: 0, hereMs: 0 }
    if (dump.session !== this.#session) return ages
    this.#lanes.forEach((marks, index) => {
      const lane = dump.lanes[index]
      if (lane === undefined) return
      ages.queuedMs = Math.max(ages.queuedMs, marks.queued.ageMs(lane.processed + lane.sent, nowMs))
      ages.peerMs = Math.max(ages.peerMs, marks.peer.ageMs(lane.processed, nowMs))
      ages.hereMs = Math.max(ages.hereMs, marks.here.ageMs(lane.inProcessed, nowMs))
    })
    return ages
  }
}

function ratesOf(before: Rates, now: Rates, tookMs: number): Rates {
  const rate = (name: keyof Rates): number =>
    tookMs > 0 ? Math.max(0, ((now[name] - before[name]) * 1000) / tookMs) : 0
  return {
    sentMessages: rate('sentMessages'),
    sentBytes: rate('sentBytes'),
    receivedMessages: rate('receivedMessages'),
    receivedBytes: rate('receivedBytes'),
  }
}
