/** Connections that follow the names of their peers: wherever those are found, there they are dialled. */
import { InkwireError, asError } from '../common/errors.ts'
import type { Clock, ConnectOptions, Connection, Messenger } from '../index.ts'
import type { PeerRecord } from './machine/sightings.ts'

interface Followed {
  readonly connection: Connection
  readonly options: ConnectOptions
  /** Where it was dialled last. */
  record: PeerRecord
}

export class Follows {
  readonly #messenger: Messenger
  readonly #clock: Clock
  readonly #recordOf: (name: string) => PeerRecord | undefined
  readonly #followed = new Map<string, Followed>()

  /** `recordOf` says where a peer is now. */
  constructor(messenger: Messenger, clock: Clock, recordOf: (name: string) => PeerRecord | undefined) {
    this.#messenger = messenger
    this.#clock = clock
    this.#recordOf = recordOf
  }

  /** Dials a peer that was found; from now on the connection follows it. */
  connect(record: PeerRecord, options: ConnectOptions): Connection {
    const connection = this.#dial(record, options)
    if (this.#followed.get(record.name)?.connection !== connection) this.#begin({ connection, options, record })
    return connection
  }

  /** It is there, or somewhere else now. */
  found(name: string): void {
    const followed = this.#followed.get(name)
    if (followed !== undefined) this.#follow(followed)
  }

  /** At every address that is known; the same name is the same connection. Throws what the first address throws when none will do. */
  #dial({ name, addresses }: PeerRecord, options: ConnectOptions): Connection {
    let connection: Connection | null = null
    let wrong: Error | null = null
    for (const address of addresses) {
      try {
        connection = this.#messenger.connect(address, { ...options, name })
      } catch (thrown) {
        wrong ??= asError(thrown)
      }
    }
    if (connection !== null) return connection
    throw wrong ?? new InkwireError('INK_BAD_ADDRESS', `connect(): ${name} has no address`)
  }

  /** From now on the connection goes where its peer is found. */
  #begin(followed: Followed): void {
    const { name } = followed.record
    this.#followed.set(name, followed)
    followed.connection.state$.subscribe({
      next: (state) => {
        // Standby waits for work: without any, it would not look where its peer is now.
        if (state === 'standby') this.#clock.later(() => this.#follow(followed))
      },
      complete: () => {
        if (this.#followed.get(name) === followed) this.#followed.delete(name)
      },
    })
  }

  /** A connection without a link tries where its peer is now; once, as its policy tries again by itself. */
  #follow(followed: Followed): void {
    const record = this.#recordOf(followed.record.name)
    const { state } = followed.connection
    if (record === undefined || record === followed.record || state === 'open' || state === 'closed') return
    if (state === 'standby') followed.record = record
    try {
      this.#dial(record, followed.options)
    } catch {
      // Its own addresses are tried on: a record that is wrong takes nothing away.
    }
  }
}
