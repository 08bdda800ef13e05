/**
 * One caller, the process of its server and the session between them, for calls that are to run once: the tickets of the caller and the
 * outcomes of the server are those that ship, and what lies between is as unkind as a plan allows.
 *
 * A session carries what is on it in order, and is lost with all of that; its server may hear of the loss later than the caller, who
 * has asked again by then. Laws: a handler runs at most once, in all processes together; the outcome that the caller is told is the
 * one that a handler has had, and `indeterminate` is true where one may have run.
 */
import type { OutReply } from '../../../transactions/machine/replies.ts'
import { ServedOnce } from '../../../transactions/machine/served-once.ts'
import { Tickets } from '../../../transactions/machine/tickets.ts'
import type { CallFailure, CallReason } from '../../../transactions/machine/words.ts'
import { BrokenLaw } from '../broken-law.ts'
import { Attempt, type Answer } from './attempt.ts'
import { newAsked, type Asked, type Run } from './laws.ts'
import type { OncePlan } from './plans.ts'

export class OnceWorld {
  readonly #plan: OncePlan
  readonly #tickets = new Tickets()
  readonly asked: Asked[]
  readonly runs: Run[] = []
  #process = 0
  #server = new ServedOnce<Attempt>('s0')
  #session = 0
  readonly attempts: Attempt[] = []
  #link: Attempt[] = []
  #answers: Answer[] = []
  /** Of sessions whose loss the server has not heard of. */
  #unheard: Attempt[] = []
  readonly #runOf = new Map<Attempt, Run>()
  readonly #did = { losses: 0, restarts: 0, leaves: 0, refusals: 0 }
  /** All that the server was told and has decided, in order: it is what that makes of it. */
  #told = ''

  constructor(plan: OncePlan) {
    this.#plan = plan
    this.asked = Array.from({ length: plan.calls }, newAsked)
  }

