/**
 * Every order in which a caller, a server and the link between them can hear what happens to a call, within the bounds of a plan.
 *
 * A cut link is no event of its own: the session under calls takes care that what was on it arrives once and in order, so for calls it
 * is only late, and messages, control words and acks come as late as they may here. In each state one outcome, true verdicts, order,
 * silence behind a discard, and places held as long as a handler runs; where nothing is under way no credit is lost; and from there,
 * when all handlers end and nobody asks more, every call has its outcome, and no place, alarm or byte is counted any more.
 */
import { breadthFirst, type Model, type Move, type SearchResult } from '../breadth-first.ts'
import { BrokenLaw } from '../broken-law.ts'
import { checkCalls, checkQuiet, checkRest } from './laws.ts'
import { CallMoves } from './moves.ts'
import type { CallPlan } from './plans.ts'
import { keyOf, type CallState } from './state.ts'

/** Things that one round of a good end may bring, and such rounds. */
const ARRIVALS_MAX = 200
const ROUNDS_MAX = 20

export class CallSearch implements Model<CallState> {
  readonly name: string
  readonly #moves: CallMoves

  constructor(plan: CallPlan) {
    this.name = plan.name
    this.#moves = new CallMoves(plan)
  }

  run(statesMax?: number): SearchResult {
    return breadthFirst(this, statesMax)
  }

  first(): CallState {
    return this.#moves.first()
  }

  keyOf(state: CallState): string {
    return keyOf(state)
  }

  movesOf(state: CallState): Move<CallState>[] {
    return [...this.#moves.arrivals(state), ...this.#moves.deeds(state)]
  }

  check(state: CallState): void {
    checkCalls(this.#moves.seen(state, 0), this.#moves.seen(state, 1))
  }

  settle(state: CallState): void {
    // What is on its way arrives in states of their own.
    if (this.#moves.arrivals(state).length > 0) return
    checkQuiet(this.#moves.seen(state, 0), this.#moves.seen(state, 1))
    let at = state
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const next = this.#arrive(this.#goOn(at))
      if (keyOf(next) === keyOf(at)) {
        checkRest(this.#moves.seen(at, 0), this.#moves.seen(at, 1))
        return
      }
      at = next
    }
    throw new BrokenLaw(`no rest after ${ROUNDS_MAX} rounds`)
  }

  /** Callers end their parts, all that waits is read, and every handler begins and answers. */
  #goOn(from: CallState): CallState {
    let state = from
    const happen = (side: 0 | 1, event: string): void => {
      state = this.#moves.happen(state, side, event)
      this.check(state)
    }
    this.#moves.seen(from, 0).asked.forEach(({ takesParts, inflow }, at) => {
      for (let unread = inflow?.unread ?? 0; unread > 0; unread--) happen(0, `read ${at}`)
      if (takesParts) happen(0, `end ${at}`)
    })
    this.#moves.seen(from, 1).served.forEach(({ phase, run, inflow }, at) => {
      for (let unread = inflow?.unread ?? 0; unread > 0; unread--) happen(1, `read ${at}`)
      if (run === 'running') happen(1, `reply ${at}`)
      else if (phase === 'waiting') happen(1, `begin ${at}`)
    })
    return state
  }

  #arrive(from: CallState): CallState {
    let state = from
    for (let count = 0; count < ARRIVALS_MAX; count++) {
      const [move] = this.#moves.arrivals(state)
      if (move === undefined) return state
      state = move.make()
      this.check(state)
    }
    throw new BrokenLaw(`no rest after ${ARRIVALS_MAX} arrivals`)
  }
}
