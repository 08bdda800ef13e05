/**
 * A group of real processes: every member hums while others are killed, stopped, and come and go, and nothing is lost or
 * altered. At the end all journals are held against the laws of virtual synchrony.
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkGroup, GroupHistory, type GroupFact } from '../../src/testing/index.ts'
import { forkScript } from '../support/forked.ts'
import type { HumOrder, HumReport } from '../support/group-process.ts'
import { until } from '../support/until.ts'

/** Goings and comings that are asked for; `INKWIRE_GROUP_CHANGES=100` for a long run. */
const CHANGES = Number(process.env['INKWIRE_GROUP_CHANGES'] ?? 4)

class Hummer {
  readonly name: string
  readonly child: ChildProcess
  address = ''
  member = ''
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

  #hear(report: HumReport): void {
    if (report.type === 'bound') this.address = report.address
    else if (report.type === 'left') this.lefts++
    else if (report.type === 'finished') this.end = report
    else {
      this.member = report.member
      this.members = report.members
      this.views++
    }
  }
}

class Choir {
  readonly living: Hummer[] = []
  readonly #t: Test
  readonly #directory: string
  readonly #journals: string[] = []

  constructor(t: Test) {
    this.#t = t
    this.#directory = t.testdir()
  }

  async start(...names: readonly string[]): Promise<void> {
    const fresh = names.map((name) => {
      const journal = join(this.#directory, `${name}-${this.#journals.length}`)
      this.#journals.push(journal)
      const hummer = new Hummer(name, journal)
      this.#t.teardown(async () => {
        hummer.child.kill('SIGCONT')
        hummer.child.kill('SIGKILL')
        await hummer.exited
      })
      return hummer
    })
    for (const hummer of fresh) {
      await until(`${hummer.name} is there`, () => hummer.address !== '')
      for (const other of this.living) hummer.tell({ type: 'connect', address: other.address })
      this.living.push(hummer)
      hummer.tell({ type: 'join' })
    }
  }

  of(name: string): Hummer {
    return this.living.find((hummer) => hummer.name === name)!
  }

  async kill(name: string): Promise<void> {
    const hummer = this.of(name)
    this.living.splice(this.living.indexOf(hummer), 1)
    hummer.child.kill('SIGKILL')
    await hummer.exited
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

t.test('five members hum through kills, stops and many changes: nothing is lost, doubled or altered', async (t) => {
  const choir = new Choir(t)
  await choir.start('osd.0', 'osd.1', 'osd.2', 'osd.3', 'osd.4')
  await choir.together('at first')

  await choir.kill('osd.0')
  await choir.together('the sequencer was killed')

  const frozen = choir.of('osd.1')
  frozen.child.kill('SIGSTOP')
  await until('it is put out', () => choir.of('osd.2').members.every((member) => member !== frozen.member))
  frozen.child.kill('SIGCONT')
  await choir.together('it was stopped, and goes on')
  await choir.start('osd.0')
  await choir.together('the killed one has come back')

  for (let change = 0; change < CHANGES; change += 2) {
    const hummer = choir.living[change % choir.living.length]!
    const { lefts, views } = hummer
    hummer.tell({ type: 'leave' })
    await until(`${hummer.name} has left`, () => hummer.lefts > lefts)
    hummer.tell({ type: 'join' })
    await until(`${hummer.name} is back`, () => hummer.views > views)
  }
  await choir.together('after many changes')

  for (const hummer of choir.living) hummer.tell({ type: 'finish' })
  await until('all have said all, and were told it', () => choir.living.every(({ end }) => end !== null))
  for (const { name, end } of choir.living) {
    t.strictSame(end?.errors, [], `${name}: no counter, length or checksum is wrong`)
    t.ok((end?.told ?? 0) > 20, `${name} was told ${end?.told} messages`)
  }
  const settled = choir.living.map(({ member }) => member)
  t.strictSame(checkGroup(choir.history(), { settled }), [])
})
