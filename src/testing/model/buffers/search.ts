/**
 * Every order in which a small registry of buffers can be used: registering, opening, chunks, revoking at every point of that, and time.
 *
 * Breadth first, so that what fails is the shortest way to it. A state is what is remembered of the way; two ways to the same one must
 * have left the registry alike, so the second is not searched on. From each state all must come to an end and leave nothing.
 */
import type { SearchResult } from '../breadth-first.ts'
import type { BufferPlan } from './plans.ts'
import { Way } from './way.ts'

export class BufferSearch {
  readonly #plan: BufferPlan
  /** What the registry looked like, by what is remembered. */
  readonly #found = new Map<string, string>()
  #edges = 0

  constructor(plan: BufferPlan) {
    this.#plan = plan
  }

  run(statesMax = Infinity): SearchResult {
    let depth = 0
    let frontier: string[][] = [[]]
    for (; frontier.length > 0; depth++) {
      const next: string[][] = []
      for (const steps of frontier) {
        if (this.#found.size >= statesMax) return this.#result(depth, false, null)
        for (const step of this.#follow(steps).next()) {
          const violation = this.#try([...steps, step], next)
          if (violation !== null) return this.#result(depth, false, violation)
        }
      }
      frontier = next
    }
    return this.#result(depth, true, null)
  }

  /** One step further; what is wrong then. What nobody has seen goes to `next`. */
  #try(steps: string[], next: string[][]): string | null {
    this.#edges++
    try {
      const way = this.#follow(steps)
      const { known, seen } = way.state
      const before = this.#found.get(known)
      if (before === seen) return null
      if (before !== undefined) throw new Error(`the registry remembers what nobody told it: ${before}, ${seen}`)
      this.#found.set(known, seen)
      next.push(steps)
      way.close()
      return null
    } catch (thrown) {
      return `${steps.join(', ')}: ${(thrown as Error).message}`
    }
  }

  #follow(steps: readonly string[]): Way {
    const way = new Way(this.#plan)
    for (const step of steps) way.do(step)
    return way
  }

  #result(depth: number, complete: boolean, violation: string | null): SearchResult {
    return { states: this.#found.size, edges: this.#edges, depth, complete, violation }
  }
}
