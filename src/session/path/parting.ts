/**
 * END on one link: what is said to a peer about the last message there, and when. See ../moving.ts.
 *
 * It is said once for each link that the session is to move to, behind the last byte of the last message; and taken back
 * only when it was said. Limit: one of each waits to be said, because a later one makes an earlier one void.
 */
export interface Part {
  /** Of the link that the session moves to. */
  readonly epoch: number
  /** It was said, and the session stays after all. */
  readonly stays: boolean
}

/** Asked only while there is an END to be said: whether a message is on the link in part. */
interface Cut {
  readonly isCut: boolean
}

export class Parting {
  /** For which link END is to be said or was; null: messages go on. */
  #epoch: number | null = null
  #isSaid = false
  /** What is to be taken back; null: nothing. */
  #back: number | null = null

  get isParting(): boolean {
    return this.#epoch !== null
  }

  part(epoch: number): void {
    if (this.#epoch === epoch) return
    this.#epoch = epoch
    this.#isSaid = false
  }

  stay(epoch: number): void {
    if (this.#epoch !== epoch) return
    if (this.#isSaid) this.#back = epoch
    this.#epoch = null
    this.#isSaid = false
  }

  /** True when there is something to say. */
  owes(runs: Cut): boolean {
    return this.#back !== null || (this.#epoch !== null && !this.#isSaid && !runs.isCut)
  }

  /** What is to be said next; null: nothing. Counted as said. */
  say(runs: Cut): Part | null {
    if (this.#back !== null) {
      const epoch = this.#back
      this.#back = null
      return { epoch, stays: true }
    }
    if (this.#epoch === null || this.#isSaid || runs.isCut) return null
    this.#isSaid = true
    return { epoch: this.#epoch, stays: false }
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return { epoch: this.#epoch, isSaid: this.#isSaid, back: this.#back }
  }

  restore(saved: ReturnType<Parting['save']>): void {
    this.#epoch = saved.epoch
    this.#isSaid = saved.isSaid
    this.#back = saved.back
  }
}
