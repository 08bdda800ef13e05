/**
 * How far one link has been given one lane: whole messages, and the bytes of the next one that is given in parts.
 *
 * What holds: `lane.received <= sent <= lane.high`, and how much of a cut message is on the link is known only while that
 * message is the next one: whatever moves `sent` forgets it. A cursor is made when its link begins to carry the session, at
 * what the peer has, and dropped with it.
 */
import { invariant } from '../../common/errors.ts'
import type { OutLane } from '../out-lane.ts'

export class OutCursor {
  readonly lane: OutLane
  /** All up to here are on the link, or need not be: the peer has them. */
  #sent: number
  #cutBytes = 0

  constructor(lane: OutLane) {
    this.lane = lane
    this.#sent = lane.received
  }

  get sent(): number {
    return this.#sent
  }

  /** Bytes of the next message that are on the link already. */
  get cutBytes(): number {
    return this.#cutBytes
  }

  /** So many whole messages go on the link. */
  put(count: number): void {
    if (count > 0) this.#moveTo(this.#sent + count)
  }

  /** So many more bytes of the next message, which has `total`, go on the link. True: it is whole there now. */
  putChunk(bytes: number, total: number): boolean {
    const cutBytes = this.#cutBytes + bytes
    invariant(bytes > 0 && cutBytes <= total, 'a chunk lies within its message')
    if (cutBytes === total) this.#moveTo(this.#sent + 1)
    else {
      this.#cutBytes = cutBytes
      this.lane.expose(this.#sent + 1)
    }
    return cutBytes === total
  }

  /** The peer has said what it has: that is not sent again, nor is the rest of it. */
  catchUp(): void {
    if (this.#sent < this.lane.received) this.#moveTo(this.lane.received)
  }

  #moveTo(sent: number): void {
    this.#sent = sent
    this.#cutBytes = 0
    this.lane.expose(sent)
    const { received, high } = this.lane
    invariant(received <= sent && sent <= high, 'a link is given what the peer does not have, and that was on a link')
  }

  /** All of it as plain data; see Session.save. */
  save() {
    return { sent: this.#sent, cutBytes: this.#cutBytes }
  }

  restore(saved: ReturnType<OutCursor['save']>): void {
    this.#sent = saved.sent
    this.#cutBytes = saved.cutBytes
  }
}
