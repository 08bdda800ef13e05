/**
 * All that an observer knows, as plain data for JSON: what the admin socket, the command line and the dashboard show.
 *
 * `v` is 1. Fields may be added; none changes its meaning while that stays.
 */
import type { MessengerDump } from '../index.ts'
import type { CallTimes } from './calls.ts'
import type { HealthReport } from './health.ts'
import type { Histogram } from './histogram.ts'
import type { Counters } from './totals.ts'
import type { PeerView } from './watched.ts'

/** What a histogram is as data. */
export type HistogramData = Pick<Histogram, 'counts' | 'count' | 'sumMs' | 'maxMs'>

export interface Snapshot extends Omit<MessengerDump, 'connections'> {
  readonly v: 1
  /** Wall time, in ms since 1970. */
  readonly atMs: number
  /** How long the observer has looked, in ms. */
  readonly observedMs: number
  readonly everyMs: number
  readonly process: {
    readonly pid: number
    readonly node: string
    readonly platform: string
    readonly uptimeS: number
    readonly rssBytes: number
    readonly heapBytes: number
  }
  /** How late timers of the process were in the last interval, in ms. */
  readonly loopLagMs: number
  readonly health: HealthReport
  readonly peers: readonly PeerView[]
  /** Sums by peer, of all of its connections ever. */
  readonly counters: Readonly<Record<string, Counters>>
  /** How many events there were of each type. */
  readonly events: Readonly<Record<string, number>>
  readonly rtt: HistogramData
  readonly calls: readonly (Omit<CallTimes, 'times'> & { readonly times: HistogramData })[]
  readonly callsRunning: { readonly asked: number; readonly served: number }
}

export function dataOf({ counts, count, sumMs, maxMs }: Histogram): HistogramData {
  return { counts: [...counts], count, sumMs, maxMs }
}
