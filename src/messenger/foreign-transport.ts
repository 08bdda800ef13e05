/**
 * The guard of transports that are not ours: what theirs throws costs a link, and nothing else.
 *
 * A link that throws has failed: it is reset, and its `closed` says in what. A dial or a listener that cannot be used is an
 * error with a reason. Ours need none of that: they pass the conformance suite, and their errors come as events.
 */
import { decides } from '../common/user-code.ts'
import { InkwireError, asError, wordsOf } from '../common/errors.ts'
import { describe } from '../common/options.ts'
import type { Address, Link, LinkClosed, LinkHandlers, LinkPeer } from '../transports/transport.ts'
import type { Listener, ListenOptions, Transport } from '../transports/transport.ts'
import { attempt } from './attempt.ts'

/** Runs a function in a later turn, as `Clock.later`. */
type Later = (run: () => void) => void

/** The same transport, under the guard. */
export function guardTransport(transport: Transport, later: Later): Transport {
  const { scheme } = transport
  const guard = (link: Link): Link => new GuardedLink(link, scheme, later)
  return {
    scheme,
    provesNames: transport.provesNames === true,
    parse: (address) => transport.parse(address),
    listen: (address, onLink, options) =>
      listen(transport, address, (link) => onLink(guard(checked(link, scheme))), options),
    dial: (address) => guard(checked(transport.dial(address), scheme)),
    ...(transport.resolve !== undefined && { resolve: async (address: Address) => resolve(transport, address) }),
  }
}

/** Also what a plain function gives is only addresses when they look like it. */
async function resolve(transport: Transport, address: Address): Promise<readonly Address[]> {
  const found: unknown = await transport.resolve?.(address)
  if (!Array.isArray(found)) throw new TypeError(`the transport ${transport.scheme} resolves to ${describe(found)}`)
  return found.map((one: Address) => transport.parse(one))
}

async function listen(
  transport: Transport,
  address: Address,
  onLink: (link: Link) => void,
  options?: ListenOptions,
): Promise<Listener> {
  const { scheme } = transport
  try {
    const listener = await transport.listen(address, onLink, options)
    if (typeof listener?.close !== 'function' || typeof listener.address?.host !== 'string') {
      throw new TypeError(`it gave ${describe(listener)} where a listener with address and close() is due`)
    }
    return { address: listener.address, close: async () => listener.close() }
  } catch (thrown) {
    if (asError(thrown) instanceof InkwireError) throw thrown
    throw new InkwireError('INK_BIND_FAILED', `the transport ${scheme} cannot listen: ${wordsOf(thrown)}`, {
      cause: thrown,
    })
  }
}

const METHODS = ['write', 'pause', 'resume', 'close', 'reset'] as const

function checked(link: Link, scheme: string): Link {
  const missing = METHODS.find((method) => typeof (link as Partial<Link> | null | undefined)?.[method] !== 'function')
  if (missing === undefined) return link
  throw new TypeError(`the transport ${scheme} gave ${describe(link)} where a link with ${missing}() is due`)
}

class GuardedLink implements Link {
  readonly #link: Link
  readonly #scheme: string
  readonly #later: Later
  #handlers: LinkHandlers | null = null
  /** A link tells its end once; one that has failed tells it here. */
  #phase: 'alive' | 'failed' | 'over' = 'alive'

  constructor(link: Link, scheme: string, later: Later) {
    this.#link = link
    this.#scheme = scheme
    this.#later = later
  }

  get capabilities(): Link['capabilities'] {
    return this.#link.capabilities
  }

  get peer(): LinkPeer | undefined {
    let found: LinkPeer | undefined
    attempt(() => {
      const { peer } = this.#link
      if (peer === undefined) return
      const speaksFor = (name: string): boolean => decides(() => peer.speaksFor(name))
      found = { principal: peer.principal, binding: peer.binding, speaksFor }
    }, ignore)
    return found
  }

  get localAddress(): string {
    return this.#link.localAddress
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress
  }

  get bufferedBytes(): number {
    return this.#link.bufferedBytes
  }

  get handlers(): LinkHandlers {
    return this.#handlers ?? this.#link.handlers
  }

  set handlers(handlers: LinkHandlers) {
    this.#handlers = handlers
    this.#link.handlers = {
      opened: () => {
        if (this.#phase === 'alive') handlers.opened()
      },
      // Without its lease: what applications read must not rest on a promise that we cannot keep for it. So it is copied.
      data: (chunk) => {
        if (this.#phase === 'alive') handlers.data(chunk)
      },
      writable: () => {
        if (this.#phase === 'alive') handlers.writable()
      },
      closed: (end) => {
        if (this.#phase === 'alive') this.#end(end)
      },
    }
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase !== 'alive') return false
    try {
      return this.#link.write(chunks)
    } catch (thrown) {
      this.#fail('write', asError(thrown))
      return false
    }
  }

  pause(): void {
    this.#call('pause')
  }

  resume(): void {
    this.#call('resume')
  }

  close(): void {
    this.#call('close')
  }

  reset(): void {
    this.#call('reset')
  }

  #call(method: 'pause' | 'resume' | 'close' | 'reset'): void {
    if (this.#phase !== 'alive') return
    attempt(
      () => this.#link[method](),
      (error) => {
        this.#fail(method, error)
      },
    )
  }

  #fail(method: string, error: Error): void {
    if (this.#phase !== 'alive') return
    this.#phase = 'failed'
    if (method !== 'reset') attempt(() => this.#link.reset(), ignore)
    const message = `the transport ${this.#scheme} failed in ${method}(): ${wordsOf(error)}`
    this.#later(() => {
      this.#end({ end: 'reset', message })
    })
  }

  #end(end: LinkClosed): void {
    this.#phase = 'over'
    this.#handlers?.closed(end)
  }
}

function ignore(): void {
  // It has failed already, and that was told.
}
