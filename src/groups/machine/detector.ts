/**
 * Who is still there: suspects a peer that was silent for much longer than it used to be, and itself first.
 *
 * The silence that is allowed follows the gaps between signs of life: their mean and eight times their deviation, between a floor and
 * a ceiling. When our own ticks come late, this process stood still, and what its peers sent meanwhile was not read: the time
 * that was lost counts against nobody. Suspicion lasts until the peer is heard again. Pure.
 */
export interface DetectorTimes {
  readonly tickMs: number
  /** Nobody is suspected before. */
  readonly suspectAfterMs: number
  /** Everybody is by then. */
  readonly suspectByMs: number
}

interface Watched {
  heardMs: number
  meanMs: number
  deviationMs: number
  state: 'trusted' | 'suspected'
}

/** A tick that is later than so many of them was held up. */
const LATE_TICKS = 2
/** Shares of the newest gap in mean and deviation, as TCP has them. */
const MEAN_SHARE = 1 / 8
const DEVIATION_SHARE = 1 / 4
const DEVIATIONS = 8

export class Detector<Peer> {
  times: DetectorTimes
  readonly #watched = new Map<Peer, Watched>()
  #tickedMs: number

  constructor(times: DetectorTimes, nowMs: number) {
    this.times = times
    this.#tickedMs = nowMs
  }

  watch(peer: Peer, nowMs: number): void {
    const { tickMs } = this.times
    if (this.#watched.has(peer)) return
    this.#watched.set(peer, { heardMs: nowMs, meanMs: tickMs, deviationMs: tickMs / 2, state: 'trusted' })
  }

  forget(peer: Peer): void {
    this.#watched.delete(peer)
  }

  isWatched(peer: Peer): boolean {
    return this.#watched.has(peer)
  }

  isSuspected(peer: Peer): boolean {
    return this.#watched.get(peer)?.state === 'suspected'
  }

  /** A sign of life. True: it was suspected, and is no more. */
  heard(peer: Peer, nowMs: number): boolean {
    const watched = this.#watched.get(peer)
    if (watched === undefined) return false
    const gapMs = nowMs - watched.heardMs
    watched.heardMs = nowMs
    if (watched.state === 'suspected') {
      watched.state = 'trusted'
      return true
    }
    const off = Math.abs(gapMs - watched.meanMs)
    watched.meanMs += (gapMs - watched.meanMs) * MEAN_SHARE
    watched.deviationMs += (off - watched.deviationMs) * DEVIATION_SHARE
    return false
  }

  /** Who is suspected from now on. */
  tick(nowMs: number): Peer[] {
    const { tickMs, suspectAfterMs, suspectByMs } = this.times
    const lostMs = nowMs - this.#tickedMs - tickMs
    this.#tickedMs = nowMs
    const isLate = lostMs > LATE_TICKS * tickMs
    const suspected: Peer[] = []
    for (const [peer, watched] of this.#watched) {
      if (isLate) watched.heardMs = Math.min(nowMs, watched.heardMs + lostMs)
      if (watched.state === 'suspected') continue
      const allowedMs = watched.meanMs + DEVIATIONS * watched.deviationMs
      if (nowMs - watched.heardMs <= Math.min(suspectByMs, Math.max(suspectAfterMs, allowedMs))) continue
      watched.state = 'suspected'
      suspected.push(peer)
    }
    return suspected
  }
}
