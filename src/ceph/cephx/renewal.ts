/**
 * Renews what a monitor gave before it ends, over the open session with it: tickets when a quarter of their life is left,
 * one that a daemon refused at once, and a service's secrets when the current one has had its time.
 *
 * Driven by the messenger's clock: one timer, one question at a time. An answer that does not come is asked for again. Of
 * several sessions with monitors the last one that began is used; without any, the next session's handshake renews.
 */
import { asError, InkwireError, invariant } from '../../common/errors.ts'
import type { Adoption, ServedSession, ServiceWorld, SessionService, Verdict } from '../../wire/service.ts'
import { AuthRefused } from '../../wire/auth-method.ts'
import type { InboundMessage } from '../../wire/message.ts'
import { Malformed, Reader, Writer } from '../msgr2/codec.ts'
import { MESSAGE_AUTH, MESSAGE_AUTH_REPLY, readAuthReply, writeAuth } from './auth-messages.ts'
import { REQUEST, SERVICES } from './authority.ts'
import { Authorizer } from './authorizer.ts'
import {
  bitsOf,
  loggedIn,
  logIn,
  readHead,
  sessionKeyOf,
  type CephxIdentity,
  type MonitorNote,
} from './cephx-client.ts'
import { decrypt, USAGE } from './key.ts'
import type { RandomBytes } from './proof.ts'
import { readSecrets, type FetchedSecrets } from './service-secrets.ts'
import { SERVICE_AUTH, type Tickets } from './tickets.ts'

/** How long an answer is waited for, in ms. */
const ANSWER_MS = 5000
/** Between two questions of one kind: at least this long, and twice as long each time that nothing came of it. In ms. */
const PAUSE_MS = 1000
const PAUSE_MS_MAX = 60_000

export type RenewalParts = Pick<CephxIdentity, 'name' | 'secret' | 'tickets'> & {
  /** Of a service that needs the secrets of its type. */
  readonly secrets: FetchedSecrets | null
}

/** One kind of question. */
interface Kind {
  readonly type: number
  /** When it should be asked, in ms; Infinity for never. */
  dueMs(): number
  write(note: MonitorNote): Uint8Array
  take(reader: Reader): void
  notBeforeMs: number
  pauseMs: number
}

export class Renewal implements SessionService {
  readonly name = 'the renewal of tickets'
  readonly types = [MESSAGE_AUTH_REPLY]
  readonly #world: ServiceWorld
  readonly #parts: () => RenewalParts
  readonly #kinds: readonly Kind[]
  readonly #sessions = new Map<ServedSession, MonitorNote>()
  #question: { readonly kind: Kind; readonly askedMs: number } | null = null
  #timer: unknown = null

  /** `parts` is asked for while there is a session with a monitor, so there is a key. */
  constructor(world: ServiceWorld, parts: () => RenewalParts) {
    this.#world = world
    this.#parts = parts
    this.#kinds = [this.#secretsKind(), this.#loginKind(), this.#ticketsKind()]
  }

