/**
 * Cuts bytes, split anywhere, so that a protocol is shown one banner or frame at a time with its offset, and says where they end.
 *
 * The first byte tells the protocol: a banner, or a frame of the native protocol by itself. It holds one head.
 */
import { tagName } from '../../wire/native/format.ts'
import { Msgr2Explainer } from './msgr2.ts'
import { NativeExplainer } from './native.ts'
import type { Allocate, Explainer, Hearer, Piece, Stop } from './piece.ts'

/** What msgr2 begins with, `ceph v2`: no frame of the native protocol has it for a tag. */
const MSGR2 = 0x63

export class Decoding implements Hearer {
  readonly #told: Hearer
  readonly #max: number
  readonly #allocate: Allocate
  #explainer: Explainer | null = null
  #head = new Uint8Array(0)
  #filled = 0
  /** Of the current piece: where it begins, how long it is, and what of it is still to come. */
  #at = 0
  #total = 0
  #rest = 0
  #isOver = false

  /** `max`: so many bytes of a body are shown. `allocate` gives the memory of a frame. */
  constructor(told: Hearer, max: number, allocate: Allocate = (bytes) => new Uint8Array(bytes)) {
    this.#told = told
    this.#max = max
    this.#allocate = allocate
  }

  /** Nothing is explained any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  receive(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#isOver;) at = this.#step(chunk, at)
  }

  /** There are no more bytes. */
  end(): void {
    const explainer = this.#explainer
    if (this.#isOver) return
    if (explainer === null) {
      this.stop({ at: 0, code: null, reason: 'there are no bytes' })
      return
    }
    if (this.#rest > 0) {
      const here = this.#total - this.#rest
      this.#cut(`${explainer.current} has ${this.#total} bytes, and ${here} are here`)
      return
    }
    if (this.#filled === 0) return
    // A few bytes are enough to see that something else is spoken.
    explainer.take(this.#head.subarray(0, this.#filled))
    this.#cut(`what begins here has at least ${explainer.headBytes} bytes, and ${this.#filled} are here`)
  }

  /** What follows will not be given, for this reason. */
  giveUp(reason: string): void {
    this.stop({ at: this.#at, code: null, reason })
  }

  piece(piece: Piece): void {
    if (!this.#isOver) this.#told.piece(piece)
  }

  stop(stop: Stop): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#told.stop(stop)
  }

  #cut(how: string): void {
    this.stop({ at: this.#at, code: null, reason: `the bytes end in the middle: ${how}` })
  }

  #step(chunk: Uint8Array, at: number): number {
    const explainer = (this.#explainer ??= this.#begin(chunk[at]!))
    if (this.#rest > 0) return this.#more(explainer, chunk, at)
    const { headBytes } = explainer
    if (this.#filled === 0) this.#head = new Uint8Array(headBytes)
    const end = Math.min(chunk.length, at + headBytes - this.#filled)
    this.#head.set(chunk.subarray(at, end), this.#filled)
    this.#filled += end - at
    if (this.#filled < headBytes) return end
    this.#filled = 0
    const from = this.#at
    this.#total = explainer.begin(this.#head, from)
    this.#rest = this.#total - headBytes
    if (this.#rest === 0) this.#at = from + this.#total
    return end
  }

  #more(explainer: Explainer, chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#rest)
    this.#rest -= end - at
    explainer.take(chunk.subarray(at, end))
    if (this.#rest === 0) this.#at += this.#total
    return end
  }

  #begin(first: number): Explainer {
    if (first === MSGR2) return new Msgr2Explainer(this, this.#max, this.#allocate)
    return new NativeExplainer(this, tagName(first) === undefined ? 'banner' : 'frames', this.#max, this.#allocate)
  }
}