  /** What may happen next. */
  moves(): string[] {
    const { losses, restarts, leaves, refusals, ends } = this.#plan
    const moves = this.progress().filter((move) => !move.startsWith('reply'))
    for (const { phase, number } of this.attempts)
      if (phase === 'running') moves.push(...ends.map((end) => `${end} ${number}`))
    if (this.#did.refusals < refusals && this.#link.length > 0) moves.push('busy')
    if (this.#did.losses < losses) moves.push('lost', 'lost unsent')
    if (this.#did.restarts < restarts) moves.push('restart')
    this.asked.forEach(({ phase }, key) => {
      if (this.#did.leaves < leaves && phase === 'asking') moves.push(`leave ${key}`)
    })
    return moves
  }

  /** What brings all to a good end. */
  progress(): string[] {
    const moves: string[] = []
    this.asked.forEach(({ phase }, key) => {
      if (phase === 'new' || phase === 'pausing') moves.push(`ask ${key}`)
    })
    if (this.attempts.some(({ place }) => place === 'queued')) moves.push('put')
    if (this.#link.length > 0) moves.push('arrive')
    if (this.#answers.length > 0) moves.push('answer')
    if (this.#unheard.length > 0) moves.push('hear')
    for (const { phase, number } of this.attempts) {
      if (phase === 'waiting') moves.push(`begin ${number}`)
      if (phase === 'running') moves.push(`reply ${number}`)
    }
    return moves
  }

  do(move: string): void {
    const [verb = '', what = ''] = move.split(' ')
    const at = Number(what)
    const deeds: Readonly<Record<string, () => void>> = {
      ask: () => this.#ask(at),
      put: () => this.#put(),
      arrive: () => this.#arrive(),
      busy: () => this.#refuse(),
      answer: () => this.#answer(),
      hear: () => this.#hear(),
      begin: () => this.#begin(this.attempts[at]!),
      reply: () => this.#end(this.attempts[at]!, 'reply'),
      throw: () => this.#end(this.attempts[at]!, 'throw'),
      pass: () => this.#end(this.attempts[at]!, 'pass'),
      lost: () => this.#lose(what === 'unsent'),
      restart: () => this.#restart(),
      leave: () => this.#leave(at),
    }
    deeds[verb]!()
  }

  /** All that may matter for what comes. */
  get key(): string {
    const asked = this.asked.map(({ ticket, phase, attempt, tried, wasSent, replied }) => {
      return [Object.values(ticket), phase, attempt?.number ?? '', tried, wasSent, replied]
    })
    const attempts = this.attempts.map(({ number, place, phase }) => [number, place, phase])
    const numbers = (all: readonly Attempt[]): number[] => all.map(({ number }) => number)
    const answers = this.#answers.map(({ attempt, failure }) => [attempt.number, failure?.code ?? ''])
    const rest = [numbers(this.#link), answers, numbers(this.#unheard), this.runs, this.#did, this.#session]
    return JSON.stringify([asked, attempts, rest, this.#process, this.#told])
  }

  #ask(key: number): void {
    const asked = this.asked[key]!
    const note = this.#tickets.note(asked.ticket, `s${this.#process}`, true)
    asked.tried++
    if (note === 'elsewhere') {
      this.#fail(asked, failure('disconnected', 'OTHER_INSTANCE', true))
      return
    }
    if (note === 'plain') throw new BrokenLaw('a server that knows of such calls is asked as if it did not')
    const attempt = new Attempt(key, this.attempts.length, this.#session, note, (answer) => this.#says(answer))
    this.attempts.push(attempt)
    asked.attempt = attempt
    asked.phase = 'asking'
  }

  #put(): void {
    const attempt = this.attempts.find(({ place }) => place === 'queued')!
    attempt.place = 'link'
    attempt.session = this.#session
    this.asked[attempt.key]!.wasSent = true
    this.#link.push(attempt)
  }

  #arrive(): void {
    const attempt = this.#link.shift()!
    attempt.place = 'there'
    this.#told += ` arrive ${attempt.number}`
    if (this.#server.takes(attempt, attempt.note)) attempt.phase = 'waiting'
    else if (attempt.phase === 'none') attempt.phase = 'joined'
  }

  #refuse(): void {
    this.#did.refusals++
    const attempt = this.#link.shift()!
    attempt.place = 'there'
    attempt.end(null, failure('quota', 'BUSY', false))
  }

  #begin(attempt: Attempt): void {
    this.#told += ` begin ${attempt.number}`
    attempt.phase = 'running'
    const run: Run = { key: attempt.key, how: 'running' }
    this.runs.push(run)
    this.#runOf.set(attempt, run)
    this.#server.began(attempt)
  }

  #end(attempt: Attempt, how: 'reply' | 'throw' | 'pass'): void {
    this.#told += ` ${how} ${attempt.number}`
    const run = this.#runOf.get(attempt)!
    run.how = how === 'reply' ? 'replied' : how === 'throw' ? 'threw' : 'passed'
    const reply: OutReply | null = how === 'reply' ? { front: Uint8Array.of(this.runs.indexOf(run)), data: null } : null
    const failed =
      how === 'throw' ? failure('handler-error', 'EIO', true) : failure('unhandled', 'INK_UNHANDLED', false)
    this.#server.ended(attempt, reply, reply === null ? failed : null)
    attempt.end(reply, reply === null ? failed : null)
  }

  /** The server answers: on the session that the attempt came over, while that lives. */
  #says(answer: Answer): void {
    const { session, place } = answer.attempt
    if (session === this.#session && place === 'there') this.#answers.push(answer)
  }

  #answer(): void {
    const { attempt, reply, failure: failed } = this.#answers.shift()!
    const asked = this.asked[attempt.key]!
    if (asked.attempt !== attempt || asked.phase !== 'asking') return
    attempt.place = 'over'
    if (failed !== null) this.#fail(asked, failed)
    if (reply === null) return
    asked.replied = reply.front![0]!
    this.#conclude(asked, 'reply')
  }

  #fail(asked: Asked, failed: CallFailure): void {
    const goesOn = this.#tickets.mayGoOn(asked.ticket, failed)
    if (goesOn && asked.tried < this.#plan.attempts) asked.phase = 'pausing'
    else this.#conclude(asked, { ...failed, indeterminate: failed.indeterminate || asked.ticket.mayHaveRun })
  }

  #conclude(asked: Asked, outcome: 'reply' | CallFailure): void {
    asked.phase = 'over'
    asked.outcome = outcome
    asked.attempt = null
    this.#tickets.forget(asked.ticket)
  }

  #leave(key: number): void {
    this.#did.leaves++
    const asked = this.asked[key]!
    const sent = asked.attempt?.place !== 'queued'
    if (!sent) asked.attempt!.place = 'over'
    this.#conclude(asked, failure('cancelled-local', '', sent || asked.ticket.mayHaveRun))
  }

  /** What is queued waits for the next session, or (`unsent`) fails and is known to have been on no link. */
  #lose(unsent: boolean): void {
    this.#did.losses++
    this.#session++
    this.#link = []
    this.#answers = []
    this.#unheard.push(...this.attempts.filter(({ place, phase }) => place === 'there' && phase !== 'ended'))
    for (const attempt of this.attempts) {
      if (attempt.place === 'over' || (attempt.place === 'queued' && !unsent)) continue
      const wasSent = attempt.place !== 'queued'
      attempt.place = 'over'
      const asked = this.asked[attempt.key]!
      if (asked.attempt === attempt && asked.phase === 'asking') this.#fail(asked, failure('disconnected', '', wasSent))
    }
  }

  /** The server hears of the losses. */
  #hear(): void {
    const attempt = this.#unheard.shift()!
    this.#told += ` hear ${attempt.number}`
    if (attempt.phase === 'ended') return
    if (attempt.phase !== 'waiting') {
      this.#server.aborted(attempt, 'disconnected', '')
      return
    }
    attempt.phase = 'ended'
    const next = this.#server.left(attempt)
    if (next !== null) next.phase = 'waiting'
  }

  #restart(): void {
    this.#did.restarts++
    this.#did.losses--
    this.#lose(false)
    this.#process++
    this.#server = new ServedOnce<Attempt>(`s${this.#process}`)
    this.#told = ''
    this.#unheard = []
    for (const attempt of this.attempts) if (attempt.phase !== 'none') attempt.phase = 'ended'
    for (const run of this.runs) if (run.how === 'running') run.how = 'killed'
  }
}

function failure(reason: CallReason, code: string, indeterminate: boolean): CallFailure {
  return { reason, code, detail: '', indeterminate, retryAfterMs: 0 }
}
