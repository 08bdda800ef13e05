/**
 * Where one messenger listens, what it tells its peers of that, and the entity address that breaks ties.
 *
 * The first address that is bound decides the entity address; until then it is made of the instance alone, which no peer
 * shares; from then on it stays, whatever is bound or not. Limit: 8 addresses, those being bound included.
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
  /** What peers are told has become another list. */
  readonly changed: () => void
}

/** One of them, as it was bound and as peers are told of it. */
interface Bound {
  readonly listener: Listener
  readonly text: string
  told: string
  /** Whether anybody can dial what is told: a peer takes the port of a wildcard, and the host from where it hears of it. */
  isPlace: boolean
}

export class BoundAddresses {
  readonly #options: BoundOptions
  #all: readonly Bound[] = []
  #advertised: readonly string[] = []
  #told: readonly string[] = []
  /** Listeners, and those that are being made. */
  #binds = 0
  #entity: string
  /** The entity address is one that was bound: it stays, also when it is bound no more. */
  #first: Bound | null = null
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
    return this.#all.some((one) => one.text === text || one.told === text)
  }

  /** See `Messenger.bind()`. */
  async bind(text: string, options: BindOptions): Promise<string> {
    const { resolver, instance } = this.#options
    const { transport, address: wanted } = resolver.locate(text)
    const advertise = options.advertise === undefined ? null : resolver.locate(options.advertise).address
    mustBePrintable(formatAddress(advertise ?? wanted))
    const known = advertise === null ? undefined : this.#find(this.#called(wanted))
    if (known !== undefined) return this.#tell(known, advertise)
    // What cannot be an entity address must fail before anything listens.
    if (this.#first === null) canonicalBytes(advertise ?? wanted, instance)
    if (this.#binds >= ADDRESSES_MAX) {
      throw new InkwireError('INK_BAD_OPTION', `a messenger binds at most ${ADDRESSES_MAX} addresses`)
    }
    const listener = await this.#listen(transport, wanted, options.signal)
    const bound = { listener, text: this.#called(listener.address), told: '', isPlace: false }
    this.#all = [...this.#all, bound]
    return this.#tell(bound, advertise)
  }

  /** See `Messenger.unbind()`. */
  async unbind(text: string): Promise<void> {
    const bound = this.#find(this.#called(this.#options.resolver.locate(text).address))
    if (bound === undefined) {
      const all = this.#all.map((one) => one.text).join(', ') || 'nothing'
      throw new InkwireError('INK_BAD_ARGUMENT', `unbind(): ${text} is not bound here; bound is ${all}`)
    }
    this.#all = this.#all.filter((one) => one !== bound)
    this.#binds--
    this.#publish()
    await bound.listener.close()
  }

  /** From here on no bind succeeds, not even one that is under way. What listens goes on. */
  seal(): void {
    this.#life = 'sealed'
  }

  /** Listens no more. */
  async close(): Promise<void> {
    this.seal()
    await Promise.allSettled(this.#all.map(({ listener }) => listener.close()))
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

  /** By what was bound. */
  #find(text: string): Bound | undefined {
    return this.#all.find((one) => one.text === text)
  }

  /** Peers are told of it, as it is or as another address. Returns what was bound. */
  #tell(bound: Bound, advertise: Address | null): string {
    const { address } = bound.listener
    const told =
      advertise === null ? address : { ...advertise, port: advertise.port === 0 ? address.port : advertise.port }
    bound.told = this.#called(told)
    bound.isPlace = !isWildcard(told)
    this.#publish()
    if (this.#first === null) {
      const { notation, instance } = this.#options
      this.#first = bound
      this.#entity = notation?.entity(this.#advertised, instance) ?? canonicalBytes(told, instance)
    }
    return bound.text
  }

  #publish(): void {
    this.#told = this.#all.map(({ told }) => told)
    this.#advertised = this.#all.flatMap(({ told, isPlace }) => (isPlace ? [told] : []))
    this.#options.changed()
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
