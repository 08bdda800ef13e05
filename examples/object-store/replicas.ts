/**
 * The primary's side of replication: one `peer` session with every other daemon, whatever happens to its links.
 *
 * `replicate` resolves when the object is durable there: the processed ack follows the handler, and the handler follows
 * the disk. A cut link costs nothing, the session goes on and replays. When the other daemon was killed, its memory is
 * gone: the session ends in a remote reset, which hands back every message that was not acked; each is sent again to its
 * next life. The other daemon may have had it on disk already; writing it again changes nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { InkwireError } from 'inkwire'
import type { Connection, Messenger } from 'inkwire'
import { Replicate } from './messages.ts'
import type { Addresses } from './messages.ts'
import type { Tally } from './tally.ts'

/** Before a connection that has ended is made anew, in ms. */
const AGAIN_MS = 20

export class Replicas {
  readonly #messenger: Messenger
  readonly #tally: Tally
  readonly #connections = new Map<string, Connection>()
  readonly #numbers = new Map<string, number>()
  #addresses: Addresses = new Map()

  constructor(messenger: Messenger, tally: Tally) {
    this.#messenger = messenger
    this.#tally = tally
  }

  /**
   * Meets everybody. A daemon that came back at another address is another one: what waited for it at the old address
   * comes back and goes to the new one, since nobody will ever answer there.
   */
  update(addresses: Addresses): void {
    this.#addresses = addresses
    for (const [name, address] of addresses) {
      if (name === this.#messenger.name) continue
      const known = this.#connections.get(name)
      if (known !== undefined && known.state !== 'closed' && known.peer.address !== address) {
        this.#connections.delete(name)
        this.#tally.handBack(known.markDown())
      }
      this.#connection(name)
    }
  }

  /** Resolves when `to` has the object on disk. */
  async replicate(to: string, oid: string, sha256: Uint8Array, data: Uint8Array): Promise<void> {
    for (;;) {
      const connection = this.#connection(to)
      if (connection !== null) {
        try {
          await connection.deliver(Replicate({ oid, sha256, number: this.#next(to) }, { data }))
          return
        } catch (error) {
          if (!(error instanceof InkwireError) || (error.outcome === undefined && error.code !== 'INK_CLOSED'))
            throw error
          this.#tally.sentAgain++
        }
      }
      if (connection === null || connection.state === 'closed') await sleep(AGAIN_MS)
    }
  }

  #connection(name: string): Connection | null {
    const known = this.#connections.get(name)
    if (known !== undefined && known.state !== 'closed') return known
    const address = this.#addresses.get(name)
    if (address === undefined) return null
    const connection = this.#messenger.connect(address, { name })
    this.#connections.set(name, connection)
    return connection
  }

  #next(name: string): number {
    const number = (this.#numbers.get(name) ?? 0) + 1
    this.#numbers.set(name, number)
    return number
  }
}
