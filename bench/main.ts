/**
 * `npm run bench`: runs a plan, prints its tables, and writes docs/BENCHMARKS.md with its charts and the raw results.
 *
 * `-- --full` runs everything; `-- --only "one-way 64,connect"` runs some experiments of the plan and writes nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { runMicro } from './micro/main.ts'
import type { MicroResult } from './micro/suite.ts'
import { fullPlan, shortPlan, type Plan } from './plan.ts'
import { latencyChart, throughputChart } from './report/charts.ts'
import { markdown, table } from './report/markdown.ts'
import { runExperiment, type Outcome } from './results.ts'

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))

const { values } = parseArgs({
  options: { full: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const plan = values.full ? fullPlan() : shortPlan()
const only = values.only?.split(',')

const outcomes: Outcome[] = []
for (const experiment of plan.experiments) {
  if (only !== undefined && !only.includes(experiment.id)) continue
  const outcome = await runExperiment(experiment, progress)
  progress('')
  console.log(`## ${experiment.title}\n\n${await pretty(table(outcome), 'BENCHMARKS.md')}`)
  outcomes.push(outcome)
}
if (only === undefined) await write(plan, outcomes, await runMicro(progress))

async function write(done: Plan, all: readonly Outcome[], micro: readonly MicroResult[]): Promise<void> {
  mkdirSync(`${DOCS}bench`, { recursive: true })
  const raw = JSON.stringify({ node: process.version, plan: done.name, outcomes: all, micro })
  writeFileSync(`${DOCS}bench/results.json`, await pretty(raw, 'results.json'))
  writeFileSync(`${DOCS}bench/throughput.svg`, throughputChart(all))
  writeFileSync(`${DOCS}bench/latency.svg`, latencyChart(all))
  writeFileSync(`${DOCS}BENCHMARKS.md`, await pretty(markdown(done, all, micro), 'BENCHMARKS.md'))
  progress('')
  console.log('Written: docs/BENCHMARKS.md, docs/bench/results.json, docs/bench/throughput.svg, docs/bench/latency.svg')
}

async function pretty(text: string, name: string): Promise<string> {
  const filepath = `${DOCS}${name}`
  return await format(text, { ...(await resolveConfig(filepath)), filepath })
}

/** A line that the next one overwrites; only where a person looks. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}
