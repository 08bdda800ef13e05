/** What holds of calls that are to run once: at any moment, and when nothing more happens. Each throws what is broken. */
import { newTicket, type Ticket } from '../../../transactions/machine/tickets.ts'
import type { CallFailure } from '../../../transactions/machine/words.ts'
import { BrokenLaw } from '../broken-law.ts'
import type { Attempt } from './attempt.ts'

/** A call as its caller has it. */
export interface Asked {
  readonly ticket: Ticket
  phase: 'new' | 'asking' | 'pausing' | 'over'
  attempt: Attempt | null
  tried: number
  outcome: 'reply' | CallFailure | null
  /** The run that the reply is of. */
  replied: number
  /** Something of it was on a link. */
  wasSent: boolean
}

export function newAsked(): Asked {
  const never = { attempt: null, tried: 0, outcome: null, replied: -1, wasSent: false }
  return { ticket: newTicket(), phase: 'new', ...never }
}

/** A handler that has begun: of which call, and whether it counts. */
export interface Run {
  readonly key: number
  how: 'running' | 'replied' | 'threw' | 'passed' | 'killed'
}

/** At any moment. */
export function checkOnce(all: readonly Asked[], runs: readonly Run[]): void {
  all.forEach(({ outcome, replied, wasSent }, key) => {
    const own = runs.filter((run) => run.key === key && run.how !== 'passed')
    must(own.length <= 1, key, `runs ${own.length} times`)
    if (outcome === null) return
    if (outcome === 'reply') {
      must(runs[replied]?.key === key && runs[replied].how === 'replied', key, 'has a reply of no handler')
      return
    }
    must(outcome.indeterminate || own.length === 0, key, `failed ${outcome.reason}, is said not to have run, and did`)
    must(!outcome.indeterminate || wasSent, key, 'was on no link, and is said to have run perhaps')
    if (outcome.code === 'EIO') must(own[0]?.how === 'threw', key, 'has an error of nobody')
  })
}

/** When nothing more happens. */
export function checkRest(all: readonly Asked[], attempts: readonly Attempt[]): void {
  all.forEach(({ phase, ticket }, key) => {
    must(phase === 'over', key, 'has no outcome')
    must(ticket.number === 0, key, 'has its number for ever')
  })
  for (const { phase, key } of attempts) must(phase === 'none' || phase === 'ended', key, `is ${phase} for ever`)
}

function must(holds: boolean, key: number, what: string): void {
  if (!holds) throw new BrokenLaw(`call ${key} ${what}`)
}
