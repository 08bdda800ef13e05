/**
 * `npm test [-- files and options of tap]`: every test, or some.
 *
 * On a terminal tap shows what it does. Elsewhere one line per file and the failures are enough (tap-summary.mjs), and the
 * whole report goes to .tap/report.tap. What the tests import is compiled before, once: else every process that meets a
 * source first would load a compiler.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compiled } from './typescript/compile.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const ROOMS = ['src', 'test', 'bench', 'examples']

for (const room of ROOMS) {
  for (const path of readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('node_modules'))
      compiled(join(ROOT, room, path))
  }
}
const options = process.stdout.isTTY ? [] : ['--reporter=./scripts/tap-summary.mjs']
// tap leaves a processor free, and so runs one file after the other where there are two: but many files mostly wait for daemons.
const jobs = Math.max(2, availableParallelism() - 1)
process.argv.splice(2, 0, '--disable-coverage', `--jobs=${jobs}`, ...options)
await import(runner())

/** tap's command, in this process: signals then reach it as they should. */
function runner() {
  const manifest = fileURLToPath(import.meta.resolve('tap/package.json'))
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8'))
  return pathToFileURL(join(dirname(manifest), bin.tap)).href
}
