/** Lets a bounded amount in at a time; the others wait in order. What is larger than the whole bound goes in alone. */

export class Gate {
  readonly #most: number
  readonly #waiting: { readonly amount: number; readonly open: () => void }[] = []
  #inside = 0

  constructor(most: number) {
    this.#most = most
  }

  /** Resolves when `amount` more may go in. */
  enter(amount = 1): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(amount)) {
      this.#inside += amount
      return Promise.resolve()
    }
    return new Promise((resolve) => {
      this.#waiting.push({ amount, open: resolve })
    })
  }

  leave(amount = 1): void {
    this.#inside -= amount
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.amount); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#inside += next.amount
      next.open()
    }
  }

  #fits(amount: number): boolean {
    return this.#inside === 0 || this.#inside + amount <= this.#most
  }
}
