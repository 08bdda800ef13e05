/**
 * What either side does with parts: it sends and reads them, stops those of the other side, and gives up its own.
 *
 * What a caller says about its parts must not overtake its request: it is held until the peer has that. Pure.
 */
import type { ControlQueue } from './control-queue.ts'
import { Asked, DUE, Served } from './half.ts'
import { Incoming, type Holdings, type InRecord } from './incoming.ts'
import { Outgoing } from './outgoing.ts'
import type { AnyHalf, Pump } from './pump.ts'
import { KIND } from './words.ts'

export class PartFlow {
  readonly #pump: Pump
  readonly #words: ControlQueue
  readonly #holdings: Holdings

  constructor(pump: Pump, words: ControlQueue, holdings: Holdings) {
    this.#pump = pump
    this.#words = words
    this.#holdings = holdings
  }

  /** Sends a part; false: nobody wants it any more. */
  send(half: AnyHalf, data: Uint8Array, nowMs: number): boolean {
    if (!this.takesParts(half)) return false
    half.out ??= new Outgoing()
    half.out.push({ kind: KIND.PART, front: null, data })
    this.#pump.ready(half)
    this.#pump.run(nowMs)
    return true
  }

  takesParts(half: AnyHalf): boolean {
    if (half instanceof Served) {
      return half.phase === 'running' && !half.isUnwanted && (half.out === null || half.out.life === 'open')
    }
    const isOpen = (half.phase === 'open' || half.phase === 'waiting') && half.cancel === null
    return isOpen && half.out?.life === 'open'
  }

  /** No more parts of the caller. */
  end(asked: Asked, nowMs: number): void {
    if (asked.out === null) return
    asked.out.end()
    this.#pump.ready(asked)
    this.#pump.run(nowMs)
  }

  /** Reads a part; undefined: none waits. */
  read(half: AnyHalf): InRecord | undefined {
    const record = half.incoming?.read()
    if (record !== undefined) this.#words.credit(half)
    return record
  }

  /** No more of the other side's parts are wanted. `tell`: it hears that, and may stop. */
  stop(half: AnyHalf, why: string, tell: boolean): void {
    if (half.phase === 'gone' || (half.incoming !== null && half.incoming.life !== 'open')) {
      half.incoming?.discard()
      return
    }
    half.incoming ??= new Incoming(this.#holdings)
    half.incoming.discard()
    this.#words.credit(half)
    if (!tell) return
    half.stopWhy = why
    this.say(half, DUE.STOP)
  }

  /** What this side sends has failed; the other side hears that. */
  reset(half: AnyHalf, why: string): void {
    if (!this.takesParts(half)) return
    half.out ??= new Outgoing()
    half.out.drop()
    half.out.life = 'over'
    this.broken(half, why)
  }

  /** The other side hears that parts which it may wait for do not come. */
  broken(half: AnyHalf, why: string): void {
    half.resetWhy = why
    this.say(half, DUE.RESET)
  }

  /** What a caller says about its parts must not overtake its request. */
  say(half: AnyHalf, what: number): void {
    if (half.phase === 'gone') return
    if (half instanceof Asked && !half.isKnown) half.held |= what
    else this.#words.say(half, what)
  }
}
