/**
 * The sessions with OSDs, one per address, made when there is something to send; and what OSDs ask to be held back.
 *
 * An OSD treats clients as lossy: a lost session is told once, with all that was asked in it, and the next one begins
 * from nothing. An address that nobody listens at is dialled until the map has another. Limit: 1,024 ranges held back per
 * session; more end it.
 */
import { InkwireError } from '../common/errors.ts'
import type { Clock, Connection, InkwireErrorCode, Message, MessageInit, Messenger } from '../index.ts'
import { BACKOFF, OsdBackoff, type OsdBackoffBody } from './messages/osd-backoff.ts'
import { OsdOpReply, type OsdOpReplyBody } from './messages/osd-op-reply.ts'
import { formatPg, type PlacementGroup } from './messages/placement.ts'

/** What the sessions tell. */
export interface OsdSessionEvents {
  /** An answer to the request `tid`. */
  replied(address: string, tid: number, reply: OsdOpReplyBody): void
  /** The session is over; nothing that was asked in it will be answered. */
  lost(address: string): void
  /** The OSD refuses this client for good. */
  refused(address: string, error: InkwireError): void
  /** Requests for the group may be sent. */
  unblocked(address: string, group: PlacementGroup): void
}

interface OsdSession {
  readonly address: string
  readonly connection: Connection
  /** By group and id. */
  readonly blocks: Map<string, PlacementGroup>
}

const BLOCKS_MAX = 1024
const HOPELESS: readonly InkwireErrorCode[] = ['INK_AUTH_REFUSED', 'INK_POLICY_MISMATCH']

export class OsdSessions {
  readonly #messenger: Messenger
  readonly #clock: Clock
  readonly #events: OsdSessionEvents
  readonly #byAddress = new Map<string, OsdSession>()
  readonly #leave: () => void

  constructor(messenger: Messenger, clock: Clock, events: OsdSessionEvents) {
    this.#messenger = messenger
    this.#clock = clock
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

  /** Addresses with a session, or a dial under way. */
  get addresses(): readonly string[] {
    return [...this.#byAddress.keys()]
  }

  /** True when the OSD there wants nothing for the group now. */
  blocked(address: string, group: PlacementGroup): boolean {
    const name = formatPg(group)
    return [...(this.#byAddress.get(address)?.blocks.values() ?? [])].some((held) => formatPg(held) === name)
  }

  /** Sends to the OSD there, in the session that is or will be. Throws as `connection.send()`. */
  send(address: string, init: MessageInit): void {
    const session = this.#byAddress.get(address) ?? this.#connect(address)
    session.connection.send(init)
  }

  /** Ends a session that nobody needs any more, without a word. */
  drop(address: string): void {
    const session = this.#byAddress.get(address)
    this.#byAddress.delete(address)
    session?.connection.markDown()
  }

  /** Ends all. */
  close(): void {
    this.#leave()
    for (const address of this.addresses) this.drop(address)
  }

  #of(connection: Connection): OsdSession | undefined {
    return [...this.#byAddress.values()].find((session) => session.connection === connection)
  }

  #connect(address: string): OsdSession {
    const connection = this.#messenger.connect(address, { type: 'osd', anonymous: true })
    const session = { address, connection, blocks: new Map<string, PlacementGroup>() }
    this.#byAddress.set(address, session)
    connection.messages$.subscribe({
      next: (message) => {
        if (this.#byAddress.get(address) === session) this.#receive(session, message)
      },
      // It ends without another word when the messenger shuts down; else what follows in this turn says more.
      complete: () => this.#clock.defer(() => this.#lose(session)),
    })
    return session
  }

  #lose(session: OsdSession): void {
    if (this.#byAddress.get(session.address) !== session) return
    this.drop(session.address)
    this.#events.lost(session.address)
  }

  /** What does not decode ends the session: the next one may do better, and the deadlines of the calls hold. */
  #receive(session: OsdSession, message: Message): void {
    try {
      if (message.type === OsdOpReply.type) {
        this.#events.replied(session.address, message.tid, OsdOpReply.read(message))
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
