/**
 * One direction of a simulated link: bytes on their way, in order, with latency, bandwidth and arbitrary borders.
 *
 * What is written up to the size of the simulated kernel's buffer is copied and counts as handed over; the rest stays
 * the caller's array until it is delivered, as a zero-copy transport would have it, so that both kinds of mistakes with
 * reused memory show. What is delivered is overwritten when `data` returns, or when the last that held it gives it back.
 */
import { Deque } from '../../common/deque.ts'
import type { Lease } from '../../transports/transport.ts'
import type { Clock } from '../../messenger/runtime.ts'
import type { SeededRandom } from './random.ts'

/** How a direction behaves. Read anew for each step, so it may change at any time. */
export interface PipeConditions {
  readonly latencyMinMs: number
  /** Of most deliveries; some take three times as long, beyond the minimum. */
  readonly latencyMeanMs: number
  /** Infinity: no limit. */
  readonly bytesPerMs: number
  /** How often a delivery stops at a random byte, and the rest comes later. */
  readonly prefixProbability: number
}

/** What a pipe asks and tells. */
export interface PipeEnds {
  conditions(): PipeConditions
  /** When bytes may be delivered: now (0), in so many ms, or Infinity: `pump` will be called. */
  waitMs(): number
  /** What the receiver reads at most, in bytes per ms. */
  readBytesPerMs(): number
  /** Large chunks come with a lease. */
  deliver(bytes: Uint8Array, lease: Lease | undefined): void
  /** Bytes that were counted as buffered are gone. */
  drained(): void
  /** Everything before the end was delivered. */
  finished(): void
  /** Bytes that still belonged to the writer are gone: nothing behind them can be delivered. */
  torn(): void
}

interface Segment {
  bytes: Uint8Array
  /** Bytes that belong to the writer still. */
  readonly borrowed: boolean
  readonly atMs: number
  /** How many bytes there must be. */
  left: number
}

const READ_BYTES_MAX = 64 * 1024
/** A receiver may hold what is read at once from here on, as over TCP. */
const LEASED_BYTES_MIN = 32 * 1024

/** Overwrites its chunk when nobody holds it: whoever still reads it then sees that. */
class ChunkLease implements Lease {
  readonly #bytes: Uint8Array
  #holders = 1

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  hold(): void {
    this.#holders++
  }

  release(): void {
    if (--this.#holders === 0) this.#bytes.fill(0xdb)
  }
}

export class SimulatedPipe {
  readonly #clock: Clock
  readonly #random: SeededRandom
  readonly #ends: PipeEnds
  readonly #kernelBytes: number
  #segments = new Deque<Segment>()
  #waiting: (readonly [Uint8Array, boolean, number])[] = []
  #kernelUsed = 0
  #bufferedBytes = 0
  #departMs = 0
  #arriveMs = 0
  #timer: unknown = null
  #state: 'dialling' | 'open' | 'finishing' | 'over' = 'dialling'
  #fin = false

  constructor(clock: Clock, random: SeededRandom, kernelBytes: number, ends: PipeEnds) {
    this.#clock = clock
    this.#random = random
    this.#kernelBytes = kernelBytes
    this.#ends = ends
  }

  /** Bytes that belong to the writer. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** Bytes on their way, whoever they belong to. */
  get pendingBytes(): number {
    return this.#bufferedBytes + this.#kernelUsed
  }

