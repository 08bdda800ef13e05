/**
 * The two ends of an in-process link.
 *
 * Each end holds what it wrote, by reference, until the other end's `data` has returned; no byte is copied. When a caller
 * takes such bytes away meanwhile, the link is over: what came behind them would be read in their place. All handlers are
 * called from deferred steps. A step delivers what was there when it began and leaves the rest to the next one, so a busy
 * link never starves others.
 *
 * An end is dialling, open, closing (everything else goes out first) or over. Only `closed` is called on an end that is
 * closing or over, once.
 */
import { UNSENT_GONE } from './unsent.ts'
import type { Link, LinkCapabilities, LinkClosed, LinkEnd, LinkHandlers } from './transport.ts'
import { WriteQueue } from './write-queue.ts'

/** The resolved options of memory(). */
export interface MemorySettings {
  readonly highWaterBytes: number
  readonly closeTimeoutMs: number
  readonly defer: (run: () => void) => void
  readonly timer: (run: () => void, ms: number) => () => void
}

const MEMORY_CAPABILITIES: LinkCapabilities = {
  local: true,
}

/** Dials: looks up in a later step who listens, and hands that one the other end. */
export function connectMemory(
  settings: MemorySettings,
  to: string,
  lookUp: () => ((link: Link) => void) | undefined,
): Link {
  const dialled = new MemoryLink(settings, '', to)
  settings.defer(() => dialled.meet(lookUp()))
  return dialled
}

class MemoryLink implements Link {
  readonly capabilities = MEMORY_CAPABILITIES
  handlers!: LinkHandlers
  readonly localAddress: string
  readonly remoteAddress: string
  readonly #settings: MemorySettings
  #phase: 'dialling' | 'open' | 'closing' | 'over' = 'dialling'
  #peer: MemoryLink | undefined
  /** What this end wrote and the peer has not taken. */
  readonly #outgoing: WriteQueue
  #paused = false
  /** A step that delivers what this end wrote is deferred already. */
  #deliveryDeferred = false
  #cancelCloseTimer: (() => void) | undefined

  constructor(settings: MemorySettings, localAddress: string, remoteAddress: string) {
    this.#settings = settings
    this.#outgoing = new WriteQueue(settings.highWaterBytes)
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
  }

  get bufferedBytes(): number {
    return this.#outgoing.bytes
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase === 'closing' || this.#phase === 'over') return false
    this.#outgoing.push(chunks)
    this.#deferDelivery()
    return this.#outgoing.accepts()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    if (this.#peer !== undefined) this.#peer.#deferDelivery()
  }

  close(): void {
    if (this.#phase === 'closing' || this.#phase === 'over') return
    if (this.#phase === 'dialling' && this.#outgoing.bytes === 0) {
      this.#end('local', 'The link was closed on this side.')
      return
    }
    this.#phase = 'closing'
    this.#cancelCloseTimer = this.#settings.timer(() => this.reset(), this.#settings.closeTimeoutMs)
    this.#deferDelivery()
  }

  reset(): void {
    this.#end('local', 'The link was reset on this side.')
    if (this.#peer !== undefined) this.#peer.#end('reset', 'The other side broke the link off.')
  }

  /** The dial's outcome. Bytes written or a close() before it are delivered after it. */
  meet(onLink: ((link: Link) => void) | undefined): void {
    if (this.#phase === 'over') return
    if (onLink === undefined) {
      this.#end('refused', `Nobody listens at ${this.remoteAddress}.`)
      return
    }
    const accepted = new MemoryLink(this.#settings, this.remoteAddress, this.localAddress)
    accepted.#phase = 'open'
    accepted.#peer = this
    this.#peer = accepted
    onLink(accepted)
    this.#deferDelivery()
    if (this.#phase !== 'dialling') return
    this.#phase = 'open'
    this.handlers.opened()
  }

  #deferDelivery(): void {
    if (this.#deliveryDeferred || this.#peer === undefined) return
    this.#deliveryDeferred = true
    this.#settings.defer(() => this.#deliver())
  }

  /** One step: hands over what is there, then tells this end that there is room, or both ends that it is done. */
  #deliver(): void {
    this.#deliveryDeferred = false
    const peer = this.#peer!
    for (let count = this.#outgoing.length; count > 0 && !this.#stopsBefore(peer); count--) {
      const { first } = this.#outgoing
      if (first === undefined) break
      const { chunk, bytes } = first
      if (chunk.byteLength !== bytes) {
        this.#end('failed', UNSENT_GONE)
        peer.#end('reset', 'The other side broke the link off.')
        return
      }
      if (peer.#phase === 'open') peer.handlers.data(chunk)
      // The handler may have ended the link, which empties the queue.
      this.#outgoing.pass(bytes)
    }
    if (this.#phase === 'open' && this.#outgoing.hasRoom()) this.handlers.writable()
    if (this.#outgoing.length > 0 && !this.#stopsBefore(peer)) this.#deferDelivery()
    if (this.#phase !== 'closing' || this.#outgoing.length > 0) return
    this.#end('local', 'The link was closed on this side.')
    peer.#end('remote', 'The other side closed the link.')
  }

  /** A paused peer takes nothing, unless it is closing and drops what comes. */
  #stopsBefore(peer: MemoryLink): boolean {
    return peer.#paused && peer.#phase === 'open'
  }

  /** The first reason counts; later ones are ignored. */
  #end(end: LinkEnd, message: string): void {
    if (this.#phase === 'over') return
    const reason: LinkClosed = { end: this.#phase === 'closing' ? 'local' : end, message }
    this.#phase = 'over'
    this.#cancelCloseTimer?.()
    this.#outgoing.drop()
    this.#settings.defer(() => this.handlers.closed(reason))
  }
}
