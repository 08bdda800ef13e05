/**
 * Passing bytes on for who holds a reference that was forwarded from here, and cannot reach its owner.
 *
 * Only for such references: a messenger is nobody's open door. The ways to the owner are those of the reference that was forwarded,
 * never of the one that is presented: a holder could add any address to that.
 */
import { onAbort } from '../common/abort.ts'
import { InkwireError, type Connection, type ServerCall, type Transaction } from '../index.ts'
import type { BufferLimits } from './machine/limits.ts'
import type { StopReason, Transfer } from './machine/registry.ts'
import type { Token } from './machine/token.ts'
import type { TransferRequest } from './machine/words.ts'
import type { Owner } from './owner.ts'
import { sendChunk } from './chunks.ts'
import type { BufferRef } from './ref.ts'
import type { Reach } from './reach.ts'
import { asRefusal, openTransfer, reasonOf, refusal, saidBy, stopped } from './transfer-call.ts'

export class Relay {
  readonly #owner: Owner
  readonly #reach: Reach
  readonly #limits: BufferLimits
  /** By instance and id of the buffer, in the order of forwarding. */
  readonly #forwarded = new Map<string, BufferRef>()

  constructor(owner: Owner, reach: Reach, limits: BufferLimits) {
    this.#owner = owner
    this.#reach = reach
    this.#limits = limits
  }

  get size(): number {
    return this.#forwarded.size
  }

  /** Throws `INK_REFUSED` when there are too many. */
  forward(ref: BufferRef): void {
    const key = keyOf(ref)
    if (this.#forwarded.has(key)) return
    const { forwardsMax } = this.#limits
    if (this.#forwarded.size >= forwardsMax) this.#sweep()
    if (this.#forwarded.size >= forwardsMax) {
      const text = `forward(): ${forwardsMax} references are forwarded, the limit: end some by unforward()`
      throw new InkwireError('INK_REFUSED', `${text}, or raise forwardsMax`)
    }
    this.#forwarded.set(key, ref)
  }

  unforward(ref: BufferRef): void {
    this.#forwarded.delete(keyOf(ref))
  }

  clear(): void {
    this.#forwarded.clear()
  }

  /** Whether transfers with it pass through here. */
  forwards(token: Token): boolean {
    return this.#forwarded.has(keyOf(token.header.value))
  }

  /** Passes a transfer on, by the first way that leads to the owner. */
  async serve(token: Token, request: TransferRequest, call: ServerCall): Promise<void> {
    const ref = this.#forwarded.get(keyOf(token.header.value))
    if (ref === undefined) throw refusal('denied')
    const transfer = this.#owner.registry.pass(call.peer.name ?? '', this.#owner.nowMs())
    if (transfer === null) throw refusal('quota')
    const passage = new Passage(this.#owner, transfer, call)
    this.#owner.watch(transfer, passage)
    const release = onAbort(call.signal, () => {
      passage.end()
    })
    try {
      for await (const connection of this.#reach.ways(ref, passage.signal)) {
        // The first that is open: what has passed cannot be passed again.
        await passage.through(connection, request)
        return
      }
      throw refusal('disconnected', 'no way leads to the owner of the buffer from here')
    } catch (thrown) {
      throw asRefusal(thrown)
    } finally {
      release()
      this.#owner.perform(this.#owner.registry.finish(transfer))
    }
  }

  /** Forgets those whose time is up. */
  #sweep(): void {
    const wallMs = this.#owner.wallMs()
    for (const [key, { expiresAtMs }] of this.#forwarded) if (expiresAtMs <= wallMs) this.#forwarded.delete(key)
  }
}

function keyOf({ instance, id }: { readonly instance: string; readonly id: number }): string {
  return `${instance} ${id}`
}

/** One transfer that passes through. */
class Passage {
  readonly #owner: Owner
  readonly #transfer: Transfer
  readonly #call: ServerCall
  readonly #abort = new AbortController()
  #reason: StopReason | null = null

  constructor(owner: Owner, transfer: Transfer, call: ServerCall) {
    this.#owner = owner
    this.#transfer = transfer
    this.#call = call
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Told by the registry. */
  stop(reason: StopReason): void {
    this.#reason = reason
    this.end()
  }

  end(): void {
    this.#abort.abort()
  }

  async through(connection: Connection, request: TransferRequest): Promise<void> {
    const onward = openTransfer(connection, request, { signal: this.signal })
    void this.#up(onward)
    try {
      for await (const part of onward) {
        this.#heard()
        if (!(await sendChunk(this.#call, part))) break
      }
      await onward.reply
    } catch (thrown) {
      if (this.#reason !== null) throw stopped(this.#reason)
      const reason = reasonOf(thrown)
      throw refusal(reason, saidBy(thrown, reason))
    }
  }

  /** What the holder says or sends goes on to the owner. Never rejects: the call of either end says what became of it. */
  async #up(onward: Transaction<Uint8Array>): Promise<void> {
    try {
      for await (const part of this.#call) {
        this.#heard()
        if (!(await sendChunk(onward, part))) break
      }
      await onward.end()
    } catch {
      // Its reply says the same.
    }
  }

  #heard(): void {
    this.#owner.registry.heard(this.#transfer, this.#owner.nowMs())
  }
}
