/**
 * Times in buckets: bounds that are the same for everybody, so that what several processes counted can be added.
 *
 * Three to a decade, from 10 µs to 100 s: what Prometheus and OpenTelemetry take as they are.
 */

/** Upper bounds in ms, ascending; behind the last one is everything else. */
export const BOUNDS_MS: readonly number[] = [
  ...[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50],
  ...[100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000],
]

export class Histogram {
  readonly counts: number[] = new Array<number>(BOUNDS_MS.length + 1).fill(0)
  count = 0
  sumMs = 0
  maxMs = 0

  add(ms: number): void {
    let bucket = 0
    while (bucket < BOUNDS_MS.length && ms > BOUNDS_MS[bucket]!) bucket++
    this.counts[bucket]!++
    this.count++
    this.sumMs += ms
    this.maxMs = Math.max(this.maxMs, ms)
  }

  /** The bound below which this part (0 to 1) of all lies, in ms, and never above the largest; 0 when there are none. */
  quantileMs(part: number): number {
    const wanted = Math.ceil(this.count * part)
    let seen = 0
    for (const [bucket, count] of this.counts.entries()) {
      seen += count
      if (seen >= wanted && seen > 0) return Math.min(BOUNDS_MS[bucket] ?? this.maxMs, this.maxMs)
    }
    return 0
  }
}
