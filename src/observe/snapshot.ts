/**
 * All that an observer knows, as plain data for JSON: what the admin socket, the command line and the dashboard show.
 *
 * `v` is 1. Fields may be added; none changes its meaning while that stays.
 */
import type { BuffersDump } from '../buffers/index.ts'
import type { GroupDump } from '../groups/index.ts'
import type { MessengerDump } from '../index.ts'
import type { CallTimes } from './calls.ts'
import type { HealthReport } from './health.ts'
import type { Histogram } from './histogram.ts'
import type { Counters } from './totals.ts'
import type { PeerView } from './watched.ts'

/** What a histogram is as data. */
export type HistogramData = Pick<Histogram, 'counts' | 'count' | 'sumMs' | 'maxMs'>

/** All that an observer knows, as plain data for JSON. Fields may be added; none changes its meaning while `v` is 1. */
export interface Snapshot extends Omit<MessengerDump, 'connections' | 'layers'> {
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
  /** Of very many, those that an answer has no room for. */
  readonly peersLeftOut: number
  /** Sums by peer, of all of its connections ever. */
  readonly counters: Readonly<Record<string, Counters>>
  /** How many events there were of each type. */
  readonly events: Readonly<Record<string, number>>
  readonly rtt: HistogramData
  readonly calls: readonly (Omit<CallTimes, 'times'> & { readonly times: HistogramData })[]
  readonly callsRunning: { readonly asked: number; readonly served: number }
  /** The groups that this messenger is a member of. */
  readonly groups: readonly GroupDump[]
  /** Null: it lends no buffers and takes none. */
  readonly buffers: BuffersDump | null
}

/** Those of layers that are in use, by the names under which they show themselves. */
export function layersOf({ layers }: Pick<MessengerDump, 'layers'>): Pick<Snapshot, 'groups' | 'buffers'> {
  const { groups = [], buffers = null } = layers as { groups?: readonly GroupDump[]; buffers?: BuffersDump }
  return { groups, buffers }
}

export function dataOf({ counts, count, sumMs, maxMs }: Histogram): HistogramData {
  return { counts: [...counts], count, sumMs, maxMs }
}

/** This process, as it is now. */
export function processNow(): Snapshot['process'] {
  const { rss, heapUsed } = process.memoryUsage()
  return {
    pid: process.pid,
    node: process.version,
    platform: process.platform,
    uptimeS: Math.round(process.uptime()),
    rssBytes: rss,
    heapBytes: heapUsed,
  }
}
