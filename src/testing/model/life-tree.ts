/**
 * The lives of machines, as a tree: what a machine has gone through, step by step, and what each step made it say.
 *
 * A machine is what it was told, in order, so its life names it exactly, and no machine need be copied or compared. A step that was
 * taken once, in whatever interleaving, is known from then on; one that was not, a new machine plays from its birth.
 */

/** A number: one life up to now. */
export type Life = number

/** A machine while it plays a life. */
export interface Player<Said, Seen> {
  /** Something happens to it. What it says then; throws what it must never do. */
  take(event: string): Said
  /** What it looks like now. Kept: nothing of it changes later. */
  see(): Seen
}

export interface LifeStep<Said> {
  readonly after: Life
  readonly said: Said
}

interface Stage<Seen> {
  readonly parent: Life
  readonly event: string
  readonly seen: Seen
}

export class LifeTree<Said, Seen> {
  readonly #bear: () => Player<Said, Seen>
  readonly #stages: Stage<Seen>[] = []
  readonly #steps = new Map<string, LifeStep<Said>>()

  constructor(bear: () => Player<Said, Seen>) {
    this.#bear = bear
    this.#stages.push({ parent: -1, event: '', seen: bear().see() })
  }

  /** Just born. */
  get first(): Life {
    return 0
  }

  step(life: Life, event: string): LifeStep<Said> {
    const key = `${life} ${event}`
    const known = this.#steps.get(key)
    if (known !== undefined) return known
    const player = this.#play(life)
    const said = player.take(event)
    const after = this.#stages.push({ parent: life, event, seen: player.see() }) - 1
    const step = { after, said }
    this.#steps.set(key, step)
    return step
  }

  at(life: Life): Seen {
    return this.#stages[life]!.seen
  }

  #play(life: Life): Player<Said, Seen> {
    const events: string[] = []
    for (let at = life; this.#stages[at]!.parent >= 0; at = this.#stages[at]!.parent)
      events.push(this.#stages[at]!.event)
    const player = this.#bear()
    for (const event of events.reverse()) player.take(event)
    return player
  }
}
