/**
 * Ways to the owner of a buffer: a session that is there, a dial to where the owner says that it is, or a peer that has forwarded
 * the reference.
 *
 * Whoever has a session with such a peer uses that at once, and dials the owner beside it for the next time. Who is at the other end
 * is proved by the handshake; an owner's name at another instance is another process.
 */
import { decides } from '../common/user-code.ts'
import { onAbort } from '../common/abort.ts'
import type { Clock, Connection, Messenger } from '../index.ts'
import { InkwireError } from '../index.ts'
import type { BufferLimits } from './machine/limits.ts'
import { BufferError } from './buffer-error.ts'
import { tokenOf, type BufferRef } from './ref.ts'

/** May this address be dialled, for a buffer of that owner, or for who forwarded it? */
export type MayDial = (address: string, name: string) => boolean

/** Whom a dial is for. */
interface Target {
  readonly name: string
  readonly addresses: readonly string[]
}

/** How many that could not be dialled are remembered, and for how many times the patience of a dial. */
const SILENT_MAX = 256
const SILENT_DIALS = 10

export class Reach {
  readonly #messenger: Messenger
  readonly #clock: Clock
  readonly #dialMs: number
  readonly #mayDial: MayDial
  /** Dials under way, by name: two transfers share one. */
  readonly #dials = new Map<string, Promise<Connection | null>>()
  /** Who did not answer, and until when nobody tries again who has another way. */
  readonly #silent = new Map<string, number>()

  constructor(messenger: Messenger, clock: Clock, { dialMs }: BufferLimits, mayDial: MayDial) {
    this.#messenger = messenger
    this.#clock = clock
    this.#dialMs = dialMs
    this.#mayDial = mayDial
  }

  /**
   * Open connections by which the owner may be reached, best first.
   *
   * @throws BufferError `gone` when another process has the owner's name.
   */
  async *ways(ref: BufferRef, signal: AbortSignal | undefined): AsyncGenerator<Connection, void, undefined> {
    const owner: Target = { name: ref.owner, addresses: ref.addresses }
    // It is this very process that has the name by now.
    if (ref.owner === this.#messenger.name && !isShared(ref.owner)) throw gone(ref)
    const there = this.#open(({ peer }) => peer.instance === ref.instance)
    if (there !== undefined) yield there
    const vias = this.#viasOf(ref)
    const near = vias.map(({ name }) => this.#open(({ peer }) => peer.name === name)).find((one) => one !== undefined)
    if (near === undefined) {
      const dialled = await this.#dial(owner, vias.length > 0, signal)
      const lasting = dialled === there ? null : await this.#verified(dialled, ref, signal)
      if (lasting !== null) yield lasting
    } else {
      // Passed on for now; the next transfer takes the short way.
      void this.#dial(owner, true, undefined)
      yield near
    }
    for (const via of vias) {
      const dialled = await this.#dial(via, false, signal)
      if (dialled !== null && dialled !== near) yield dialled
    }
  }

  /** Those who have forwarded it before it came here, the last one first. */
  #viasOf(ref: BufferRef): Target[] {
    const vias: Target[] = []
    for (const { value } of tokenOf(ref).caveats) {
      if (value.kind !== 'via') continue
      if (value.name === this.#messenger.name) break
      vias.unshift({ name: value.name, addresses: [value.address] })
    }
    return vias
  }

  #open(fits: (connection: Connection) => boolean): Connection | undefined {
    return this.#messenger.connections.find((connection) => connection.state === 'open' && fits(connection))
  }

  /** Null: it cannot be reached; `spare`: there are other ways, so one that was silent is not tried again at once. */
  async #dial(target: Target, spare: boolean, signal: AbortSignal | undefined): Promise<Connection | null> {
    if (signal?.aborted === true) return null
    const { name } = target
    if (spare && (this.#silent.get(name) ?? 0) > this.#clock.nowMs()) return null
    let dial = this.#dials.get(name)
    if (dial === undefined) {
      dial = this.#connect(target).finally(() => this.#dials.delete(name))
      this.#dials.set(name, dial)
    }
    if (signal === undefined) return await dial
    const dialled = dial
    return await new Promise((resolve) => {
      const release = onAbort(signal, () => {
        resolve(null)
      })
      void dialled.then((connection) => {
        release()
        resolve(connection)
      })
    })
  }

  /** Never rejects. */
  async #connect({ name, addresses }: Target): Promise<Connection | null> {
    const known = this.#messenger.connections.filter(({ peer }) => peer.name === name)
    const connections = new Set<Connection>()
    for (const address of addresses) {
      const connection = this.#begin(address, name)
      if (connection !== null) connections.add(connection)
    }
    // The application may have dialled the same peer without its name: then ours has ended, and its is open.
    const opened = (await this.#first([...connections])) ?? this.#open(({ peer }) => peer.name === name) ?? null
    for (const connection of connections) {
      if (connection !== opened && !known.includes(connection)) connection.markDown()
    }
    if (opened === null) this.#remember(name)
    else this.#silent.delete(name)
    return opened
  }

  /** Null: this address cannot be dialled from here. */
  #begin(address: string, name: string): Connection | null {
    try {
      if (!decides(() => this.#mayDial(address, name))) return null
      // Of a name that many bear, anybody's instance is asked for afterwards.
      const who = isShared(name) ? { type: name.slice(0, name.indexOf('.')) } : { name }
      const connection = this.#messenger.connect(address, who)
      return connection === this.#messenger.loopback ? null : connection
    } catch (thrown) {
      // A scheme without a transport, a policy that never dials, a limit: it is not reached this way.
      if (thrown instanceof InkwireError) return null
      throw thrown
    }
  }

  /** The first that is open, within the patience of a dial; null: none. */
  async #first(connections: readonly Connection[]): Promise<Connection | null> {
    if (connections.length === 0) return null
    return await this.#patiently(undefined, (patience) => {
      const opening = connections.map(async (connection) => {
        await connection.opened({ signal: patience })
        return connection
      })
      return Promise.any(opening)
    })
  }

