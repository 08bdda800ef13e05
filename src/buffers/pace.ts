/** How far a sender may be ahead of what is placed at the other end: one window. It waits for more, or for the end. */
import { TRANSFER } from './machine/limits.ts'

export class Pace {
  #placed = 0
  #sent = 0
  #wake: (() => void) | null = null
  /** Nothing more will be placed, or is wanted. */
  isOver = false

  /** So much is placed, as the other end says. */
  get placed(): number {
    return this.#placed
  }

  get sent(): number {
    return this.#sent
  }

  /** A chunk goes out. */
  send(bytes: number): void {
    this.#sent += bytes
  }

  /** What to wait for before the next chunk; undefined: nothing. */
  room(): Promise<void> | undefined {
    if (this.isOver || this.#sent - this.#placed + TRANSFER.chunkBytes <= TRANSFER.windowBytes) return undefined
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  /** False: it cannot be, and whoever said so has broken the protocol. */
  heard(placed: number): boolean {
    if (!(placed >= this.#placed && placed <= this.#sent)) return false
    this.#placed = placed
    this.#go()
    return true
  }

  end(): void {
    this.isOver = true
    this.#go()
  }

  #go(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }
}
