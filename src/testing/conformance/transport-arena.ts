/**
 * What the conformance suite plays in: ends that write down every event of their link, and an arena that makes them in
 * pairs and cleans up. Nothing here judges; the suite does.
 */
import { createHash } from 'node:crypto'
import { parseAddress } from '../../transports/address.ts'
import type { Address, Link, LinkClosed, Listener, Transport } from '../../transports/transport.ts'

export type LinkEvent = 'opened' | 'data' | 'writable' | 'closed'

/** A test of the suite; the third part is the `closeTimeoutMs` that it wants. */
export type Case = readonly [name: string, run: (arena: Arena) => Promise<void>, closeTimeoutMs?: number]

/** A dialled end, the accepted end that belongs to it, and who accepted it. */
export interface Pair {
  readonly dialled: End
  readonly accepted: End
  readonly listener: Listener
}

/** Fills stop here: a transport that takes this much without answering false has no back-pressure. */
const FILL_BYTES_MAX = 64 * 1024 * 1024

/** One end of a link, with a record of what its handlers were told. */
export class End {
  readonly link: Link
  readonly events: LinkEvent[] = []
  readonly closed: Promise<LinkClosed>
  /** Called inside `data`, after it was recorded. */
  onData: ((chunk: Uint8Array) => void) | undefined
  count = 0
  #text = ''
  readonly #hash = createHash('sha256')
  readonly #waiting = new Set<() => boolean>()

  constructor(link: Link) {
    this.link = link
    this.closed = new Promise((resolve) => {
      link.handlers = {
        opened: () => this.#record('opened'),
        writable: () => this.#record('writable'),
        data: (chunk) => this.#take(chunk),
        closed: (reason) => {
          this.#record('closed')
          resolve(reason)
        },
      }
    })
  }

  /** The first bytes that came, as text. */
  get text(): string {
    return this.#text
  }

  /** SHA-256 of everything that came so far. */
  get digest(): string {
    return this.#hash.copy().digest('hex')
  }

  /** Resolves when so many bytes have come. */
  received(bytes: number): Promise<void> {
    return this.#until(() => this.count >= bytes)
  }

  /** Resolves at the next `writable`. */
  writable(): Promise<void> {
    const seen = this.events.length
    return this.#until(() => this.events.indexOf('writable', seen) !== -1)
  }

  opened(): Promise<void> {
    return this.#until(() => this.events.includes('opened'))
  }

  /** Writes pattern 0 until the link answers false; returns the number of bytes. */
  fill(): number {
    let offset = 0
    while (this.link.write([pattern(0, 65_536, offset)])) {
      offset += 65_536
      if (offset > FILL_BYTES_MAX) throw new Error(`${FILL_BYTES_MAX} bytes were taken and write never answered false`)
    }
    return offset + 65_536
  }

  /** Writes so many bytes of a pattern, in gathered writes of pseudo-random sizes, heeding back-pressure. */
  async send(seed: number, bytes: number): Promise<void> {
    let offset = 0
    for (let turn = 1; offset < bytes; turn++) {
      const chunks: Uint8Array[] = []
      for (let part = 0; part <= turn % 4 && offset < bytes; part++) {
        const size = Math.min(bytes - offset, 1 + (((turn + part) * 2_654_435_761) % 40_000))
        chunks.push(pattern(seed, size, offset))
        offset += size
      }
      const writable = this.writable()
      if (!this.link.write(chunks)) await writable
    }
  }

  #record(event: LinkEvent): void {
    this.events.push(event)
    for (const check of this.#waiting) if (check()) this.#waiting.delete(check)
  }

  #take(chunk: Uint8Array): void {
    this.count += chunk.length
    this.#hash.update(chunk)
    if (this.#text.length < 4096) this.#text += Buffer.from(chunk).toString('latin1')
    this.#record('data')
    this.onData?.(chunk)
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): boolean => {
        if (!holds()) return false
        resolve()
        return true
      }
      if (!check()) this.#waiting.add(check)
    })
  }
}

/** Listens, dials, and ends at `clear()` whatever is left. */
export class Arena {
  readonly transport: Transport
  readonly freeAddress: () => string
  /** What a link may say when the other end was reset. */
  readonly resetEnds: readonly string[]
  readonly #listeners: Listener[] = []
  readonly #ends: End[] = []
  readonly #arrived: End[] = []
  readonly #acceptWaiting: ((end: End) => void)[] = []

  constructor(transport: Transport, freeAddress: () => string, resetEnds: readonly string[] = ['reset']) {
    this.transport = transport
    this.freeAddress = freeAddress
    this.resetEnds = resetEnds
  }

  async listen(address?: Address, onLink?: (link: Link, end: End) => void): Promise<Listener> {
    const place = address ?? this.transport.parse(parseAddress(this.freeAddress()))
    const listener = await this.transport.listen(place, (link) => {
      const end = this.#own(link)
      onLink?.(link, end)
      const waiting = this.#acceptWaiting.shift()
      if (waiting === undefined) this.#arrived.push(end)
      else waiting(end)
    })
    this.#listeners.push(listener)
    return listener
  }

  dial(address: Address): End {
    return this.#own(this.transport.dial(address))
  }

  /** The next end that arrives, or has arrived. */
  accepted(): Promise<End> {
    const end = this.#arrived.shift()
    if (end !== undefined) return Promise.resolve(end)
    return new Promise((resolve) => this.#acceptWaiting.push(resolve))
  }

  /** Two open ends of one link. */
  async pair(): Promise<Pair> {
    const listener = await this.listen()
    const dialled = this.dial(listener.address)
    const accepted = await this.accepted()
    await dialled.opened()
    return { dialled, accepted, listener }
  }

  /** Looks again at each turn of the event loop. For what no event tells. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve))
  }

  async clear(): Promise<void> {
    for (const { link } of this.#ends) link.reset()
    await Promise.all(this.#ends.map((end) => end.closed))
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  #own(link: Link): End {
    const end = new End(link)
    this.#ends.push(end)
    return end
  }
}

/** `length` bytes of the endless byte sequence number `seed`, from `offset`. */
export function pattern(seed: number, length: number, offset = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  // 251 is prime, so that a lost or doubled block of any usual size shows.
  for (let index = 0; index < length; index++) bytes[index] = (offset + index + seed * 17) % 251
  return bytes
}

export function patternDigest(seed: number, length: number): string {
  return createHash('sha256').update(pattern(seed, length)).digest('hex')
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text)
}
