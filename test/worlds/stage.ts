/**
 * Plays one plot in virtual time: two messengers on a simulated network, a plan of faults on the links of one.
 *
 * Everything that each side saw is told in one line, which the data compares; the laws are checked besides. They know
 * peers by their instance, which Ceph's protocol does not tell: over msgr2 only what was seen is compared.
 */
import { msgr2 } from '../../src/ceph/index.ts'
import { Messenger } from '../../src/index.ts'
import type { Connection } from '../../src/index.ts'
import { FaultPlan, History, Simulation, check, faulty, report } from '../../src/testing/index.ts'
import type { Breakpoint } from '../../src/testing/index.ts'
import { policyOf } from '../support/policy-of.ts'
import { simulatedTcp } from '../support/simulated-tcp.ts'
import type { Injection, Plot, Step } from './script.ts'

/** How long a run goes on after its script: long enough for every retry, too short for a probe of standby. */
const SETTLE_MS = 450
const HELD_WITHIN_MS = 1000
const NOTICES = ['connect', 'accept', 'resume', 'reset', 'remoteReset', 'refused'] as const

type Role = 'test' | 'peer' | 'twin'

/** What came of a run: what each side saw, which breakpoints nothing reached, which laws were broken. */
export interface Seen {
  readonly test: string
  readonly peer: string
  readonly unhit: readonly Breakpoint[]
  readonly violations: string
}

/** Plays the script and looks at what is left. */
export async function play(plot: Plot, injections: readonly Injection[]): Promise<Seen> {
  const stage = new Stage(plot, injections)
  await stage.open()
  for (const step of plot.script) await stage.take(step)
  return stage.close()
}

class Stage {
  readonly #plot: Plot
  readonly #sim: Simulation
  readonly #plan: FaultPlan
  readonly #history: History
  readonly #sides = new Map<Role, Side>()

  constructor(plot: Plot, injections: readonly Injection[]) {
    this.#plot = plot
    const sim = new Simulation({ seed: plot.name })
    this.#sim = sim
    this.#plan = new FaultPlan({ clock: sim.clock })
    this.#history = new History({ nowMs: () => sim.clock.nowMs() })
    for (const [point, action, nth = 1] of injections) this.#plan.at(point, action, { nth })
  }

