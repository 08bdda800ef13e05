/**
 * What a link was given and has not passed on: the memory is the caller's, who may take it away or resize it meanwhile.
 *
 * Whoever keeps chunks by reference notes how long they were. A chunk that is shorter when its turn comes cannot be made
 * good: everything behind it would be read in its place, by a peer that may have no checksum. So such a link ends, and the
 * session goes on over the next one without that message. By `byteLength`, as in isIntact.
 */

/** A chunk, and how long it was when it was given. */
export interface Unsent {
  readonly chunk: Uint8Array
  readonly bytes: number
}

export const UNSENT_GONE = 'Bytes that were being sent were transferred away or resized.'

const ALL_SENT: readonly Unsent[] = []

/** The writes of a link whose callbacks have not come, in order. Limit: what the link buffers. */
export class UnsentWrites {
  readonly #writes: (readonly Unsent[])[] = []

  /** A write was made. `sent`: all of its bytes are gone already. */
  add(chunks: readonly Uint8Array[], sent: boolean): void {
    this.#writes.push(sent ? ALL_SENT : chunks.map((chunk) => ({ chunk, bytes: chunk.byteLength })))
  }

  /** The oldest write was passed on. False: bytes of it, or of one that waits, are gone. */
  pass(): boolean {
    const isWhole = this.#writes.every((write) => write.every(({ chunk, bytes }) => chunk.byteLength === bytes))
    this.#writes.shift()
    return isWhole
  }
}
