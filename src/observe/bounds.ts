/**
 * What is told to others fits what they take: of a messenger with very many connections, those that need a look.
 *
 * Pure. Limits: 2,000 connections in an answer, the worst first, and 20,000 entries of traces in all, the newest of each. Sums and
 * metrics count everybody all the same.
 */
import type { Snapshot } from './snapshot.ts'
import type { PeerTrace } from './trace.ts'

const PEERS_MAX = 2000
const ENTRIES_MAX = 20_000

export function boundedSnapshot(snapshot: Snapshot): Snapshot {
  const { peers } = snapshot
  if (peers.length <= PEERS_MAX) return snapshot
  const worst = [...peers].sort((one, other) => other.why.severity - one.why.severity)
  return { ...snapshot, peers: worst.slice(0, PEERS_MAX), peersLeftOut: peers.length - PEERS_MAX }
}

export function boundedTraces(traces: readonly PeerTrace[]): readonly PeerTrace[] {
  const each = Math.floor(ENTRIES_MAX / Math.min(PEERS_MAX, Math.max(1, traces.length)))
  return traces.slice(0, PEERS_MAX).map((one) => {
    const over = one.entries.length - each
    return over <= 0 ? one : { ...one, forgotten: one.forgotten + over, entries: one.entries.slice(over) }
  })
}
