/**
 * Members of a group in processes of their own, each connected with each through a proxy of that pair: killed, stopped, cut off and
 * brought back by the test, while they hum. What each was told is in its journal.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Test } from 'tap'
import { GroupHistory, type GroupFact } from '../../src/testing/index.ts'
import { forkScript } from './forked.ts'
import type { HumOrder, HumReport } from './group-process.ts'
import { startProxy, type TcpProxy } from './tcp-proxy.ts'
import { until } from './until.ts'

/** One member in its process. */
export class Hummer {
  readonly name: string
  readonly child: ChildProcess
  port = 0
  member = ''
  /** Of now: its id, `number.installer`, and who is in it. */
  view = ''
  members: readonly string[] = []
  views = 0
  lefts = 0
  end: Extract<HumReport, { type: 'finished' }> | null = null
  readonly exited: Promise<unknown>

  constructor(name: string, journal: string) {
    this.name = name
    this.child = forkScript('group-process.ts', name, journal)
    this.exited = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.on('message', (report) => this.#hear(report as HumReport))
  }

  tell(order: HumOrder): void {
    this.child.send(order)
  }

  /** At the end of the test, in whatever state it is. */
  async stop(): Promise<void> {
    this.child.kill('SIGCONT')
    this.child.kill('SIGKILL')
    await this.exited
  }

  #hear(report: HumReport): void {
    if (report.type === 'bound') this.port = Number(new URL(report.address).port)
    else if (report.type === 'left') this.lefts++
    else if (report.type === 'finished') this.end = report
    else {
      this.member = report.member
      this.view = report.id
      this.members = report.members
      this.views++
    }
  }
}

/** The way between two processes. */
interface Way {
  readonly one: Hummer
  readonly other: Hummer
  readonly proxy: TcpProxy
}

export class Choir {
  readonly living: Hummer[] = []
  readonly #t: Test
  readonly #directory: string
  readonly #journals: string[] = []
  #ways: Way[] = []

  constructor(t: Test) {
    this.#t = t
    this.#directory = t.testdir()
  }

  async start(...names: readonly string[]): Promise<void> {
    const fresh = names.map((name) => {
      const journal = join(this.#directory, `${name}-${this.#journals.length}`)
      this.#journals.push(journal)
      const hummer = new Hummer(name, journal)
      this.#t.teardown(() => hummer.stop())
      return hummer
    })
    for (const hummer of fresh) {
      await until(`${hummer.name} is there`, () => hummer.port !== 0)
      for (const other of this.living) await this.#connect(hummer, other)
      this.living.push(hummer)
      hummer.tell({ type: 'join' })
    }
  }

  async #connect(one: Hummer, other: Hummer): Promise<void> {
    const proxy = await startProxy(other.port)
    this.#t.teardown(() => proxy.close())
    this.#ways.push({ one, other, proxy })
    one.tell({ type: 'connect', address: `tcp://127.0.0.1:${proxy.port}` })
  }

  of(name: string): Hummer {
    return this.living.find((hummer) => hummer.name === name)!
  }

  async kill(name: string): Promise<void> {
    const hummer = this.of(name)
    this.living.splice(this.living.indexOf(hummer), 1)
    hummer.child.kill('SIGKILL')
    await hummer.exited
    this.#ways = this.#ways.filter(({ one, other }) => one !== hummer && other !== hummer)
  }

  /** The ways of one, or those between two. */
  ways(name: string, peer?: string): TcpProxy[] {
    return this.#ways
      .filter(({ one, other }) => {
        const [names, wanted] = [[one.name, other.name], peer === undefined ? [name] : [name, peer]]
        return wanted.every((each) => names.includes(each))
      })
      .map(({ proxy }) => proxy)
  }

  /** The two, or this one and all others, hear nothing of each other until the function that is returned is called. */
  silence(name: string, other?: string): () => void {
    const ways = this.ways(name, other)
    for (const way of ways) way.blackhole()
    return () => {
      for (const way of ways) way.heal()
    }
  }

  /** All that live, and nobody else, are in one view. */
  together(what: string): Promise<void> {
    return until(`${what}: all are in one view`, () => {
      const wanted = this.living
        .map(({ member }) => member)
        .sort()
        .join()
      return this.living.every(({ members, member }) => member !== '' && [...members].sort().join() === wanted)
    })
  }

  /** Until those see this one no more. */
  async without(gone: Hummer, those: readonly Hummer[], atLeastMs = 0): Promise<void> {
    const { member } = gone
    await until(`${gone.name} is put out`, () => those.every(({ members }) => !members.includes(member)))
    if (atLeastMs > 0) await pause(atLeastMs)
  }

  history(): GroupHistory {
    const history = new GroupHistory()
    for (const journal of this.#journals.filter((path) => existsSync(path))) {
      // The last line of one that was killed may be cut short.
      for (const line of readFileSync(journal, 'utf8').split('\n').slice(0, -1)) {
        history.add(JSON.parse(line) as GroupFact)
      }
    }
    return history
  }
}
