/**
 * A network that exists only in memory: hosts, paths between them, and everything that can go wrong on the way.
 *
 * `network.transport('osd.0')` is what a messenger on that host uses; addresses are `sim://osd.0:6800`. All that happens
 * is drawn from one seed and timed by one clock, so a run can be repeated. It needs no virtual clock: with Node's clock
 * the same faults happen in real time.
 *
 * Not simulated: routing, congestion, losses that TCP mends by itself (they are latency here), and altered bytes.
 */
import { InkwireError } from '../../common/errors.ts'
import { onlyKnown, optionObject, type Overrides } from '../../common/options.ts'
import type { Clock } from '../../messenger/runtime.ts'
import { formatAddress } from '../../transports/address.ts'
import type { Address, Listener, Transport } from '../../transports/transport.ts'
import { CALM, NO_FAULTS, changed, type NetworkConditions } from './conditions.ts'
import { type SeededRandom, seededRandom } from './random.ts'
import type { SimulatedNetworkOptions } from './network-options.ts'
import { Dial, Ghost } from './simulated-dial.ts'
import { Circuit, type CircuitWorld, type SimulatedLink } from './simulated-link.ts'
import { SimulatedTransport } from './simulated-transport.ts'

const KERNEL_BYTES = [0, 0, 4096, 65_536, 262_144] as const
const HIGH_WATER_BYTES = [1024, 16_384, 65_536, 1_048_576] as const

type OnLink = (link: SimulatedLink) => void

/** A network in virtual time: links with latency, rates, cuts and silence, all drawn from one seed. */
export class SimulatedNetwork implements CircuitWorld {
  readonly clock: Clock
  readonly random: SeededRandom
  /** What holds where nothing else is said: at first, and after {@link calm} but for faults. */
  readonly #usual: NetworkConditions
  #conditions: NetworkConditions
  readonly #options: SimulatedNetworkOptions
  readonly #paths = new Map<string, Partial<NetworkConditions>>()
  readonly #blocked = new Set<string>()
  readonly #dialBlocked = new Set<string>()
  readonly #readRates = new Map<string, number>()
  readonly #listeners = new Map<string, OnLink>()
  readonly #circuits = new Set<Circuit>()
  readonly #dials = new Set<Dial>()
  readonly #hosts = new Set<string>()
  #ids = 0
  #ports = 40_000

  constructor(options: SimulatedNetworkOptions) {
    const known = ['clock', 'random', 'conditions', 'highWaterBytes', 'closeTimeoutMs', 'trace']
    optionObject('new SimulatedNetwork()', options, known)
    this.clock = options.clock
    this.random = options.random ?? seededRandom(0)
    this.#options = options
    this.#usual = changed(CALM, options.conditions)
    this.#conditions = this.#usual
  }

  /** The transport of a host. A host may have several, one after the other or at once: each is a process. */
  transport(host: string): Transport {
    return new SimulatedTransport(this, host)
  }

  /** The conditions between two hosts, one way; without hosts, those that hold by default. */
  conditions(from?: string, to?: string): NetworkConditions {
    const special = from === undefined || to === undefined ? undefined : this.#paths.get(path(from, to))
    return special === undefined ? this.#conditions : { ...this.#conditions, ...special }
  }

  /** Changes the default conditions, or those of one path, one way. Throws `INK_BAD_OPTION`. */
  change(conditions: Overrides<NetworkConditions>, from?: string, to?: string): void {
    if (from === undefined || to === undefined) this.#conditions = changed(this.#conditions, conditions)
    else this.#paths.set(path(from, to), changed(this.#paths.get(path(from, to)) ?? {}, conditions))
  }

