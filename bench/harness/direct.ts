/**
 * Runs one workload from the command line, alternating the subjects, and prints each result and the medians.
 *
 * node .build/bench/macro/one-way.js --subjects inkwire,bare --size 64 --seconds 2 --runs 3
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { missing } from '../subjects/index.ts'
import { runPair } from './pair.ts'
import { formatNumber, summarize } from './summary.ts'
import { DEFAULT_RUN, type Measured, type RunOptions } from './run.ts'

/** Does nothing unless the module of the workload is what Node was started with. */
export async function runDirectly(meta: ImportMeta, workload: string, headline: string): Promise<void> {
  if (process.argv[1] === undefined || fileURLToPath(meta.url) !== process.argv[1]) return
  const { subjects, runs, options } = readArguments(workload)
  const results = new Map<string, Measured[]>(subjects.map((subject) => [subject, []]))
  for (let run = 0; run < runs; run++) {
    for (const subject of subjects) {
      const measured = await runPair(workload, subject, options)
      results.get(subject)?.push(measured)
      console.log(`${subject.padEnd(20)} ${describe(measured)}`)
    }
  }
  console.log()
  for (const [subject, all] of results) {
    const { median, min, max } = summarize(all.map((measured) => measured[headline] ?? NaN))
    const spread = `${formatNumber(min)} .. ${formatNumber(max)}`
    console.log(`${subject.padEnd(20)} ${formatNumber(median).padStart(12)} ${headline}  (${spread})`)
  }
}

function readArguments(workload: string): { subjects: string[]; runs: number; options: RunOptions } {
  const { values } = parseArgs({
    options: {
      subjects: { type: 'string', default: workload === 'resume' ? 'inkwire' : 'inkwire,bare' },
      runs: { type: 'string', default: '3' },
      size: { type: 'string' },
      seconds: { type: 'string' },
      inflight: { type: 'string' },
      connections: { type: 'string' },
      burst: { type: 'string' },
    },
  })
  const options = { ...DEFAULT_RUN }
  for (const name of ['size', 'seconds', 'inflight', 'connections', 'burst'] as const) {
    const value = values[name]
    if (value !== undefined) Object.assign(options, { [name]: Number(value) })
  }
  const subjects = values.subjects.split(',')
  for (const subject of subjects) {
    const why = missing(subject)
    if (why !== null) console.log(`${subject}: ${why}`)
  }
  return { subjects: subjects.filter((subject) => missing(subject) === null), runs: Number(values.runs), options }
}

function describe(measured: Measured): string {
  return Object.entries(measured)
    .map(([name, value]) => `${formatNumber(value)} ${name}`)
    .join(', ')
}
