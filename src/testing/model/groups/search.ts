/**
 * Every order in which two or three members can hear what happens, within the bounds of a plan: breadth first, so that what breaks a law
 * is the shortest way to it.
 *
 * States are compared exactly: by the lives of their machines, and by what is under way. Events at different members that do not
 * depend on each other lead to one state, whatever their order. In each state the laws of safety are asked; in each in which
 * nothing is under way, faults end and time passes, and all that live must come together.
 */
import { GroupHistory } from '../../groups/history.ts'
import { breadthFirst, type Model, type Move, type SearchResult } from '../breadth-first.ts'
import { checkGroup } from '../../groups/laws.ts'
import { viewKey } from '../../../groups/machine/terms.ts'
import { Lives, nameOf } from './lives.ts'
import { arrivals, firstState, heal, movesOf, tick } from './moves.ts'
import { keyOf, UNUSED, type GroupPlan, type GroupState } from './state.ts'

/** Rounds of time in which all must have come together. */
const ROUNDS_MAX = 60
/** Words that one round may bring. */
const ARRIVALS_MAX = 5000

export class GroupSearch implements Model<GroupState> {
  readonly name: string
  readonly #plan: GroupPlan
  readonly #lives = new Lives()
  /** What members were told, together, and held against the laws already. */
  readonly #told = new Set<string>()

  constructor(plan: GroupPlan) {
    this.name = plan.name
    this.#plan = plan
  }

  run(statesMax?: number): SearchResult {
    return breadthFirst(this, statesMax)
  }

  first(): GroupState {
    const apart = firstState(this.#plan, this.#lives)
    return this.#plan.begin === 'together' ? { ...this.#settle(apart), used: UNUSED } : apart
  }

  keyOf(state: GroupState): string {
    return keyOf(state)
  }

  movesOf(state: GroupState): Move<GroupState>[] {
    return movesOf(this.#plan, state, this.#lives).map(({ text, make }) => ({ text, make: () => make(this.#lives) }))
  }

  check(state: GroupState): void {
    this.#check(state)
  }

  settle(state: GroupState): void {
    if (arrivals(this.#plan, state, this.#lives).length === 0) this.#comeTogether(state)
  }

  #check(state: GroupState, settled?: readonly number[]): void {
    const told = `${state.lives.map((life) => this.#lives.at(life).told).join()} ${settled?.join() ?? ''}`
    if (this.#told.has(told)) return
    this.#told.add(told)
    const history = new GroupHistory()
    for (const life of state.lives) for (const fact of this.#lives.factsOf(life)) history.add(fact)
    const names = settled?.map(nameOf)
    const [violation] = checkGroup(history, { settled: names })
    if (violation !== undefined) throw new Error(`${violation.law}: ${violation.text}`)
  }

  #comeTogether(state: GroupState): void {
    const after = this.#settle(heal(this.#plan, state))
    this.#check(after, after.living)
  }

  /** One fair way on without faults: all that is under way arrives, then time passes, until all are in one view. */
  #settle(from: GroupState): GroupState {
    let state = this.#arrive(from)
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (this.#isSettled(state)) return state
      for (const at of state.living) {
        if (!state.living.includes(at)) continue
        state = this.#arrive(tick(this.#plan, state, at, (round % 4) / 4).make(this.#lives))
      }
    }
    throw new Error(`VS10: those that live are not together after ${ROUNDS_MAX} rounds`)
  }

  #arrive(from: GroupState): GroupState {
    let state = from
    for (let count = 0; count < ARRIVALS_MAX; count++) {
      const [move] = arrivals(this.#plan, state, this.#lives)
      if (move === undefined) return state
      state = move.make(this.#lives)
      this.#check(state)
    }
    throw new Error(`VS10: no rest after ${ARRIVALS_MAX} words`)
  }

  #isSettled({ lives, living }: GroupState): boolean {
    const all = living.map((member) => this.#lives.at(lives[member]!))
    const [first] = all
    return all.every(
      ({ view, phase, isDone }) =>
        phase === 'normal' &&
        isDone &&
        view.members.length === living.length &&
        viewKey(view.id) === viewKey(first!.view.id),
    )
  }
}
