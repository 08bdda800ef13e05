/**
 * The groups of one connection: which members its peer has, and the way there.
 *
 * All words of a link travel in one lane, in order. A word that the session does not take any more cuts the way to that member: it
 * goes on in another view when there is room again. The name in a member's id is the one that the peer proved.
 */
import type { ServiceSession } from '../index.ts'
import { PRIORITY } from '../index.ts'
import type { EncodedWord } from './machine/codec.ts'
import type { GroupWord } from './machine/terms.ts'
import type { Route, Seat } from './seat.ts'
import { KIND, helloBytes, seatMark, type SeatInfo } from './service-words.ts'

const NO_BYTES = new Uint8Array(0)
/** Members that a peer may have: as many groups, or members of one, as a process can sensibly hold. */
export const SEATS_MAX = 4096

/** A member in the peer's process. */
export class RemoteSeat implements Route {
  readonly info: SeatInfo
  readonly keyText: string
  readonly #link: PeerLink

  constructor(info: SeatInfo, keyText: string, link: PeerLink) {
    this.info = info
    this.keyText = keyText
    this.#link = link
  }

  send(from: Seat, { kind, front, data }: EncodedWord, _word: GroupWord): boolean {
    return this.#link.send(seatMark(KIND.WORD + kind, this.info.seat, from.info.seat), front, data)
  }
}

export class PeerLink {
  readonly session: ServiceSession
  readonly remotes = new Map<number, RemoteSeat>()
  /** The session takes no words: until it has room. */
  state: 'open' | 'full' = 'open'
  readonly #asides = new Set<(isFinished: boolean) => void>()
  readonly #onFull: (link: PeerLink) => void

  constructor(session: ServiceSession, onFull: (link: PeerLink) => void) {
    this.session = session
    this.#onFull = onFull
  }

  hello(seats: readonly SeatInfo[]): void {
    if (seats.length > 0) this.send(Uint8Array.of(KIND.HELLO), helloBytes(seats), null)
  }

  gone(seat: number): void {
    this.send(Uint8Array.of(KIND.GONE), Uint8Array.of(seat & 0xff, seat >>> 8), null)
  }

  /** Before all that waits, and without credit. A peer that has not finished the last ones is busy, and hears enough. */
  beat(): void {
    try {
      this.session.control(Uint8Array.of(KIND.BEAT))
    } catch {
      // The session ends, or has words enough.
    }
  }

  /** Beside the words, behind them. Resolves when the peer has finished it; false: it never will. */
  aside(mark: Uint8Array, front: Uint8Array, data: Uint8Array | null): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isFinished: boolean): void => {
        this.#asides.delete(end)
        resolve(isFinished)
      }
      this.#asides.add(end)
      try {
        const message = { type: 0, front, data: data ?? NO_BYTES, priority: PRIORITY.LOW }
        this.session.queue(mark, message, { acked: () => end(true), failed: () => end(false) })
      } catch {
        end(false)
      }
    })
  }

  /** The session is lost, and what was said aside with it. */
  lost(): void {
    for (const end of [...this.#asides]) end(false)
  }

  /** False: the session does not take it. */
  send(mark: Uint8Array, front: Uint8Array, data: Uint8Array | null): boolean {
    if (this.state === 'full') return false
    try {
      this.session.send(mark, { type: 0, front, data: data ?? NO_BYTES, priority: PRIORITY.HIGH })
      return true
    } catch {
      this.state = 'full'
      this.#onFull(this)
      return false
    }
  }
}
