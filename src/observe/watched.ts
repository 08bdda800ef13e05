/**
 * One connection as an observer has it: its trace, its pulse, and the question whether its peer answers.
 *
 * It holds the connection while that lives. What is left afterwards is a trace, the last dump and why it ended.
 */
import { InkwireError } from '../index.ts'
import type { Connection, ConnectionDump, ConnectionEnd, PathInfo, WaitOptions } from '../index.ts'
import type { Histogram } from './histogram.ts'
import { Pulse, type Ages, type Rates } from './pulse.ts'
import { Takes, type Durations } from './takes.ts'
import { Trace, type PeerTrace } from './trace.ts'
import { isLinked, why, type Why } from './why.ts'

/** A connection as it is told to others: plain data, for JSON. */
export interface PeerView {
  /** Of this connection, among all that this observer has seen; from 1. */
  readonly id: number
  /** The peer's name, or its address while it has told none. */
  readonly peer: string
  readonly state: string
  readonly inStateMs: number
  readonly why: Why
  readonly rates: Rates
  readonly ages: Ages
  /** How long a message and a call take, about. */
  readonly takes: Durations
  /** Links lost in the last minute. */
  readonly faultsLately: number
  /** The path of now: where it leads, and by what. Null: there is none. */
  readonly path: PathInfo | null
  readonly dump: ConnectionDump
  /** How it ended, and when; null: it lives. */
  readonly ended: { readonly atMs: number; readonly code: string; readonly reason: string } | null
}

/** What one who watches knows of the process. */
export interface Now {
  readonly nowMs: number
  readonly wallMs: number
  readonly loopLagMs: number
}

const LATELY_MS = 60_000
/** Faults whose times are kept: more of them say no more. */
const FAULTS_MAX = 32

export class Watched {
  readonly id: number
  readonly trace = new Trace()
  readonly #pulse = new Pulse()
  readonly #takes = new Takes()
  readonly #faultsMs: number[] = []
  #connection: Connection | null
  #dump: ConnectionDump
  #state: string
  #sinceMs: number
  /** When it had a link last, or was first seen. */
  #linkedMs: number
  #askedMs: number | null = null
  #ended: PeerView['ended'] = null
  /** Calls that wait in a cycle, and how much had come when that was told. */
  #cycle: { readonly calls: readonly string[]; readonly came: number } | null = null

  constructor(id: number, connection: Connection, nowMs: number) {
    this.id = id
    this.#connection = connection
    this.#dump = connection.dump()
    this.#state = this.#dump.state
    this.#sinceMs = nowMs
    this.#linkedMs = nowMs
  }

  get name(): string {
    const { peer } = this.#dump
    return peer.name ?? peer.address
  }

  get dump(): ConnectionDump {
    if (this.#connection !== null) this.#dump = this.#connection.dump()
    return this.#dump
  }

  /** It has another state. False: it had that one. */
  became(state: string, nowMs: number): boolean {
    if (state === this.#state) return false
    if (isLinked(this.#state)) this.#linkedMs = nowMs
    this.#state = state
    this.#sinceMs = nowMs
    return true
  }

  fault(nowMs: number): void {
    this.#faultsMs.push(nowMs)
    if (this.#faultsMs.length > FAULTS_MAX) this.#faultsMs.shift()
  }

  /** Calls to it wait behind messages of its own, until something comes. */
  cycle(calls: readonly string[]): void {
    this.#cycle = { calls, came: cameOf(this.dump) }
  }

  /** The time has come to look at it. */
  beat(nowMs: number): void {
    const { dump } = this
    this.#pulse.beat(dump, nowMs)
    this.#takes.beat(dump, nowMs)
  }

  /** A call of ours to it has ended. */
  called(tookMs: number): void {
    this.#takes.called(tookMs)
  }

  /** Asks the peer how far away it is, unless a question is open. */
  ask(nowMs: () => number, told: Histogram): void {
    const connection = this.#connection
    if (connection?.state !== 'open' || this.#askedMs !== null) return
    this.#askedMs = nowMs()
    const answered = (rttMs?: number): void => {
      this.#askedMs = null
      if (rttMs !== undefined) told.add(rttMs)
    }
    connection.ping().then(answered, () => {
      answered()
    })
  }

  /** @throws InkwireError `INK_CLOSED` when it is over, and what `connection.ping()` throws. */
  async ping(options: WaitOptions): Promise<number> {
    if (this.#connection !== null) return await this.#connection.ping(options)
    throw new InkwireError('INK_CLOSED', `the connection to ${this.name} is over`)
  }

  /** It is over, and held no longer. */
  end({ code, reason }: ConnectionEnd, { nowMs, wallMs }: Now): ConnectionDump {
    const last = this.dump
    this.became('closed', nowMs)
    this.#ended = { atMs: wallMs, code, reason }
    this.#connection = null
    return last
  }

  view({ nowMs, loopLagMs }: Now): PeerView {
    const { dump } = this
    const ages = this.#pulse.ages(dump, nowMs)
    const faultsLately = this.#faultsMs.filter((atMs) => nowMs - atMs < LATELY_MS).length
    const inStateMs = nowMs - this.#sinceMs
    const unlinkedMs = isLinked(this.#state) ? 0 : nowMs - this.#linkedMs
    // A link that is gone answers nothing.
    const unansweredMs = this.#askedMs === null || dump.link === null ? 0 : nowMs - this.#askedMs
    const cycle = this.#cycle?.came === cameOf(dump) ? this.#cycle.calls : []
    const takes = this.#takes.now
    const around = { name: this.name, ages, takes, inStateMs, unlinkedMs, faultsLately, loopLagMs, unansweredMs, cycle }
    return {
      id: this.id,
      peer: this.name,
      state: dump.state,
      inStateMs,
      why: why(dump, around),
      rates: this.#pulse.rates,
      ages,
      takes,
      faultsLately,
      path: this.#connection?.path ?? null,
      dump,
      ended: this.#ended,
    }
  }

  entries(): PeerTrace {
    return { id: this.id, peer: this.name, forgotten: this.trace.forgotten, entries: this.trace.entries }
  }
}

/** How many messages have come of it in this session. */
function cameOf({ lanes }: ConnectionDump): number {
  return lanes.reduce((sum, { inReceived }) => sum + inReceived, 0)
}
