/**
 * Hunts for the mutant in one transpiled copy: `node hunt.mjs <directory> <seeds>`, started by ../mutants.mjs.
 *
 * Cheapest first: the model checker over its small plans, and over the beginnings of its large ones; the scenarios of the
 * machine and of failover; random worlds; the unit tests of session and messenger. Each line on stdout says what is tried now; the last one, with `done`, what caught it (null:
 * nothing). A line that is not followed by another one tells where a mutant hung.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How many states of each large plan are searched. */
const STATES_MAX = 3000
const BUFFER_WORLDS = 20
const ROOMS = ['session', 'policies', 'messenger']
/** It starts a script. */
const NOT_HERE = ['edges.test.js']

const [directory, seeds, how = 'all'] = process.argv.slice(2)
const load = (path) => import(pathToFileURL(join(directory, path)).href)
// A promise that nobody waits for is what some mutants leave behind; it counts as a catch.
process.on('unhandledRejection', (thrown) => caught({ ...now, detail: `unhandled: ${thrown?.message ?? thrown}` }))
let now = { hunter: 'the start', after: '' }

if (how === 'all') {
  await model()
  await scenarios()
  await swarm()
  units(ROOMS)
} else {
  // The tests of the file itself first: mostly they know.
  if (how === 'units' || how.startsWith('groups/')) await groups()
  if (how === 'units' || how.startsWith('transactions/machine/')) {
    await once()
    await calls()
  }
  if (how === 'units' || how.startsWith('buffers/')) await bufferWorlds()
  if (how !== 'units') {
    const file = `${basename(how, '.ts')}.test.js`
    unit(dirname(how), file)
    if (dirname(how).endsWith('/machine')) unit(dirname(dirname(how)), file)
  }
  units(roomsOf(how))
  if (how.startsWith('buffers/')) unit('../worlds', 'buffers.test.js')
  if (how.startsWith('messenger/endpoint')) unit('../worlds', 'endpoints.test.js')
  if (how === 'wire/hlc.ts') unit('../worlds', 'stamps.test.js')
  if (how.startsWith('transactions/'))
    for (const file of ['once', 'crashes', 'bursts', 'transactions']) unit('../worlds/calls', `${file}.test.js`)
  if (how === 'units') units(['wire/native', 'wire', 'auth', 'transactions'])
}
say({ hunter: null, after: how === 'all' ? `${seeds} seeds` : '', done: true })

async function model() {
  const { Checker } = await load('src/testing/model/checker.js')
  const { SMALL_PLANS, LARGE_PLANS } = await load('src/testing/model/plans.js')
  let before = 0
  for (const plan of [...SMALL_PLANS, ...LARGE_PLANS]) {
    now = { hunter: 'model', after: `${before} states` }
    say(now)
    const { states, violation } = new Checker(plan).run(STATES_MAX)
    before += states
    if (violation !== null) caught({ hunter: 'model', after: `${before} states`, detail: firstLine(violation) })
  }
}

/** Every scenario of the machine, then the failover table: what both sides saw, and the laws. */
async function scenarios() {
  const { play } = await load('test/worlds/stage.js')
  const { observed } = await load('test/worlds/met.js')
  const { BEHAVIOURS } = await load('test/worlds/machine/behaviours.js')
  const { SCENARIOS } = await load('test/worlds/failover/scenarios.js')
  const plots = [
    ...BEHAVIOURS.map((behaviour) => [behaviour, behaviour.injections ?? []]),
    ...SCENARIOS.flatMap((scenario) => scenario.runs.map((run) => [scenario, run])),
  ]
  for (const [plot, injections] of plots) {
    now = { hunter: 'scenarios', after: plot.name }
    say(now)
    let seen
    const met = await observed(async () => {
      seen = await play(plot, injections).catch(({ message }) => ({ test: message }))
    })
    const { test, peer, unhit, violations } = seen
    if (test !== plot.test) caught({ ...now, detail: `test: ${test}` })
    if (peer !== plot.peer) caught({ ...now, detail: `peer: ${peer}` })
    const missed = (plot.meets ?? []).filter((one) => !met.has(one))
    if (missed.length > 0) caught({ ...now, detail: `not met: ${missed.join(', ')}` })
    if (unhit.length > 0 || violations !== '') caught({ ...now, detail: firstLine(`${unhit.join()}${violations}`) })
  }
}

async function swarm() {
  const { simulate } = await load('src/testing/swarm/simulate.js')
  for (let seed = 1; seed <= Number(seeds); seed++) {
    now = { hunter: 'swarm', after: seed === 1 ? '1 seed' : `${seed} seeds` }
    say(now)
    const [violation] = (await simulate(seed)).violations
    if (violation) caught({ ...now, detail: `${violation.law} ${firstLine(violation.message)}` })
  }
}

