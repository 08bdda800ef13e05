/**
 * One transfer as the owner of the buffer runs it: every chunk passes the registry, before it and after it. So whatever the shell
 * does, no byte of a buffer is read or written once that is unregistered.
 */
import type { Action, Registry, StopReason, Transfer } from './machine/registry.ts'
import type { Region } from './region.ts'
import { stopped } from './transfer-call.ts'

/** What it needs of the owner. */
export interface TransferWorld {
  readonly registry: Registry
  nowMs(): number
  perform(actions: readonly Action[]): void
}

export class OwnedTransfer {
  readonly #world: TransferWorld
  readonly #transfer: Transfer
  readonly region: Region
  #stopped: StopReason | null = null
  /** What wakes whoever runs it. */
  onStop: () => void = () => undefined

  constructor(world: TransferWorld, transfer: Transfer, region: Region) {
    this.#world = world
    this.#transfer = transfer
    this.region = region
  }

  /** Told by the registry. */
  stop(reason: StopReason): void {
    this.#stopped ??= reason
    this.onStop()
  }

  /** Throws when it was stopped. */
  check(): void {
    if (this.#stopped !== null) throw stopped(this.#stopped)
  }

  /** The peer does something. */
  heard(): void {
    this.#world.registry.heard(this.#transfer, this.#world.nowMs())
  }

  /** Some bytes of the buffer. Throws, or rejects, when it was stopped, also meanwhile. */
  read(offset: number, length: number, into: Uint8Array | null): Uint8Array | Promise<Uint8Array> {
    this.#begin()
    let bytes: Uint8Array | Promise<Uint8Array>
    try {
      bytes = this.region.read(offset, length, into)
    } catch (thrown) {
      this.#end()
      throw thrown
    }
    if (bytes instanceof Promise) return this.#late(bytes)
    this.#end()
    return bytes
  }

  /** Puts bytes into the buffer. */
  write(offset: number, bytes: Uint8Array): Promise<void> | undefined {
    this.#begin()
    let placed: Promise<void> | undefined
    try {
      placed = this.region.write(offset, bytes)
    } catch (thrown) {
      this.#end()
      throw thrown
    }
    if (placed === undefined) this.#end()
    else return this.#placing(placed)
    return undefined
  }

  /** It is over. */
  finish(): void {
    this.#world.perform(this.#world.registry.finish(this.#transfer))
  }

  #begin(): void {
    this.check()
    const reason = this.#world.registry.begin(this.#transfer, this.#world.nowMs())
    if (reason === null) return
    this.#stopped = reason
    throw stopped(reason)
  }

  #end(): void {
    this.#world.perform(this.#world.registry.end(this.#transfer, this.#world.nowMs()))
  }

  async #late(bytes: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const read = await bytes
      // What was read before is not shown any more.
      this.check()
      return read
    } finally {
      this.#end()
    }
  }

  async #placing(placed: Promise<void>): Promise<void> {
    try {
      await placed
    } finally {
      this.#end()
    }
  }
}
