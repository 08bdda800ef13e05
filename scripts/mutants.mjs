/**
 * Plants bugs, one at a time, and sees whether the checks catch them: `npm run mutants [-- --only name --write]`.
 *
 * src is transpiled once (no type check), and each mutant is a copy of that with one file changed; a child process then
 * hunts for it (mutants/hunt.mjs) until something is caught. First of all the code without a mutant must pass every hunt:
 * otherwise nothing below means anything. A mutant that survives is a missing check, and ends the run with 1.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import ts from 'typescript'
import { MUTANTS } from './mutants/list.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '200' },
    children: { type: 'string', default: '2' },
    timeout: { type: 'string', default: '180' },
    write: { type: 'boolean', default: false },
  },
})
const root = dirname(dirname(fileURLToPath(import.meta.url)))
// Below the root, so that packages are found; a directory of its own, so that two runs do not meet.
const work = join(root, '.build/mutants', String(process.pid))
const base = join(work, 'base')
const page = join(root, 'docs/TESTING.md')
const BEGIN = '<!-- mutants: written by `npm run mutants -- --write` -->'
const END = '<!-- /mutants -->'
const HEALTHY = { name: 'no mutant', file: null }

const wanted = MUTANTS.filter(({ name }) => values.only.split(',').some((part) => name.includes(part)))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
transpile()
const changes = new Map(wanted.map((mutant) => [mutant, change(mutant)]))
const healthy = await hunt(HEALTHY)
if (healthy.caughtBy !== null) {
  console.error(`the code without a mutant does not pass: ${healthy.caughtBy}: ${healthy.detail}`)
  process.exit(1)
}
console.log(`no mutant: every hunt passes, ${healthy.seconds} s`)
const results = await inParallel(wanted, Number(values.children))
const survivors = results.filter(({ caughtBy }) => caughtBy === null)
console.log(`\n${table(results)}\n${results.length} mutants, ${survivors.length} survived`)
if (values.write) await write(results)
process.exitCode = survivors.length > 0 ? 1 : 0

function transpile() {
  for (const room of ['src', 'test/session', 'test/messenger', 'test/support']) {
    for (const path of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|js|json)$/.test(path) || path.endsWith('.d.ts')) continue
      const text = readFileSync(join(root, room, path), 'utf8')
      put(join(base, room, path), text)
    }
  }
  put(join(base, 'package.json'), '{ "type": "module" }')
}

function put(path, text) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path.replace(/\.ts$/, '.js'), path.endsWith('.ts') ? toJavaScript(text) : text)
}

function toJavaScript(text) {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
  }
  return ts.transpileModule(text, { compilerOptions }).outputText
}

/** The text of the mutant's file. What is to be replaced must be there exactly once. */
function change({ name, file, find, replace }) {
  const text = readFileSync(join(root, 'src', file), 'utf8')
  const places = text.split(find).length - 1
  if (places === 1) return text.replace(find, () => replace)
  console.error(`${name}: the mutant does not apply any more: its text is ${places} times in src/${file}`)
  return process.exit(1)
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
function hunt(mutant) {
  const { promise, resolve } = Promise.withResolvers?.() ?? deferred()
  const place = mutant.file === null ? base : join(work, `mutant-${MUTANTS.indexOf(mutant)}`)
  if (mutant.file !== null) {
    cpSync(base, place, { recursive: true })
    put(join(place, 'src', mutant.file), changes.get(mutant))
  }
  const startMs = performance.now()
  const args = [join(root, 'scripts/mutants/hunt.mjs'), place, values.seeds]
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
  const rows = results.map(({ name, what, file, caughtBy, after, seconds }) => {
    const cells = [`${name}: ${what}`, `\`${file}\``, caughtBy ?? '**survived**', after, seconds]
    return `| ${cells.join(' | ')} |`
  })
  return ['| mutant | in src | caught by | after | s |', '| - | - | - | - | -: |', ...rows].join('\n')
}

async function write(results) {
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const after = rest?.split(END)[1]
  if (after === undefined) throw new Error(`docs/TESTING.md has lost its marks: ${BEGIN} … ${END}`)
  const made = await format(table(results), { parser: 'markdown' })
  writeFileSync(page, `${before}${BEGIN}\n\n${made}\n${END}${after}`)
}
