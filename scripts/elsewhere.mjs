/**
 * Tries the package where this repository does not run: under Bun and Deno, and with older TypeScript.
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

const folder = mkdtempSync(join(tmpdir(), 'inkwire-elsewhere-'))
const run = (command, args, options) => spawnSync(command, args, { stdio: 'inherit', ...options }).status ?? 1
try {
  writeFileSync(join(folder, 'package.json'), '{}')
  let status = run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...WANTED], { cwd: folder })
  if (status === 0) {
    const tests = ['test/house/package/runtimes.test.ts', 'test/house/package/compilers.test.ts']
    const env = { ...process.env, INKWIRE_ELSEWHERE: folder }
    status = run('npx', ['tap', '--disable-coverage', '--reporter=terse', ...tests], { env })
  }
  process.exitCode = status
} finally {
  rmSync(folder, { recursive: true, force: true })
}
