/**
 * Metrics as text for a scrape: the exposition format of Prometheus, version 0.0.4, which OpenMetrics readers and `prom-client`'s
 * merged registries take, too. Written here: it is a page of text, and no reason for a dependency.
 */
import { linesOf, type Family, type HistogramFamily, type Labels, type Line } from './metrics.ts'

/** What a scrape is told that it gets. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function prometheusText(all: readonly (Family | HistogramFamily)[], common: Labels): string {
  const lines: string[] = []
  for (const family of all) {
    if (family.samples.length === 0) continue
    const { name, help, type } = family
    lines.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`)
    for (const one of linesOf(family, common)) lines.push(line(one))
  }
  return `${lines.join('\n')}\n`
}

function line({ name, labels, value }: Line): string {
  const named = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`)
  return `${name}${named.length === 0 ? '' : `{${named.join(',')}}`} ${value}`
}

/** Names of peers and calls are anything. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
