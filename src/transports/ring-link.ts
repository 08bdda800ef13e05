/**
 * One end of a link through memory that both ends share: a ring in each direction, and a bell that wakes the other end.
 *
 * Bytes are copied into a ring, and by the other end out of it. What does not fit waits here, by reference, until the
 * reader has made room. The bell is rung only for somebody who sleeps. Whoever carries it also tells what memory cannot: that
 * the other end takes the link, or is gone.
 *
 * An end is dialling, open, closing (what it wrote goes out first, then its END) or over. All handlers are called from bells and
 * turns, never from inside a call. After close() what comes is read and dropped, until the other end has ended too.
 */
import { clearTimer, nextTurn, setTimer } from './host.ts'
import { ReceiveMemory } from './receive-memory.ts'
import { RingLanes, type Bell, type Learns, type RingEnd, type Shared } from './ring-lanes.ts'
import type { RingWatch, Watched } from './ring-watch.ts'
import type { Link, LinkCapabilities, LinkClosed, LinkEnd, LinkHandlers } from './transport.ts'
import { UNSENT_GONE } from './unsent.ts'
import { WriteQueue } from './write-queue.ts'

/** The resolved options of a transport over rings. */
export interface RingSettings {
  readonly highWaterBytes: number
  readonly closeTimeoutMs: number
  /** Looks into rings while that pays; null: every sleep is ended by a bell. */
  readonly watch: RingWatch | null
}

const CAPABILITIES: LinkCapabilities = { local: true, protected: true }
/** So much is handed over in one look; then others have their turn. */
const LOOK_BYTES_MAX = 1024 * 1024
const BY_US = 'The link was closed on this side.'

export class RingLink implements Link, Watched {
  readonly capabilities = CAPABILITIES
  handlers!: LinkHandlers
  readonly localAddress: string
  readonly remoteAddress: string
  readonly #settings: RingSettings
  readonly #bell: Bell
  readonly #memory = new ReceiveMemory()
  readonly #unsent: WriteQueue
  /** While it is open or closing. */
  #lanes: RingLanes | null = null
  #phase: 'dialling' | 'open' | 'closing' | 'over' = 'dialling'
  #paused = false
  #lookDue = false
  #learns: Learns = 'by bell'
  #closed: LinkClosed | null = null
  #closeTimer: NodeJS.Timeout | undefined

  /** An end that dials. One that is accepted is opened at once. */
  constructor(settings: RingSettings, { bell, localAddress, remoteAddress }: RingEnd) {
    this.#settings = settings
    this.#bell = bell
    this.#unsent = new WriteQueue(settings.highWaterBytes)
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
  }

  get bufferedBytes(): number {
    return this.#unsent.bytes
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase === 'closing' || this.#phase === 'over') return false
    this.#unsent.push(chunks)
    this.#pump()
    return this.#unsent.accepts()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#lookSoon()
  }

