/**
 * Who is in the way: what all processes say of each other, and each of itself, put together by whom it is about.
 *
 * Pure. A process that says that its own handlers or its own loop are behind speaks of itself; every other cause is about the peer.
 */
import type { PeerView, Snapshot } from '../observe/index.ts'
import { counted, time } from '../observe/words.ts'

/** A connection, with whose it is. */
export interface Row extends PeerView {
  readonly of: string
}

export interface Blamed {
  readonly name: string
  readonly severity: number
  /** Who says so of it, by name. */
  readonly by: readonly string[]
  /** The worst that they say. */
  readonly sentence: string
  /** What it says itself; null: it was not asked, or says nothing of the kind. */
  readonly own: string | null
}

/** From here on somebody waits. */
const SLOW = 2
const LAG_MS = 200
const NAMES_MAX = 5

export function rowsOf(snapshots: readonly Snapshot[]): Row[] {
  return snapshots.flatMap(({ name, peers }) => peers.map((peer) => ({ ...peer, of: name })))
}

/** The worst first; of as bad ones, whom most speak of. */
export function blamed(snapshots: readonly Snapshot[]): Blamed[] {
  const rows = rowsOf(snapshots).filter(({ why }) => why.severity >= SLOW)
  const others = rows.filter((row) => !isOwn(row))
  const own = new Map(snapshots.map((snapshot) => [snapshot.name, ownOf(snapshot)]))
  const names = new Set([...others.map(({ peer }) => peer), ...snapshots.map(({ name }) => name)])
  const all = [...names].flatMap((name): Blamed[] => {
    const of = others.filter(({ peer }) => peer === name).sort(worstFirst)
    const itself = own.get(name) ?? null
    const sentence = of[0]?.why.sentence ?? itself
    if (sentence === null) return []
    const by = [...new Set(of.map((row) => row.of))].sort()
    return [{ name, severity: of[0]?.why.severity ?? SLOW, by, sentence, own: itself }]
  })
  return all.sort((one, other) => other.severity - one.severity || other.by.length - one.by.length)
}

/** `osd.3 is in the way of 4 others (osd.0, osd.1, …): its handlers …; it says itself: …`. */
export function blameText({ name, by, sentence, own }: Blamed): string {
  if (by.length === 0) return `${name} says of itself: ${sentence}`
  const named = by.slice(0, NAMES_MAX).join(', ') + (by.length > NAMES_MAX ? ', …' : '')
  const itself = own === null ? '' : `; it says itself: ${own}`
  return `${name} is in the way of ${counted(by.length, 'other')} (${named}): ${sentence}${itself}`
}

function isOwn({ why: { cause } }: Row): boolean {
  return cause === 'here-slow' || cause === 'loop-lag'
}

export function worstFirst(one: Row, other: Row): number {
  return other.why.severity - one.why.severity || oldest(other) - oldest(one)
}

export function oldest({ ages }: Row): number {
  return Math.max(ages.peerMs, ages.hereMs, ages.queuedMs)
}

/** What a process says of itself that makes others wait. */
function ownOf(snapshot: Snapshot): string | null {
  const { loopLagMs } = snapshot
  if (loopLagMs >= LAG_MS) return `its event loop stood still for ${time(loopLagMs)} in the last interval`
  const [worst] = rowsOf([snapshot]).filter(isOwn).sort(worstFirst)
  if (worst === undefined) return null
  return worst.why.sentence + slowestOf(snapshot)
}

/** Of calls that it serves, the kind that takes longest in the mean, when it takes long. */
function slowestOf({ calls }: Snapshot): string {
  const means = calls
    .filter(({ side, times }) => side === 'served' && times.count > 0)
    .map(({ call, times: { sumMs, count } }) => ({ call, meanMs: sumMs / count }))
    .sort((one, other) => other.meanMs - one.meanMs)
  const [slowest] = means
  return slowest === undefined || slowest.meanMs < LAG_MS
    ? ''
    : `; its calls ${slowest.call} take ${time(slowest.meanMs)} in the mean`
}
