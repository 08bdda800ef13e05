/**
 * What services get of one connection: those of its caller that they may use, and what only layers need. They hold its orderly
 * end, take back what they have queued, and call their peer a fault.
 */
import type { Unfinished } from '../session/out-lane.ts'
import type { Session } from '../session/session.ts'
import type { OutboundMessage } from '../wire/message.ts'
import type { WireCapabilities } from '../wire/wire.ts'
import type { Caller } from './caller.ts'
import type { Connection } from './connection.ts'
import type { DispatchQueue } from './dispatch-queue.ts'
import type { ServiceHost } from './service.ts'

/** What it needs of the driver. */
export interface HostDriver {
  readonly session: Session
  readonly caller: Caller
  /** What ran has ended. */
  afterHandler(): void
  /** The peer says where it is dialled from now on. */
  relocated(addresses: readonly string[]): void
  /** The open link is a fault. */
  silent(reason: string): void
}

export class ConnectionHost implements ServiceHost {
  readonly #driver: HostDriver
  readonly #queue: Pick<DispatchQueue, 'hold' | 'release'>
  #held = 0

  constructor(driver: HostDriver, queue: Pick<DispatchQueue, 'hold' | 'release'>) {
    this.#driver = driver
    this.#queue = queue
  }

  /** An orderly end must wait. */
  get isHeld(): boolean {
    return this.#held > 0
  }

  get connection(): Connection {
    return this.#driver.caller.connection
  }

  get capabilities(): WireCapabilities {
    return this.#driver.caller.capabilities
  }

  enqueue(message: OutboundMessage): boolean {
    return this.#driver.caller.enqueue(message)
  }

  enqueueControl(message: OutboundMessage, own: (message: OutboundMessage) => boolean): boolean {
    return this.#driver.caller.enqueueControl(message, own)
  }

  takeBack(message: OutboundMessage): 'undelivered' | 'unknown' | null {
    return this.#driver.caller.takeBack(message)
  }

  withdraw(which: (message: OutboundMessage) => boolean): Unfinished {
    return this.#driver.session.outbound.withdraw(which)
  }

  get heldUp(): number {
    const { messages, bytes, window } = this.#driver.session.inbound.held
    const isFull = messages * 8 >= window.messages * 7 || bytes * 8 >= window.bytes * 7
    return isFull ? messages : 0
  }

  get heardMs(): number | null {
    return this.#driver.session.path?.liveness.heardMs ?? null
  }

  relocated(addresses: readonly string[]): void {
    this.#driver.relocated(addresses)
  }

  hold(): void {
    this.#held++
    this.#queue.hold()
  }

  release(): void {
    this.#held--
    this.#queue.release()
    this.#driver.afterHandler()
  }

  broken(reason: string): void {
    this.#driver.silent(reason)
  }
}
