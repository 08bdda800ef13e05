/**
 * One end of a link between two threads: a ring in each direction, and a port for bells.
 *
 * Bytes are copied into the ring, and by the other thread out of it. What does not fit waits here, by reference, until the
 * reader has made room. A bell is a message on the port, and is rung only for somebody who sleeps. The port also tells what
 * memory cannot: that the other thread has ended.
 *
 * An end is dialling, open, closing (what it wrote goes out first, then its END) or over. All handlers are called from bells and
 * turns, never from inside a call. After close() what comes is read and dropped, until the other end has ended too.
 */
import type { MessagePort } from 'node:worker_threads'
import { Deque } from '../common/deque.ts'
import { clearTimer, nextTurn, setTimer } from './host.ts'
import { ReceiveMemory } from './receive-memory.ts'
import type { RingWatch, Watched } from './ring-watch.ts'
import { RingReader } from './ring/ring-reader.ts'
import { RingWriter } from './ring/ring-writer.ts'
import { RING_HEADER_BYTES, ringAt } from './ring/ring.ts'
import type { Link, LinkCapabilities, LinkClosed, LinkEnd, LinkHandlers } from './transport.ts'
import { UNSENT_GONE, type Unsent } from './unsent.ts'
import { REFUSED, TAKEN } from './worker-hub.ts'

/** The resolved options of worker(). */
export interface WorkerSettings {
  readonly ringBytes: number
  readonly highWaterBytes: number
  readonly closeTimeoutMs: number
  /** Looks into rings while that pays; null: every sleep is ended by a bell. */
  readonly watch: RingWatch | null
}

/** What a link is made of. */
export interface WorkerEnd {
  readonly port: MessagePort
  readonly memory: SharedArrayBuffer
  readonly role: 'dialled' | 'accepted'
  readonly localAddress: string
  readonly remoteAddress: string
}

const CAPABILITIES: LinkCapabilities = { local: true, protected: true }
const BELL = 0
/** So much is handed over in one look; then others have their turn. */
const LOOK_BYTES_MAX = 1024 * 1024
const BY_US = 'The link was closed on this side.'

/** The memory of a link with rings of this size. */
export function linkMemory(ringBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * (RING_HEADER_BYTES + ringBytes))
}

export class WorkerLink implements Link, Watched {
  readonly capabilities = CAPABILITIES
  handlers!: LinkHandlers
  readonly localAddress: string
  readonly remoteAddress: string
  readonly #settings: WorkerSettings
  readonly #port: MessagePort
  readonly #writer: RingWriter
  readonly #reader: RingReader
  readonly #memory = new ReceiveMemory()
  #phase: 'dialling' | 'open' | 'closing' | 'over'
  #paused = false
  /** What did not fit into the ring, how much of the first chunk did, and what is left of all. */
  readonly #unsent = new Deque<Unsent>()
  #at = 0
  #bufferedBytes = 0
  /** write() answered false, and `writable` has not been called since. */
  #blocked = false
  #hasEnded = false
  #lookDue = false
  #closed: LinkClosed | null = null
  #closeTimer: NodeJS.Timeout | undefined

