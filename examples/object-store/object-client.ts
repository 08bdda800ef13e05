/**
 * Puts and gets over `lossy` sessions: the session ends with its link, so the client repeats what was not answered.
 *
 * A request keeps its tid over all attempts, and the first answer counts, whichever attempt it belongs to: puts are
 * idempotent, so a request may be handled twice. An attempt ends with an answer, with the reset of its session, or
 * after ATTEMPT_MS; a request ends with an answer or after REQUEST_MS. Limit: the caller bounds what is in flight.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { InkwireError } from 'inkwire'
import type { Connection, Message, MessageInit, Messenger } from 'inkwire'
import { Get, Got, Put, PutDone } from './messages.ts'
import type { Addresses } from './messages.ts'
import type { Tally } from './tally.ts'

const ATTEMPT_MS = 5_000
const REQUEST_MS = 45_000
/** Between attempts, in ms; half of it is chance. */
const PAUSE_MS = 20

/** An answer: the body's fields that matter, and the frame with its data. */
interface Answer {
  readonly error: string
  readonly found: boolean
  readonly message: Message
}

interface Request {
  readonly settle: (answer: Answer | null) => void
  connection: Connection
}

export class ObjectClient {
  /** Attempts beyond the first. */
  retries = 0
  readonly #messenger: Messenger
  readonly #tally: Tally
  readonly #connections = new Map<string, Connection>()
  readonly #requests = new Map<number, Request>()
  #addresses: Addresses = new Map()
  #tid = 0

  constructor(messenger: Messenger, tally: Tally) {
    this.#messenger = messenger
    this.#tally = tally
    messenger.use({ onReset: (connection) => this.#giveUp(connection) })
    messenger.on(PutDone, ({ error }, { message }) => this.#answered(message.tid, { error, found: true, message }))
    messenger.on(Got, ({ found }, { message }) => this.#answered(message.tid, { error: '', found, message }))
  }

  /** A daemon that has moved is dialled anew, and what waited for it is sent again. */
  update(addresses: Addresses): void {
    this.#addresses = addresses
    for (const [name, connection] of this.#connections) {
      if (connection.peer.address === addresses.get(name)) continue
      this.#connections.delete(name)
      if (connection.state !== 'closed') this.#tally.handBack(connection.markDown())
      this.#giveUp(connection)
    }
  }

  /** Resolves when the object is durable on all its daemons. */
  async put(daemon: string, oid: string, sha256: Uint8Array, data: Uint8Array): Promise<void> {
    const tid = ++this.#tid
    const { error } = await this.#request(daemon, tid, Put({ oid, sha256 }, { tid, data }))
    if (error !== '') throw new Error(`${daemon} could not store ${oid}: ${error}`)
  }

  /** The object as this daemon has it; null when it does not have it. */
  async get(daemon: string, oid: string): Promise<Uint8Array | null> {
    const tid = ++this.#tid
    const { found, message } = await this.#request(daemon, tid, Get({ oid }, { tid }))
    return found ? message.data : null
  }

  async #request(daemon: string, tid: number, init: MessageInit): Promise<Answer> {
    const deadlineMs = performance.now() + REQUEST_MS
    while (performance.now() < deadlineMs) {
      const answer = await this.#attempt(daemon, tid, init)
      if (answer !== null) return answer
      this.retries++
      await sleep(PAUSE_MS * (0.5 + Math.random() / 2))
    }
    throw new Error(`${daemon} did not answer within ${REQUEST_MS / 1000} s`)
  }

  /** Null: there was no answer. */
  async #attempt(daemon: string, tid: number, init: MessageInit): Promise<Answer | null> {
    const address = this.#addresses.get(daemon)
    if (address === undefined) return null
    const connection = this.#messenger.connect(address, { name: daemon })
    this.#connections.set(daemon, connection)
    return new Promise((resolve) => {
      const settle = (answer: Answer | null): void => {
        clearTimeout(timer)
        this.#requests.delete(tid)
        resolve(answer)
      }
      const timer = setTimeout(() => settle(null), ATTEMPT_MS)
      this.#requests.set(tid, { settle, connection })
      try {
        connection.send(init)
      } catch (error) {
        if (!(error instanceof InkwireError)) throw error
        settle(null)
      }
    })
  }

  #answered(tid: number, answer: Answer): void {
    this.#requests.get(tid)?.settle(answer)
  }

  #giveUp(connection: Connection): void {
    for (const request of [...this.#requests.values()]) if (request.connection === connection) request.settle(null)
  }
}
