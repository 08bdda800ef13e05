/** When to dial again after failures: exponential with jitter, as data and one pure function. */

/** Bounds of the wait between dials. */
export interface Backoff {
  /** Wait after the first failure, in ms, 1 to 2^31 - 1. Default 50. */
  readonly firstMs: number
  /** Longest wait, in ms, 1 to 2^31 - 1, not below `firstMs`. Default 10,000. */
  readonly maxMs: number
  /** Part of each wait that is random: 0 (none) to 1 (anything from 0 to the full wait). Default 0.5. */
  readonly jitter: number
}

/** The wait after the `failures`-th failure in a row (from 1), in ms; `random` is in [0, 1). */
export function backoffMs(backoff: Backoff, failures: number, random: number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failures - 1, 30))
  return full * (1 - backoff.jitter * random)
}