  constructor(settings: WorkerSettings, { port, memory, role, localAddress, remoteAddress }: WorkerEnd) {
    this.#settings = settings
    this.#port = port
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
    const bytes = memory.byteLength / 2 - RING_HEADER_BYTES
    const [there, back] = [ringAt(memory, 0, bytes), ringAt(memory, memory.byteLength / 2, bytes)]
    const [out, into] = role === 'dialled' ? [there, back] : [back, there]
    this.#writer = new RingWriter(out)
    this.#reader = new RingReader(into)
    this.#phase = role === 'dialled' ? 'dialling' : 'open'
    port.on('message', (said: unknown) => this.#hear(said))
    port.on('close', () => this.#lost())
    if (role === 'accepted') {
      port.postMessage(TAKEN)
      this.#lookSoon()
    }
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase === 'closing' || this.#phase === 'over') return false
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      this.#unsent.push({ chunk, bytes: chunk.length })
      this.#bufferedBytes += chunk.length
    }
    this.#pump()
    if (this.#bufferedBytes <= this.#settings.highWaterBytes) return true
    this.#blocked = true
    return false
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
    if (this.#phase === 'dialling' && this.#writer.used === 0 && this.#bufferedBytes === 0) {
      this.#end('local', BY_US)
      return
    }
    this.#part('local', BY_US)
    this.#lookSoon()
  }

  reset(): void {
    this.#end('local', 'The link was reset on this side.')
  }

  // What the other side says.

  #hear(said: unknown): void {
    if (said === REFUSED) {
      this.#end('refused', `Nobody listens at ${this.remoteAddress}.`)
      return
    }
    if (said === TAKEN && this.#phase === 'dialling') {
      this.#phase = 'open'
      this.handlers.opened()
    }
    this.#pump()
    this.#unblock()
    if (this.look() && this.#settings.watch !== null) this.#settings.watch.found(this)
    else this.rest()
  }

  /** The port is closed: by the other end, which has nothing to say any more, or with its thread. */
  #lost(): void {
    if (this.#phase === 'closing') this.#end('local', BY_US)
    else this.#end('reset', 'The other side broke the link off, or its thread ended.')
  }

  // Reading.

  look(): boolean {
    this.#lookDue = false
    let left = LOOK_BYTES_MAX
    while (left > 0 && !this.#stops()) {
      const count = this.#readOnce()
      if (count === 0) break
      left -= count
    }
    if (this.#bufferedBytes > 0) {
      this.#pump()
      this.#unblock()
    }
    if (this.#phase !== 'over') this.#settle()
    return left < LOOK_BYTES_MAX
  }

  rest(): void {
    if (this.#phase === 'over' || this.#phase === 'dialling' || this.#stops()) return
    if (!this.#reader.sleep()) this.#lookSoon()
  }

  #lookSoon(): void {
    if (this.#lookDue) return
    this.#lookDue = true
    nextTurn(this.#lookLater)
  }

  readonly #lookLater = (): void => {
    if (!this.#lookDue || this.#phase === 'over') return
    this.look()
    this.rest()
  }

  /** A paused end reads nothing, unless it is closing and drops what comes. */
  #stops(): boolean {
    return this.#phase === 'over' || (this.#paused && this.#phase === 'open')
  }

  #readOnce(): number {
    const isOpen = this.#phase === 'open'
    const room = isOpen ? (this.handlers.room?.() ?? null) : null
    const memory = this.#memory
    const into = room ?? memory.buffer
    const count = this.#reader.read(into)
    if (count === 0) return 0
    if (this.#reader.tell()) this.#ring()
    if (!isOpen) return count
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
    const fault = this.#reader.fault ?? this.#writer.fault
    if (fault !== null) {
      this.#end('failed', `The memory of the link is spoilt: ${fault}.`)
      return
    }
    if (!this.#stops() && this.#reader.isAtEnd) {
      if (this.#phase === 'open') this.#part('remote', 'The other side closed the link.')
      if (this.#hasEnded) this.#end('local', BY_US)
    }
  }

  // Writing.

  /** Moves into the ring what fits, and then the end. */
  #pump(): void {
    for (;;) {
      this.#fill()
      if (this.#writer.tell()) this.#ring()
      if (this.#bufferedBytes === 0 || this.#phase === 'over') break
      if (this.#writer.sleep(Math.min(this.#bufferedBytes, this.#settings.ringBytes >> 1))) return
      if (this.#writer.fault !== null || this.#writer.isReaderGone) return
    }
    if (this.#phase !== 'closing' || this.#hasEnded) return
    this.#hasEnded = true
    if (this.#writer.end()) this.#ring()
  }

  #fill(): void {
    for (;;) {
      const first = this.#unsent.at(0)
      if (first === undefined) return
      const { chunk, bytes } = first
      if (chunk.byteLength !== bytes) {
        this.#end('failed', UNSENT_GONE)
        return
      }
      const count = this.#writer.write(chunk, this.#at)
      this.#bufferedBytes -= count
      this.#at += count
      if (this.#at < bytes) return
      this.#at = 0
      this.#unsent.shift()
    }
  }

  #unblock(): void {
    if (!this.#blocked || this.#phase !== 'open' || this.#bufferedBytes > this.#settings.highWaterBytes >> 1) return
    this.#blocked = false
    this.handlers.writable()
  }

  #ring(): void {
    this.#port.postMessage(BELL)
  }

  // Ending.

  /** What was written goes out, and then this end is over when the other is. The first reason counts. */
  #part(end: LinkEnd, message: string): void {
    this.#phase = 'closing'
    this.#closed = { end, message }
    this.#closeTimer = setTimer(() => this.#end('local', BY_US), this.#settings.closeTimeoutMs)
    this.#pump()
  }

  #end(end: LinkEnd, message: string): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    const reason = this.#closed ?? { end, message }
    clearTimer(this.#closeTimer)
    this.#settings.watch?.forget(this)
    this.#memory.close()
    this.#unsent.takeAll()
    this.#bufferedBytes = 0
    this.#reader.leave()
    this.#port.close()
    nextTurn(() => this.handlers.closed(reason))
  }
}
