/**
 * A whole world in one object: a clock, a network, chance from one seed, a trace, and processes that come and go.
 *
 * @example
 * const sim = new Simulation({ seed: 7 })
 * const osd = sim.messenger('osd.0', { policies: { default: peer() } })
 * await sim.run(async () => { await osd.bind('sim://osd.0:6800') })
 */
import { createHash } from 'node:crypto'
import { choiceOption, onlyKnown, optionObject } from '../../common/options.ts'
import type { Overrides } from '../../common/options.ts'
import { Messenger, type MessengerOptions } from '../../transactions/messenger.ts'
import { seededRandom } from './random.ts'
import type { SeededRandom } from './random.ts'
import { SimulatedNetwork } from './simulated-network.ts'
import type { NetworkConditions } from './conditions.ts'
import { SimulatedTransport } from './simulated-transport.ts'
import { VirtualClock } from './virtual-clock.ts'
import type { HostClock } from './virtual-clock.ts'

/** Options of `new Simulation()`. */
export interface SimulationOptions {
  /** Everything random comes from here; default 0. */
  readonly seed?: number | string | undefined
  /** What the network is like where nothing else is said. Default: 0.1 ms of latency, no faults. */
  readonly conditions?: Overrides<NetworkConditions> | undefined
}

/** One life of a process on a host. */
export interface SimulatedProcess {
  readonly host: string
  readonly clock: HostClock
  readonly random: SeededRandom
  readonly transport: SimulatedTransport
  /** What a messenger of this process takes: `new Messenger({ name, policies, ...process.options })`. */
  readonly options: Pick<MessengerOptions, 'transports' | 'runtime'>
}

/** What a crash looks like from outside: the kernel resets the links, or there is only silence. */
export type CrashKind = 'reset' | 'silent'

/** A whole world in one object: a clock, a network, chance from one seed, a trace, and processes that come and go. */
export class Simulation {
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly network: SimulatedNetwork
  readonly #hash = createHash('sha256')
  readonly #lines: string[] = []
  readonly #processes = new Map<string, SimulatedProcess>()
  /** Where a process has run, also when none does now. */
  readonly #hosts = new Set<string>()
  #lives = 0
  #warnings = 0

  constructor(options: SimulationOptions = {}) {
    optionObject('new Simulation()', options, ['seed', 'conditions'])
    this.random = seededRandom(options.seed ?? 0)
    this.network = new SimulatedNetwork({
      clock: this.clock,
      random: this.random.fork('network'),
      ...(options.conditions && { conditions: options.conditions }),
      trace: (line) => this.trace(line),
    })
  }

  /** Starts a process on a host; one that runs there already goes on beside it. */
  process(host: string): SimulatedProcess {
    const clock = this.clock.host()
    const random = this.random.fork(`process ${++this.#lives} on ${host}`)
    const transport = new SimulatedTransport(this.network, host)
    const warn = (text: string): void => {
      this.#warnings++
      // Without the stack: that names places of this machine.
      this.trace(`${this.clock.nowMs()} ${host} warns: ${text.split('\n', 1)[0]}`)
    }
    const options = { transports: [transport], runtime: { clock, random, warn } }
    const process = { host, clock, random, transport, options }
    this.#processes.set(host, process)
    this.#hosts.add(host)
    return process
  }

  /**
   * A messenger in a process of its own, on the host of its name unless told otherwise. Throws as `new Messenger()`
   * does.
   */
  messenger(name: string, options: Omit<MessengerOptions, 'name'>, host = name): Messenger {
    return new Messenger({ name, ...options, ...this.process(host).options })
  }

  /** The process on a host that was started last. */
  processOn(host: string): SimulatedProcess | undefined {
    return this.#processes.get(host)
  }

  /**
   * Ends the process on a host, at once and without a word of its own; nothing when it has ended. Start it again with
   * `messenger` or `process`. Throws for a host that never was.
   */
  crash(host: string, kind: CrashKind = 'reset'): void {
    onlyKnown('the simulation', { [host]: true }, [...this.#hosts])
    choiceOption('crash(): kind', kind, ['reset', 'silent'], 'reset')
    const process = this.#processes.get(host)
    if (process === undefined) return
    this.trace(`${this.clock.nowMs()} ${host} crashes (${kind})`)
    this.#processes.delete(host)
    process.clock.stop()
    process.transport.crash(kind === 'reset')
  }

  /** Runs the simulation while `body` waits for something in it. */
  run<T>(body: () => Promise<T>): Promise<T> {
    return this.clock.drive(body())
  }

  /** Adds a line to the trace. */
  trace(line: string): void {
    this.#hash.update(line).update('\n')
    this.#lines.push(line)
    if (this.#lines.length > 2 * TRACE_LINES_KEPT) this.#lines.splice(0, TRACE_LINES_KEPT)
  }

  /** How often a messenger in here has warned, of a handler that failed for instance; the trace says of what. */
  get warnings(): number {
    return this.#warnings
  }

  /** The newest lines of the trace. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** SHA-256 of the whole trace: equal when two runs were equal. */
  get traceHash(): string {
    return this.#hash.copy().digest('hex')
  }
}

/** Enough to see what led to a failure, little enough to run for hours. */
const TRACE_LINES_KEPT = 5000
