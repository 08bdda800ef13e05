/**
 * When silence on an open link means that it is dead: as data and pure functions.
 *
 * Only a peer that was asked, and had its time to answer, is dead: whoever looks too late asks first.
 */

/** Both in ms, from 1 to 2^31 - 1. Of a policy with `keepalive: false` both are Infinity: nothing is asked. */
export interface Keepalive {
  /** After this long without a byte from the peer, it is asked for one. Default 10,000. */
  readonly intervalMs: number
  /** After this long without a byte from the peer, the link is a fault. Greater than `intervalMs`. Default 30,000. */
  readonly timeoutMs: number
}

/** What to do at `nowMs` about a peer that was last heard at `heardMs` and last asked at `askedMs`. */
export function keepaliveVerdict(
  keepalive: Keepalive,
  nowMs: number,
  heardMs: number,
  askedMs: number,
): 'wait' | 'ask' | 'dead' {
  // The same sums as in the deadline below: a difference may round the other way, and the timer would fire for nothing.
  if (nowMs < keepaliveDeadline(keepalive, heardMs, askedMs)) return 'wait'
  return askedMs > heardMs ? 'dead' : 'ask'
}

/** When to look again, in ms on the clock of `heardMs`. */
export function keepaliveDeadline(keepalive: Keepalive, heardMs: number, askedMs: number): number {
  if (askedMs <= heardMs) return heardMs + keepalive.intervalMs
  const { intervalMs, timeoutMs } = keepalive
  // Asked in time, it has the rest of the timeout; asked late, as much again.
  const lateMs = Math.max(0, askedMs - (heardMs + intervalMs))
  return heardMs + timeoutMs + lateMs
}
