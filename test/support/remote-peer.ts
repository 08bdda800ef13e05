/**
 * The handle on a messenger in another process: starts it, tells it what to do, kills it, and knows what it said.
 *
 * The script uses the built package; itself it is TypeScript, and runs as the tests do.
 */
import type { ChildProcess } from 'node:child_process'
import type { Test } from 'tap'
import { forkScript } from './forked.ts'
import type { Order, Report, StartOptions } from './peer-process.ts'
import type { StreamShape } from './numbered.ts'
import { until } from './until.ts'

/** Starts a messenger in a new process; it is killed when the test ends. */
export async function remotePeer(t: Test, options: StartOptions): Promise<RemotePeer> {
  const remote = new RemotePeer(forkScript('peer-process.ts'))
  t.teardown(() => remote.kill())
  await until(`${options.name} is born`, () => remote.has('born'))
  remote.order({ type: 'start', start: options })
  await until(`${options.name} is started`, () => remote.has('started'))
  return remote
}

export class RemotePeer {
  address = ''
  /** Everything it was told by its messenger: `reset`, `remoteReset`, `refused` ... */
  readonly events: Extract<Report, { type: 'event' }>[] = []
  rssMax = 0
  violations: readonly string[] = []
  readonly #process: ChildProcess
  readonly #said = new Map<Report['type'], number>()
  readonly #exit: Promise<unknown>
  #counts: Record<number, number> = {}

  constructor(child: ChildProcess) {
    this.#process = child
    this.#exit = new Promise((resolve) => child.once('exit', resolve))
    child.on('message', (report) => this.#hear(report as Report))
  }

  /** Messages of one stream that its handler has seen. */
  countOf(stream: number): number {
    return this.#counts[stream] ?? 0
  }

  has(type: Report['type']): boolean {
    return this.#said.has(type)
  }

  eventsOf(event: string): Extract<Report, { type: 'event' }>[] {
    return this.events.filter((one) => one.event === event)
  }

  order(order: Order): void {
    this.#process.send(order)
  }

  async connect(address: string): Promise<void> {
    this.order({ type: 'connect', address })
    await until('the other process has connected', () => this.has('connected'))
  }

  /** Begins to send; `pumped` is heard when all is queued. */
  pump(shape: StreamShape, count: number): void {
    this.order({ type: 'pump', shape, count })
  }

  /** As a crash would: nothing is said to anybody. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exit
  }

  /** The process stands still; its kernel still answers for it. */
  freeze(): void {
    this.#process.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process.kill('SIGCONT')
  }

  async shutdown(): Promise<void> {
    this.order({ type: 'shutdown' })
    await this.#exit
  }

  #hear(report: Report): void {
    this.#said.set(report.type, (this.#said.get(report.type) ?? 0) + 1)
    if (report.type === 'started') this.address = report.address
    if (report.type === 'event') this.events.push(report)
    if (report.type === 'failed') throw new Error(`the other process failed: ${report.error}`)
    if (report.type !== 'tally') return
    this.#counts = report.counts
    this.violations = report.violations
    this.rssMax = report.rssMax
  }
}
