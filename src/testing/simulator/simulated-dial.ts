/**
 * Dials on the simulated network: the way to an open link, and the ghosts of dials that the network repeats.
 *
 * A dial hangs while its way is blocked and goes on when it heals, as TCP's retries do; whoever dials has a deadline. A
 * ghost is the first flight of a dial that arrives a second time on a link of its own, perhaps long after its dialler
 * died: whatever it makes the acceptor promise, nobody will confirm.
 */
import { formatAddress } from '../../transports/address.ts'
import type { Address } from '../../transports/transport.ts'
import { SimulatedLink } from './simulated-link.ts'
import type { Circuit } from './simulated-link.ts'
import type { NetworkConditions } from './conditions.ts'
import type { SeededRandom } from './random.ts'
import type { Clock } from '../../messenger/runtime.ts'

/** What a dial needs of the network. */
export interface DialWorld {
  readonly clock: Clock
  readonly random: SeededRandom
  conditions(from: string, to: string): NetworkConditions
  latencyMs(from: string, to: string): number
  mayDial(from: string, to: string): boolean
  listenerAt(address: Address): ((link: SimulatedLink) => void) | undefined
  circuit(from: { host: string; address: string }, to: { host: string; address: string }): Circuit
  trace(line: string): void
}

/** A first flight is smaller than what an unauthenticated peer may send. */
const FIRST_FLIGHT_BYTES_MAX = 4096

export class Dial {
  readonly #world: DialWorld
  readonly #circuit: Circuit
  readonly #to: Address
  readonly #done: () => void
  #state: 'travelling' | 'hanging' = 'travelling'

  constructor(world: DialWorld, circuit: Circuit, to: Address, done: () => void) {
    this.#world = world
    this.#circuit = circuit
    this.#to = to
    this.#done = done
    const { dialDelayProbability, dialDelayMaxMs } = world.conditions(this.#from, to.host)
    const delayMs = world.random.chance(dialDelayProbability) ? world.random.between(0, dialDelayMaxMs) : 0
    this.#travel(delayMs)
  }

  get #from(): string {
    return this.#circuit.dialler.host
  }

  /** The way may be open again. */
  retry(): void {
    if (this.#state === 'hanging') this.#travel(0)
  }

  #travel(delayMs: number): void {
    this.#state = 'travelling'
    this.#world.clock.setTimer(() => this.#arrive(), delayMs + this.#world.latencyMs(this.#from, this.#to.host))
  }

  #arrive(): void {
    const world = this.#world
    if (this.#circuit.dialler.isOver) this.#done()
    else if (!world.mayDial(this.#from, this.#to.host)) this.#state = 'hanging'
    else {
      this.#done()
      const onLink = world.listenerAt(this.#to)
      const refused = world.random.chance(world.conditions(this.#from, this.#to.host).refuseProbability)
      if (onLink === undefined || refused) this.#refuse()
      else this.#accept(onLink)
    }
  }

  #refuse(): void {
    const { dialler } = this.#circuit
    const backMs = this.#world.latencyMs(this.#to.host, this.#from)
    this.#world.clock.setTimer(() => dialler.end('refused', `Nobody listens at ${dialler.remoteAddress}.`), backMs)
  }

  #accept(onLink: (link: SimulatedLink) => void): void {
    const { dialler } = this.#circuit
    const accepted = welcome(this.#world, this.#circuit, this.#to, onLink)
    const openedMs = this.#world.clock.nowMs() + this.#world.latencyMs(this.#to.host, this.#from)
    this.#world.clock.setTimer(() => dialler.establish(), openedMs - this.#world.clock.nowMs())
    // Set second: what the acceptor writes at once must not overtake the news that the link is open.
    accepted.pipe.open(openedMs)
  }
}

export class Ghost {
  readonly #world: DialWorld
  readonly #original: Circuit
  readonly #to: Address
  readonly #flight: Uint8Array[] = []
  #bytes = 0

  constructor(world: DialWorld, original: Circuit, to: Address, delayMs: number) {
    this.#world = world
    this.#original = original
    this.#to = to
    original.dialler.onWrite = (chunk) => this.#record(chunk)
    world.clock.setTimer(() => this.#haunt(), delayMs)
  }

  #record(chunk: Uint8Array): void {
    const { dialler } = this.#original
    this.#bytes += chunk.length
    if (this.#original.acceptor !== null || this.#bytes > FIRST_FLIGHT_BYTES_MAX) dialler.onWrite = null
    else this.#flight.push(chunk.slice())
  }

  #haunt(): void {
    const { host, localAddress } = this.#original.dialler
    const onLink = this.#world.listenerAt(this.#to)
    if (onLink === undefined || this.#flight.length === 0 || !this.#world.mayDial(host, this.#to.host)) return
    const from = { host, address: localAddress }
    const circuit = this.#world.circuit(from, { host: this.#to.host, address: formatAddress(this.#to) })
    this.#world.trace(`${circuit.id} ghost of ${this.#original.id}`)
    circuit.dialler.handlers = { opened() {}, data() {}, writable() {}, closed() {} }
    circuit.dialler.write(this.#flight)
    welcome(this.#world, circuit, this.#to, onLink).pipe.open(this.#world.clock.nowMs())
    circuit.dialler.establish()
    const goneMs = this.#world.random.between(0, 2000)
    this.#world.clock.setTimer(() => {
      if (this.#world.random.chance(0.5)) circuit.dialler.reset()
      else circuit.silent = true
    }, goneMs)
  }
}

function welcome(
  world: DialWorld,
  circuit: Circuit,
  to: Address,
  onLink: (link: SimulatedLink) => void,
): SimulatedLink {
  const { dialler } = circuit
  const here = { host: to.host, address: dialler.remoteAddress }
  const accepted = new SimulatedLink(circuit, here, { host: dialler.host, address: dialler.localAddress }, 'open')
  circuit.acceptor = accepted
  world.trace(`${circuit.id} ${to.host} accepts`)
  onLink(accepted)
  return accepted
}
