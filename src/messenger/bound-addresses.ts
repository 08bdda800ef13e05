/**
 * Where one messenger listens, what it tells its peers of that, and the entity address that breaks ties.
 *
 * The first address that is bound decides the entity address; until then it is made of the instance alone, which no peer
 * shares. Limit: 8 addresses, those being bound included.
 */
import { InkwireError } from '../common/errors.ts'
import { canonicalBytes, formatAddress, isWildcard } from '../transports/address.ts'
import type { Address, Link, Listener, Transport } from '../transports/transport.ts'
import type { AddressNotation } from '../wire/wire.ts'
import type { BindOptions } from './options.ts'
import type { AddressResolver } from './address-resolver.ts'

const ADDRESSES_MAX = 8

export interface BoundOptions {
  readonly name: string
  readonly instance: string
  readonly resolver: AddressResolver
  readonly notation: AddressNotation | undefined
  /** Takes the links that arrive. */
  readonly accept: (link: Link, local: string) => void
  /** Hears of links that arrived and could not be taken. */
  readonly missed: (local: string, reason: string) => void
}

export class BoundAddresses {
  readonly #options: BoundOptions
  readonly #listeners: Listener[] = []
  #advertised: readonly string[] = []
  #told: readonly string[] = []
  /** What peers are told, and what was really bound. */
  readonly #own = new Set<string>()
  /** Listeners, and those that are being made. */
  #binds = 0
  #entity: string
  #life: 'open' | 'sealed' = 'open'

  constructor(options: BoundOptions) {
    this.#options = options
    this.#entity = canonicalBytes({ scheme: 'none', host: '', port: 0 }, options.instance)
  }

  /** Canonical bytes of the entity address, hexadecimal. */
  get entity(): string {
    return this.#entity
  }

  /** What anybody can dial, oldest first. */
  get advertised(): readonly string[] {
    return this.#advertised
  }

  /** What peers are told: also wildcards, which mean to each of them another address. Another list when one is bound. */
  get told(): readonly string[] {
    return this.#told
  }

  /** True when the text is an address of this messenger, as bound or as told. */
  owns(text: string): boolean {
    return this.#own.has(text)
  }

  /** See `Messenger.bind()`. */
  async bind(text: string, options: BindOptions): Promise<string> {
    const { resolver, instance } = this.#options
    const { transport, address: wanted } = resolver.locate(text)
    const advertise = options.advertise === undefined ? null : resolver.locate(options.advertise).address
    mustBePrintable(formatAddress(advertise ?? wanted))
    // What cannot be an entity address must fail before anything listens.
    if (this.#listeners.length === 0) canonicalBytes(advertise ?? wanted, instance)
    if (this.#binds >= ADDRESSES_MAX) {
      throw new InkwireError('INK_BAD_OPTION', `a messenger binds at most ${ADDRESSES_MAX} addresses`)
    }
    const listener = await this.#listen(transport, wanted, options.signal)
    this.#listeners.push(listener)
    this.#announce(listener.address, advertise)
    return this.#called(listener.address)
  }

  /** From here on no bind succeeds, not even one that is under way. What listens goes on. */
  seal(): void {
    this.#life = 'sealed'
  }

  /** Listens no more. */
  async close(): Promise<void> {
    this.seal()
    await Promise.allSettled(this.#listeners.map((listener) => listener.close()))
  }

  async #listen(transport: Transport, wanted: Address, signal: AbortSignal | undefined): Promise<Listener> {
    this.#binds++
    try {
      const { accept, missed } = this.#options
      // Until it is known what was really bound, nothing can arrive that was not dialled by that.
      let local = formatAddress(wanted)
      const listener = await transport.listen(wanted, (link) => accept(link, local), {
        signal,
        onMissed: (reason) => missed(local, reason),
      })
      local = formatAddress(listener.address)
      if (this.#life === 'open') return listener
      await listener.close()
      throw new InkwireError('INK_CLOSED', `bind(): the messenger ${this.#options.name} is shut down`)
    } catch (thrown) {
      this.#binds--
      throw thrown
    }
  }

  #announce(bound: Address, advertise: Address | null): void {
    const told = advertise === null ? bound : { ...advertise, port: advertise.port === 0 ? bound.port : advertise.port }
    this.#own.add(this.#called(bound)).add(this.#called(told))
    this.#told = [...this.#told, this.#called(told)]
    // Nobody can dial a wildcard: a peer takes its port, and the host from where it hears of it.
    if (!isWildcard(told)) this.#advertised = [...this.#advertised, this.#called(told)]
    if (this.#listeners.length > 1) return
    const { notation, instance } = this.#options
    this.#entity = notation?.entity(this.#advertised, instance) ?? canonicalBytes(told, instance)
  }

  /** An address of ours as the wire protocol writes it. */
  #called(address: Address): string {
    const { notation, instance, name } = this.#options
    const text = formatAddress(address)
    return notation?.format(text, instance, name) ?? text
  }
}

/** Peers refuse all else: an address is shown to people, and must look like what it is. */
function mustBePrintable(text: string): void {
  if (/^[\x21-\x7e]{1,256}$/.test(text)) return
  throw new InkwireError(
    'INK_BAD_ADDRESS',
    `'${text}' cannot be told to peers: use at most 256 printable ASCII characters`,
  )
}
