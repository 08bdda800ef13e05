/**
 * The sessions with OSDs, one per address, made when there is something to send; and what OSDs ask to be held back.
 *
 * An OSD treats clients as lossy: a lost session is told once, with all that was asked in it, and the next one begins
 * from nothing, after one pause for all of it. After several losses in a row the pause is longer and less is asked at once,
 * or an OSD that cuts sessions would never get to answer; each answer makes up for one. An address that nobody listens at
 * is dialled until the map has another. Limit: 1,024 ranges held back per session; more end it.
 */
import { InkwireError } from '../common/errors.ts'
import type { Connection, InkwireErrorCode, Message, MessageInit, Messenger, Runtime } from '../index.ts'
import { BACKOFF, OsdBackoff, type OsdBackoffBody } from './messages/osd-backoff.ts'
import { OsdOpReply, type OsdOpReplyBody } from './messages/osd-op-reply.ts'
import { formatPg, type PlacementGroup } from './messages/placement.ts'
import { pauseMs } from './pauses.ts'

/** What the sessions tell. */
export interface OsdSessionEvents {
  /** An answer to the request `tid`. */
  replied(address: string, tid: number, reply: OsdOpReplyBody): void
  /** The session is over; nothing that was asked in it will be answered. */
  lost(address: string): void
  /** The OSD refuses this client for good. */
  refused(address: string, error: InkwireError): void
  /** Requests for the group may be sent, and those that it was blocked for must be sent again. */
  unblocked(address: string, group: PlacementGroup): void
  /** What was held back may be sent: the pause after a lost session is over, or there was an answer in the next one. */
  freed(): void
}

/** Sessions were lost at an address, and there were not as many answers since. */
interface Setback {
  count: number
  /** Null when its pause is over. */
  timer: unknown
}

interface OsdSession {
  readonly address: string
  readonly connection: Connection
  /** Tids of requests without an answer. */
  readonly asked: Set<number>
  /** By group and id. */
  readonly blocks: Map<string, PlacementGroup>
}

const BLOCKS_MAX = 1024
/** A pause of at most 400 ms, and then one request at a time: more than that would only be slow. */
const SETBACKS_MAX = 4
const HOPELESS: readonly InkwireErrorCode[] = ['INK_AUTH_REFUSED', 'INK_POLICY_MISMATCH']

export class OsdSessions {
  readonly #messenger: Messenger
  readonly #runtime: Runtime
  readonly #events: OsdSessionEvents
  readonly #byAddress = new Map<string, OsdSession>()
  readonly #setbacks = new Map<string, Setback>()
  readonly #leave: () => void

  constructor(messenger: Messenger, runtime: Runtime, events: OsdSessionEvents) {
    this.#messenger = messenger
    this.#runtime = runtime
    this.#events = events
    this.#leave = messenger.use({
      onReset: (connection) => {
        const session = this.#of(connection)
        if (session !== undefined) this.#lose(session)
      },
      onRefused: (connection, error) => {
        const session = this.#of(connection)
        if (session === undefined || connection.state !== 'closed') return
        if (!HOPELESS.includes(error.code)) {
          this.#lose(session)
          return
        }
        this.#byAddress.delete(session.address)
        this.#events.refused(session.address, error)
      },
    })
  }

  /** Addresses with a session, a dial under way, or one that was lost. */
  get addresses(): readonly string[] {
    return [...new Set([...this.#byAddress.keys(), ...this.#setbacks.keys()])]
  }

  /** True when nothing may be sent for the group now: the OSD there wants nothing, or its session was lost just before. */
  holds(address: string, group: PlacementGroup): boolean {
    const setback = this.#setbacks.get(address)
    const session = this.#byAddress.get(address)
    if (setback !== undefined) {
      const most = 2 ** (SETBACKS_MAX - setback.count)
      if (setback.timer !== null || (session?.asked.size ?? 0) >= most) return true
    }
    const name = formatPg(group)
    return [...(session?.blocks.values() ?? [])].some((held) => formatPg(held) === name)
  }

  /** Sends a request to the OSD there, in the session that is or will be. Throws as `connection.send()`. */
  send(address: string, init: MessageInit & { readonly tid: number }): void {
    const session = this.#byAddress.get(address) ?? this.#connect(address)
    session.connection.send(init)
    session.asked.add(init.tid)
  }

  /** Ends a session that nobody needs any more, without a word. */
  drop(address: string): void {
    this.#runtime.clock.clearTimer(this.#setbacks.get(address)?.timer ?? null)
    this.#setbacks.delete(address)
    this.#end(address)
  }

  /** Ends all. */
  close(): void {
    this.#leave()
    for (const address of this.addresses) this.drop(address)
  }

  #end(address: string): void {
    const session = this.#byAddress.get(address)
    this.#byAddress.delete(address)
    session?.connection.markDown()
  }

  #of(connection: Connection): OsdSession | undefined {
    return [...this.#byAddress.values()].find((session) => session.connection === connection)
  }

  #connect(address: string): OsdSession {
    const connection = this.#messenger.connect(address, { type: 'osd', anonymous: true })
    const session = { address, connection, asked: new Set<number>(), blocks: new Map<string, PlacementGroup>() }
    this.#byAddress.set(address, session)
    connection.messages$.subscribe({
      next: (message) => {
        if (this.#byAddress.get(address) === session) this.#receive(session, message)
      },
      // It ends without another word when the messenger shuts down; else what follows in this turn says more.
      complete: () => this.#runtime.clock.defer(() => this.#lose(session)),
    })
    return session
  }

  #lose(session: OsdSession): void {
    const { address } = session
    if (this.#byAddress.get(address) !== session) return
    this.#end(address)
    this.#pause(address)
    this.#events.lost(address)
  }

  #pause(address: string): void {
    const { clock, random } = this.#runtime
    const count = Math.min((this.#setbacks.get(address)?.count ?? 0) + 1, SETBACKS_MAX)
    const setback: Setback = { count, timer: null }
    const over = (): void => {
      setback.timer = null
      this.#events.freed()
    }
    setback.timer = clock.setTimer(over, pauseMs(count - 1, random))
    this.#setbacks.set(address, setback)
  }

  #answered({ address, asked }: OsdSession, tid: number): void {
    asked.delete(tid)
    const setback = this.#setbacks.get(address)
    if (setback === undefined) return
    if (--setback.count === 0) this.#setbacks.delete(address)
    this.#events.freed()
  }

  /** What does not decode ends the session: the next one may do better, and the deadlines of the calls hold. */
  #receive(session: OsdSession, message: Message): void {
    try {
      if (message.type === OsdOpReply.type) {
        const reply = OsdOpReply.read(message)
        this.#events.replied(session.address, message.tid, reply)
        this.#answered(session, message.tid)
      } else if (message.type === OsdBackoff.type) this.#backOff(session, OsdBackoff.read(message))
    } catch (thrown) {
      if (!(thrown instanceof InkwireError) || thrown.code !== 'INK_DECODE_FAILED') throw thrown
      this.#lose(session)
    }
  }

  #backOff(session: OsdSession, body: OsdBackoffBody): void {
    const key = `${formatPg(body.group)} ${body.id}`
    if (body.op === BACKOFF.UNBLOCK) {
      if (session.blocks.delete(key)) this.#events.unblocked(session.address, body.group)
    } else if (body.op === BACKOFF.BLOCK) {
      session.blocks.set(key, body.group)
      if (session.blocks.size > BLOCKS_MAX) this.#lose(session)
      else session.connection.send(OsdBackoff.make({ ...body, op: BACKOFF.ACK_BLOCK }))
    }
  }
}