  /** The links that exist now, of two hosts, of one, or all; oldest first. */
  circuits(a?: string, b?: string): Circuit[] {
    return [...this.#circuits].filter((circuit) => {
      const hosts = [circuit.dialler.host, hostOf(circuit.dialler.remoteAddress)]
      return (a === undefined || hosts.includes(a)) && (b === undefined || hosts.includes(b))
    })
  }

  /** Breaks every link between two hosts; each side is told. Throws for a host that never was, as `silence` and `stall` do. */
  cut(a?: string, b?: string): void {
    for (const circuit of this.#between(a, b)) circuit.cut()
  }

  /** Breaks the links that one host has with another, or with all: only this host is told. What it had sent still arrives. */
  cutOneSide(host: string, other?: string): void {
    for (const circuit of this.circuits(host, other)) circuit.cutAt(host)
  }

  /**
   * Every link between two hosts goes silent for good: half-open, nobody is told. New links work. Throws
   * `INK_BAD_ARGUMENT` for a host that there never was.
   */
  silence(a?: string, b?: string): void {
    for (const circuit of this.#between(a, b)) circuit.silent = true
  }

  /**
   * Nothing passes on the links between two hosts for so many ms. New links work. Throws `INK_BAD_ARGUMENT` for a
   * host that there never was.
   */
  stall(ms: number, a?: string, b?: string): void {
    for (const circuit of this.#between(a, b)) circuit.stall(ms)
  }

  /** A host whose name is misspelled has no links, and a fault that happens to nobody tests nothing. */
  #between(...hosts: readonly (string | undefined)[]): Circuit[] {
    for (const host of hosts) if (host !== undefined) onlyKnown('the network', { [host]: true }, [...this.#hosts])
    return this.circuits(...hosts)
  }

  /** A process is on this host. */
  know(host: string): void {
    this.#hosts.add(host)
  }

  /** Nothing passes from one host to the other until `heal`; dials hang, either way. The opposite way is open. */
  partition(from: string, to: string): void {
    this.#blocked.add(path(from, to))
  }

  /** One host cannot dial the other until `heal`: its dials hang. Links that exist work, and so do dials back. */
  blockDials(from: string, to: string): void {
    this.#dialBlocked.add(path(from, to))
  }

  /** A host reads no faster than this, in bytes per ms; Infinity: as fast as it can. */
  slow(host: string, bytesPerMs: number): void {
    if (bytesPerMs === Infinity) this.#readRates.delete(host)
    else this.#readRates.set(host, bytesPerMs)
  }

  /** Takes back partitions and blocked dials: all of them, or those from one host to another. */
  heal(from?: string, to?: string): void {
    if (from === undefined || to === undefined) {
      this.#blocked.clear()
      this.#dialBlocked.clear()
    } else {
      this.#blocked.delete(path(from, to))
      this.#dialBlocked.delete(path(from, to))
    }
    for (const dial of [...this.#dials]) dial.retry()
    for (const circuit of this.#circuits) circuit.pump()
  }

  /** No fault happens any more, and all that last end. Links that are silent stay so: only keepalive finds them. */
  calm(): void {
    this.#conditions = { ...this.#usual, ...NO_FAULTS }
    this.#paths.clear()
    this.#readRates.clear()
    for (const circuit of this.#circuits) circuit.stalledUntilMs = 0
    this.heal()
  }

  // What links and dials ask. All of it is internal to the room.

  passes(from: string, to: string): boolean {
    return !this.#blocked.has(path(from, to))
  }

  /** @internal */
  mayDial(from: string, to: string): boolean {
    return this.passes(from, to) && this.passes(to, from) && !this.#dialBlocked.has(path(from, to))
  }

  /** @internal */
  latencyMs(from: string, to: string): number {
    const { latencyMinMs, latencyMeanMs } = this.conditions(from, to)
    const luck = this.random.next()
    return latencyMinMs + (latencyMeanMs - latencyMinMs) * 3 * luck * luck
  }

  /** @internal */
  readBytesPerMs(host: string): number {
    return this.#readRates.get(host) ?? Infinity
  }

  /** @internal */
  trace(line: string): void {
    this.#options.trace?.(`${this.clock.nowMs()} ${line}`)
  }

  ended(circuit: Circuit): void {
    this.#circuits.delete(circuit)
  }

  /** @internal */
  listenerAt(address: Address): OnLink | undefined {
    return this.#listeners.get(formatAddress(address))
  }

  /** @internal */
  listen(asked: Address, onLink: OnLink): Listener {
    const address = asked.port === 0 ? { ...asked, port: ++this.#ports } : asked
    const at = formatAddress(address)
    if (this.#listeners.has(at)) {
      throw new InkwireError('INK_ADDRESS_IN_USE', `${at} is taken; choose another port, or close its listener`)
    }
    this.#listeners.set(at, onLink)
    return {
      address,
      close: async () => {
        if (this.#listeners.get(at) === onLink) this.#listeners.delete(at)
      },
    }
  }

  /** @internal */
  dial(host: string, from: string, to: Address): Circuit {
    const target = formatAddress(to)
    const circuit = this.circuit({ host, address: from }, { host: to.host, address: target })
    this.trace(`${circuit.id} ${host} dials ${target}`)
    const dial = new Dial(this, circuit, to, () => this.#dials.delete(dial))
    this.#dials.add(dial)
    const { dialDuplicateProbability, dialDuplicateMaxMs } = this.conditions(host, to.host)
    if (this.random.chance(dialDuplicateProbability))
      new Ghost(this, circuit, to, this.random.between(0, dialDuplicateMaxMs))
    return circuit
  }

  /** @internal */
  circuit(from: { host: string; address: string }, to: { host: string; address: string }): Circuit {
    const buffers = {
      highWaterBytes: this.#options.highWaterBytes ?? this.random.pick(HIGH_WATER_BYTES),
      kernelBytes: this.random.pick(KERNEL_BYTES),
      closeTimeoutMs: this.#options.closeTimeoutMs ?? 5000,
    }
    const circuit = new Circuit(++this.#ids, this, buffers, from, to)
    this.#circuits.add(circuit)
    return circuit
  }

  /** @internal an address of the host's own, for links that it dials */
  ephemeral(host: string): string {
    return `sim://${host}:${++this.#ports}`
  }
}

function path(from: string, to: string): string {
  return `${from}>${to}`
}

function hostOf(address: string): string {
  return /^sim:\/\/(.*?)(:\d+)?$/.exec(address)?.[1] ?? address
}
