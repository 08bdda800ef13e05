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
import { KIND, helloBytes, partBytes, seatBytes, seatMark, type SeatInfo } from './service-words.ts'

const NO_BYTES = new Uint8Array(0)
/** Members that a peer may have: as many groups, or members of one, as a process can sensibly hold. */
export const SEATS_MAX = 4096
/** Of one HELLO: some 2 KiB each at most. */
const HELLO_SEATS_MAX = 64

/** Twice the window of a group: what may be ordered meanwhile, and what a change of view repeats of it. */
const HELD_BYTES_MAX = 8 * 1024 * 1024
/** What a word costs beside its bytes. */
const WORD_BYTES = 64

interface HeldWord {
  readonly from: number
  readonly word: EncodedWord
}

/**
 * A member in the peer's process. While it moves to another one, what is said to it is held here, in order, and goes on to where it
 * then is. Limit: `HELD_BYTES_MAX`; beyond it the way is cut, as to a session that takes nothing more.
 */
export class RemoteSeat implements Route {
  readonly keyText: string
  #info: SeatInfo
  #link: PeerLink
  #held: HeldWord[] | null = null
  #heldBytes = 0

  constructor(info: SeatInfo, keyText: string, link: PeerLink) {
    this.#info = info
    this.keyText = keyText
    this.#link = link
  }

  get info(): SeatInfo {
    return this.#info
  }

  get link(): PeerLink {
    return this.#link
  }

  send(from: Seat, word: EncodedWord, _word: GroupWord): boolean {
    if (this.#held === null) return this.#say({ from: from.info.seat, word })
    this.#heldBytes += WORD_BYTES + word.front.length + (word.data?.length ?? 0)
    if (this.#heldBytes > HELD_BYTES_MAX) return false
    this.#held.push({ from: from.info.seat, word })
    return true
  }

  /** From now on nothing is said to it where it is. */
  hold(): void {
    this.#held ??= []
  }

  /** It is there again. */
  release(): void {
    const held = this.#held ?? []
    this.#held = null
    this.#heldBytes = 0
    for (const each of held) if (!this.#say(each)) return
  }

  /** It goes on elsewhere. */
  rebind(info: SeatInfo, link: PeerLink): void {
    this.#info = info
    this.#link = link
    this.release()
  }

  #say({ from, word: { kind, front, data } }: HeldWord): boolean {
    return this.#link.send(seatMark(KIND.WORD + kind, this.#info.seat, from), front, data)
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

  /** Many are introduced by and by: a word is bounded. */
  hello(seats: readonly SeatInfo[]): void {
    for (let at = 0; at < seats.length; at += HELLO_SEATS_MAX) {
      this.send(Uint8Array.of(KIND.HELLO), helloBytes(seats.slice(at, at + HELLO_SEATS_MAX)), null)
    }
  }

  /** One of the words that name a seat and nothing else. */
  aboutSeat(kind: number, seat: number): void {
    this.send(Uint8Array.of(kind), seatBytes(seat), null)
  }

  /** The member of this seat is about to go on in another process: its place is to be kept for so long. */
  part(seat: number, holdMs: number): void {
    this.send(Uint8Array.of(KIND.PART), partBytes(seat, holdMs), null)
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
