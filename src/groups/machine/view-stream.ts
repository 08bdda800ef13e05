/**
 * The messages of one view at one member: what it hands over, what comes in order, what it delivers, and the end of it all.
 */
import { Delivery } from './delivery.ts'
import { Follower } from './follower.ts'
import type { GroupLimits } from './limits.ts'
import type { Orderer, OrdererHost, StreamFault, StreamWord } from './orderer.ts'
import type { Outbox } from './outbox.ts'
import { Sequencer } from './sequencer.ts'
import type { StreamStand } from './standstill.ts'
import type { Act, Entry, GroupWord, MemberId, ViewId } from './terms.ts'
import { batches, type ViewLog } from './view-log.ts'

export const AT_BEGIN: StreamStand = Object.freeze({ base: 0, entries: [], stable: 0, next: 0, assemblies: [] })

export interface ViewStreamOptions extends OrdererHost {
  readonly outbox: Outbox
  readonly limits: GroupLimits
  /** Messages of older views that the application is not done with. */
  readonly older: number
  /** Where it goes on; that of a new view is at its begin. */
  readonly stand: StreamStand
  readonly nowMs: number
  readonly act: Act
}

export class ViewStream {
  readonly #host: OrdererHost
  readonly #outbox: Outbox
  readonly #act: Act
  readonly #orderer: Orderer
  readonly #delivery: Delivery

  constructor(options: ViewStreamOptions) {
    const { self, view, outbox, limits, older, stand, nowMs, act } = options
    this.#host = options
    this.#outbox = outbox
    this.#act = act
    const leads = view.id.installer === self
    this.#orderer = leads ? new Sequencer(options, limits, nowMs, stand.next) : new Follower(options, limits, stand)
    this.#delivery = new Delivery({ self, view: view.id, outbox, limits, older, act }, stand)
  }

  get log(): ViewLog {
    return this.#orderer.log
  }

  get stable(): number {
    return this.#orderer.stable
  }

  /** Messages that the application has and is not done with. */
  get open(): number {
    return this.#delivery.open
  }

  /** Where it stands; null: its application is not done with all that it was told. */
  get stand(): StreamStand | null {
    if (this.open > 0) return null
    const { next, assemblies } = this.#delivery
    const { base } = this.log
    return { base, entries: this.log.from(base), stable: this.stable, next, assemblies }
  }

  consume(count: number): void {
    this.#delivery.consume(count)
  }

  /**
   * Hands over what may be, and says what was gathered. While whoever orders is not reached, nothing is handed over: it would fail,
   * or what follows it would be ordered without it.
   */
  turn(nowMs: number, isServed: boolean): void {
    for (let entry = isServed ? this.#outbox.next() : null; entry !== null; entry = this.#outbox.next()) {
      this.#orderer.submit(entry)
      // What a sequencer has ordered makes room for more.
      if (this.#outbox.isFull) this.#deliver()
    }
    this.#deliver()
    this.#orderer.turn(this.#delivery.consumed, nowMs)
    this.#deliver()
  }

  remind(): void {
    this.#orderer.remind(this.#delivery.consumed)
  }

  accept(from: MemberId, word: StreamWord): StreamFault | null {
    const wrong = this.#orderer.accept(from, word)
    if (wrong === null) this.#deliver()
    return wrong
  }

  slowest(nowMs: number, slowMs: number): MemberId | null {
    return this.#orderer.slowest(nowMs, slowMs)
  }

  /** What this member has from `index` on that some other may lack, for who asks with this ballot. */
  beyond(index: number, ballot: ViewId): GroupWord[] {
    const view = this.#host.view.id
    let at = Math.max(index, this.log.base)
    return batches(this.log.from(at)).map((entries) => {
      at += entries.length
      return { kind: 'held', ballot, view, index: at - entries.length, entries }
    })
  }

  /** What this member lacks: its log stays a prefix of the sequencer's. */
  complete(index: number, entries: readonly Entry[]): void {
    if (index !== this.log.length) return
    for (const entry of entries) this.log.push(entry)
  }

  /** The view is over: first what may be delivered, then, behind the signal, all; then what is not here has failed. */
  finish(stable: number, transitional: readonly MemberId[]): void {
    const { id } = this.#host.view
    this.#delivery.run(this.log, stable, false)
    this.#act({ kind: 'transitional', view: id, members: transitional })
    this.#delivery.run(this.log, stable, true)
    this.#outbox.changed(id, this.#act)
  }

  #deliver(): void {
    const { stable } = this
    this.#delivery.run(this.log, stable, false)
    this.log.trim(stable)
  }
}
