/** `npm run flaky`: what fails is named with the way to run it again, and nothing that it started is left. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ROOT } from '../tidy/source.ts'

const SOUND = `
  import t from 'tap'
  t.test('counts to three', async (t) => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    t.pass('three')
  })`
const BROKEN = `
  import t from 'tap'
  t.test('a promise', async (t) => { t.equal(1, 2, 'one is two') })`

function flaky(t: Test, ...options: string[]): { status: number | null; stdout: string } {
  // Below the repository: the tests import tap from there.
  const folder = t.testdir({ 'sound.test.ts': SOUND, 'broken.test.ts': BROKEN })
  const files = ['sound.test.ts', 'broken.test.ts'].map((name) => join(folder, name))
  const env = { ...process.env, NODE_OPTIONS: '' }
  const script = join(ROOT, 'scripts/flaky.mjs')
  return spawnSync(process.execPath, [script, ...options, ...files], { env, encoding: 'utf8' })
}

t.test('what fails under a condition is named, and how to see it again', async (t) => {
  const { status, stdout } = flaky(t, '--rounds', '1', '--conditions', 'quiet,stalls', '--seed', '7')
  t.equal(status, 1)
  t.match(stdout, /^quiet: 1 rounds of 2 files, 1 failed$/m)
  t.match(stdout, /^stalls: 1 rounds of 2 files, 1 failed$/m)
  t.match(stdout, /^4 runs, 2 failed \(seed 7\)$/m)
  t.match(stdout, /^FAILED \S*broken\.test\.ts, stalls, round 1; .*\n {2}exit code 1\n {4}not ok 1 - one is two$/m)
  t.match(stdout, /again: npm run flaky -- --conditions stalls --rounds 1 --seed 7 \S*broken\.test\.ts/)
  t.notMatch(stdout, /FAILED \S*sound/)
})

t.test('a condition or a number that makes no sense is named', async (t) => {
  t.not(flaky(t, '--conditions', 'windy').status, 0)
  t.not(flaky(t, '--rounds', '0').status, 0)
})
