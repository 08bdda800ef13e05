/** The bytes of one link: what it was given and has passed on, and what came. */
import type { Link } from '../transports/transport.ts'
import type { Borrower } from '../wire/out-buffer.ts'

export class Traffic implements Borrower {
  readonly #link: Link
  /** Bytes that the link was given, and that came on it. */
  takenBytes = 0
  heardBytes = 0
  /** What had passed when the link was last seen with bytes that it could not pass on yet; -1: it had none. */
  #fullAt = -1

  constructor(link: Link) {
    this.#link = link
  }

  /** Bytes that the link has passed on. */
  get passedBytes(): number {
    return this.takenBytes - this.#link.bufferedBytes
  }

  /** True when the link was full at the last look and has passed bytes on since: somebody takes them at the other end. */
  tookMore(): boolean {
    const before = this.#fullAt
    this.#fullAt = this.#link.bufferedBytes > 0 ? this.passedBytes : -1
    return before >= 0 && this.passedBytes > before
  }
}
