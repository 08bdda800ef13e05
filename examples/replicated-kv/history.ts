/** What clients did and saw, in the one order of real time: each beginning and each end has a place of its own. */
import type { Command, Value } from './messages.ts'

export interface Operation {
  readonly client: string
  readonly command: Command
  readonly began: number
  /** Infinity: nobody ever heard of its end. It may have happened at any time since, or not at all. */
  readonly ended: number
  /** What a read saw; of a write what it wrote. */
  readonly value: Value
}

/** An operation that is under way. Ends once; one that never does may have happened. */
export interface Attempt {
  /** It has happened. */
  done(value: Value): void
  /** It has not, and never will. */
  refused(): void
}

export class History {
  /** Attempts that did not happen for sure. */
  refused = 0
  readonly #operations = new Map<number, Operation>()
  #now = 0

  begin(client: string, command: Command): Attempt {
    const began = ++this.#now
    const value = command.kind === 'put' ? command.value : null
    const operation: Operation = { client, command, began, ended: Infinity, value }
    this.#operations.set(began, operation)
    return {
      done: (seen) => {
        this.#operations.set(began, { ...operation, ended: ++this.#now, value: seen })
      },
      refused: () => {
        this.#operations.delete(began)
        this.refused++
      },
    }
  }

  get operations(): readonly Operation[] {
    return [...this.#operations.values()]
  }

  get unknown(): number {
    return this.operations.filter(({ ended }) => ended === Infinity).length
  }
}
