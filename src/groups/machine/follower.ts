/**
 * The orderer of a member that is not the sequencer: hands its pieces over, takes orders in their order, acks cumulatively.
 *
 * Acks and pieces of one turn travel together. Limits: what it hands over is bounded by the outbox, what it takes by the
 * sequencer's window.
 */
import type { Orderer, OrdererHost, StreamFault, StreamWord } from './orderer.ts'
import type { Entry, MemberId } from './terms.ts'
import { ViewLog, batches } from './view-log.ts'

export class Follower implements Orderer {
  readonly log = new ViewLog()
  readonly #host: OrdererHost
  readonly #sequencer: MemberId
  #gathered: Entry[] = []
  #stable = 0
  #told = { received: 0, consumed: 0 }

  constructor(host: OrdererHost) {
    this.#host = host
    this.#sequencer = host.view.id.installer
  }

  get stable(): number {
    return this.#stable
  }

  submit(entry: Entry): void {
    this.#gathered.push(entry)
  }

  accept(from: MemberId, word: StreamWord): StreamFault | null {
    if (from !== this.#sequencer) return { kind: 'broken', reason: `${word.kind} from who is not the sequencer` }
    switch (word.kind) {
      case 'orders':
        if (word.index !== this.log.length) return { kind: 'lost' }
        for (const entry of word.entries) this.log.push(entry)
        return this.#stabilise(word.stable)
      case 'stable':
        return this.#stabilise(word.stable)
      default:
        return { kind: 'broken', reason: `${word.kind} to who is not the sequencer` }
    }
  }

  turn(consumed: number): void {
    const { view } = this.#host
    const gathered = this.#gathered
    this.#gathered = []
    for (const entries of batches(gathered)) {
      this.#host.send(this.#sequencer, { kind: 'data', view: view.id, entries })
    }
    if (this.#told.received !== this.log.length || this.#told.consumed !== consumed) this.remind(consumed)
  }

  remind(consumed: number): void {
    this.#told = { received: this.log.length, consumed }
    this.#host.send(this.#sequencer, { kind: 'ack', view: this.#host.view.id, ...this.#told })
  }

  slowest(): null {
    return null
  }

  #stabilise(stable: number): StreamFault | null {
    if (stable > this.log.length) return { kind: 'broken', reason: 'stable beyond what was ordered' }
    if (stable > this.#stable) this.#stable = stable
    return null
  }
}
