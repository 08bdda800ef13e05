/**
 * Calls that are to run once, as their caller has them: which number each attempt has, and whether there may be another one.
 *
 * What may have run at one process of the server is never asked of another one. Numbers are never used again; with each goes the
 * lowest one that is still asked for at that process, so that it keeps no outcome for longer. Limit: a number for each call that has
 * not ended. Pure.
 */
import type { OnceNote } from './once.ts'
import type { CallFailure } from './words.ts'

/** One call, through all of its attempts. */
export interface Ticket {
  /** 0: it was never asked with one. */
  number: number
  /** Where it was asked with that number. */
  instance: string
  mayHaveRun: boolean
}

export function newTicket(): Ticket {
  return { number: 0, instance: '', mayHaveRun: false }
}

export class Tickets {
  /** By instance of their server: the numbers of calls that have not ended, lowest first. */
  readonly #open = new Map<string, Set<number>>()
  #lastNumber = 0

  /**
   * What an attempt says to the process that it is for; `knows`: that one knows of such calls. `plain`: nothing, it is a call like any
   * other there. `elsewhere`: an earlier attempt may have run at another process, and this one must not be asked.
   */
  note(ticket: Ticket, instance: string | null, knows: boolean): OnceNote | 'plain' | 'elsewhere' {
    const isKnown = instance !== null && knows
    if (ticket.mayHaveRun && (!isKnown || instance !== ticket.instance)) return 'elsewhere'
    if (!isKnown) {
      this.forget(ticket)
      return 'plain'
    }
    if (ticket.number === 0 || ticket.instance !== instance) this.#number(ticket, instance)
    const [below = ticket.number] = this.#open.get(instance) ?? []
    return { instance, number: ticket.number, below, again: ticket.mayHaveRun }
  }

  /** An attempt has failed. True: another one may do better, and does no harm. */
  mayGoOn(ticket: Ticket, failure: Pick<CallFailure, 'reason' | 'code' | 'indeterminate'>): boolean {
    const isNoted = ticket.number > 0
    ticket.mayHaveRun ||= failure.indeterminate
    return mayTryAgain(failure) && (isNoted || !failure.indeterminate)
  }

  /** It has ended: nothing of it is asked any more. */
  forget(ticket: Ticket): void {
    const open = this.#open.get(ticket.instance)
    open?.delete(ticket.number)
    if (open?.size === 0) this.#open.delete(ticket.instance)
    ticket.number = 0
  }

  #number(ticket: Ticket, instance: string): void {
    this.forget(ticket)
    ticket.number = ++this.#lastNumber
    ticket.instance = instance
    const open = this.#open.get(instance) ?? new Set()
    this.#open.set(instance, open.add(ticket.number))
  }
}

/** The next session, or a later moment, may do better. */
function mayTryAgain({ reason, code }: Pick<CallFailure, 'reason' | 'code'>): boolean {
  switch (reason) {
    case 'disconnected':
      return code !== 'OTHER_INSTANCE'
    case 'quota':
      return code === 'BUSY'
    case 'refused':
      return code === 'OTHER_INSTANCE'
    default:
      return false
  }
}
