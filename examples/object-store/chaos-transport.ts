/**
 * A transport around another one that cuts live links at random, as a bad network would: the reason why the rest of this
 * example needs a messenger.
 *
 * Every `everyMs` on average (exponentially distributed, seeded) one live link is reset, dialled or accepted, busy, idle
 * or in the middle of a handshake. What is buffered in either direction is lost. Nothing above knows: this is a Transport
 * like any other. A process cuts its own ends, so a link between two processes is cut from both sides.
 *
 * A cut is due only when something has been heard since the one before: a machine that is slow would else do nothing but
 * begin links anew, which is no bad network but none.
 */
import type { Address, Link, LinkClosed, LinkHandlers, ListenOptions, Listener, Transport } from 'inkwire'
import type { Random } from './random.ts'

/** How many reads make up for one cut: more than a handshake takes. */
const READS_PER_CUT = 8

export class ChaosTransport implements Transport {
  readonly scheme: string
  /** Links that were cut. */
  cuts = 0
  readonly #inner: Transport
  readonly #everyMs: number
  readonly #random: Random
  readonly #live = new Set<Link>()
  /** Since the last cut. */
  #reads = 0
  #timer: NodeJS.Timeout | null = null

  /** `everyMs` 0: never. */
  constructor(inner: Transport, everyMs: number, random: Random) {
    this.scheme = inner.scheme
    this.#inner = inner
    this.#everyMs = everyMs
    this.#random = random
  }

  parse(address: Address): Address {
    return this.#inner.parse(address)
  }

  listen(address: Address, onLink: (link: Link) => void, options?: ListenOptions): Promise<Listener> {
    return this.#inner.listen(
      address,
      (link) => {
        const watched = new WatchedLink(link, this.#live, this.#heard)
        this.#live.add(watched)
        onLink(watched)
      },
      options,
    )
  }

  dial(address: Address): Link {
    return new WatchedLink(this.#inner.dial(address), this.#live, this.#heard)
  }

  /** Begins to cut. */
  start(): void {
    if (this.#everyMs === 0 || this.#timer !== null) return
    const waitMs = Math.min(-Math.log(1 - this.#random()) * this.#everyMs, 10 * this.#everyMs)
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#cut()
      this.start()
    }, waitMs)
  }

  /** Lets the links live. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  readonly #heard = (): void => {
    this.#reads++
  }

  #cut(): void {
    if (this.#reads < READS_PER_CUT) return
    const links = [...this.#live]
    const victim = links[Math.floor(this.#random() * links.length)]
    if (victim === undefined) return
    this.#live.delete(victim)
    this.cuts++
    this.#reads = 0
    victim.reset()
  }
}

/** Passes everything through, and knows whether the link is alive. */
class WatchedLink implements Link {
  readonly capabilities: Link['capabilities']
  readonly #inner: Link
  readonly #live: Set<Link>
  readonly #heard: () => void
  #handlers: LinkHandlers | null = null

  constructor(inner: Link, live: Set<Link>, heard: () => void) {
    this.capabilities = inner.capabilities
    this.#inner = inner
    this.#live = live
    this.#heard = heard
  }

  get localAddress(): string {
    return this.#inner.localAddress
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes
  }

  get handlers(): LinkHandlers {
    return this.#handlers as LinkHandlers
  }

  set handlers(handlers: LinkHandlers) {
    this.#handlers = handlers
    this.#inner.handlers = {
      opened: () => {
        this.#live.add(this)
        handlers.opened()
      },
      data: (chunk) => {
        this.#heard()
        handlers.data(chunk)
      },
      writable: () => handlers.writable(),
      closed: (reason: LinkClosed) => {
        this.#live.delete(this)
        handlers.closed(reason)
      },
    }
  }

  write(chunks: readonly Uint8Array[]): boolean {
    return this.#inner.write(chunks)
  }

  pause(): void {
    this.#inner.pause()
  }

  resume(): void {
    this.#inner.resume()
  }

  close(): void {
    this.#live.delete(this)
    this.#inner.close()
  }

  reset(): void {
    this.#live.delete(this)
    this.#inner.reset()
  }
}