  close(): void {
    if (this.#phase === 'closing' || this.#phase === 'over') return
    if (this.#phase === 'dialling' && this.#unsent.bytes === 0) {
      this.end('local', BY_US)
      return
    }
    this.#part('local', BY_US)
    this.#lookSoon()
  }

  reset(): void {
    this.end('local', 'The link was reset on this side.')
  }

  // What the bell's carrier tells.

  /** Memory was found for an end that is accepted: it is born open. */
  accepted(shared: Shared): void {
    this.#lanes = new RingLanes(shared, this.#bell)
    this.#phase = 'open'
    this.#lookSoon()
  }

  /** The other end has taken the link. */
  taken(shared: Shared): void {
    if (this.#phase === 'over' || this.#lanes !== null) {
      shared.release()
      return
    }
    this.#lanes = new RingLanes(shared, this.#bell)
    if (this.#phase === 'dialling') {
      this.#phase = 'open'
      this.handlers.opened()
    }
    this.woken()
  }

  /** The bell rang. */
  woken(): void {
    if (this.look() && this.#lanes !== null && this.#settings.watch?.found(this) === true) this.#learns = 'by looking'
    else this.rest()
  }

  /** The other end has nothing to say any more, or is dead. */
  lost(message: string): void {
    if (this.#phase === 'closing') this.end('local', BY_US)
    else this.end('reset', message)
  }

  // Reading.

  look(): boolean {
    this.#lookDue = false
    const hasSent = this.#refill()
    let left = LOOK_BYTES_MAX
    while (left > 0 && !this.#stops()) {
      const count = this.#readOnce()
      if (count === 0) break
      left -= count
    }
    this.#settle()
    return hasSent || left < LOOK_BYTES_MAX
  }

  rest(): void {
    this.#learns = 'by bell'
    this.#refill()
    if (this.#lanes === null || this.#stops()) return
    if (!this.#lanes.sleep()) this.#lookSoon()
  }

  #lookSoon(): void {
    if (this.#lookDue) return
    this.#lookDue = true
    nextTurn(this.#lookLater)
  }

  readonly #lookLater = (): void => {
    if (!this.#lookDue || this.#phase === 'over') return
    this.look()
    if (this.#learns === 'by bell') this.rest()
  }

  /** A paused end reads nothing, unless it is closing and drops what comes. */
  #stops(): boolean {
    return this.#lanes === null || (this.#paused && this.#phase === 'open')
  }

  #readOnce(): number {
    const isOpen = this.#phase === 'open'
    const room = isOpen ? (this.handlers.room?.() ?? null) : null
    const memory = this.#memory
    const into = room ?? memory.buffer
    const count = this.#lanes!.read(into)
    if (count === 0 || !isOpen) return count
    const chunk = into.subarray(0, count)
    if (room !== null) this.handlers.data(chunk)
    else {
      this.handlers.data(chunk, memory.lease)
      memory.advance(count)
    }
    return count
  }

  /** The other end has ended, or tells nonsense; and this one may be done. */
  #settle(): void {
    const lanes = this.#lanes
    if (lanes === null) return
    const atEnd = !this.#stops() && lanes.isAtEnd
    const { fault } = lanes
    if (fault !== null) this.end('failed', `The memory of the link is spoilt: ${fault}.`)
    else if (atEnd) {
      if (this.#phase === 'open') this.#part('remote', 'The other side closed the link.')
      if (lanes.hasEnded) this.end('local', BY_US)
    }
  }

  // Writing.

  /** Moves on what waits for room. True: some of it went. */
  #refill(): boolean {
    const { bytes } = this.#unsent
    if (bytes === 0) return false
    this.#pump()
    const hasSent = this.#unsent.bytes < bytes
    this.#unblock()
    return hasSent
  }

  /** Moves into the ring what fits, and then the end. */
  #pump(): void {
    const lanes = this.#lanes
    if (lanes === null) return
    const moved = lanes.move(this.#unsent, this.#learns)
    if (moved === 'all' && this.#phase === 'closing') lanes.end()
    if (moved !== 'spoilt') return
    if (lanes.fault === null) this.end('failed', UNSENT_GONE)
    else this.#lookSoon()
  }

  #unblock(): void {
    if (this.#phase === 'open' && this.#unsent.hasRoom()) this.handlers.writable()
  }

  // Ending.

  /** What was written goes out, and then this end is over when the other is. The first reason counts. */
  #part(end: LinkEnd, message: string): void {
    this.#phase = 'closing'
    this.#closed = { end, message }
    this.#closeTimer = setTimer(() => this.end('local', BY_US), this.#settings.closeTimeoutMs)
    this.#pump()
  }

  /** It is over, whatever was still to be said. */
  end(end: LinkEnd, message: string): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    const reason = this.#closed ?? { end, message }
    clearTimer(this.#closeTimer)
    this.#settings.watch?.forget(this)
    this.#memory.close()
    this.#unsent.drop()
    this.#lanes?.leave()
    this.#lanes = null
    this.#bell.close()
    nextTurn(() => this.handlers.closed(reason))
  }
}
