/** Whether the link that carries a session is read, and whether its peer lives: what the path says, done to the port. */
import type { Path } from '../session/path/path.ts'
import type { LinkPort } from './link-port.ts'
import type { Clock } from './runtime.ts'

/** Where there is no room for what comes, the link is not read. Its silence is then our own doing. */
export function throttle(port: LinkPort, { receiving, liveness }: Path, clock: Clock): void {
  const wanted = receiving.mustWait
  if (wanted === liveness.isPaused) return
  const nowMs = clock.nowMs()
  if (wanted) {
    liveness.pause(nowMs)
    port.link.pause()
  } else {
    liveness.resume(nowMs)
    port.link.resume()
  }
}

/** When the link is to be looked after, in ms. */
export function watchDeadline({ blocked }: LinkPort, { acks, liveness }: Path): number {
  const { deadlineMs } = liveness
  // A flush is scheduled already for what is due now, and `writable` will come for a link that is blocked.
  return acks.isDueNow || blocked ? deadlineMs : Math.min(deadlineMs, acks.dueMs)
}

/** Looks after it. `ask`: the peer is to be asked for a sign of life; `dead`, `starved`: the link is lost. */
export function watch(port: LinkPort, { liveness }: Path, nowMs: number): 'wait' | 'ask' | 'dead' | 'starved' {
  const verdict = liveness.look(nowMs)
  if (verdict === 'wait' || verdict === 'starved') return verdict
  // The peer is busy reading, and our question would wait behind all that.
  if (port.traffic.tookMore()) {
    liveness.heard(nowMs)
    return 'wait'
  }
  if (verdict === 'ask') liveness.asked(nowMs)
  return verdict
}
