/**
 * The transport of one process on a simulated host: `sim://host:port`.
 *
 * A host may be on several networks: `sim://osd.0~b:6800` is the host `osd.0` on the network `b`, and a link to it comes from
 * the dialler's side of that network. To the network's faults each of them is a host of its own.
 *
 * It knows what it opened, so that a crash can take all of it away at once, as the end of a process does: listeners are
 * free, links are dead, and no handler is called again.
 */
import { InkwireError } from '../../common/errors.ts'
import { badAddress, formatAddress } from '../../transports/address.ts'
import type { Address, Link, ListenOptions, Listener, Transport } from '../../transports/transport.ts'
import type { SimulatedLink } from './simulated-link.ts'

/** The network as a host sees it. */
export interface Fabric {
  /** The host is there from now on. */
  know(host: string): void
  listen(address: Address, onLink: (link: SimulatedLink) => void): Listener
  /** A free port of the host. */
  ephemeral(host: string): string
  dial(host: string, from: string, to: Address): { readonly dialler: SimulatedLink }
}

export class SimulatedTransport implements Transport {
  readonly scheme = 'sim'
  readonly host: string
  readonly #network: Fabric
  readonly #listeners = new Set<Listener>()
  readonly #links = new Set<SimulatedLink>()
  #state: 'running' | 'crashed' = 'running'

  constructor(network: Fabric, host: string) {
    this.#network = network
    this.host = host
    network.know(host)
  }

  parse(address: Address): Address {
    if (address.scheme !== 'sim')
      throw badAddress(`The simulated network serves sim://host:port, not ${address.scheme}://.`)
    if (/^[a-z0-9._~-]{1,32}$/i.test(address.host)) return address
    throw badAddress(
      `'${address.host}' is no host of the simulated network; write 1 to 32 letters, digits, dots or dashes.`,
    )
  }

  async listen(address: Address, onLink: (link: Link) => void, options?: ListenOptions): Promise<Listener> {
    if (options?.signal?.aborted === true) {
      const message = `Listening on ${formatAddress(address)} was aborted before it began.`
      throw new InkwireError('INK_ABORTED', message, { cause: options.signal.reason })
    }
    if (this.#onNetworkOf(this.parse(address)) !== address.host) {
      throw new InkwireError('INK_BIND_FAILED', `${formatAddress(address)} is not an address of the host ${this.host}.`)
    }
    this.#network.know(address.host)
    const listener = this.#network.listen(address, (link) => {
      this.#remember(link)
      onLink(link)
    })
    this.#listeners.add(listener)
    return listener
  }

  dial(address: Address): Link {
    const host = this.#onNetworkOf(this.parse(address))
    this.#network.know(host)
    const link = this.#network.dial(host, this.#network.ephemeral(host), address).dialler
    this.#remember(link)
    return link
  }

  /** This host, on the network of that address. */
  #onNetworkOf({ host }: Address): string {
    const at = host.indexOf('~')
    return at < 0 ? this.host : this.host + host.slice(at)
  }

  /** The process ends. `tells`: the host lives on, and its kernel resets the links; otherwise there is only silence. */
  crash(tells: boolean): void {
    if (this.#state === 'crashed') return
    this.#state = 'crashed'
    for (const listener of this.#listeners) void listener.close()
    for (const link of this.#links) link.die(tells)
    this.#links.clear()
  }

  #remember(link: SimulatedLink): void {
    this.#links.add(link)
    for (const old of this.#links) {
      if (!old.isOver) break
      this.#links.delete(old)
    }
  }
}
