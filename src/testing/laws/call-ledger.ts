/**
 * The law of calls (L15), held against what callers and handlers saw: one outcome each, and a true one.
 *
 * Whoever makes calls notes what happens to each of them, by a number that travels in its body; so the handler's side notes
 * the same call. Nothing here knows how calls work. Limit: every fact is kept.
 */

/** How a call ended for its caller. */
export type CallEnd =
  | { readonly how: 'reply'; readonly answers: number }
  | { readonly how: 'failure'; readonly reason: string; readonly indeterminate: boolean }

/** What was seen of a call. `verdict`: what its cancel was told. */
export type CallFact =
  | { readonly kind: 'made'; readonly call: number; readonly by: string }
  | { readonly kind: 'ran'; readonly call: number }
  | { readonly kind: 'handled'; readonly call: number; readonly how: 'answered' | 'threw' }
  | { readonly kind: 'ended'; readonly call: number; readonly end: CallEnd }
  | { readonly kind: 'verdict'; readonly call: number; readonly verdict: 'cancelled' | 'too-late' }
  /** Whoever made calls under this name is no more: nobody hears of their ends. */
  | { readonly kind: 'crashed'; readonly by: string }

interface Seen {
  readonly by: string
  ran: number
  answered: number
  threw: number
  readonly ends: CallEnd[]
  readonly verdicts: string[]
}

/** One that was never run, whatever else is known. */
const NEVER_RUN: readonly string[] = ['quota', 'unhandled']

export class CallLedger {
  readonly #calls = new Map<number, Seen>()
  readonly #crashed = new Set<string>()
  readonly #problems: string[] = []

  get size(): number {
    return this.#calls.size
  }

  /** How many ended so: `reply`, or the reason of a failure. */
  count(how: string): number {
    const is = (end: CallEnd): boolean => (end.how === 'reply' ? how === 'reply' : end.reason === how)
    return [...this.#calls.values()].filter(({ ends }) => ends.some(is)).length
  }

  add(fact: CallFact): void {
    if (fact.kind === 'crashed') {
      this.#crashed.add(fact.by)
      return
    }
    const { kind, call } = fact
    if (kind === 'made') {
      this.#calls.set(call, { by: fact.by, ran: 0, answered: 0, threw: 0, ends: [], verdicts: [] })
      return
    }
    const seen = this.#calls.get(call)
    if (seen === undefined) {
      this.#problems.push(`call ${call} was ${kind}, and nobody made it`)
      return
    }
    switch (kind) {
      case 'ran':
        seen.ran++
        return
      case 'handled':
        seen[fact.how]++
        return
      case 'ended':
        seen.ends.push(fact.end)
        return
      case 'verdict':
        seen.verdicts.push(fact.verdict)
    }
  }

  /** What is wrong. `isOver`: no call may be open any more. */
  problems(isOver: boolean): string[] {
    const found = [...this.#problems]
    for (const [call, seen] of this.#calls) {
      for (const what of wrongs(call, seen, isOver && !this.#crashed.has(seen.by))) found.push(`call ${call}: ${what}`)
    }
    return found
  }
}

function* wrongs(
  call: number,
  { ran, answered, threw, ends, verdicts }: Seen,
  mustHaveEnded: boolean,
): Generator<string> {
  const [end] = ends
  if (ends.length > 1) yield `it ended ${ends.length} times`
  if (mustHaveEnded && end === undefined) yield 'its caller never heard of its end'
  if (ran > 1) yield `its handler ran ${ran} times`
  if (end !== undefined) yield* falsehoods(call, end, { ran, answered, threw })
  for (const verdict of verdicts) {
    if (verdict === 'cancelled' && answered > 0) yield 'it was called cancelled, and its handler had answered'
    if (verdict === 'too-late' && answered + threw === 0) yield 'it was too late to cancel what never ended'
  }
  if (new Set(verdicts).size > 1) yield 'it was told two verdicts'
}

function* falsehoods(call: number, end: CallEnd, was: Pick<Seen, 'ran' | 'answered' | 'threw'>): Generator<string> {
  if (end.how === 'reply') {
    if (was.answered !== 1) yield 'it has a reply that nobody gave'
    if (end.answers !== call) yield `it has the reply of call ${end.answers}`
    return
  }
  const { reason, indeterminate } = end
  if (!indeterminate && was.ran > 0) yield `it ran, and its failure (${reason}) denies that`
  if (indeterminate && NEVER_RUN.includes(reason)) yield `its failure (${reason}) leaves open whether it ran`
  if (reason === 'handler-error' && was.threw === 0) yield 'it failed by an error that nobody threw'
}
