/**
 * What happened to the sessions of one process, in numbers: from `events$` what happens once, from `dump()` the totals
 * of every connection, also of those that have ended.
 */
import type { ConnectionDump, Messenger, Outcome } from 'inkwire'
import type { ChaosTransport } from './chaos-transport.ts'

/** Totals since the process began. */
export interface Counters {
  /** Links that this process's transport cut. */
  linksCut: number
  /** Sessions that began. */
  sessions: number
  /** Sessions that went on over a new link. */
  resumes: number
  /** Messages that were sent again on a resumed session. */
  replays: number
  /** Messages that came twice, and were dropped before anybody saw them. */
  duplicates: number
  /** Messages that a reset handed back to this process. */
  handedBack: number
  /** Of these, the ones that the application sent again. */
  sentAgain: number
  /** Messages that came in the wrong order, twice, or with a gap before them: must stay 0. */
  disorders: number
  /** Handlers that threw, messages that nobody took or that could not be sent: must stay 0. */
  errors: number
  peakRssMib: number
}

export const NO_COUNTERS: Readonly<Counters> = {
  linksCut: 0,
  sessions: 0,
  resumes: 0,
  replays: 0,
  duplicates: 0,
  handedBack: 0,
  sentAgain: 0,
  disorders: 0,
  errors: 0,
  peakRssMib: 0,
}

/** The sum of both; the larger peak. */
export function addCounters(a: Counters, b: Counters): Counters {
  const sum = { ...a }
  for (const name of Object.keys(sum) as (keyof Counters)[]) sum[name] += b[name]
  sum.peakRssMib = Math.max(a.peakRssMib, b.peakRssMib)
  return sum
}

export class Tally {
  /** Counted by the application. */
  sentAgain = 0
  disorders = 0
  readonly #messenger: Messenger
  readonly #chaos: ChaosTransport
  readonly #counted: Counters = { ...NO_COUNTERS }

  constructor(messenger: Messenger, chaos: ChaosTransport, log: (line: string) => void) {
    this.#messenger = messenger
    this.#chaos = chaos
    const counted = this.#counted
    messenger.events$.subscribe((event) => {
      switch (event.type) {
        case 'connect':
        case 'accept':
          counted.sessions++
          break
        case 'resume':
          counted.resumes++
          break
        case 'reset':
        case 'remoteReset':
          this.handBack(event.outcome)
          break
        case 'closed':
          addTotals(counted, event.connection.dump())
          break
        case 'dispatchError':
        case 'undeliverable':
          counted.errors++
          log(`${event.type}: ${event.error.stack ?? event.error.message}`)
          break
        case 'unhandled':
          counted.errors++
          log(`nobody took a message of type ${event.message.type}`)
          break
        default:
      }
    })
  }

  /** For what `markDown()` returned; resets are counted by themselves. */
  handBack(outcome: Outcome): void {
    this.#counted.handedBack += outcome.undelivered.length + outcome.unknown.length
  }

  read(): Counters {
    const counters = { ...this.#counted, linksCut: this.#chaos.cuts }
    counters.sentAgain = this.sentAgain
    counters.disorders = this.disorders
    counters.peakRssMib = Math.round(process.resourceUsage().maxRSS / 1024)
    for (const connection of this.#messenger.dump().connections) addTotals(counters, connection)
    return counters
  }
}

function addTotals(counters: Counters, { counters: totals }: ConnectionDump): void {
  counters.replays += totals.replayedMessages
  counters.duplicates += totals.duplicates
}

/**
 * Checks what the messenger promises: the messages of one session are numbered by their sender, and must arrive as
 * 1, 2, 3 … or, after a restart of this side, go on from wherever they are. A new session begins anew.
 */
export class OrderCheck {
  readonly #last = new WeakMap<object, number>()
  readonly #tally: Tally
  readonly #log: (line: string) => void

  constructor(tally: Tally, log: (line: string) => void) {
    this.#tally = tally
    this.#log = log
  }

  /** `session` stands for the stream; forget it with `restart` when a new session begins. */
  check(session: object, name: string, number: number): void {
    const last = this.#last.get(session)
    this.#last.set(session, number)
    if (last === undefined || number === last + 1) return
    this.#tally.disorders++
    this.#log(`${name} sent number ${number} after ${last}`)
  }

  restart(session: object): void {
    this.#last.delete(session)
  }
}
