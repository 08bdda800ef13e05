/**
 * A link under a plan of faults: two gates around an inner link, which may not exist yet.
 *
 * The owner sees an ordinary link. `closed` waits behind bytes that are held, and behind a stall; everything else that
 * the contract of links says holds, because the inner link holds it.
 */
import type { Link, LinkCapabilities, LinkClosed, LinkHandlers, LinkPeer } from '../../transports/transport.ts'
import { FaultGate } from './fault-gate.ts'
import type { Breakpoint, FaultPlan } from './fault-plan.ts'

/** Bytes that may wait behind a gate before `write` answers false. */
const HELD_BYTES_MAX = 65_536

const NOBODY: LinkHandlers = { opened() {}, data() {}, writable() {}, closed() {} }

export class FaultyLink implements Link {
  readonly capabilities: LinkCapabilities
  /** Of nobody, while an accept is held or refused. */
  handlers: LinkHandlers = NOBODY
  readonly #plan: FaultPlan
  readonly #out: FaultGate
  readonly #in: FaultGate
  #inner: Link | null = null
  #phase: 'open' | 'closing' | 'stalled' | 'over' = 'open'
  #blocked = false
  /** The last word of the inner link, while it must wait. */
  #end: LinkClosed | null = null
  #early: Uint8Array[] = []
  #writable = true
  readonly #unstall = (): void => {
    if (this.#phase !== 'stalled') return
    this.#phase = 'closing'
    this.#finish()
  }

  constructor(plan: FaultPlan, capabilities: LinkCapabilities) {
    this.#plan = plan
    this.capabilities = capabilities
    this.#out = new FaultGate(plan, 'write', {
      forward: (bytes) => this.#writeInner(bytes),
      broken: (point) => this.#break(point),
      stalled: (point) => this.#stall(point),
      emptied: () => this.#flushed(),
    })
    this.#in = new FaultGate(plan, 'read', {
      forward: (bytes) => {
        if (this.#phase === 'open') this.handlers.data(bytes)
      },
      broken: (point) => this.#break(point),
      stalled: (point) => this.#stall(point),
      emptied: () => this.#finish(),
    })
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }

  get peer(): LinkPeer | undefined {
    return this.#inner?.peer
  }

  get localAddress(): string {
    return this.#inner?.localAddress ?? ''
  }

  get remoteAddress(): string {
    return this.#inner?.remoteAddress ?? ''
  }

  get bufferedBytes(): number {
    if (this.#phase === 'over') return 0
    return (
      this.#out.waitingBytes +
      (this.#inner?.bufferedBytes ?? 0) +
      this.#early.reduce((sum, { length }) => sum + length, 0)
    )
  }

  /** The inner link is there now. */
  wire(inner: Link): void {
    this.#inner = inner
    inner.handlers = {
      opened: () => {
        if (this.#phase === 'open') this.handlers.opened()
      },
      data: (chunk) => this.#in.push([chunk]),
      writable: () => this.#writableAgain(),
      closed: (reason) => {
        this.#end ??= reason
        this.#finish()
      },
    }
    const early = this.#early
    this.#early = []
    if (early.length > 0) inner.write(early)
    if (this.#phase === 'closing') this.#flushed()
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#phase !== 'open') return this.#phase === 'stalled'
    this.#writable = true
    this.#out.push(chunks)
    if (this.#writable && this.#out.waitingBytes <= HELD_BYTES_MAX) return true
    this.#blocked = true
    return false
  }

  pause(): void {
    this.#in.pause()
    this.#inner?.pause()
  }

  resume(): void {
    this.#in.resume()
    this.#inner?.resume()
  }

  close(): void {
    if (this.#phase !== 'open' && this.#phase !== 'stalled') return
    this.#phase = 'closing'
    if (this.#inner === null && this.#early.length === 0)
      this.#endLater({ end: 'local', message: 'closed before it was dialled' })
    else if (this.#out.isIdle) this.#inner?.close()
  }

  reset(): void {
    if (this.#phase === 'over') return
    if (this.#inner === null) this.#endLater({ end: 'local', message: 'reset before it was dialled' })
    this.#phase = 'closing'
    this.#shut()
    this.#inner?.reset()
  }

  /** Tells the owner that it is over. */
  end(reason: LinkClosed): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#shut()
    this.handlers.closed(reason)
  }

  #endLater(reason: LinkClosed): void {
    this.#plan.clock.later(() => this.end(reason))
  }

  #writeInner(bytes: Uint8Array): void {
    if (this.#inner === null) this.#early.push(bytes.slice())
    else if (!this.#inner.write([bytes])) this.#writable = false
  }

  #writableAgain(): void {
    if (!this.#blocked || this.#phase !== 'open' || this.#out.waitingBytes > HELD_BYTES_MAX >> 1) return
    this.#blocked = false
    this.handlers.writable()
  }

  /** Nothing waits to be written any more. */
  #flushed(): void {
    if (this.#phase === 'closing' && this.#end === null) this.#inner?.close()
    else if (this.#blocked && this.#writable) this.#plan.clock.later(() => this.#writableAgain())
  }

  /** The link breaks: both sides hear of it. */
  #break(point: string): void {
    this.#end = { end: 'reset', message: `a fault was injected at ${point}` }
    this.#shut()
    if (this.#inner === null) this.#endLater(this.#end)
    else this.#inner.reset()
  }

  /** The other side sees the end; this side nothing, until the plan says so. */
  #stall(point: Breakpoint): void {
    if (this.#phase !== 'open') return
    this.#phase = 'stalled'
    this.#plan.hold(point, this.#unstall)
    this.#inner?.close()
  }

  /** The inner link is over: says so, once nothing is held before it. */
  #finish(): void {
    if (this.#end === null || this.#phase === 'over' || this.#phase === 'stalled') return
    if (this.#phase === 'open' && !this.#in.isIdle) return
    this.end(this.#end)
  }

  #shut(): void {
    this.#out.shut()
    this.#in.shut()
    this.#plan.forget(this.#unstall)
  }
}
