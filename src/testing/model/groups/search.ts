/**
 * Every order in which two or three members can hear what happens, within the bounds of a plan: breadth first, so that what breaks a law
 * is the shortest way to it.
 *
 * States are compared exactly: by the lives of their machines, and by what is under way. Events at different members that do not
 * depend on each other lead to one state, whatever their order. In each state the laws of safety are asked; in each in which
 * nothing is under way, faults end and time passes, and all that live must come together.
 */
import { GroupHistory } from '../../groups/history.ts'
import { checkGroup } from '../../groups/laws.ts'
import { viewKey } from '../../../groups/machine/terms.ts'
import { Lives, nameOf } from './lives.ts'
import { arrivals, firstState, heal, movesOf, tick } from './moves.ts'
import { keyOf, UNUSED, type GroupPlan, type GroupState } from './state.ts'

export interface GroupSearchResult {
  readonly states: number
  readonly edges: number
  readonly depth: number
  /** False: `statesMax` was reached first. */
  readonly complete: boolean
  /** What is wrong, with the shortest way to it; null: every law holds. */
  readonly violation: string | null
}

interface Found {
  readonly state: GroupState
  readonly from: Found | null
  readonly move: string
}

/** Rounds of time in which all must have come together. */
const ROUNDS_MAX = 60
/** Words that one round may bring. */
const ARRIVALS_MAX = 5000

export class GroupSearch {
  readonly #plan: GroupPlan
  readonly #lives = new Lives()
  readonly #seen = new Set<string>()
  /** What members were told, together, and held against the laws already. */
  readonly #told = new Set<string>()
  #edges = 0

  constructor(plan: GroupPlan) {
    this.#plan = plan
  }

  run(statesMax = Infinity): GroupSearchResult {
    let depth = 0
    let frontier: Found[] = [{ state: this.#begin(), from: null, move: '' }]
    for (const { state } of frontier) this.#seen.add(keyOf(state))
    for (; frontier.length > 0; depth++) {
      const next: Found[] = []
      for (const found of frontier) {
        const violation = this.#expand(found, next)
        if (violation !== null) return { ...this.#counts(depth), complete: false, violation }
        if (this.#seen.size > statesMax) return { ...this.#counts(depth), complete: false, violation: null }
      }
      frontier = next
    }
    return { ...this.#counts(depth), complete: true, violation: null }
  }

  #counts(depth: number): Pick<GroupSearchResult, 'states' | 'edges' | 'depth'> {
    return { states: this.#seen.size, edges: this.#edges, depth }
  }

  #begin(): GroupState {
    const apart = firstState(this.#plan, this.#lives)
    return this.#plan.begin === 'together' ? { ...this.#settle(apart), used: UNUSED } : apart
  }

  /** Takes every move from a state. Null: nothing is wrong with where they lead. */
  #expand(found: Found, next: Found[]): string | null {
    const { state } = found
    try {
      if (arrivals(this.#plan, state, this.#lives).length === 0) this.#comeTogether(state)
    } catch (thrown) {
      return storyOf(this.#plan, thrown, found, 'and then peace')
    }
    for (const { text, make } of movesOf(this.#plan, state, this.#lives)) {
      try {
        const after = make(this.#lives)
        this.#edges++
        const key = keyOf(after)
        if (this.#seen.has(key)) continue
        this.#seen.add(key)
        this.#check(after)
        next.push({ state: after, from: found, move: text })
      } catch (thrown) {
        return storyOf(this.#plan, thrown, found, text)
      }
    }
    return null
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

function storyOf({ name }: GroupPlan, thrown: unknown, found: Found, last: string): string {
  const way = [last]
  for (let at: Found | null = found; at !== null && at.move !== ''; at = at.from) way.unshift(at.move)
  return [
    `${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    ...way.map((move) => `  ${move}`),
  ].join('\n')
}
