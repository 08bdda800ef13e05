/**
 * Puts and gets over `lossy` sessions: the session ends with its link, so the client repeats what was not answered.
 *
 * Puts are idempotent, so a call that may have run is made again like one that has not. An attempt ends with an answer, with
 * the reset of its session, or after ATTEMPT_MS; a request ends with an answer or after REQUEST_MS. Limit: the caller bounds
 * what is in flight.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { CallError } from 'inkwire'
import type { Connection, Messenger } from 'inkwire'
import { Get, Put } from './messages.ts'
import type { Addresses } from './messages.ts'
import type { Tally } from './tally.ts'

const ATTEMPT_MS = 5_000
const REQUEST_MS = 45_000
/** Between attempts, in ms; half of it is chance. */
const PAUSE_MS = 20

export class ObjectClient {
  /** Attempts beyond the first. */
  retries = 0
  readonly #messenger: Messenger
  readonly #tally: Tally
  readonly #connections = new Map<string, Connection>()
  #addresses: Addresses = new Map()

  constructor(messenger: Messenger, tally: Tally) {
    this.#messenger = messenger
    this.#tally = tally
  }

  /** A daemon that has moved is dialled anew: what waits for it at its old address ends with that connection. */
  update(addresses: Addresses): void {
    this.#addresses = addresses
    for (const [name, connection] of this.#connections) {
      if (connection.peer.address === addresses.get(name)) continue
      this.#connections.delete(name)
      if (connection.state !== 'closed') this.#tally.handBack(connection.markDown())
    }
  }

  /** Resolves when the object is durable on all its daemons. */
  async put(daemon: string, oid: string, sha256: Uint8Array, data: Uint8Array): Promise<void> {
    await this.#request(daemon, (osd) => osd.call(Put, { oid, sha256 }, { data, timeoutMs: ATTEMPT_MS }))
  }

  /** The object as this daemon has it; null when it does not have it. */
  async get(daemon: string, oid: string): Promise<Uint8Array | null> {
    const { body, data } = await this.#request(daemon, (osd) => osd.call(Get, { oid }, { timeoutMs: ATTEMPT_MS }))
    return body.found ? data : null
  }

  async #request<Answer>(daemon: string, attempt: (osd: Connection) => Promise<Answer>): Promise<Answer> {
    const deadlineMs = performance.now() + REQUEST_MS
    while (performance.now() < deadlineMs) {
      const osd = this.#connect(daemon)
      try {
        if (osd !== null) return await attempt(osd)
      } catch (error) {
        // What a handler threw is its answer; all else is of the way there.
        if (!(error instanceof CallError) || error.reason === 'handler-error') throw error
      }
      this.retries++
      await sleep(PAUSE_MS * (0.5 + Math.random() / 2))
    }
    throw new Error(`${daemon} did not answer within ${REQUEST_MS / 1000} s`)
  }

  /** Null: nobody knows where it is. */
  #connect(daemon: string): Connection | null {
    const address = this.#addresses.get(daemon)
    if (address === undefined) return null
    const connection = this.#messenger.connect(address, { name: daemon })
    this.#connections.set(daemon, connection)
    return connection
  }
}
