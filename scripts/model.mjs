/**
 * Checks the larger plans of the model checkers, of sessions, groups, buffers and calls, each in a process of its own: `npm run model [-- --only name]`.
 *
 * Prints for each plan what was searched, and the way to the first broken law. `--write` writes the table of
 * docs/TESTING.md, when all were searched. The longest plans begin first, so that two processes end together. Runs the built package.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format } from 'prettier'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    children: { type: 'string', default: '2' },
    states: { type: 'string', default: 'Infinity' },
    dist: { type: 'string', default: '../.build/model' },
    plan: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const load = (room) => import(`${values.dist}/testing/model/${room}.js`)
const [{ Checker }, { LARGE_PLANS }] = [await load('checker'), await load('plans')]
const [{ GroupSearch }, { LARGE_GROUP_PLANS }] = [await load('groups/search'), await load('groups/plans')]
const [{ BufferSearch }, { LARGE_BUFFER_PLANS }] = [await load('buffers/search'), await load('buffers/plans')]
const [{ CallSearch }, { LARGE_CALL_PLANS }] = [await load('calls/search'), await load('calls/plans')]
const [{ OnceSearch }, { LARGE_ONCE_PLANS }] = [await load('once/search'), await load('once/plans')]
const PLANS = [...LARGE_PLANS, ...LARGE_GROUP_PLANS, ...LARGE_BUFFER_PLANS, ...LARGE_CALL_PLANS, ...LARGE_ONCE_PLANS]
const page = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/TESTING.md')
const BEGIN = '<!-- model: written by `npm run model -- --write` -->'
const END = '<!-- /model -->'

if (values.plan === undefined) await all()
else one(PLANS[Number(values.plan)])

/** In a child: searches, and says what came of it as one line of JSON. */
function one(plan) {
  const result = searchOf(plan).run(Number(values.states))
  const { user, system } = process.cpuUsage()
  console.log(JSON.stringify({ ...result, seconds: ((user + system) / 1e6).toFixed(1) }))
}

function searchOf(plan) {
  if (LARGE_GROUP_PLANS.includes(plan)) return new GroupSearch(plan)
  if (LARGE_CALL_PLANS.includes(plan)) return new CallSearch(plan)
  if (LARGE_ONCE_PLANS.includes(plan)) return new OnceSearch(plan)
  return LARGE_BUFFER_PLANS.includes(plan) ? new BufferSearch(plan) : new Checker(plan)
}

async function all() {
  const wanted = PLANS.filter(({ name }) => name.includes(values.only))
  // Those with more freedom take longer; it need not be exact.
  const waiting = [...wanted].sort((a, b) => freedom(b) - freedom(a))
  const results = new Map()
  const worker = async () => {
    for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
      const result = await search(plan)
      results.set(plan, result)
      tell(plan, result)
    }
  }
  await Promise.all(Array.from({ length: Number(values.children) }, worker))
  if (values.write && wanted.length === PLANS.length) await write(wanted.map((plan) => [plan, results.get(plan)]))
}

function freedom(plan) {
  const { nodes, bounds, members, publishes, resets, parts, crashes, leaves, ticks, kinds, uses, lastMs } = plan
  if (LARGE_ONCE_PLANS.includes(plan)) return plan.calls ** 2 + plan.losses + plan.restarts
  if (LARGE_CALL_PLANS.includes(plan)) return plan.calls.length ** 2 + plan.caller.length + plan.handler.length
  if (kinds !== undefined) return kinds.length ** 2 + 2 * uses + lastMs
  if (members !== undefined) return members ** 2 + publishes.length + resets + parts + crashes + leaves + ticks
  const messages = nodes.reduce((sum, { sends }) => sum + sends.length, 0)
  const ways = Object.values(bounds).reduce((sum, bound) => sum + bound, 0)
  return nodes.length ** 2 + messages + ways
}

function search(plan) {
  const options = ['--plan', PLANS.indexOf(plan), '--states', values.states, '--dist', values.dist]
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...options.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  return new Promise((resolve) => {
    child.on('close', (code) => resolve(code === 0 ? JSON.parse(said) : { violation: `the search died: exit ${code}` }))
  })
}

function tell({ name }, { states, edges, depth, complete, violation, seconds }) {
  if (violation !== null) process.exitCode = 1
  const how = complete ? '' : ' (incomplete)'
  console.log(`${name}: ${states} states, ${edges} edges, depth ${depth}, ${seconds} s${how}`)
  if (violation !== null) console.log(violation)
}

async function write(results) {
  const rows = results.map(([{ name }, { states, edges, depth, complete }]) => {
    const found = complete ? [states, edges, depth] : ['incomplete', edges, depth]
    return `| ${[name, ...found].join(' | ')} |`
  })
  const table = ['| plan | states | edges | depth |', '| - | -: | -: | -: |', ...rows].join('\n')
  const [before, rest] = readFileSync(page, 'utf8').split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`docs/TESTING.md has lost its marks: ${BEGIN} … ${END}`)
  writeFileSync(page, `${before}${BEGIN}\n\n${await format(table, { parser: 'markdown' })}\n${END}${after}`)
}
