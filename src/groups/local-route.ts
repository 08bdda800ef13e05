/** The way to another member in the same process. */
import type { Clock } from '../index.ts'
import type { Route, Seat } from './seat.ts'

export class LocalRoute implements Route {
  readonly #to: Seat
  readonly #clock: Clock

  constructor(to: Seat, clock: Clock) {
    this.#to = to
    this.#clock = clock
  }

  send(from: Seat, _encoded: unknown, word: Parameters<Seat['hearWord']>[1]): boolean {
    this.#clock.defer(() => this.#to.hearWord(from.info.id, word))
    return true
  }
}
