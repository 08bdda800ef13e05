/**
 * Searches the group machine, one run per seed: `npm run soak:groups -- --seeds 100000 [--from 1] [--members 5]`.
 *
 * Prints a line now and then, and for each seed that fails which laws it broke and the command that shows it again. Runs
 * the built package.
 *
 * With --processes seven members in as many processes instead, which hum through a hundred changes, kills, stops and cuts.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    members: { type: 'string' },
    dist: { type: 'string', default: '../dist' },
    failures: { type: 'string', default: '5' },
    processes: { type: 'boolean', default: false },
  },
})
if (values.processes) process.exit(hum())
const { exploreGroup, explainGroup } = await import(`${values.dist}/testing/index.js`)
const first = Number(values.from)
const members = values.members === undefined ? undefined : Number(values.members)
const startMs = performance.now()
let failures = 0
let views = 0
let messages = 0
let done = 0

while (done < Number(values.seeds) && failures < Number(values.failures)) {
  const seed = first + done++
  const run = exploreGroup({ seed, members })
  views += run.views
  messages += run.messages
  if (run.violations.length > 0) {
    failures++
    console.log(`\n${explainGroup(seed, run.violations)}`)
  }
  if (done % 1000 === 0 || done === Number(values.seeds)) {
    const seconds = Math.round((performance.now() - startMs) / 1000)
    console.log(`${done} seeds, ${failures} failed, ${views} views, ${messages} messages told, ${seconds} s`)
  }
}
process.exitCode = failures === 0 ? 0 : 1

/** The test of processes, in its long form. */
function hum() {
  const long = {
    INKWIRE_GROUP_MEMBERS: '7',
    INKWIRE_GROUP_CHANGES: '100',
    INKWIRE_GROUP_STOP_MS: '10000',
    INKWIRE_GROUP_LARGE_EVERY: '29',
    TAP_TIMEOUT: '3600',
  }
  const args = ['--import', './scripts/typescript/register.mjs', 'test/sockets/groups.test.ts']
  return spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...long, ...process.env } }).status ?? 1
}
