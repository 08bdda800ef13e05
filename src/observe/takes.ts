/**
 * How long a message and a call take, about, from what is looked at anyway: a peer that is slow shows here long before it is behind.
 *
 * Messages: so many are under way at both looks, and so many were finished in between, so each takes as long as that many take (Little's
 * law). Where one look finds hardly any, nothing is said: met by chance, one that takes a millisecond would look like a second. Calls are
 * timed one by one, and the mean of those that ended since the last look counts for some looks, as they may be seldom.
 */
import type { ConnectionDump, LaneDump } from '../index.ts'

/** In ms; 0: nothing says. */
export interface Durations {
  /** Of a message, from when it is on a link until the peer's handler has finished, as its acks tell. */
  readonly peerMs: number
  /** Of a message of the peer here, until our handler has finished. */
  readonly hereMs: number
  /** Of our calls to the peer. */
  readonly callMs: number
}

/** Messages under way at both looks, at least. */
const UNDER_WAY_MIN = 2
/** Looks for which the calls of one count, when none has ended since. */
const CALLS_COUNT_FOR = 10
/** The lanes of messages; the last one is that of control words. */
const LANES = 3

interface Look {
  readonly atMs: number
  readonly session: string | null
  readonly peer: Work
  readonly here: Work
}

interface Work {
  readonly underWay: number
  readonly finished: number
}

export class Takes {
  #last: Look | null = null
  #callsMs = 0
  #calls = 0
  #callMs = 0
  #looksWithoutCalls = 0
  #peerMs = 0
  #hereMs = 0

  get now(): Durations {
    return { peerMs: this.#peerMs, hereMs: this.#hereMs, callMs: this.#callMs }
  }

  /** A call to the peer has ended. */
  called(tookMs: number): void {
    this.#callsMs += tookMs
    this.#calls++
  }

  /** Looks at a dump of now. */
  beat({ lanes, session }: ConnectionDump, nowMs: number): void {
    const own = lanes.slice(0, LANES)
    const look = {
      atMs: nowMs,
      session,
      peer: workOf(own, ({ sent, processed }) => ({ underWay: sent, finished: processed })),
      here: workOf(own, ({ inReceived, inProcessed }) => ({
        underWay: inReceived - inProcessed,
        finished: inProcessed,
      })),
    }
    // Another session numbers its messages anew.
    const before = this.#last?.session === session ? this.#last : null
    this.#peerMs = before === null ? 0 : eachMs(before.peer, look.peer, nowMs - before.atMs)
    this.#hereMs = before === null ? 0 : eachMs(before.here, look.here, nowMs - before.atMs)
    this.#last = look
    this.#countCalls()
  }

  #countCalls(): void {
    if (this.#calls > 0) {
      this.#callMs = this.#callsMs / this.#calls
      this.#calls = this.#callsMs = this.#looksWithoutCalls = 0
    } else if (++this.#looksWithoutCalls >= CALLS_COUNT_FOR) this.#callMs = 0
  }
}

function workOf(lanes: readonly LaneDump[], of: (lane: LaneDump) => Work): Work {
  const works = lanes.map(of)
  return {
    underWay: works.reduce((sum, work) => sum + work.underWay, 0),
    finished: works.reduce((sum, work) => sum + work.finished, 0),
  }
}

function eachMs(before: Work, now: Work, tookMs: number): number {
  const underWay = Math.min(before.underWay, now.underWay)
  const finished = now.finished - before.finished
  return underWay < UNDER_WAY_MIN || finished <= 0 ? 0 : (underWay * tookMs) / finished
}
