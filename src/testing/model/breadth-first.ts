/**
 * Every state that a model can come to, breadth first, so that what breaks a law is the shortest way to it.
 *
 * A model says what its states are, which may follow each, and what must hold in them. Nothing is sampled: a search is complete, or
 * says that it is not.
 */

export interface SearchResult {
  readonly states: number
  readonly edges: number
  readonly depth: number
  /** False: `statesMax` was reached first. */
  readonly complete: boolean
  /** What is wrong, with the shortest way to it; null: every law holds. */
  readonly violation: string | null
}

export interface Move<State> {
  readonly text: string
  readonly make: () => State
}

/** What is searched. Whatever throws has broken a law. */
export interface Model<State> {
  readonly name: string
  first(): State
  /** Exact: two states with one key are the same. */
  keyOf(state: State): string
  movesOf(state: State): readonly Move<State>[]
  /** Of each state, once: what must hold at any moment. */
  check(state: State): void
  /** Of each state, once: all must come to a good end from here, when nothing more goes wrong. */
  settle(state: State): void
}

interface Found<State> {
  readonly state: State
  readonly from: Found<State> | null
  readonly move: string
}

export function breadthFirst<State>(model: Model<State>, statesMax = Infinity): SearchResult {
  const seen = new Set<string>()
  let edges = 0
  let depth = 0
  const result = (complete: boolean, violation: string | null): SearchResult => {
    return { states: seen.size, edges, depth, complete, violation }
  }
  let frontier: Found<State>[] = [{ state: model.first(), from: null, move: '' }]
  for (const { state } of frontier) seen.add(model.keyOf(state))
  for (; frontier.length > 0; depth++) {
    const next: Found<State>[] = []
    for (const found of frontier) {
      let last = 'and then peace'
      try {
        model.settle(found.state)
        for (const { text, make } of model.movesOf(found.state)) {
          last = text
          const state = make()
          edges++
          const key = model.keyOf(state)
          if (seen.has(key)) continue
          seen.add(key)
          model.check(state)
          next.push({ state, from: found, move: text })
        }
      } catch (thrown) {
        return result(false, storyOf(model.name, thrown, found, last))
      }
      if (seen.size > statesMax) return result(false, null)
    }
    frontier = next
  }
  return result(true, null)
}

function storyOf<State>(name: string, thrown: unknown, found: Found<State>, last: string): string {
  const way = [last]
  for (let at: Found<State> | null = found; at !== null && at.move !== ''; at = at.from) way.unshift(at.move)
  const what = thrown instanceof Error ? thrown.message : String(thrown)
  return [`${name}: ${what}`, ...way.map((move) => `  ${move}`)].join('\n')
}
