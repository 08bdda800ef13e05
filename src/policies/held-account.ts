/**
 * One total of what is held, in whatever it counts, and the two moments that matter of it: it has just become full, and it has just
 * become easy enough to call those who wait. Between the two lies half of `tight`, so that a total does not flutter.
 */

/** In whatever unit its owner counts. */
export class HeldAccount {
  readonly #tight: number
  readonly #full: number
  held = 0

  constructor(tight: number, full: number) {
    this.#tight = tight
    this.#full = full
  }

  get isTight(): boolean {
    return this.held >= this.#tight
  }

  get isFull(): boolean {
    return this.held >= this.#full
  }

  /** True when it has just become full. */
  add(amount: number): boolean {
    const before = this.held
    this.held += amount
    return before < this.#full && this.held >= this.#full
  }

  /** True when it has just become easy enough to call those who wait. */
  sub(amount: number): boolean {
    const before = this.held
    this.held -= amount
    const half = this.#tight / 2
    return before >= half && this.held < half
  }
}

/** The accounts of one policy, in messages and in bytes. */
export interface PolicyAccounts {
  readonly messages: HeldAccount
  readonly bytes: HeldAccount
}
