/**
 * What is measured, as families of samples with labels: one list, from which Prometheus' text, metrics of `prom-client` and OpenTelemetry's
 * instruments are made.
 *
 * Times are in seconds and names end in their unit, as both want it.
 */
import { BOUNDS_MS, type Histogram } from './histogram.ts'
import type { Snapshot } from './snapshot.ts'

/** Names and values that tell samples of a family apart. */
export type Labels = Readonly<Record<string, string>>

/** One value with its labels. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** One histogram with its labels. */
export interface HistogramSample {
  readonly labels: Labels
  readonly count: number
  readonly sumS: number
  /** Upper bounds in seconds, with how many lie at or below each. */
  readonly buckets: readonly { readonly leS: number; readonly count: number }[]
}

/** A counter or a gauge, with all its samples. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly unit: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly Sample[]
}

/** A histogram, with all its samples. */
export interface HistogramFamily {
  readonly name: string
  readonly help: string
  readonly unit: 's'
  readonly type: 'histogram'
  readonly samples: readonly HistogramSample[]
}

/** One line of a scrape. */
export interface Line {
  readonly name: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** A histogram has a line for each bucket, one for all of them, its sum, and its count. */
export function linesOf(family: Family | HistogramFamily, common: Labels): Line[] {
  const { name } = family
  if (family.type !== 'histogram')
    return family.samples.map(({ labels, value }) => ({ name, labels: { ...common, ...labels }, value }))
  return family.samples.flatMap(({ labels, count, sumS, buckets }) => {
    const all = { ...common, ...labels }
    const bounded = [...buckets.map(({ leS, count }) => [leS, count] as const), ['+Inf', count] as const]
    return [
      ...bounded.map(([le, value]) => ({ name: `${name}_bucket`, labels: { ...all, le }, value })),
      { name: `${name}_sum`, labels: all, value: sumS },
      { name: `${name}_count`, labels: all, value: count },
    ]
  })
}

const COUNTERS = {
  sentMessages: ['messages_sent', 'Messages accepted for sending and put on a link for the first time'],
  sentBytes: ['bytes_sent', 'Bytes of those messages'],
  receivedMessages: ['messages_received', 'Messages received whole, without duplicates'],
  receivedBytes: ['bytes_received', 'Bytes of those messages'],
  replayedMessages: ['messages_replayed', 'Messages sent again on a new link'],
  withdrawnMessages: ['messages_withdrawn', 'Messages taken back by their senders before they were on any link'],
  failedMessages: ['messages_failed', 'Messages of ours that failed at the peer, as it says'],
  failedHandlers: ['handlers_failed', 'Messages of the peer that failed here'],
  duplicates: ['duplicates_received', 'Messages that came again and were dropped'],
  faults: ['link_faults', 'Links that were lost or never came about'],
  races: ['link_races', 'Links given up because another one of the pair goes first'],
  sessions: ['sessions', 'Sessions that began'],
  resumes: ['sessions_resumed', 'Sessions that went on over a new link'],
  switches: ['paths_switched', 'Times that a session went to another path while it was open'],
} as const

/** Per peer, and summed over its connections where it has several. */
const GAUGES: readonly (readonly [string, string, string, (peer: Snapshot['peers'][number]) => number])[] = [
  ['queued_messages', '', 'Messages accepted and not acked', ({ dump }) => dump.queuedMessages],
  ['queued_bytes', 'bytes', 'Bytes accepted and not acked', ({ dump }) => dump.queuedBytes],
  ['held_messages', '', 'Messages of the peer that handlers hold here', ({ dump }) => dump.heldMessages],
  ['held_bytes', 'bytes', 'Bytes of the peer that handlers hold here', ({ dump }) => dump.heldBytes],
  ['waiting_messages', '', 'Messages of the peer that wait for a handler here', ({ dump }) => dump.waitingMessages],
  ['credit_free_messages', '', 'Messages that the peer lets us send now', ({ dump }) => dump.creditFree.messages],
  [
    'queue_age_seconds',
    's',
    'Age of the oldest message that is on no link, at least',
    ({ ages }) => ages.queuedMs / 1000,
  ],
  [
    'peer_behind_seconds',
    's',
    'Age of the oldest message that the peer has not finished, at least',
    ({ ages }) => ages.peerMs / 1000,
  ],
  [
    'here_behind_seconds',
    's',
    'Age of the oldest message that we have not finished, at least',
    ({ ages }) => ages.hereMs / 1000,
  ],
  [
    'rtt_seconds',
    's',
    'Time of the last answer of the peer to a question of the protocol',
    ({ dump }) => (dump.link?.rttMs ?? 0) / 1000,
  ],
  ['open', '', 'Connections with a link that carries the session', ({ dump }) => (dump.link === null ? 0 : 1)],
]

export function families(snapshot: Snapshot, label: (peer: string) => string): Family[] {
  const { counters, events, peers, health } = snapshot
  const counted = Object.entries(COUNTERS).map(([name, [metric, help]]): Family => {
    const samples = Object.entries(counters).map(([peer, sums]) => ({
      labels: { peer },
      value: sums[name as keyof typeof COUNTERS],
    }))
    return {
      name: `inkwire_${metric}_total`,
      help,
      unit: /bytes/.test(metric) ? 'bytes' : '',
      type: 'counter',
      samples,
    }
  })
  const gauged = GAUGES.map(([metric, unit, help, read]): Family => {
    const sums = new Map<string, number>()
    for (const peer of peers) sums.set(label(peer.peer), (sums.get(label(peer.peer)) ?? 0) + read(peer))
    const samples = [...sums].map(([peer, value]) => ({ labels: { peer }, value }))
    return { name: `inkwire_${metric}`, help, unit, type: 'gauge', samples }
  })
  const one = (name: string, unit: string, help: string, value: number): Family => {
    return { name: `inkwire_${name}`, help, unit, type: 'gauge', samples: [{ labels: {}, value }] }
  }
  const services = [['', health.status] as const, ...Object.entries(health.services)]
  return [
    ...counted,
    ...gauged,
    {
      ...{ name: 'inkwire_events_total', help: 'Events of the messenger', unit: '', type: 'counter' },
      samples: Object.entries(events).map(([type, value]) => ({ labels: { type }, value })),
    },
    {
      ...{
        name: 'inkwire_serving',
        help: 'Whether a service serves; of the name "", all of them',
        unit: '',
        type: 'gauge',
      },
      samples: services.map(([service, status]) => ({ labels: { service }, value: status === 'SERVING' ? 1 : 0 })),
    },
    one('half_open_links', '', 'Accepted links that carry no session, or not yet', snapshot.halfOpenLinks),
    one('loop_lag_seconds', 's', 'How late timers were in the last interval', snapshot.loopLagMs / 1000),
  ]
}

export function histograms({ rtt, calls }: Pick<Snapshot, 'rtt' | 'calls'>): HistogramFamily[] {
  const family = (name: string, help: string, samples: HistogramSample[]): HistogramFamily => {
    return { name: `inkwire_${name}`, help, unit: 's', type: 'histogram', samples }
  }
  return [
    family('ping_duration_seconds', 'Answers of all peers to questions of the protocol', [sampleOf(rtt, {})]),
    family(
      'call_duration_seconds',
      'Calls, by name, side and outcome',
      calls.map(({ call, side, outcome, times }) => sampleOf(times, { call, side, outcome })),
    ),
  ]
}

function sampleOf(times: Pick<Histogram, 'counts' | 'count' | 'sumMs'>, labels: Labels): HistogramSample {
  let sum = 0
  const buckets = BOUNDS_MS.map((boundMs, bucket) => {
    sum += times.counts[bucket] ?? 0
    return { leS: boundMs / 1000, count: sum }
  })
  return { labels, count: times.count, sumS: times.sumMs / 1000, buckets }
}
