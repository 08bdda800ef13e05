/**
 * The goals, as ratios within one run where there is something to compare with, so that they hold on any machine; each is
 * looked up in the results of the run.
 */
import type { Outcome } from './results.ts'
import { figure } from './results.ts'

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
  return [
    ...oneWayGoals(outcomes),
    ...callGoals(outcomes),
    ...msgr2Goals(outcomes),
    ...latencyGoals(outcomes),
    ...connectionGoals(outcomes),
    ...groupGoals(outcomes),
  ]
}

/** Each message of a sequencer goes out twice. */
function groupGoals(outcomes: readonly Outcome[]): Goal[] {
  const of = (name: string): Value => figure(outcomes, 'groups 64', 'inkwire', name)
  return [
    atLeast('three members, AGREED 64 B × copies ≥ 0.5 × plain messages', 0.5, of('agreed of plain')),
    atMost('three members, SAFE ≤ 3 one-way trips', 3, of('safe trips')),
  ]
}

function oneWayGoals(outcomes: readonly Outcome[]): Goal[] {
  const rate = (size: number, subject: string): Value => figure(outcomes, `one-way ${size}`, subject, 'messages/s')
  const against = (size: number, what: string, subject: string, peer: string, target: number): Goal =>
    atLeast(
      `one way ${what} ≥ ${target} × ${peer === 'bare' ? 'the ceiling' : peer}`,
      target,
      ratio(rate(size, subject), rate(size, peer)),
    )
  return [
    against(64, '64 B', 'inkwire', 'bare', 0.5),
    against(64, '64 B', 'inkwire', 'zeromq', 15),
    against(4096, '4 KiB', 'inkwire', 'zeromq', 4),
    against(4096, '4 KiB', 'inkwire', 'bare', 0.75),
    against(65536, '64 KiB, lend,', 'inkwire lend', 'zeromq', 2),
    against(65536, '64 KiB, lend,', 'inkwire lend', 'bare', 0.75),
    against(65536, '64 KiB, keep,', 'inkwire', 'zeromq', 1.3),
    against(1048576, '1 MiB, lend,', 'inkwire lend', 'zeromq', 1.4),
    against(1048576, '1 MiB, lend,', 'inkwire lend', 'bare', 0.9),
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

/** Over Ceph's protocol, beside Ceph's messenger. */
function msgr2Goals(outcomes: readonly Outcome[]): Goal[] {
  const overMsgr2 = (size: string, what: string, target: number, peer: string): Goal => {
    const rate = (subject: string): Value => figure(outcomes, `requests ${size} 64`, subject, 'requests/s')
    const text = `over msgr2, ${what}, 64 in flight ≥ ${target} × ${peer}`
    return atLeast(text, target, ratio(rate('inkwire msgr2'), rate(peer)))
  }
  return [
    overMsgr2('64', '64 B', 3, 'ceph'),
    overMsgr2('64', '64 B', 1.5, 'ceph best'),
    overMsgr2('4096', '4 KiB', 1.5, 'ceph'),
  ]
}

function latencyGoals(outcomes: readonly Outcome[]): Goal[] {
  const roundTrip = (subject: string): Value => figure(outcomes, 'echo 64 1', subject, 'p50 µs')
  const many = (name: string): Value => figure(outcomes, 'echo 64 64', 'inkwire', name)
  const ceph = (name: string): Value => figure(outcomes, 'requests 64 64', 'ceph best', name)
  const urgent = (subject: string): Value => figure(outcomes, 'priority', subject, 'p99 µs')
  return [
    atMost('round trip 64 B ≤ 0.35 × net', 0.35, ratio(roundTrip('inkwire'), roundTrip('net'))),
    atLeast('64 B, 64 in flight ≥ 10 × ceph best', 10, ratio(many('requests/s'), ceph('requests/s'))),
    atMost('64 B, 64 in flight, p99 ≤ that of ceph best', 1, ratio(many('p99 µs'), ceph('p99 µs'))),
    atMost('urgent p99 under bulk ≤ that of the ceiling', 1, ratio(urgent('inkwire'), urgent('bare'))),
  ]
}

/** CPU time and memory of a connection are absolute: no other library has what they pay for. */
function connectionGoals(outcomes: readonly Outcome[]): Goal[] {
  const cost = (connections: number): Value =>
    figure(outcomes, `one-way 64 x${connections}`, 'inkwire', 'CPU s per million')
  const connects = (subject: string): Value => figure(outcomes, 'connect', subject, 'connects/s')
  const spent = (side: string): Value => figure(outcomes, 'connect', 'inkwire', `${side} CPU µs`)
  return [
    atLeast('connects/s, 32 at a time ≥ 0.4 × net', 0.4, ratio(connects('inkwire'), connects('net'))),
    atMost('connect, request, reply, end ≤ 150 µs CPU, dialler', 150, spent('client')),
    atMost('connect, request, reply, end ≤ 150 µs CPU, acceptor', 150, spent('server')),
    atMost(
      'idle connection, after ten seconds, ≤ 12 KiB RSS',
      12,
      figure(outcomes, 'idle', 'inkwire', 'server RSS KiB each'),
    ),
    atMost('CPU per message, 1,000 connections ≤ 1.3 × 1', 1.3, ratio(cost(1000), cost(1))),
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
