/** The two charts of the report: throughput by message size, and latency by load. */
import { formatNumber } from '../harness/summary.ts'
import { spread, type Outcome } from '../results.ts'
import { svg, type Series } from './chart.ts'

export function throughputChart(outcomes: readonly Outcome[]): string {
  const chosen = outcomes.filter(({ experiment }) => /^one-way \d+$/.test(experiment.id))
  return svg({
    title: 'One-way throughput by message size',
    xLabel: 'message size',
    yLabel: 'messages/s',
    series: series(chosen, (outcome, name) => [outcome.experiment.options.size, value(outcome, name, 'messages/s')]),
    formatX: formatBytes,
    formatY: formatNumber,
  })
}

/** Each point is a number of requests in flight: further right is more load, further up is a longer wait. */
export function latencyChart(outcomes: readonly Outcome[]): string {
  const chosen = outcomes.filter(({ experiment }) => /^echo 64 \d+$/.test(experiment.id))
  const of = (figure: string): Series[] =>
    series(chosen, (outcome, name) => [outcome.experiment.options.inflight, value(outcome, name, figure)])
  const p99 = of('p99 µs').map(({ name, points }) => ({ name: `${name} p99`, points }))
  const both = [...of('p50 µs'), ...p99.filter(({ name }) => /^(inkwire|net) p99$/.test(name))]
  return svg({
    title: 'Round trip of 64 B by requests in flight (p50 unless said)',
    xLabel: 'requests in flight',
    yLabel: 'µs',
    series: both,
    formatX: formatNumber,
    formatY: formatNumber,
  })
}

function series(
  outcomes: readonly Outcome[],
  point: (outcome: Outcome, subject: string) => [number, number],
): Series[] {
  const names = new Set(outcomes.flatMap(({ experiment }) => experiment.subjects))
  return [...names]
    .map((name) => ({ name, points: outcomes.map((outcome) => point(outcome, name)) }))
    .map(({ name, points }) => ({ name, points: points.filter(([, y]) => y > 0).sort(([a], [b]) => a - b) }))
    .filter(({ points }) => points.length > 1)
}

function value({ subjects }: Outcome, name: string, figure: string): number {
  return (
    spread(
      subjects.find(({ subject }) => subject === name),
      figure,
    )?.median ?? 0
  )
}

function formatBytes(bytes: number): string {
  if (bytes >= 2 ** 20) return `${bytes / 2 ** 20} MiB`
  return bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`
}
