/**
 * The object store of examples/, run as a user runs it: built, as real processes, on a tree made for the purpose.
 *
 * Needs `.build/examples`, which `npm test` builds. Every child inherits the pipe of its standard error, so a run whose
 * pipe has closed has left no process behind; and its temporary directory must be empty.
 */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { helpText, parseOptions } from '../../../examples/object-store/options.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MAIN = join(ROOT, '.build/examples/object-store/main.js')

interface Run {
  readonly code: number | null
  readonly output: string
  /** What is left in the temporary directory. */
  readonly left: readonly string[]
}

/** Small files, an empty one, one of several parts, names that need care, and what is not a file. */
function makeTree(t: Test): string {
  const tree = t.testdir({ 'with space': {}, déjà: { 'vu #1.txt': 'accents' }, empty: '' })
  mkdirSync(join(tree, 'many'))
  for (let index = 0; index < 300; index++) {
    writeFileSync(join(tree, 'many', `${index}.bin`), Buffer.alloc(index * 37, index))
  }
  writeFileSync(join(tree, 'with space', 'large'), Buffer.alloc(3_500_000, 'large'))
  symlinkSync('empty', join(tree, 'link'))
  symlinkSync('nowhere', join(tree, 'dangling'))
  return tree
}

function start(t: Test, args: readonly string[], onOutput: (text: string, child: ChildProcess) => void = () => {}) {
  const temporary = t.testdirName + '-tmp'
  rmSync(temporary, { recursive: true, force: true })
  mkdirSync(temporary, { recursive: true })
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onOutput(output, child)
    })
  }
  return new Promise<Run>((resolve) => {
    child.once('close', (code) => resolve({ code, output, left: readdirSync(temporary) }))
  })
}

/** The number behind a name in the summary. */
function figure(output: string, name: string): number {
  const found = new RegExp(`(?:^|  )${name} +([\\d,]+)`, 'm').exec(output)
  return Number(found?.[1]?.replaceAll(',', '') ?? NaN)
}

t.before(() => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run npm run build`)
})

t.test('nothing is lost or altered while links are cut and a daemon is killed', async (t) => {
  const run = await start(t, [makeTree(t), '--cut-every-ms', '40', '--part-mib', '1'])
  t.equal(run.code, 0, run.output)
  t.equal(figure(run.output, 'files'), 303)
  t.equal(figure(run.output, 'objects'), 306, 'the large file is in four parts')
  t.equal(figure(run.output, 'daemons killed'), 1)
  t.equal(figure(run.output, 'lost'), 0)
  t.equal(figure(run.output, 'altered'), 0)
  t.ok(figure(run.output, 'links cut') > 20, 'links were cut')
  t.ok(figure(run.output, 'resumes') > 10, 'sessions went on over new links')
  t.ok(figure(run.output, 'messages handed back') > 0, 'what the killed daemon had not acked came back')
  t.match(run.output, /OK: nothing was lost/)
  t.strictSame(run.left, [], 'the objects are removed')
})

t.test('a copy with one wrong byte and a copy that is gone are found', async (t) => {
  const args = ['--max-files', '40', '--kills', '0', '--daemons', '2', '--corrupt-one', '--lose-one']
  const run = await start(t, [makeTree(t), ...args])
  t.equal(run.code, 1, run.output)
  t.equal(figure(run.output, 'altered'), 1)
  t.equal(figure(run.output, 'lost'), 1)
  t.match(run.output, /FAILED: lost: 1\n +\S.* on osd\.0: it is not there\naltered: 1\n +\S.* on osd\.0/)
  t.strictSame(run.left, [])
})

t.test('without cuts and kills no link is lost and nothing is sent twice', async (t) => {
  const run = await start(t, [makeTree(t), '--cut-every-ms', '0', '--kills', '0', '--max-files', '100'])
  t.equal(run.code, 0, run.output)
  for (const name of ['links cut', 'resumes', 'replays', 'messages handed back', 'client retries']) {
    t.equal(figure(run.output, name), 0, name)
  }
})

t.test('an interrupted run stops its processes and removes its objects', async (t) => {
  const run = await start(t, [makeTree(t), '--kills', '50'], (output, child) => {
    if (/killed with SIGKILL/.test(output)) child.kill('SIGINT')
  })
  t.equal(run.code, 130, run.output)
  t.strictSame(run.left, [])
})

t.test('processes end with their supervisor, even when that is killed', async (t) => {
  const run = await start(t, [makeTree(t), '--kills', '50'], (output, child) => {
    if (/killed with SIGKILL/.test(output)) child.kill('SIGKILL')
  })
  t.equal(run.code, null, 'and the pipe has closed')
})

t.test('a wrong command line gets an answer that helps', async (t) => {
  const wrong: [args: string[], expected: RegExp][] = [
    [['--daemons', '0'], /--daemons must be a whole number from 1 to 9, not '0'/],
    [['--copies', '4'], /--copies must be a whole number from 1 to 3/],
    [['--cut-every-ms', 'often'], /--cut-every-ms must be a whole number .*not 'often'/],
    [['--frobnicate'], /--frobnicate/],
    [['no-such-directory'], /'no-such-directory' is no directory/],
    [['a', 'b'], /one directory at a time/],
  ]
  for (const [args, expected] of wrong) t.throws(() => parseOptions(args), { name: 'UsageError', message: expected })
  t.equal(parseOptions(['--help']), null)
  t.match(helpText(), /--corrupt-one .*one byte/)
  const run = await start(t, ['--daemons', '0'])
  t.equal(run.code, 2)
  t.match(run.output, /--daemons must .*\n.*--help/)
})

t.test('the generated code is what the generator makes', (t) => {
  t.doesNotThrow(() => execFileSync(process.execPath, [join(ROOT, 'examples/object-store/generate.mjs'), '--check']))
  t.end()
})
