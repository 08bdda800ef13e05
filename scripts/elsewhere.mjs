/**
 * Tries the package where this repository does not run: under Bun and Deno, with older TypeScript, and what only newer Nodes can.
 *
 * They are installed from npm into a folder of their own, because together they weigh more than all that development
 * needs; so this wants a network, and is no part of `npm test`. Build first.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const WANTED = [
  'bun',
  'deno',
  ...['5.4', '5.6', '5.8'].map((version) => `typescript-${version}@npm:typescript@~${version}.0`),
]

/** Of which sockets move between threads. */
const NODES = ['24', '26']

const folder = mkdtempSync(join(tmpdir(), 'inkwire-elsewhere-'))
const run = (command, args, options) => spawnSync(command, args, { stdio: 'inherit', ...options }).status ?? 1
try {
  writeFileSync(join(folder, 'package.json'), '{}')
  let status = run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', ...WANTED, ...NODES.map(packageOf)],
    { cwd: folder },
  )
  if (status === 0) {
    const tests = ['test/house/package/runtimes.test.ts', 'test/house/package/compilers.test.ts']
    const env = { ...process.env, INKWIRE_ELSEWHERE: folder }
    status = run('npx', ['tap', '--disable-coverage', '--reporter=terse', ...tests], { env })
  }
  for (const version of NODES) {
    const node = join(folder, 'node_modules', `node-${version}`, 'bin/node')
    const args = ['--import', './scripts/typescript/register.mjs', 'test/sockets/threads.test.ts']
    status ||= run(node, args, { env: { ...process.env, TAP_TIMEOUT: '300' } })
  }
  process.exitCode = status
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** An alias each, beside the others. */
function packageOf(version) {
  return `node-${version}@npm:node@${version}`
}
