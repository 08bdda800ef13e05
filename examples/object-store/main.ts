/**
 * A small replicated object store made of real processes, put to the test: `npm start`.
 *
 * A monitor, three storage daemons and a client, each a process of its own, store a directory tree while links are cut
 * at random and a daemon is killed. Then every copy is read back and compared. The exit code is 0 when nothing was lost
 * or altered, 1 when something was or a process died unasked, 2 for a wrong command line. See README.md.
 */
import { mkdtempSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { Cluster } from './cluster.ts'
import { helpText, parseOptions, UsageError } from './options.ts'
import type { Options } from './options.ts'
import { ProgressView } from './progress.ts'
import { corruptOne, loseOne } from './sabotage.ts'
import { problemsOf, summaryOf } from './summary.ts'
import { addCounters, NO_COUNTERS } from './tally.ts'

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** Runs with these options, and returns the exit code. */
async function run(options: Options, view: ProgressView): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'inkwire-objects-'))
  const cluster = new Cluster(options, root)
  let signalled = false
  let ending: Promise<void> | null = null
  const end = (): Promise<void> => {
    ending ??= cluster.kill().then(async () => {
      if (options.keep) view.line(`the objects are kept in ${root}`)
      else await remove(root)
    })
    return ending
  }
  onSignal((signal, code) => {
    signalled = true
    view.line(`${signal}: stopping everything`)
    void end().finally(() => process.exit(code))
  })
  try {
    return await storeAndVerify(options, cluster, root, view)
  } catch (error) {
    if (!signalled) view.line(`FAILED: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await end()
  }
}

/** Calls back once: the terminal and npm may both pass on the same Ctrl-C, and the second must not end us half-way. */
function onSignal(act: (signal: string, code: number) => void): void {
  let stopping = false
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (!stopping) act(signal, code)
      stopping = true
    })
  }
}

/** Tens of thousands of files: those of each daemon at the same time. */
async function remove(root: string): Promise<void> {
  const all = { recursive: true, force: true }
  await Promise.all(readdirSync(root).map((name) => rm(join(root, name), all)))
  await rm(root, all)
}

async function storeAndVerify(options: Options, cluster: Cluster, root: string, view: ProgressView): Promise<number> {
  const { daemons, copies, cutEveryMs, directory, seed } = options
  cluster.onEvent = (line) => view.line(line)
  cluster.onProgress = (progress) => {
    const { linksCut } = cluster.rows.reduce((sum, row) => addCounters(sum, row.counters), { ...NO_COUNTERS })
    view.show(progress, `, ${linksCut.toLocaleString('en')} links cut`)
  }
  await cluster.start()
  const cutting = cutEveryMs === 0 ? 'no links are cut' : `every process cuts a link every ${cutEveryMs} ms`
  const from = relative('', directory) || '.'
  view.line(`storing ${from} on ${daemons} daemons, ${copies} copies each; ${cutting} (--seed ${seed})`)
  await cluster.store()
  if (options.corruptOne) view.line(`corrupted ${await corruptOne(root)}`)
  if (options.loseOne) view.line(`deleted ${await loseOne(root)}`)
  const findings = await cluster.verify()
  await cluster.quiet()
  await cluster.stop()
  view.clear()
  const result = { options, findings, rows: cluster.rows, kills: cluster.kills }
  const problems = problemsOf(result)
  view.line(`\n${summaryOf(result)}\n`)
  view.line(problems.length === 0 ? 'OK: nothing was lost, nothing was altered' : `FAILED: ${problems.join('\n')}`)
  return problems.length === 0 ? 0 : 1
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === null) console.log(helpText())
  else process.exitCode = await run(options, new ProgressView(process.stdout))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\nTry npm start -- --help`)
  process.exitCode = 2
}