/** What is told step by step, the scenarios by name, then every order within small bounds, then random troubles. */
async function groups() {
  for (const file of ['steps', 'hostile', 'codec', 'scenarios', 'overlaps']) unit('groups/machine', `${file}.test.js`)
  const { GroupSearch } = await load('src/testing/model/groups/search.js')
  const { SMALL_GROUP_PLANS, LARGE_GROUP_PLANS } = await load('src/testing/model/groups/plans.js')
  for (const plan of [...SMALL_GROUP_PLANS, ...LARGE_GROUP_PLANS]) {
    now = { hunter: 'search of groups', after: plan.name }
    say(now)
    const { states, violation } = new GroupSearch(plan).run(2 * STATES_MAX)
    if (violation !== null) caught({ ...now, after: `${plan.name}, ${states} states`, detail: firstLine(violation) })
  }
  const { exploreGroup } = await load('src/testing/groups/explore.js')
  for (let seed = 1; seed <= Number(seeds); seed++) {
    now = { hunter: 'random groups', after: `${seed} seeds` }
    say(now)
    const [violation] = exploreGroup({ seed }).violations
    if (violation) caught({ ...now, detail: `${violation.law} ${violation.text}` })
  }
}

/** Owners, holders and forwarders of remote buffers, at random: cheaper than their tests, and mostly it is enough. */
async function bufferWorlds() {
  const { exploreBuffers } = await load('src/testing/buffers/explore.js')
  for (let seed = 1; seed <= BUFFER_WORLDS; seed++) {
    now = { hunter: 'worlds of buffers', after: `${seed} seeds` }
    say(now)
    const [violation] = (await exploreBuffers({ seed })).violations
    if (violation) caught({ ...now, detail: `${violation.law} ${violation.text}` })
  }
}

/** What a caller and its server can hear of a call, in every order. */
async function calls() {
  const { CallSearch } = await load('src/testing/model/calls/search.js')
  const { SMALL_CALL_PLANS, LARGE_CALL_PLANS } = await load('src/testing/model/calls/plans.js')
  for (const plan of [...SMALL_CALL_PLANS, ...LARGE_CALL_PLANS]) {
    now = { hunter: 'search of calls', after: plan.name }
    say(now)
    const { states, violation } = new CallSearch(plan).run(5 * STATES_MAX)
    if (violation !== null) caught({ ...now, after: `${plan.name}, ${states} states`, detail: firstLine(violation) })
  }
}

/** The same of calls that are to run once, asked again and again. */
async function once() {
  const { OnceSearch } = await load('src/testing/model/once/search.js')
  const { SMALL_ONCE_PLANS } = await load('src/testing/model/once/plans.js')
  for (const plan of SMALL_ONCE_PLANS) {
    now = { hunter: 'search of calls that run once', after: plan.name }
    say(now)
    const { states, violation } = new OnceSearch(plan).run()
    if (violation !== null) caught({ ...now, after: `${plan.name}, ${states} states`, detail: firstLine(violation) })
  }
}

/** Whose tests know of a file. */
function roomsOf(file) {
  if (file === 'common/delivery-window.ts') return ['session', 'transactions']
  if (/^(wire|common)\//.test(file)) return ['wire/native', 'wire', 'auth']
  if (file.startsWith('buffers/')) return ['buffers']
  if (file.startsWith('groups/')) return []
  if (file.startsWith('auth/')) return ['auth', 'wire/native']
  if (file.startsWith('transports/')) return ['transports', 'messenger']
  if (file.startsWith('messenger/')) return ['messenger', 'session']
  if (file.startsWith('transactions/')) return ['transactions']
  return ['session', 'session/endpoint', 'session/path', 'session/routes', 'policies']
}

function units(rooms) {
  for (const room of rooms) {
    const files = readdirSync(join(directory, 'test/unit', room)).filter((name) => name.endsWith('.test.js'))
    for (const file of files) if (!NOT_HERE.includes(file)) unit(room, file)
  }
}

function unit(room, file) {
  const path = join(directory, 'test/unit', room, file)
  if (!existsSync(path)) return
  now = { hunter: 'unit tests', after: `test/unit/${room}/${file.replace(/js$/, 'ts')}` }
  say(now)
  const { status, stdout } = spawnSync(process.execPath, [path], {
    encoding: 'utf8',
    cwd: directory,
    // A busy machine is slow, and that is no catch; whoever started this ends what hangs.
    env: { ...process.env, TAP_TIMEOUT: '600' },
    maxBuffer: 1 << 26,
  })
  const failed = stdout.split('\n').find((line) => /^ *not ok/.test(line))
  if (status !== 0) caught({ ...now, detail: (failed ?? `exit ${status}`).trim() })
}

function firstLine(text) {
  return text.split('\n')[0].slice(0, 300)
}

function say(line) {
  console.log(JSON.stringify(line))
}

function caught(line) {
  say({ ...line, done: true })
  process.exit(0)
}
