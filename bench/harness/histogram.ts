/**
 * Latencies in logarithmic buckets, as in HDR histograms: 64 buckets per power of two, so a value is off by 1.6 % at most.
 *
 * From 0.1 µs to over an hour in 2,400 counters; recording is a logarithm and an addition, and allocates nothing.
 */
const BUCKETS_PER_OCTAVE = 64
const SMALLEST_US = 0.1
const OCTAVES = 36

/** Percentiles in µs. */
export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly count: number
}

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS_PER_OCTAVE * OCTAVES)
  #count = 0
  #maxUs = 0

  record(us: number): void {
    const bucket = Math.floor(Math.log2(Math.max(us, SMALLEST_US) / SMALLEST_US) * BUCKETS_PER_OCTAVE)
    const index = Math.min(bucket, this.#counts.length - 1)
    this.#counts[index]!++
    this.#count++
    if (us > this.#maxUs) this.#maxUs = us
  }

  /** The value that this part (0 to 1) of all values does not exceed, in µs. */
  quantile(part: number): number {
    let left = Math.max(1, Math.ceil(part * this.#count))
    for (let index = 0; index < this.#counts.length; index++) {
      left -= this.#counts[index]!
      if (left <= 0) return Math.min(SMALLEST_US * 2 ** ((index + 0.5) / BUCKETS_PER_OCTAVE), this.#maxUs)
    }
    return this.#maxUs
  }

  percentiles(): Percentiles {
    return {
      p50: this.quantile(0.5),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.#maxUs,
      count: this.#count,
    }
  }
}
