/**
 * What an address means to one messenger: the transport that serves it, where that dials, and its one text.
 *
 * A wire protocol may write addresses its own way; all others are written as the transports do. Two texts of one place
 * become the same text, so that the same peer is known to be the same.
 */
import { InkwireError } from '../common/errors.ts'
import { ipFamily } from '../common/ip.ts'
import { formatAddress, parseAddress } from '../transports/address.ts'
import type { Address, Link, Transport } from '../transports/transport.ts'
import type { AddressNotation } from '../wire/wire.ts'
import { Scope } from './scope.ts'

export interface ResolvedAddress {
  readonly transport: Transport
  readonly address: Address
  /** As it is shown to people and told to peers. */
  readonly text: string
}

export class AddressResolver {
  readonly #transports: ReadonlyMap<string, Transport>
  readonly #notation: AddressNotation | undefined
  /** Not the context of whoever dials first: a socket would keep that, and all that it holds, for its whole life. */
  readonly #scope = new Scope()
  /** What was located last, and by which text: a connection is asked for, and then dialled. */
  #last: { readonly given: string; readonly place: ResolvedAddress } | null = null

  constructor(transports: ReadonlyMap<string, Transport>, notation: AddressNotation | undefined) {
    this.#transports = transports
    this.#notation = notation
  }

  /** Throws `INK_BAD_ADDRESS`. */
  locate(given: string): ResolvedAddress {
    if (this.#last === null || this.#last.given !== given) this.#last = { given, place: this.#find(given) }
    return this.#last.place
  }

  #find(given: string): ResolvedAddress {
    const noted = this.#noted(given)
    const parsed = parseAddress(noted?.dial ?? given)
    const transport = this.#transports.get(parsed.scheme)
    if (transport === undefined) {
      const known = [...this.#transports.keys()].map((scheme) => `${scheme}://`).join(', ')
      throw new InkwireError('INK_BAD_ADDRESS', `no transport serves ${parsed.scheme}:// here; there is ${known}`)
    }
    const address = transport.parse(parsed)
    return { transport, address, text: noted?.text ?? formatAddress(address) }
  }

  /** The address, if it is written as the protocol does. Callers in JavaScript may give anything. */
  #noted(given: string): ReturnType<AddressNotation['parse']> {
    if (this.#notation === undefined || typeof given !== 'string') return null
    const noted = this.#notation.parse(given)
    if (noted !== null || given.includes('://')) return noted
    throw new InkwireError('INK_BAD_ADDRESS', `'${given}' is no address; write it as '${this.#notation.example}'`)
  }

  /** Begins to dial. Throws `INK_BAD_ADDRESS`. */
  dial(text: string): Link {
    const { transport, address } = this.locate(text)
    return this.#scope.run(dialFrom, transport, address, undefined)
  }

  /** The addresses that a host name stands for now; undefined: it is no name, or its transport cannot say. Never throws. */
  addressesOf(text: string): Promise<readonly string[]> | undefined {
    const { transport, address } = this.locate(text)
    if (ipFamily(address.host) !== 0) return undefined
    return transport.resolve?.(address).then((found) => found.map(formatAddress))
  }
}

function dialFrom(this: Transport, address: Address): Link {
  return this.dial(address)
}
