/** When silence on an open link means that it is dead: as data and one pure function. */

/** Both in ms, from 1 to 2^31 - 1. Of a policy with `keepalive: false` both are Infinity: nothing is asked. */
export interface Keepalive {
  /** After this long without a byte from the peer, it is asked for one. */
  readonly intervalMs: number
  /** After this long without a byte from the peer, the link is a fault. Greater than `intervalMs`. */
  readonly timeoutMs: number
}

/** What to do at `nowMs` about a peer that was last heard at `heardMs` and last asked at `askedMs`. */
export function keepaliveVerdict(
  keepalive: Keepalive,
  nowMs: number,
  heardMs: number,
  askedMs: number,
): 'wait' | 'ask' | 'dead' {
  // Sums, as in the deadline below: a difference may round the other way, and the timer would fire for nothing, for ever.
  if (nowMs >= heardMs + keepalive.timeoutMs) return 'dead'
  return nowMs >= heardMs + keepalive.intervalMs && askedMs <= heardMs ? 'ask' : 'wait'
}

/** When to look again, in ms on the clock of `heardMs`. */
export function keepaliveDeadline(keepalive: Keepalive, heardMs: number, askedMs: number): number {
  return heardMs + (askedMs > heardMs ? keepalive.timeoutMs : keepalive.intervalMs)
}
