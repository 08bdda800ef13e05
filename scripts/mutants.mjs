/**
 * Plants bugs, one at a time, and sees whether the checks catch them: `npm run mutants [-- --only name-or-file --write]`.
 *
 * With `--more`, the many small slips of mutants/more instead, by the unit tests of their rooms alone: seconds each.
 *
 * src is transpiled once (no type check), and each mutant is a copy of that with one file changed; a child process then
 * hunts for it (mutants/hunt.mjs) until something is caught. First of all the code without a mutant must pass every hunt:
 * otherwise nothing below means anything. A mutant that survives is a missing check, and ends the run with 1.
 */
import { spawn } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { MUTANTS } from './mutants/list.mjs'
import { MORE } from './mutants/more.mjs'
import { put, transpileRooms } from './transpile.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '200' },
    children: { type: 'string', default: '2' },
    timeout: { type: 'string', default: '180' },
    write: { type: 'boolean', default: false },
    more: { type: 'boolean', default: false },
  },
})
const root = dirname(dirname(fileURLToPath(import.meta.url)))
// Below the root, so that packages are found; a directory of its own, so that two runs do not meet.
const work = join(root, '.build/mutants', String(process.pid))
const base = join(work, 'base')
const page = join(root, 'docs/TESTING.md')
const BEGIN = '<!-- mutants: written by `npm run mutants -- --write` -->'
const END = '<!-- /mutants -->'
/** Of more rooms all units are run at once. */
const ROOMS_MAX = 2
const HEALTHY = { name: 'no mutant', file: null }

const list = values.more ? MORE : MUTANTS
const wanted = list.filter(({ name, file }) => values.only.split(',').some((part) => `${name} ${file}`.includes(part)))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const UNITS = [
  'common',
  'session',
  'policies',
  'messenger',
  'wire',
  'auth',
  'transports',
  'transactions',
  'buffers',
  'groups',
].map((room) => `test/unit/${room}`)
transpileRooms(root, ['src', ...UNITS, 'test/worlds', 'test/support'], base)
const changes = new Map(wanted.map((mutant) => [mutant, change(mutant)]))
for (const how of hunts()) {
  const healthy = await hunt(HEALTHY, how)
  if (healthy.caughtBy !== null) {
    console.error(`the code without a mutant does not pass: ${healthy.caughtBy}: ${healthy.detail}`)
    process.exit(1)
  }
  console.log(`no mutant: every hunt passes (${how}), ${healthy.seconds} s`)
}
const results = await inParallel(wanted, Number(values.children))
// Two that change nothing: they are named with the reason.
const survivors = results.filter(({ caughtBy, equivalent }) => caughtBy === null && equivalent === undefined)
console.log(`\n${table(results)}\n${results.length} mutants, ${survivors.length} survived`)
if (values.write && !values.more) await write(results)
process.exitCode = survivors.length > 0 ? 1 : 0

/** The text of the mutant's file. What is to be replaced must be there exactly once. */
function change({ name, file, find, replace }) {
  const text = readFileSync(join(root, 'src', file), 'utf8')
  const places = text.split(find).length - 1
  if (places === 1) return text.replace(find, () => replace)
  console.error(`${name}: the mutant does not apply any more: its text is ${places} times in src/${file}`)
  return process.exit(1)
}

/** What must pass without a mutant: what hunts for those that are wanted. Of one room it is the same for each. */
function hunts() {
  if (!values.more) return ['all']
  const ofRooms = new Map(wanted.map(({ file }) => [file.split('/', 1)[0], file]))
  return ofRooms.size > ROOMS_MAX ? ['units'] : [...ofRooms.values()]
}

async function inParallel(mutants, children) {
  const waiting = [...mutants.entries()]
  const found = []
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, mutant] = next
      const result = await hunt(mutant)
      found[at] = result
      console.log(`${result.name}: ${result.caughtBy ?? 'SURVIVED'} ${result.after}, ${result.seconds} s`)
      if (result.caughtBy !== null) console.log(`    ${result.detail}`)
    }
  }
  await Promise.all(Array.from({ length: children }, worker))
  return found
}

/** Runs one child. It says on stdout where it is, a line of JSON each; the last line counts. */
function hunt(mutant, how = values.more ? mutant.file : 'all') {
  const { promise, resolve } = Promise.withResolvers?.() ?? deferred()
  const place = mutant.file === null ? base : join(work, `mutant-${list.indexOf(mutant)}`)
  if (mutant.file !== null) {
    cpSync(base, place, { recursive: true })
    put(join(place, 'src', mutant.file), changes.get(mutant))
  }
  const startMs = performance.now()
  const args = [join(root, 'scripts/mutants/hunt.mjs'), place, values.seeds, how]
  const child = spawn(process.execPath, ['--max-old-space-size=1500', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let complaint = ''
  let hangs = false
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (complaint = (complaint + chunk).slice(-2000)))
  const timer = setTimeout(
    () => {
      hangs = true
      child.kill('SIGKILL')
    },
    Number(values.timeout) * 1000,
  )
  child.on('close', (code) => {
    clearTimeout(timer)
    const last = JSON.parse(said.trim().split('\n').pop() || '{"hunter":"the start","after":""}')
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
    if (mutant.file !== null) rmSync(place, { recursive: true, force: true })
    resolve({ ...mutant, seconds, ...verdict(last, { code, hangs, complaint }) })
  })
  return promise
}

function verdict(last, { code, hangs, complaint }) {
  const { hunter, after, detail = '', done = false } = last
  if (done) return { caughtBy: hunter, after, detail }
  if (hangs) return { caughtBy: `${hunter}: it hangs`, after, detail: `stopped after ${values.timeout} s` }
  return { caughtBy: `${hunter}: it dies`, after, detail: `exit ${code}: ${complaint.trim().split('\n').pop()}` }
}

function deferred() {
  let resolve
  const promise = new Promise((settle) => (resolve = settle))
  return { promise, resolve }
}

function table(results) {
  return tableOf(
    results.map(({ name, what, file, caughtBy, after, seconds }) => {
      const cells = [`${name}: ${what ?? ''}`, `\`${file}\``, caughtBy ?? '**survived**', after, seconds]
      return `| ${cells.join(' | ')} |`
    }),
  )
}

function tableOf(rows) {
  return ['| mutant | in src | caught by | after | s |', '| - | - | - | - | -: |', ...rows].join('\n')
}

/** Rows of mutants that were not run stay as they are; those of mutants that are gone go. */
async function write(results) {
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const [old, after] = rest?.split(END) ?? []
  if (after === undefined) throw new Error(`docs/TESTING.md has lost its marks: ${BEGIN} … ${END}`)
  const rowsOf = (lines) => new Map(lines.split('\n').map((line) => [line.split('|')[1]?.split(':')[0].trim(), line]))
  const [known, made] = [rowsOf(old), rowsOf(table(results))]
  const rows = MUTANTS.flatMap(({ name }) => made.get(name) ?? known.get(name) ?? [])
  writeFileSync(page, `${before}${BEGIN}\n\n${await format(tableOf(rows), { parser: 'markdown' })}\n${END}${after}`)
}
