/**
 * Runs simulated worlds, one per seed, until the seeds are used up: `npm run soak -- --seeds 1000 [--from 1]`. With --paths only
 * those that have a second network, on which sessions go to and fro; with --buffers worlds of remote buffers.
 *
 * Prints a line now and then, and for each seed that fails what happened and the command that shows it again. With
 * --verbose also the last lines of the trace; with --shrink the smallest plan that still fails, and a file with it that `--plan`
 * runs again. Runs the built package.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    dist: { type: 'string', default: '../dist' },
    failures: { type: 'string', default: '5' },
    verbose: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    plan: { type: 'string' },
    paths: { type: 'boolean', default: false },
    buffers: { type: 'boolean', default: false },
  },
})
const { drawPlan, simulate, explainSimulation, shrink, exploreBuffers, explainBuffers } = await import(
  `${values.dist}/testing/index.js`
)
const first = Number(values.from)
const count = values.plan === undefined ? Number(values.seeds) : 1
const startMs = performance.now()
let failures = 0
let messages = 0
let virtualMs = 0
let done = 0
let seed = first - 1

if (values.buffers) await soakBuffers()
else await soakWorlds()
process.exitCode = failures === 0 ? 0 : 1

async function soakWorlds() {
  while (done < count && failures < Number(values.failures)) {
    seed++
    if (values.paths && values.plan === undefined && drawPlan(seed).paths === null) continue
    done++
    const run = await simulate(values.plan === undefined ? seed : readPlan(values.plan))
    messages += run.messages
    virtualMs += run.virtualMs
    if (run.violations.length > 0) await tellFailure(run)
    if (done % 100 === 0 || done === count) tellProgress()
  }
}

async function soakBuffers() {
  while (done < count && failures < Number(values.failures)) {
    seed++
    done++
    const run = await exploreBuffers({ seed })
    for (const ended of run.ends.values()) messages += ended
    if (run.violations.length > 0) {
      failures++
      console.log(`\n${explainBuffers(seed, run.violations)}`)
    }
    if (done % 100 === 0 || done === count) console.log(`${done} seeds, ${failures} failed, ${messages} transfers`)
  }
}

async function tellFailure(run) {
  failures++
  console.log(`\n${explainSimulation(run)}`)
  if (values.verbose) console.log(`\ntrace, last lines:\n${run.trace.slice(-200).join('\n')}`)
  if (!values.shrink) return
  const plan = await shrink(run)
  const text = JSON.stringify(plan, (_, value) => (value === Infinity ? 'Infinity' : value), 1)
  const file = `.build/soak/seed-${run.seed}.json`
  mkdirSync('.build/soak', { recursive: true })
  writeFileSync(file, text)
  console.log(`\nsmallest plan that fails:\n${text}\n\nreplay: npm run soak -- --plan ${file} --verbose`)
}

/** Infinity is no JSON. */
function readPlan(file) {
  return JSON.parse(readFileSync(file, 'utf8'), (_, value) => (value === 'Infinity' ? Infinity : value))
}

function tellProgress() {
  const seconds = (performance.now() - startMs) / 1000
  const rate = (done / seconds).toFixed(1)
  const hours = (virtualMs / 3_600_000).toFixed(2)
  console.log(`${done} seeds, ${failures} failed, ${messages} messages, ${hours} virtual hours, ${rate} seeds/s`)
}
