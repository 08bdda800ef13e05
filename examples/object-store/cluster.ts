/**
 * Starts the monitor, the daemons and the client, kills a daemon when the client says so, and stops them all.
 *
 * Every wait is a race with the death of a process: one that dies unasked fails the run at once.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Child } from './child.ts'
import type { ChildOwner } from './child.ts'
import type { Findings, Notice, ProcessConfig, Progress, Row } from './control.ts'
import type { Options } from './options.ts'
import { daemonNames } from './placement.ts'
import { hashOf, seededRandom } from './random.ts'
import type { Random } from './random.ts'

/** How long a killed daemon stays away, in ms: its peers dial and are refused. */
const DOWN_MS = 300

export class Cluster implements ChildOwner {
  /** Called when something is worth a word. */
  onProgress: (progress: Progress) => void = () => {}
  onEvent: (line: string) => void = () => {}
  rows: readonly Row[] = []
  kills = 0
  readonly #options: Options
  readonly #root: string
  readonly #random: Random
  readonly #children = new Map<string, Child>()
  readonly #addresses = new Map<string, string>()
  readonly #died: Promise<never>
  #fail: (error: Error) => void = () => {}
  #restarting: Promise<void> = Promise.resolve()
  #life: 'running' | 'over' = 'running'

  /** `root` is the directory for the daemons' objects. */
  constructor(options: Options, root: string) {
    this.#options = options
    this.#root = root
    this.#random = seededRandom(options.seed ^ hashOf('cluster'))
    this.#died = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.#died.catch(() => {})
  }

  async start(): Promise<void> {
    await this.#launch('mon.0', './monitor.js')
    await Promise.all(daemonNames(this.#options.daemons).map((name) => this.#launch(name, './osd.js')))
    await this.#launch('client.0', './client.js')
  }

  /** Stores the tree; resolves when every daemon that was killed is back. */
  async store(): Promise<Findings> {
    const { findings } = await this.#ask('client.0', 'store', 'stored')
    await this.#alive(this.#restarting)
    return findings
  }

  async verify(): Promise<Findings> {
    return (await this.#ask('client.0', 'verify', 'verified')).findings
  }

  /** No more cuts; the last reports are in `rows`. */
  async quiet(): Promise<void> {
    const reporting = [...this.#children.keys()].filter((name) => name !== 'mon.0')
    await Promise.all(reporting.map((name) => this.#ask(name, 'quiet', 'quiet')))
    await this.#ask('mon.0', 'quiet', 'quiet')
  }

  /** Asks everybody to stop. */
  async stop(): Promise<void> {
    const { 'mon.0': monitor, ...others } = Object.fromEntries(this.#children)
    await Promise.all(Object.values(others).map((child) => child.stop()))
    await monitor?.stop()
  }

  /** Ends everybody at once, whatever they are doing; nobody is started afterwards. */
  async kill(): Promise<void> {
    this.#life = 'over'
    await Promise.all([...this.#children.values()].map((child) => child.kill()))
  }

  onNotice(child: Child, notice: Notice): void {
    if (notice.type === 'rows') this.rows = notice.rows
    else if (notice.type === 'progress') this.onProgress(notice.progress)
    else if (notice.type === 'kill') {
      this.#restarting = this.#restarting.then(() => this.#killOne(child))
      this.#restarting.catch((error: unknown) => this.#fail(error as Error))
    }
  }

  onDeath(child: Child, reason: string): void {
    this.#fail(new Error(`${child.name} has died: ${reason}`))
  }

  /** SIGKILL while requests are in flight; then the client goes on, and the daemon comes back where it was. */
  async #killOne(client: Child): Promise<void> {
    const name = `osd.${Math.floor(this.#random() * this.#options.daemons)}`
    await this.#children.get(name)?.kill()
    this.kills++
    client.send({ type: 'killed' })
    this.onEvent(`${name} killed with SIGKILL`)
    await sleep(DOWN_MS)
    await this.#launch(name, './osd.js')
    this.onEvent(`${name} is back`)
  }

  async #launch(name: string, program: string): Promise<void> {
    if (this.#life === 'over') throw new Error(`${name} was not started: the cluster is being stopped`)
    const child = new Child(new URL(program, import.meta.url), this.#configOf(name), this)
    this.#children.set(name, child)
    const { address } = await this.#alive(child.next('ready'))
    this.#addresses.set(name, address)
  }

  #configOf(name: string): ProcessConfig {
    const { daemons, copies, cutEveryMs, seed, directory, filesMax, bytesMax, partBytes, kills, admin } = this.#options
    return {
      name,
      monitor: this.#addresses.get('mon.0') ?? null,
      address: this.#addresses.get(name) ?? null,
      daemons,
      copies,
      cutEveryMs,
      seed,
      store: join(this.#root, name),
      admin,
      source: { directory, filesMax: finite(filesMax), bytesMax: finite(bytesMax) },
      partBytes,
      killAt: Array.from({ length: kills }, (_, index) => (index + 1) / (kills + 1)),
    }
  }

  async #ask<T extends Notice['type']>(name: string, command: 'store' | 'verify' | 'quiet', answer: T) {
    const child = this.#children.get(name) as Child
    const answered = child.next(answer)
    child.send({ type: command })
    return this.#alive(answered)
  }

  #alive<T>(wait: Promise<T>): Promise<T> {
    return Promise.race([wait, this.#died])
  }
}

/** JSON has no Infinity. */
function finite(number: number): number {
  return Math.min(number, Number.MAX_SAFE_INTEGER)
}
