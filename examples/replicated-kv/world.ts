/** Replicas and clients as processes of the simulator: they start, are cut off from each other, and are killed, in virtual time. */
import { peer } from 'inkwire'
import { Simulation } from 'inkwire/testing'
import { Client } from './client.ts'
import { History } from './history.ts'
import { Replica } from './replica.ts'
import type { Reads } from './replica.ts'

const POLICIES = { default: peer() }
const TOGETHER_MS = 60_000
const LOOK_MS = 20

export class World {
  readonly history = new History()
  readonly simulation: Simulation
  readonly names: readonly string[]
  readonly #replicas = new Map<string, Replica>()
  readonly #reads: Reads
  readonly #clock

  constructor(seed: number, names: readonly string[], reads: Reads) {
    this.simulation = new Simulation({ seed, conditions: { latencyMinMs: 0.2, latencyMeanMs: 2 } })
    this.names = names
    this.#reads = reads
    this.#clock = this.simulation.clock.host()
  }

  get nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Starts a replica, with nothing in its table. */
  async start(name: string): Promise<void> {
    const messenger = this.simulation.messenger(name, { policies: POLICIES })
    await messenger.bind(addressOf(name))
    for (const other of this.names) if (other !== name) messenger.connect(addressOf(other))
    this.#replicas.set(name, new Replica(messenger, this.names, this.#reads))
  }

  /** A client that goes on until the signal. */
  async client(name: string, signal: AbortSignal): Promise<void> {
    const messenger = this.simulation.messenger(name, { policies: POLICIES })
    const random = this.simulation.random.fork(name)
    const client = new Client(messenger, this.names.map(addressOf), this.history, random)
    while (!signal.aborted) {
      await client.step()
      await this.pass(random.between(1, 20))
    }
  }

  kill(name: string): void {
    this.#replicas.delete(name)
    this.simulation.crash(name, this.simulation.random.pick(['reset', 'silent']))
  }

  /** Nothing passes between those and the other replicas. Clients reach all of them. */
  cut(some: readonly string[]): void {
    for (const one of this.names) {
      for (const other of this.names) {
        if (some.includes(one) !== some.includes(other)) this.simulation.network.partition(one, other)
      }
    }
  }

  /** Those reach each other again. */
  heal(some: readonly string[]): void {
    for (const one of some) for (const other of some) this.simulation.network.heal(one, other)
  }

  /** Lets virtual time pass. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(resolve, ms)
    })
  }

  /** Resolves when those are in one view, and nobody else is. Returns how long that took. */
  async together(names: readonly string[]): Promise<number> {
    const beganMs = this.nowMs
    const groups = (): string[] => names.map((name) => this.#replicas.get(name)?.group.view.id ?? '')
    const size = (): number | undefined => this.#replicas.get(names[0] ?? '')?.group.view.members.length
    while (new Set(groups()).size > 1 || size() !== names.length) {
      if (this.nowMs - beganMs > TOGETHER_MS) throw new Error(`${names.join(', ')} did not find one another`)
      await this.pass(LOOK_MS)
    }
    return this.nowMs - beganMs
  }

  /** Whether all replicas have the same table. */
  get areAlike(): boolean {
    return new Set(Array.from(this.#replicas.values(), ({ fingerprint }) => fingerprint)).size === 1
  }
}

function addressOf(name: string): string {
  return `sim://${name}:6800`
}