  /**
   * A session with the owner's name, when it is with the owner. One with another process may be older than the owner, and its process
   * dead, unheard: whoever answers now has the name. Null: nobody answers.
   *
   * @throws BufferError `gone` when that is another process.
   */
  async #verified(
    connection: Connection | null,
    ref: BufferRef,
    signal: AbortSignal | undefined,
  ): Promise<Connection | null> {
    const { instance } = ref
    if (connection === null || connection.peer.instance === instance) return connection
    const answered = await this.#patiently(signal, async (patience) => {
      await connection.ping({ signal: patience })
      return connection
    })
    const there = this.#open(({ peer }) => peer.instance === instance)
    if (there !== undefined || answered === null) return there ?? null
    throw gone(ref)
  }

  /** What is waited for, within the patience of a dial; null: it came to nothing. */
  async #patiently<T>(signal: AbortSignal | undefined, wait: (patience: AbortSignal) => Promise<T>): Promise<T | null> {
    const patience = new AbortController()
    const stop = (): void => {
      patience.abort()
    }
    const timer = this.#clock.setTimer(stop, this.#dialMs)
    const release = onAbort(signal, stop)
    try {
      return await wait(patience.signal)
    } catch {
      return null
    } finally {
      release()
      this.#clock.clearTimer(timer)
      stop()
    }
  }

  #remember(name: string): void {
    this.#silent.delete(name)
    this.#silent.set(name, this.#clock.nowMs() + SILENT_DIALS * this.#dialMs)
    for (const other of this.#silent.keys()) {
      if (this.#silent.size <= SILENT_MAX) break
      this.#silent.delete(other)
    }
  }
}

function gone({ owner }: BufferRef): BufferError {
  return new BufferError('gone', `${owner} is another process by now: what it had registered before is gone`)
}

/** Many may have this name. */
function isShared(name: string): boolean {
  return name.endsWith('?')
}
