/**
 * A transport whose links can be made to deliver late: from a frame that this end writes on, nothing is heard until
 * `release`, not even that the link is over. What a kernel still has of a process that is gone comes so.
 */
import type { Link, LinkClosed, LinkHandlers, Transport } from '../../src/transports/transport.ts'

type Which = 'dialled' | 'accepted'

/** The one link that delivers late. */
export class Hold {
  readonly which: Which
  /** The first byte of the frame. */
  readonly tag: number
  link: LateLink | null = null

  constructor(which: Which, tag: number) {
    this.which = which
    this.tag = tag
  }

  /** What was written to this end, and waits. */
  get bytes(): number {
    return this.link?.heldBytes ?? 0
  }

  /** What was held is heard now, or (`lost`) only that the link is over. */
  release(what: 'heard' | 'lost'): void {
    this.link?.release(what)
  }
}

export class LateTransport implements Transport {
  readonly scheme: string
  readonly parse: Transport['parse']
  readonly #inner: Transport
  #next: Hold | null = null

  constructor(inner: Transport) {
    this.#inner = inner
    this.scheme = inner.scheme
    this.parse = (address) => inner.parse(address)
  }

  /** The next link that is dialled or accepted here is deaf when this end has written such a frame. */
  hold(which: Which, tag: number): Hold {
    this.#next = new Hold(which, tag)
    return this.#next
  }

  dial: Transport['dial'] = (address) => this.#wrap(this.#inner.dial(address), 'dialled')

  listen: Transport['listen'] = (address, onLink, options) =>
    this.#inner.listen(address, (link) => onLink(this.#wrap(link, 'accepted')), options)

  #wrap(link: Link, which: Which): Link {
    const hold = this.#next
    if (hold?.which !== which) return link
    this.#next = null
    hold.link = new LateLink(link, hold.tag)
    return hold.link
  }
}

class LateLink implements Link {
  readonly #inner: Link
  readonly #tag: number
  #hears: 'now' | 'late' = 'now'
  #waiting: Uint8Array[] = []
  #closed: LinkClosed | null = null
  #handlers: LinkHandlers | null = null

  constructor(inner: Link, tag: number) {
    this.#inner = inner
    this.#tag = tag
  }

  get capabilities(): Link['capabilities'] {
    return this.#inner.capabilities
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

  get heldBytes(): number {
    return this.#waiting.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  get handlers(): LinkHandlers {
    return this.#inner.handlers
  }

  set handlers(handlers: LinkHandlers) {
    this.#handlers = handlers
    this.#inner.handlers = {
      opened: () => handlers.opened(),
      data: (chunk, lease) => {
        if (this.#hears === 'now') handlers.data(chunk, lease)
        else this.#waiting.push(chunk.slice())
      },
      writable: () => handlers.writable(),
      closed: (end) => {
        if (this.#hears === 'late') this.#closed = end
        else handlers.closed(end)
      },
    }
  }

  release(what: 'heard' | 'lost'): void {
    this.#hears = 'now'
    const waiting = this.#waiting.splice(0)
    if (what === 'lost') this.#inner.reset()
    else for (const chunk of waiting) this.#handlers?.data(chunk)
    if (this.#closed !== null) this.#handlers?.closed(this.#closed)
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (chunks.some(([first]) => first === this.#tag)) this.#hears = 'late'
    return this.#inner.write(chunks)
  }

  pause(): void {
    this.#inner.pause()
  }

  resume(): void {
    this.#inner.resume()
  }

  close(): void {
    this.#inner.close()
  }

  reset(): void {
    this.#inner.reset()
  }
}