  async open(): Promise<void> {
    const starts = [this.#start('test'), this.#start('peer')]
    for (const bound of starts) await this.#sim.run(() => bound)
  }

  async take(step: Step): Promise<void> {
    const { network, clock } = this.#sim
    if (typeof step === 'number') return clock.advance(step)
    if (step === 'cut') network.cut()
    else if (step === 'silence') network.silence()
    else if (step === 'heal') network.heal()
    else if (step === 'release') this.#plan.release()
    else if (step.startsWith('release ')) this.#plan.release(step.slice(8) as Breakpoint)
    else if (step === 'held') await this.#held()
    else await this.#act(step)
  }

  async close(): Promise<Seen> {
    this.#plan.release()
    this.#sim.network.heal()
    for (const side of this.#sides.values()) side.finish()
    await this.#sim.clock.advance(SETTLE_MS)
    const violations = report(check(this.#history, { settled: true }))
    const [test, peer] = [this.#side('test'), this.#side('peer')]
    const seen = { test: test.summary(peer.sent), peer: peer.summary(test.sent) }
    const messengers = [...this.#sides.values()].map(({ messenger }) => messenger)
    for (const { connections } of messengers) for (const one of connections) one.markDown()
    await this.#sim.run(() => Promise.all(messengers.map((one) => one.shutdown())))
    return { ...seen, unhit: this.#plan.unhit, violations }
  }

  /** A messenger in a process of its own, under its address; a side that was there goes on in it. */
  async #start(role: Role): Promise<void> {
    const { policies, options = {}, limits = {}, goesFirst = 'peer', keepalive } = this.#plot
    const ceph = this.#plot.wire === 'msgr2'
    const letter = role === 'twin' ? 'c' : role === goesFirst ? 'a' : 'b'
    const host = ceph ? `10.0.0.${'abc'.indexOf(letter) + 1}` : letter
    const process = this.#sim.process(host)
    const transport = ceph ? simulatedTcp(process) : process.transport
    const asks = keepalive === role ? { keepalive: { intervalMs: 20, timeoutMs: 200 } } : {}
    const policy =
      role === 'test'
        ? policyOf(policies[0], { ...options.test, ...asks })
        : policyOf(policies[1], { ...options.peer, ...asks })
    const transports = [role === 'test' ? faulty(transport, this.#plan) : transport]
    // A monitor of Ceph has the same address after a restart; every other daemon is another one then.
    const name = role === 'test' ? (ceph ? 'mon.0' : 'test.0') : ceph ? 'mon.1' : 'peer.0'
    const own = {
      ...process.options,
      transports,
      policies: { default: policy },
      limits,
      ...(ceph && { wire: msgr2() }),
    }
    const messenger = new Messenger({ name, ...own })
    if (!ceph) this.#history.attach(messenger)
    const side = this.#sides.get(role) ?? new Side(host)
    this.#sides.set(role, side)
    side.play(messenger)
    side.address = ceph ? `v2:${host}:6800/0` : `sim://${host}:1`
    await messenger.bind(side.address)
  }

  async #held(): Promise<void> {
    let seen = false
    void this.#plan.held().then(() => (seen = true))
    if (!(await this.#sim.clock.until(() => seen, HELD_WITHIN_MS))) throw new Error('nothing was held')
  }

  async #act(step: string): Promise<void> {
    const [role, ...rest] = step.split(' ') as [Role, ...string[]]
    if (!this.#sides.has(role)) await this.#sim.run(() => this.#start(role))
    const side = this.#side(role)
    const other = this.#side(role === 'test' ? 'peer' : 'test')
    switch (rest.join(' ')) {
      case 'connects':
        side.note(side.messenger.connect(other.address))
        break
      case 'sends':
        side.send(other.address)
        break
      case 'marks down':
        side.current?.markDown()
        break
      case 'closes':
        void side.current?.close().catch(() => undefined)
        break
      case 'holds':
        side.holds = true
        break
      case 'acks early':
        side.acksEarly = true
        break
      case 'finishes':
        side.finish()
        break
      case 'crashes':
        if (this.#plot.wire !== 'msgr2') this.#history.crashed(side.messenger)
        this.#sim.crash(side.host)
        break
      case 'restarts':
        await this.#sim.run(() => this.#start(role))
        break
      case 'cannot dial':
        this.#sim.network.blockDials(side.host, other.host)
        break
      default:
        throw new Error(`nobody knows how to play "${step}"`)
    }
  }

  #side(role: Role): Side {
    const side = this.#sides.get(role)
    if (side === undefined) throw new Error(`${role} has not appeared`)
    return side
  }
}

/** One side, over all its lives: its connections, what it was told, and what it got. */
class Side {
  readonly host: string
  /** Where it can be dialled. */
  address = ''
  sent = 0
  /** Handlers do not finish. */
  holds = false
  /** What arrives is acked before its handler has finished. */
  acksEarly = false
  readonly #connections: Connection[] = []
  readonly #told = new Map<string, number>()
  readonly #got: number[] = []
  #waiting: (() => void)[] = []
  #messenger: Messenger | null = null

  constructor(host: string) {
    this.host = host
  }

  get messenger(): Messenger {
    if (this.#messenger === null) throw new Error('this side plays no messenger')
    return this.#messenger
  }

  get current(): Connection | undefined {
    return this.#connections.filter(({ state }) => state !== 'closed').at(-1)
  }

  play(messenger: Messenger): void {
    this.#messenger = messenger
    this.#connections.length = 0
    messenger.events$.subscribe((event) => {
      if ('connection' in event) this.note(event.connection)
      this.#told.set(event.type, (this.#told.get(event.type) ?? 0) + 1)
    })
    messenger.use({
      dispatch: (message) => {
        this.#got.push(message.tid)
        if (this.acksEarly) message.ack()
        return this.holds ? new Promise<void>((resolve) => this.#waiting.push(resolve)) : undefined
      },
    })
  }

  note(connection: Connection): void {
    if (!this.#connections.includes(connection)) this.#connections.push(connection)
  }

  /** On the connection that is there; a side that may dial makes one. */
  send(to: string): void {
    const connection = this.current ?? this.messenger.connect(to)
    this.note(connection)
    connection.send({ type: 1, tid: ++this.sent })
  }

  finish(): void {
    this.holds = false
    for (const resolve of this.#waiting) resolve()
    this.#waiting = []
  }

  /** The states of its connections in order of appearance; what it was told; which messages it got, of how many. */
  summary(sent: number): string {
    const states = this.#connections.map(({ state }) => state).join(' ') || 'none'
    const told = NOTICES.filter((notice) => this.#told.has(notice)).map((one) => `${one} ${this.#told.get(one)}`)
    const got = sent === 0 && this.#got.length === 0 ? [] : [`got ${this.#got.join(' ') || 'none'} of ${sent}`]
    return [[states, ...told].join(', '), ...got].join('; ')
  }
}
