/**
 * One direction of a faulty link: bytes go in, and come out when the plan lets them, in order.
 *
 * The gate is open, held (by a breakpoint or a delay) or shut. What waits behind a held gate is copied, because it may
 * outlive the call that brought it.
 */
import { Deque } from '../../common/deque.ts'
import type { Breakpoint, FaultPlan } from './fault-plan.ts'
import { FrameTap } from './frame-tap.ts'
import type { Piece } from './frame-tap.ts'

/** What a gate does with what passes. */
export interface GateOwner {
  forward(bytes: Uint8Array): void
  /** The link breaks here. */
  broken(point: string): void
  /** The other side shall see the end of the link; this one hears nothing until the plan releases it. */
  stalled(point: Breakpoint): void
  /** Nothing waits any more. */
  emptied(): void
}

export class FaultGate {
  readonly #plan: FaultPlan
  readonly #direction: 'read' | 'write'
  readonly #owner: GateOwner
  readonly #tap = new FrameTap()
  readonly #queue = new Deque<Piece>()
  #state: 'open' | 'held' | 'shut' = 'open'
  #paused = false
  #decided = false
  /** Where the frame under way began to stall. */
  #stalling: Breakpoint | null = null
  #timer: unknown = null
  waitingBytes = 0
  readonly #resume = (): void => {
    if (this.#state !== 'held') return
    this.#state = 'open'
    this.#drain()
  }

  constructor(plan: FaultPlan, direction: 'read' | 'write', owner: GateOwner) {
    this.#plan = plan
    this.#direction = direction
    this.#owner = owner
  }

  get isIdle(): boolean {
    return this.#queue.length === 0 && this.#state !== 'held'
  }

  /** One read or write. */
  push(chunks: readonly Uint8Array[]): void {
    if (this.#state === 'shut') return
    if (this.#plan.breaks()) {
      this.#owner.broken('chance')
      return
    }
    const delayMs = this.#plan.delayMs()
    if (delayMs > 0 && this.#state === 'open') {
      this.#state = 'held'
      this.#timer = this.#plan.clock.setTimer(this.#resume, delayMs)
    }
    for (const chunk of chunks) {
      for (const piece of this.#tap.cut(chunk)) {
        this.#queue.push(piece)
        this.waitingBytes += piece.bytes.length
      }
    }
    this.#drain()
    this.#keep()
  }

  /** Lets nothing through until `resume`, whatever the plan says. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    // Not from inside the call.
    this.#plan.clock.later(() => this.#drain())
  }

  /** Drops what waits; nothing passes any more. */
  shut(): void {
    this.#state = 'shut'
    this.#queue.takeAll()
    this.waitingBytes = 0
    this.#plan.forget(this.#resume)
    this.#plan.clock.clearTimer(this.#timer)
  }

  #drain(): void {
    while (this.#state === 'open' && !this.#paused) {
      const piece = this.#queue.at(0)
      if (piece === undefined) break
      if (piece.begins !== null && !this.#decided && !this.#passes(`${piece.begins} ${this.#direction}`)) return
      this.#decided = false
      this.#queue.shift()
      this.waitingBytes -= piece.bytes.length
      this.#owner.forward(piece.bytes)
      if (piece.ends && this.#stalling !== null) this.#stall(this.#stalling)
    }
    if (this.#queue.length === 0 && this.#state === 'open') this.#owner.emptied()
  }

  /** False: not now, or never. */
  #passes(point: Breakpoint): boolean {
    switch (this.#plan.decide(point)) {
      case 'continue':
        return true
      case 'fault':
        this.#owner.broken(point)
        return false
      case 'stall':
        this.#stalling = point
        return true
      case 'block':
        // It was counted; when it is released it must not be asked again.
        this.#decided = true
        this.#state = 'held'
        this.#plan.hold(point, this.#resume)
        return false
    }
  }

  #stall(point: Breakpoint): void {
    this.#stalling = null
    this.#owner.stalled(point)
  }

  /** What still waits outlives the call that brought it. */
  #keep(): void {
    if (this.#queue.length === 0) return
    for (const piece of this.#queue.takeAll()) this.#queue.push({ ...piece, bytes: piece.bytes.slice() })
  }
}
