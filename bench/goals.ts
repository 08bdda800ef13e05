/**
 * The goals, as ratios within one run, so that they hold on any machine; each is looked up in the results of the run.
 */
import type { Outcome } from './results.ts'
import { figure } from './results.ts'

const CHUNK_BYTES = 128 * 1024

export interface Goal {
  readonly text: string
  /** What must be reached at least, or at the most. */
  readonly target: number
  readonly atMost: boolean
  /** Null when the run did not measure it. */
  readonly reached: number | null
}

type Value = number | null

export function goals(outcomes: readonly Outcome[]): Goal[] {
  const rate = (id: string, subject: string): Value => figure(outcomes, id, subject, 'messages/s')
  const against = (id: string, what: string, subject: string, target: number): Goal =>
    atLeast(`${what} ≥ ${target} × ${subject === 'bare' ? 'the ceiling' : subject}`, target, ratioOf(id, subject))
  const ratioOf = (id: string, subject: string): Value => ratio(rate(id, 'inkwire'), rate(id, subject))
  return [
    against('one-way 64', 'one way 64 B', 'zeromq', 10),
    against('one-way 64', 'one way 64 B', 'nats', 4),
    against('one-way 64', 'one way 64 B', 'bare', 0.25),
    against('one-way 4096', 'one way 4 KiB', 'zeromq', 3.5),
    against('one-way 4096', 'one way 4 KiB', 'bare', 0.7),
    ...(['65536', '1048576'] as const).flatMap((size) => {
      const what = `one way ${size === '65536' ? '64 KiB' : '1 MiB'}`
      const id = `one-way ${size}`
      return [against(id, what, 'zeromq', 2), against(id, what, 'ws', 1.3), against(id, what, 'bare', 0.9)]
    }),
    ...callGoals(outcomes),
    ...cephGoals(outcomes),
    ...latencyGoals(outcomes),
    ...connectionGoals(outcomes),
  ]
}

/** Beside others that have calls, and beside what is written by hand. */
function callGoals(outcomes: readonly Outcome[]): Goal[] {
  const of = (id: string, subject: string, name: string): Value => figure(outcomes, id, subject, name)
  const rate = (subject: string): Value => of('calls 64 64', subject, 'requests/s')
  const cost = (subject: string): Value => of('calls 64 64', subject, 'CPU s per million')
  const roundTrip = (subject: string): Value => of('calls 64 1', subject, 'p50 µs')
  const others = ['grpc-js', 'nats', 'rsocket'].map(rate).filter((value) => value !== null)
  const best = others.length === 0 ? null : Math.max(...others)
  return [
    atLeast(
      'calls of 64 B, 64 in flight ≥ 5 × the best of grpc-js, nats, rsocket',
      5,
      ratio(rate('inkwire call'), best),
    ),
    atMost(
      'a call of 64 B ≤ 1.15 × a round trip by hand over net',
      1.15,
      ratio(roundTrip('inkwire call'), roundTrip('net')),
    ),
    atMost('CPU of a call ≤ 1.5 × that by hand over send()', 1.5, ratio(cost('inkwire call'), cost('inkwire by hand'))),
  ]
}

/** Beside Ceph's messenger. */
function cephGoals(outcomes: readonly Outcome[]): Goal[] {
  const rate = (id: string, subject: string): Value => figure(outcomes, id, subject, 'requests/s')
  const native = ratio(rate('echo 64 64', 'inkwire'), rate('requests 64 64', 'ceph best'))
  const overMsgr2 = (size: string, what: string, target: number, peer: string): Goal => {
    const id = `requests ${size} 64`
    const text = `over msgr2, ${what}, 64 in flight ≥ ${target} × ${peer}`
    return atLeast(text, target, ratio(rate(id, 'inkwire msgr2'), rate(id, peer)))
  }
  return [
    atLeast('64 B, 64 in flight ≥ 4.7 × ceph best', 4.7, native),
    overMsgr2('64', '64 B', 3, 'ceph'),
    overMsgr2('64', '64 B', 1.5, 'ceph best'),
    overMsgr2('4096', '4 KiB', 1.5, 'ceph'),
  ]
}

function latencyGoals(outcomes: readonly Outcome[]): Goal[] {
  const roundTrip = (subject: string): Value => figure(outcomes, 'echo 64 1', subject, 'p50 µs')
  const urgent = (name: string): Value => figure(outcomes, 'priority', 'inkwire', name)
  const bulkRate = urgent('bulk alone MB/s')
  const idle = urgent('idle p99 µs')
  const allowed = bulkRate === null || idle === null ? null : (2 * CHUNK_BYTES) / bulkRate + 2 * idle
  return [
    atMost('round trip 64 B ≤ 1.15 × net', 1.15, ratio(roundTrip('inkwire'), roundTrip('net'))),
    atMost('urgent p99 under bulk ≤ two chunks + 2 × idle p99', 1, ratio(urgent('p99 µs'), allowed)),
    atLeast('bulk keeps ≥ 90 % beside urgent messages', 0.9, urgent('bulk kept')),
  ]
}

function connectionGoals(outcomes: readonly Outcome[]): Goal[] {
  const cost = (connections: number): Value =>
    figure(outcomes, `one-way 64 x${connections}`, 'inkwire', 'CPU s per million')
  return [
    atLeast('connects/s ≥ 5,000', 5000, figure(outcomes, 'connect', 'inkwire', 'connects/s')),
    atMost('idle connection ≤ 16 KiB RSS', 16, figure(outcomes, 'idle', 'inkwire', 'server RSS KiB each')),
    atMost('CPU per message, 1,000 connections ≤ 1.15 × 1', 1.15, ratio(cost(1000), cost(1))),
  ]
}

export function isMet({ reached, target, atMost }: Goal): boolean | null {
  if (reached === null) return null
  return atMost ? reached <= target : reached >= target
}

function ratio(value: Value, of: Value): Value {
  return value === null || of === null ? null : value / of
}

function atLeast(text: string, target: number, reached: Value): Goal {
  return { text, target, atMost: false, reached }
}

function atMost(text: string, target: number, reached: Value): Goal {
  return { text, target, atMost: true, reached }
}
