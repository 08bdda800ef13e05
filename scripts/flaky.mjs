/**
 * `npm run flaky [-- options] [files]`: the tests on real sockets, again and again, on machines that are slow, busy or asleep.
 *
 *   --rounds N        how often each file runs under each condition; 10
 *   --conditions a,b  of quiet, hog, pinned, stalls (scripts/flaky/conditions.mjs); all that can be had here
 *   --seed N          of the stalls of the first round; what was drawn when left out
 *   --jobs N          files at once; 1, since tests that run beside each other are a condition of its own
 *
 * Prints what failed, by file and condition, with the command that runs that file in that way again. All that a failed run
 * said lies in .tap/flaky. Exit code 1 when anything failed. Build first: some tests use the built package.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CONDITIONS, missing } from './flaky/conditions.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const OUTPUT = join(ROOT, '.tap/flaky')
const HUNG_MS = 600_000
/** Who imports one of these opens sockets, or starts processes. */
const REAL =
  /support\/(actor|tcp-proxy|remote-peer|raw-link|ceph\/ceph-)|transport-(arena|conformance)|node:(net|child_process)'/

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '10' },
    conditions: { type: 'string', default: Object.keys(CONDITIONS).join() },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '1' },
  },
})
const rounds = wholeNumber('rounds', values.rounds)
const jobs = wholeNumber('jobs', values.jobs)
const seed = values.seed === undefined ? randomInt(2 ** 31) : wholeNumber('seed', values.seed)
const files = positionals.length > 0 ? positionals : realTests()
const running = new Set()
const failures = []
let runs = 0

mkdirSync(OUTPUT, { recursive: true })
process.once('SIGINT', () => {
  for (const stop of running) stop()
  process.exit(130)
})
for (const name of values.conditions.split(',')) {
  const condition = CONDITIONS[name]
  if (condition === undefined) throw new Error(`there is no condition '${name}', but ${Object.keys(CONDITIONS).join()}`)
  const why = missing(name)
  if (why !== null) console.log(`${name}: left out, ${why}`)
  else await tryAll(name, condition)
}
console.log(`${runs} runs, ${failures.length} failed (seed ${seed})`)
for (const { file, name, round, lines, log } of failures) {
  console.log(`\nFAILED ${file}, ${name}, round ${round}; ${relative(ROOT, log)}\n${lines.join('\n')}`)
  console.log(`  again: npm run flaky -- --conditions ${name} --rounds ${rounds} --seed ${seed + round - 1} ${file}`)
}
process.exitCode = failures.length > 0 ? 1 : 0

async function tryAll(name, condition) {
  const queue = Array.from({ length: rounds }, (_, index) => files.map((file) => ({ file, round: index + 1 }))).flat()
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await tryOnce(next, name, condition)
  }
  await Promise.all(Array.from({ length: jobs }, work))
  const failed = failures.filter((failure) => failure.name === name).length
  console.log(`${name}: ${rounds} rounds of ${files.length} files, ${failed} failed`)
}

async function tryOnce({ file, round }, name, condition) {
  const { output, why } = await runTest(file, condition, randoms(seed + round - 1))
  runs++
  if (why === null) return
  const log = join(OUTPUT, `${nameOf(file)}.${name}.${round}.tap`)
  writeFileSync(log, output)
  // The innermost come first; what holds them fails with them.
  const lines = output.split('\n').filter((line) => /^ *not ok/.test(line) && !/# (SKIP|TODO)/i.test(line))
  failures.push({ file, name, round, log, lines: [`  ${why}`, ...lines.slice(0, 5)] })
  console.log(`${name}, round ${round}: ${file} failed, ${why}`)
}

/** Runs in a process group of its own, so that all of it can stand still, and nothing of it is left. */
function runTest(file, condition, random) {
  const loader = join(ROOT, 'scripts/typescript/register.mjs')
  const [program, ...args] = condition.command([process.execPath, '--import', loader, file])
  const env = { ...process.env, TAP_TIMEOUT: '300' }
  const child = spawn(program, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = condition.begin(child, random)
  return new Promise((resolve) => {
    let output = ''
    let why = null
    const kill = () => {
      end()
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // Nothing is left of it.
      }
    }
    running.add(kill)
    const hung = setTimeout(() => {
      why = `no end within ${HUNG_MS / 1000} s`
      kill()
    }, HUNG_MS)
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    child.once('close', (code, signal) => {
      clearTimeout(hung)
      kill()
      running.delete(kill)
      if (why === null && code !== 0) why = signal === null ? `exit code ${code}` : `ended by ${signal}`
      resolve({ output, why })
    })
  })
}

function realTests() {
  const all = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).sort()
  const tests = all.filter((path) => path.endsWith('.test.ts')).map((path) => join('test', path))
  return tests.filter((path) => REAL.test(readFileSync(join(ROOT, path), 'utf8')))
}

/** Its shelves are part of it: there are several files called thrash.test.ts. */
function nameOf(file) {
  return file.replace(/^test[\\/]|\.test\.ts$/g, '').replaceAll(/[\\/:]/g, '-')
}

function wholeNumber(name, text) {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0, not '${text}'`)
  return value
}

/** A small seeded generator of numbers in [0, 1). */
function randoms(start) {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
