/**
 * The buffers that this messenger owns: what is registered, who may use it, and when it is fenced.
 *
 * Whether a reference is genuine is asked first, with one key for all of them: so a stranger who tries numbers hears the same of one
 * that exists as of one that does not, and whoever holds a genuine reference hears why it is of no use any more.
 */
import { InkwireError } from '../common/errors.ts'
import { onAbort } from '../common/abort.ts'
import type { Clock, Messenger, ServerCall } from '../index.ts'
import type { BufferLimits } from './machine/limits.ts'
import type { Range } from './machine/claims.ts'
import { Registry, type Action, type Direction, type Transfer } from './machine/registry.ts'
import { claimsOf, encodeHeader, type Header, type Token } from './machine/token.ts'
import { digestOf, isGenuine, macOf } from './mac.ts'
import { OwnedTransfer, type TransferWorld } from './owned-transfer.ts'
import { BufferRef, tokenOf } from './ref.ts'
import type { Region } from './region.ts'
import { serveRead, serveWrite } from './serving.ts'
import { asRefusal, refusal } from './transfer-call.ts'

/** What is to be registered, checked. */
export interface Registering {
  readonly region: Region
  readonly size: number
  readonly rights: number
  /** From now on, in ms; Infinity: for ever. */
  readonly expiresMs: number
  readonly usesMax: number
  readonly peers: readonly string[] | null
  /** Contents that ride along; null: none. */
  readonly contents: Uint8Array | null
}

/** Who waits for a registration to be fenced. */
interface Fence {
  readonly done: Promise<void>
  readonly resolve: () => void
}

const KEY_BYTES = 32

export class Owner implements TransferWorld {
  readonly registry: Registry
  readonly #messenger: Messenger
  readonly #clock: Clock
  /** Never leaves this object, and ends with it. */
  readonly #key: Uint8Array
  readonly #regions = new Map<number, Region>()
  readonly #running = new WeakMap<Transfer, { stop: OwnedTransfer['stop'] }>()
  readonly #fences = new Map<number, Fence>()
  readonly #stallMs: number
  #timer: unknown = null

  /** @internal */
  constructor(messenger: Messenger, { clock, random }: ReturnType<typeof Messenger.seamOf>, limits: BufferLimits) {
    this.#messenger = messenger
    this.#clock = clock
    this.#key = random.bytes(KEY_BYTES)
    this.registry = new Registry(limits)
    this.#stallMs = limits.stallMs
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  wallMs(): number {
    return this.#clock.wallMs()
  }

  /** Lets others run. */
  nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.later(resolve)
    })
  }

  register({ region, size, rights, expiresMs, usesMax, peers, contents }: Registering, addresses: string[]): BufferRef {
    const deadlineMs = this.nowMs() + expiresMs
    const id = this.registry.register({ memoryBytes: region.memoryBytes, rights, deadlineMs, usesMax, peers })
    if (id === null) {
      const { registrations, memoryBytes } = this.registry
      const text = `register(): ${registrations} buffers with ${memoryBytes} bytes of memory are registered, the limit`
      throw new InkwireError('INK_REFUSED', `${text}: unregister some, or raise registrationsMax or registeredBytesMax`)
    }
    this.#regions.set(id, region)
    const header: Header = {
      owner: this.#messenger.name,
      instance: this.#messenger.instance,
      ...{ id, size, rights, addresses },
      expiresAtMs: expiresMs === Infinity ? Infinity : Math.ceil(this.wallMs() + expiresMs),
    }
    const bytes = encodeHeader(header)
    const token: Token = { header: { value: header, bytes }, caveats: [], mac: macOf(this.#key, bytes), contents: null }
    if (contents === null) return new BufferRef(token)
    return new BufferRef({ ...token, contents: { bytes: contents, digest: digestOf(token, contents) } })
  }

  /** Whether it is a reference to a buffer of this messenger, registered or not. */
  owns({ header: { value } }: Token): boolean {
    return value.instance === this.#messenger.instance
  }

  /** Resolves when nothing of it moves any more. */
  unregister(ref: BufferRef): Promise<void> {
    const token = tokenOf(ref)
    if (!this.owns(token) || !isGenuine(this.#key, token)) {
      const text = `unregister(): ${ref.owner} (${ref.instance}) has made this reference, not this messenger`
      throw new InkwireError('INK_BAD_ARGUMENT', text)
    }
    const { id } = ref
    const before = this.#fences.get(id)
    if (before !== undefined) return before.done
    if (!this.registry.has(id)) return Promise.resolve()
    let resolve!: () => void
    const done = new Promise<void>((settle) => {
      resolve = settle
    })
    this.#fences.set(id, { done, resolve })
    this.perform(this.registry.unregister(id))
    return done
  }

  /**
   * A transfer with a reference of ours, for its owner's loop.
   *
   * @throws CallError the refusal.
   */
  open(token: Token, direction: Direction, range: Range, peer: string): OwnedTransfer {
    if (!isGenuine(this.#key, token)) throw refusal('denied')
    const { id } = token.header.value
    const now = { nowMs: this.nowMs(), wallMs: this.wallMs() }
    const opened = this.registry.open({ id, claims: claimsOf(token), direction, range, peer }, now)
    if (typeof opened === 'string') throw refusal(opened)
    const transfer = new OwnedTransfer(this, opened, this.#regions.get(id)!)
    this.watch(opened, transfer)
    return transfer
  }

  /** Serves a transfer of somebody else. */
  async serve(token: Token, direction: Direction, range: Range, call: ServerCall): Promise<void> {
    const transfer = this.open(token, direction, range, call.peer.name ?? '')
    const release = onAbort(call.signal, () => {
      transfer.onStop()
    })
    try {
      await (direction === 'read' ? serveRead(transfer, call, range) : serveWrite(transfer, call, range))
    } catch (thrown) {
      throw asRefusal(thrown)
    } finally {
      release()
      transfer.finish()
    }
  }

  /** Who is told when the registry stops a transfer. */
  watch(transfer: Transfer, stoppable: { stop: OwnedTransfer['stop'] }): void {
    this.#running.set(transfer, stoppable)
    this.#sweepLater()
  }

  perform(actions: readonly Action[]): void {
    for (const action of actions) {
      switch (action.type) {
        case 'stop':
          this.#running.get(action.transfer)?.stop(action.reason)
          break
        case 'fenced':
          this.#regions.delete(action.id)
          this.#fences.get(action.id)?.resolve()
          this.#fences.delete(action.id)
          break
      }
    }
  }

  /** Withdraws all: the messenger has ended. */
  close(): void {
    this.perform(this.registry.close())
    this.#clock.clearTimer(this.#timer)
    this.#timer = null
  }

  /** One timer for what stands still, and none when nothing is open. What stands still is found a quarter later at most. */
  #sweepLater(): void {
    if (this.#timer !== null || this.registry.transfers === 0) return
    const waitMs = this.#stallMs / 4
    const dueMs = this.nowMs() + waitMs
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = null
      this.perform(this.registry.sweep(this.nowMs(), this.nowMs() - dueMs))
      this.#sweepLater()
    }, waitMs)
  }
}