  push(chunk: Uint8Array): void {
    if (this.#state === 'over' || chunk.length === 0) return
    // A kernel takes bytes in their order: nothing goes into it past what it had no room for.
    const borrowed = this.#bufferedBytes > 0 || this.#kernelUsed + chunk.length > this.#kernelBytes
    if (borrowed) this.#bufferedBytes += chunk.length
    else this.#kernelUsed += chunk.length
    const bytes = borrowed ? chunk : Uint8Array.prototype.slice.call(chunk)
    if (this.#state === 'dialling') this.#waiting.push([bytes, borrowed, chunk.length])
    else this.#send(bytes, borrowed, chunk.length)
  }

  /** The link is through: what was written before goes now; nothing arrives before `notBeforeMs`. */
  open(notBeforeMs: number): void {
    if (this.#state !== 'dialling') return
    this.#state = 'open'
    this.#arriveMs = notBeforeMs
    for (const [bytes, borrowed, left] of this.#waiting) this.#send(bytes, borrowed, left)
    this.#waiting = []
    if (this.#fin) this.#schedule(0)
  }

  /** No more will be written. */
  finish(): void {
    this.#fin = true
    if (this.#state === 'open') this.#schedule(0)
  }

  /** Forgets everything. */
  destroy(): void {
    this.#state = 'over'
    this.#segments = new Deque<Segment>()
    this.#waiting = []
    this.#bufferedBytes = this.#kernelUsed = 0
    this.#clock.clearTimer(this.#timer)
  }

  /** Its writer has lost the link: what the kernel took goes on to the receiver, the rest is nobody's. */
  orphan(): void {
    const kept = new Deque<Segment>()
    for (let index = 0; index < this.#segments.length; index++) {
      const segment = this.#segments.at(index)
      if (segment === undefined || segment.borrowed) break
      kept.push(segment)
    }
    this.#segments = kept
    this.#bufferedBytes = 0
  }

  /** Looks whether something can be delivered now: a reader resumed, a path healed. */
  pump(): void {
    if (this.#state === 'open') this.#schedule(0)
  }

  #send(bytes: Uint8Array, borrowed: boolean, left: number): void {
    const { latencyMinMs, latencyMeanMs, bytesPerMs } = this.#ends.conditions()
    const nowMs = this.#clock.nowMs()
    this.#departMs = Math.max(nowMs, this.#departMs) + left / bytesPerMs
    const luck = this.#random.next()
    const latencyMs = latencyMinMs + (latencyMeanMs - latencyMinMs) * 3 * luck * luck
    this.#arriveMs = Math.max(this.#arriveMs, this.#departMs + latencyMs)
    this.#segments.push({ bytes, borrowed, atMs: this.#arriveMs, left })
    if (this.#segments.length === 1) this.#schedule(this.#arriveMs - nowMs)
  }

  #schedule(delayMs: number): void {
    this.#clock.clearTimer(this.#timer)
    this.#timer = delayMs === Infinity ? null : this.#clock.setTimer(this.#step, delayMs)
  }

  readonly #step = (): void => {
    this.#timer = null
    if (this.#state !== 'open') return
    const nowMs = this.#clock.nowMs()
    const waitMs = this.#ends.waitMs()
    const first = this.#segments.at(0)
    if (waitMs > 0) {
      if (waitMs < Infinity) this.#schedule(waitMs)
    } else if (first === undefined) this.#finishIfDone()
    else if (first.atMs > nowMs) this.#schedule(first.atMs - nowMs)
    else if (isTorn(first)) this.#ends.torn()
    else this.#deliver(nowMs)
  }

  #deliver(nowMs: number): void {
    const { prefixProbability } = this.#ends.conditions()
    const rate = this.#ends.readBytesPerMs()
    let most = Math.min(READ_BYTES_MAX, rate === Infinity ? READ_BYTES_MAX : Math.max(1, Math.ceil(rate)))
    const arrived = this.#arrivedBytes(nowMs, most)
    if (this.#random.chance(prefixProbability)) most = this.#random.integer(1, Math.max(1, arrived))
    const scratch = this.#take(Math.min(most, arrived))
    const size = scratch.length
    const lease = new ChunkLease(scratch)
    this.#ends.deliver(scratch, size >= LEASED_BYTES_MIN ? lease : undefined)
    lease.release()
    if ((this.#state as string) === 'over') return
    this.#ends.drained()
    const next = this.#segments.at(0)
    if (next === undefined) this.#finishIfDone()
    else this.#schedule(Math.max(next.atMs - nowMs, rate === Infinity ? 0 : size / rate))
  }

  #arrivedBytes(nowMs: number, most: number): number {
    let bytes = 0
    for (let index = 0; bytes < most; index++) {
      const segment = this.#segments.at(index)
      if (segment === undefined || segment.atMs > nowMs || isTorn(segment)) break
      bytes += segment.bytes.length
    }
    return Math.min(bytes, most)
  }

  /** Copies so many bytes out of the segments. */
  #take(size: number): Uint8Array {
    const scratch = new Uint8Array(size)
    for (let filled = 0; filled < size;) {
      const segment = this.#segments.at(0)!
      const part = segment.bytes.subarray(0, size - filled)
      scratch.set(part, filled)
      filled += part.length
      if (segment.borrowed) this.#bufferedBytes -= part.length
      else this.#kernelUsed -= part.length
      segment.left -= part.length
      if (segment.left === 0) this.#segments.shift()
      else segment.bytes = segment.bytes.subarray(part.length)
    }
    return scratch
  }

  #finishIfDone(): void {
    if (!this.#fin || this.#segments.length > 0) return
    this.#state = 'over'
    this.#ends.finished()
  }
}

function isTorn({ bytes, left }: Segment): boolean {
  return bytes.length !== left
}
