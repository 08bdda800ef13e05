/**
 * One direction of a TCP connection, put in order: what comes again is dropped, and what comes early is held until the gap
 * before it is filled.
 *
 * Bounds: 1,024 segments and 4 MiB are held. A gap that is not filled by then stays one: whoever is captured had these bytes,
 * and the capture has not.
 */
interface Early {
  readonly seq: number
  readonly bytes: Uint8Array
}

const EARLY_MAX = 1024
const EARLY_BYTES_MAX = 4 * 1024 * 1024
/** Beyond the largest window, a segment belongs to another connection of the same ports. */
const FAR = 2 ** 30

export class ByteOrder {
  readonly #take: (bytes: Uint8Array) => void
  #next: number | null = null
  /** By their distance from `next`. */
  readonly #early: Early[] = []
  #earlyBytes = 0

  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take
  }

  get hasBegun(): boolean {
    return this.#next !== null
  }

  /** So many bytes are missing before what is held; 0: nothing is held. */
  get missingBytes(): number {
    const [first] = this.#early
    return first === undefined ? 0 : distance(this.#next!, first.seq)
  }

  /** More is held than may be: the gap is not waited for any more. */
  get isFull(): boolean {
    return this.#early.length > EARLY_MAX || this.#earlyBytes > EARLY_BYTES_MAX
  }

  /** The number of the first byte. */
  begin(seq: number): void {
    this.#next = seq >>> 0
  }

  segment(seq: number, bytes: Uint8Array): void {
    const ahead = distance(this.#next!, seq)
    if (bytes.length === 0 || Math.abs(ahead) > FAR) return
    if (ahead > 0) {
      this.#hold(seq, bytes, ahead)
      return
    }
    this.#deliver(bytes.subarray(-ahead))
    for (let first = this.#early[0]; first !== undefined; first = this.#early[0]) {
      const still = distance(this.#next!, first.seq)
      if (still > 0) return
      this.#early.shift()
      this.#earlyBytes -= first.bytes.length
      this.#deliver(first.bytes.subarray(-still))
    }
  }

  #deliver(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#next = (this.#next! + bytes.length) >>> 0
    this.#take(bytes)
  }

  /** A copy: the packet's memory is read over. Of two at the same place the longer one stays. */
  #hold(seq: number, bytes: Uint8Array, ahead: number): void {
    let at = this.#early.length
    while (at > 0 && distance(this.#next!, this.#early[at - 1]!.seq) > ahead) at--
    const same = this.#early[at - 1]
    if (same?.seq === seq) {
      if (same.bytes.length >= bytes.length) return
      this.#early.splice(--at, 1)
      this.#earlyBytes -= same.bytes.length
    }
    this.#early.splice(at, 0, { seq, bytes: bytes.slice() })
    this.#earlyBytes += bytes.length
  }
}

/** From one number to another, which goes round at 2^32. */
function distance(from: number, to: number): number {
  return (to - from) | 0
}
