/** Whoever wants to know how far away the peer is: one question for all who wait, asked anew on every link until it is answered. */
import { Waiters } from './waiters.ts'

export class Pings {
  /** Who waits for the answer. */
  readonly waiting = new Waiters()
  #probe: 'none' | 'due' | 'asked' = 'none'

  /** The question is to be put on the link. */
  get isDue(): boolean {
    return this.#probe === 'due'
  }

  /** Waits until it was asked and answered. `hurry` is called when it is to be asked. */
  async ask(signal: AbortSignal | undefined, hurry: () => void): Promise<void> {
    if (this.#probe === 'none') this.#probe = 'due'
    hurry()
    await this.waiting.wait('ping()', signal)
  }

  /** It is on the link. */
  asked(): void {
    this.#probe = 'asked'
  }

  /** Another link: what was asked on the one before is not answered here. */
  again(): void {
    if (this.#probe === 'asked') this.#probe = 'due'
  }

  answered(): void {
    this.#probe = 'none'
    this.waiting.resolveAll()
  }
}
