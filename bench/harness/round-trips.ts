/** What is told of requests and replies: how many, how long each took, and what both processes used. */
import type { Histogram } from './histogram.ts'
import type { Measured } from './run.ts'
import type { Usage } from './usage.ts'

export function roundTrips(count: number, latencies: Histogram, client: Usage, server: Usage): Measured {
  const { p50, p99, p999 } = latencies.percentiles()
  return {
    'requests/s': (count / client.wallMs) * 1000,
    'p50 µs': p50,
    'p99 µs': p99,
    'p99.9 µs': p999,
    'CPU s per million': ((client.cpuSeconds + server.cpuSeconds) / count) * 1e6,
    'client RSS MB': client.rssBytes / 1e6,
    'server RSS MB': server.rssBytes / 1e6,
  }
}
