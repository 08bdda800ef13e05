/** When to dial again after failures: exponential with jitter, as data and one pure function. */

/** Bounds of the wait between dials. */
export interface Backoff {
  /** Wait after the first failure, in ms. */
  readonly firstMs: number
  /** Longest wait, in ms. */
  readonly maxMs: number
  /** Part of each wait that is random: 0 (none) to 1 (anything from 0 to the full wait). */
  readonly jitter: number
}

/** The wait after the `failures`-th failure in a row (from 1), in ms; `random` is in [0, 1). */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failures - 1, 30))
  return full * (1 - backoff.jitter * random)
}
