/**
 * What a member delivers of one view's log: in its order, SAFE not before it is stable, large messages put together again.
 *
 * Pieces of a message that the view does not complete are dropped with the view: every member of the transitional set has the same
 * pieces, so all drop the same. It also counts what the application has not consumed, which is what the sequencer's window
 * goes by. Limit: the sequencer begins no message beyond `assemblyBytesMax`; of one that does, the pieces beyond are not kept.
 */
import { concat } from '../../common/bytes.ts'
import { Deque } from '../../common/deque.ts'
import type { GroupLimits } from './limits.ts'
import type { Outbox } from './outbox.ts'
import type { StreamStand } from './standstill.ts'
import type { Act, Entry, MemberId, ViewId } from './terms.ts'
import type { ViewLog } from './view-log.ts'

interface Assembly {
  readonly pieces: Uint8Array[]
  bytes: number
}

export interface DeliveryOptions {
  readonly self: MemberId
  readonly view: ViewId
  readonly outbox: Outbox
  readonly limits: GroupLimits
  /** Messages of older views that the application is not done with. */
  readonly older: number
  readonly act: Act
}

export class Delivery {
  readonly #self: MemberId
  readonly #view: ViewId
  readonly #limits: GroupLimits
  readonly #outbox: Outbox
  readonly #act: Act
  readonly #assemblies = new Map<string, Assembly>()
  #assemblyBytes = 0
  /** Where those messages end that the application has and is not done with. */
  readonly #unconsumed = new Deque<number>()
  /** How many of older views it is not done with. */
  #older: number
  #next: number

  constructor({ self, view, outbox, limits, older, act }: DeliveryOptions, stand: StreamStand) {
    this.#self = self
    this.#view = view
    this.#outbox = outbox
    this.#limits = limits
    this.#older = older
    this.#next = stand.next
    for (const [key, bytes] of stand.assemblies) {
      this.#assemblies.set(key, { pieces: [bytes], bytes: bytes.length })
      this.#assemblyBytes += bytes.length
    }
    this.#act = act
  }

  /** The first entry that is not told. */
  get next(): number {
    return this.#next
  }

  /** What came of messages that are told in part. */
  get assemblies(): StreamStand['assemblies'] {
    return [...this.#assemblies].map(([key, { pieces }]) => [key, concat(pieces)])
  }

  /** The application is done with everything before. */
  get consumed(): number {
    return this.#older > 0 ? 0 : (this.#unconsumed.at(0) ?? this.#next)
  }

  /** Messages that the application has and is not done with. */
  get open(): number {
    return this.#older + this.#unconsumed.length
  }

  /** Delivers what may be: up to a SAFE one that is not stable, or, behind the transitional signal, to the end. */
  run(log: ViewLog, stable: number, isTransitional: boolean): void {
    while (this.#next < log.length) {
      const entry = log.at(this.#next)!
      if (entry.isSafe && !isTransitional && this.#next >= stable) return
      this.#deliver(entry, this.#next++, isTransitional)
    }
  }

  consume(count: number): void {
    for (let left = count; left > 0; left--) {
      if (this.#older > 0) this.#older--
      else this.#unconsumed.shift()
    }
  }

  #deliver(entry: Entry, index: number, isTransitional: boolean): void {
    if (entry.from === this.#self) this.#outbox.ordered(entry)
    const data = this.#whole(entry)
    if (data === null) return
    const { from, origin, number, type, isSafe } = entry
    const view = this.#view
    this.#unconsumed.push(index)
    this.#act({ kind: 'deliver', from, origin, number, view, index, type, isSafe, isTransitional, data })
    if (from === this.#self && this.#outbox.delivered(number)) {
      this.#act({ kind: 'published', number, view, index, isTransitional })
    }
  }

  /** The message that this piece completes; null: none. */
  #whole({ from, number, offset, total, data }: Entry): Uint8Array | null {
    if (offset === 0 && data.length === total) return data
    const key = `${number} ${from}`
    const assembly = offset === 0 ? { pieces: [], bytes: 0 } : this.#assemblies.get(key)
    if (assembly === undefined || assembly.bytes !== offset) {
      this.#act({ kind: 'fault', peer: from, reason: 'a piece of a message came without those before it' })
      return null
    }
    this.#assemblyBytes += data.length
    if (this.#assemblyBytes > Math.max(total, this.#limits.assemblyBytesMax)) {
      this.#drop(key, assembly.bytes + data.length)
      this.#act({ kind: 'fault', peer: this.#view.installer, reason: 'more in pieces than may be put together' })
      return null
    }
    assembly.pieces.push(data)
    assembly.bytes += data.length
    if (assembly.bytes < total) {
      this.#assemblies.set(key, assembly)
      return null
    }
    this.#drop(key, total)
    return concat(assembly.pieces)
  }

  #drop(key: string, bytes: number): void {
    this.#assemblies.delete(key)
    this.#assemblyBytes -= bytes
  }
}
