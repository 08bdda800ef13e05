/**
 * Every order in which calls that are to run once can be asked, lost and asked again, within the bounds of a plan; and from each of
 * these moments all come to a good end when nothing more goes wrong.
 */
import { breadthFirst, type Model, type Move, type SearchResult } from '../breadth-first.ts'
import { BrokenLaw } from '../broken-law.ts'
import { checkOnce, checkRest } from './laws.ts'
import type { OncePlan } from './plans.ts'
import { OnceWorld } from './world.ts'

/** What has happened, and what the world looks like then. */
interface OnceState {
  readonly way: readonly string[]
  readonly key: string
}

/** Steps of a good end. */
const STEPS_MAX = 200

export class OnceSearch implements Model<OnceState> {
  readonly name: string
  readonly #plan: OncePlan

  constructor(plan: OncePlan) {
    this.name = plan.name
    this.#plan = plan
  }

  run(statesMax?: number): SearchResult {
    return breadthFirst(this, statesMax)
  }

  first(): OnceState {
    return { way: [], key: new OnceWorld(this.#plan).key }
  }

  keyOf({ key }: OnceState): string {
    return key
  }

  movesOf(state: OnceState): Move<OnceState>[] {
    return this.#play(state.way)
      .moves()
      .map((text) => ({ text, make: () => this.#after(state, text) }))
  }

  check({ way }: OnceState): void {
    const { asked, runs } = this.#play(way)
    checkOnce(asked, runs)
  }

  settle({ way }: OnceState): void {
    const world = this.#play(way)
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      // The oldest news first, and asking last: who asks again at once would only go round.
      const next = world.progress().sort(byHaste)[0]
      if (next === undefined) {
        checkRest(world.asked, world.attempts)
        return
      }
      world.do(next)
      checkOnce(world.asked, world.runs)
    }
    throw new BrokenLaw(`no rest after ${STEPS_MAX} steps`)
  }

  #after({ way }: OnceState, move: string): OnceState {
    const world = this.#play(way)
    world.do(move)
    return { way: [...way, move], key: world.key }
  }

  #play(way: readonly string[]): OnceWorld {
    const world = new OnceWorld(this.#plan)
    for (const move of way) world.do(move)
    return world
  }
}

const HASTE = ['hear', 'answer', 'arrive', 'put', 'reply', 'begin', 'ask']

function byHaste(one: string, other: string): number {
  const haste = (move: string): number => HASTE.indexOf(move.split(' ', 1)[0]!)
  return haste(one) - haste(other)
}
