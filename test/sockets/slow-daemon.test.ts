/**
 * The operator's question, asked of five real daemons: which one is in the way, and why? First one has slow handlers; then another one
 * is stopped, and a third is killed. `top` shows it in the first line that is about it, and `why` says it in a sentence.
 */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { forkScript } from '../support/forked.ts'
import type { DaemonOrder, DaemonReport } from '../support/observed-daemon.ts'
import { socketDirectory } from '../support/socket-directory.ts'
import { PATIENCE_MS, until } from '../support/until.ts'
import { EXIT, inkwire, type Said } from '../unit/cli/shell.ts'

const NAMES = [0, 1, 2, 3, 4].map((index) => `osd.${index}`)
const SLOW = 'osd.3'
const TERMINAL = { columns: 200, rows: 40, colours: false }

class Daemon {
  readonly name: string
  readonly child: ChildProcess
  address = ''

  constructor(name: string, run: string) {
    this.name = name
    const pace = name === SLOW ? 'slow' : 'quick'
    this.child = forkScript('observed-daemon.ts', name, `unix://${run}/${name}.asok`, pace)
    this.child.on('message', ({ address }: DaemonReport) => (this.address = address))
  }

  meet({ name, address }: Daemon): void {
    this.child.send({ type: 'connect', name, address } satisfies DaemonOrder)
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const gone = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGKILL')
    await gone
  }
}

/** Five daemons that all talk to each other, with their admin sockets in one directory. */
async function cluster(t: Test): Promise<{ run: string; daemons: Map<string, Daemon> }> {
  const run = socketDirectory(t)
  const daemons = NAMES.map((name) => new Daemon(name, run))
  t.teardown(() => Promise.all(daemons.map((daemon) => daemon.kill())))
  await until('five daemons listen', () => daemons.every(({ address }) => address !== ''))
  for (const one of daemons) for (const other of daemons) if (one.name < other.name) one.meet(other)
  return { run, daemons: new Map(daemons.map((daemon) => [daemon.name, daemon])) }
}

/** Asks until the answer is such: a machine that does ten other things is behind itself now and then. */
async function asks(line: readonly string[], wanted: RegExp): Promise<Said> {
  const untilMs = performance.now() + PATIENCE_MS
  while (performance.now() < untilMs) {
    const said = await inkwire(line, { terminal: TERMINAL })
    if (wanted.test(said.out)) return said
  }
  throw new Error(`inkwire ${line.join(' ')} never says ${String(wanted)}`)
}

t.test('of five daemons the slow one, the stopped one and the dead one are found by top and why', async (t) => {
  const { run, daemons } = await cluster(t)
  const top = ['top', '--once', '-a', run]

  // The very line says why.
  const first = await asks(
    top,
    /^osd\.3 is in the way of [234] others \(.*\): osd\.3 is alive, its handlers are .* credits /m,
  )
  t.notMatch(first.out, /^osd\.[0124] is in the way/m, 'nobody else is accused')
  const worst = first.out.split('\n').find((one) => / open +\S+:\d/.test(one))
  t.match(worst, /osd\.3/, 'the first row of the table is about it')
  t.equal(first.code, EXIT.ok)

  await asks(['why', SLOW, '-a', run], /^osd\.3 itself: our handlers of osd\.\d are/m)
  // What it is that takes so long is known when the first of it has ended.
  const why = await asks(['why', SLOW, '-a', run], /its calls Read take \d+\.\d s in the mean/)
  t.match(why.out, /^osd\.0: osd\.3 is alive, its handlers are at least .* behind/m)
  t.equal(why.code, EXIT.unwell)
  const fine = await asks(['why', 'osd.1', '-a', run], /^osd\.0: osd\.1 is fine/m)
  t.match(fine.out, /^osd\.1 itself: nothing of its own is behind$/m)

  daemons.get('osd.1')!.child.kill('SIGSTOP')
  const live = new AbortController()
  const screens: string[] = []
  const watching = inkwire(['top', '-a', run, '--every', '0.2'], {
    terminal: TERMINAL,
    signal: live.signal,
    out: (text) => void screens.push(text),
  })
  await until('top tells the stopped one', () =>
    screens.some((text) => /osd\.1 \(pid \d+\) is there, and its event loop stands still for/.test(text)),
  )
  await until('its peers say that it is silent', () =>
    screens.some((text) => /nothing came from osd\.1 for/.test(text)),
  )
  await daemons.get('osd.4')!.kill()
  await until('top tells the dead one', () =>
    screens.some((text) => /osd\.4 \(pid \d+\) is dead; it looked .* ago for the last time/.test(text)),
  )
  live.abort()
  t.equal((await watching).code, EXIT.ok)
  daemons.get('osd.1')!.child.kill('SIGCONT')
  t.match(await inkwire(['stat', '-a', join(run, 'osd.4.asok')]), { code: EXIT.unwell, out: /is dead/ })
})