  adopted(session: ServedSession, { note }: Pick<Adoption, 'note'>): void {
    if ((note as MonitorNote | null)?.kind !== 'monitor') return
    this.#sessions.delete(session)
    this.#sessions.set(session, note as MonitorNote)
    this.#question = null
    for (const kind of this.#kinds) kind.notBeforeMs = -Infinity
    this.look()
  }

  ended(session: ServedSession): void {
    if (session === this.#active()) this.#question = null
    if (this.#sessions.delete(session)) this.look()
  }

  /** A late answer is as good as one in time; on these sessions all answers are to us. */
  message(session: ServedSession, message: InboundMessage): Verdict {
    if (message.type !== MESSAGE_AUTH_REPLY || !this.#sessions.has(session)) return 'pass'
    try {
      this.#take(message.front)
    } catch (thrown) {
      if (!(thrown instanceof AuthRefused) && !(thrown instanceof Malformed)) throw thrown
      this.#question = null
      this.#world.failed(session, `what the monitor gave is not renewed: ${asError(thrown).message}`)
    }
    this.look()
    return 'taken'
  }

  stop(): void {
    this.#world.clearTimer(this.#timer)
    this.#sessions.clear()
  }

  /** Asks for what is due, and sets the timer for what comes next. */
  look(): void {
    this.#world.clearTimer(this.#timer)
    const session = this.#active()
    if (session === undefined) return
    const nowMs = this.#world.nowMs()
    if (this.#question !== null && nowMs >= this.#question.askedMs + ANSWER_MS) this.#question = null
    for (const kind of this.#kinds) {
      if (kind.dueMs() > nowMs) kind.pauseMs = PAUSE_MS
      else if (this.#question === null && kind.notBeforeMs <= nowMs) this.#ask(session, kind, nowMs)
    }
    const nextMs = this.#question === null ? this.#nextMs() : this.#question.askedMs + ANSWER_MS
    this.#timer = nextMs === Infinity ? null : this.#world.setTimer(() => this.look(), Math.max(1, nextMs - nowMs))
  }

  /** The session that began last. */
  #active(): ServedSession | undefined {
    return [...this.#sessions.keys()].at(-1)
  }

  #nextMs(): number {
    return Math.min(...this.#kinds.map((kind) => Math.max(kind.dueMs(), kind.notBeforeMs)))
  }

  #ask(session: ServedSession, kind: Kind, nowMs: number): void {
    const note = this.#sessions.get(session)
    if (note === undefined) return
    this.#question = { kind, askedMs: nowMs }
    kind.notBeforeMs = nowMs + kind.pauseMs
    kind.pauseMs = Math.min(kind.pauseMs * 2, PAUSE_MS_MAX)
    try {
      session.control(NO_WORDS, { type: MESSAGE_AUTH, version: 1, front: writeAuth(kind.write(note)) })
    } catch (thrown) {
      // The application closes it, or its queue is full: later, or on the next session.
      if (!(thrown instanceof InkwireError)) throw thrown
      this.#question = null
    }
  }

  #take(front: Uint8Array): void {
    const { name } = this.#parts()
    const { result, text, payload } = readAuthReply(front)
    if (result !== 0) {
      throw new AuthRefused(`the monitor refuses ${name}: error ${result}${text === '' ? '' : `, ${text}`}`)
    }
    const type = new Reader(payload).u16()
    const kind = this.#kinds.find((one) => one.type === type)
    if (kind === undefined) throw new Malformed(`an answer to request ${type}, which was never asked`)
    if (kind === this.#question?.kind) this.#question = null
    kind.take(new Reader(payload))
  }

  #secretsKind(): Kind {
    return {
      ...FRESH,
      type: REQUEST.ROTATING_KEY,
      dueMs: () => (this.#parts().secrets?.dueMs ?? Infinity) - this.#world.wallMs() + this.#world.nowMs(),
      write: () => new Writer().u16(REQUEST.ROTATING_KEY).done(),
      take: (reader) => {
        const { name, secret, secrets } = this.#parts()
        readHead(reader, REQUEST.ROTATING_KEY, name)
        secrets?.take(readSecrets(decrypt(secret, USAGE.ROTATING_SECRET, reader.blob(), 'the service keys')))
      },
    }
  }

  /** The ticket for the monitors themselves, and all others with it. */
  #loginKind(): Kind {
    return {
      ...FRESH,
      type: REQUEST.AUTH_SESSION_KEY,
      dueMs: () => this.#parts().tickets.renewMs([SERVICE_AUTH]),
      write: ({ challenge }) => logIn(this.#parts(), challenge, SERVICES, this.#world.randomBytes),
      take: (reader) => {
        const { tickets } = this.#parts()
        tickets.keep(loggedIn(this.#parts(), reader).given)
      },
    }
  }

  #ticketsKind(): Kind {
    const tickets = (): Tickets => this.#parts().tickets
    return {
      ...FRESH,
      type: REQUEST.PRINCIPAL_SESSION_KEY,
      dueMs: () => (tickets().get(SERVICE_AUTH) === null ? Infinity : tickets().renewMs(SERVICES)),
      write: () => askForTickets(tickets(), this.#world.randomBytes),
      take: (reader) => {
        readHead(reader, REQUEST.PRINCIPAL_SESSION_KEY, this.#parts().name)
        tickets().take(reader, sessionKeyOf(tickets()))
      },
    }
  }
}

/** Over msgr2 there are no marks: a message's type says whose it is. */
const NO_WORDS = new Uint8Array(0)

const FRESH = { notBeforeMs: -Infinity, pauseMs: PAUSE_MS }

/** GET_PRINCIPAL_SESSION_KEY: the ticket for the monitors is shown, without a challenge. */
function askForTickets(tickets: Tickets, randomBytes: RandomBytes): Uint8Array {
  const nonce = new Reader(randomBytes(8)).u64()
  const ticket = tickets.get(SERVICE_AUTH)
  invariant(ticket !== null, 'without a ticket for the monitors nothing is due')
  const authorizer = new Authorizer(tickets.globalId ?? 0n, SERVICE_AUTH, ticket, nonce)
  const wanted = bitsOf(tickets.due(SERVICES))
  return new Writer().u16(REQUEST.PRINCIPAL_SESSION_KEY).raw(authorizer.request()).u8(1).u32(wanted).done()
}
