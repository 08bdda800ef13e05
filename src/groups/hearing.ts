/** What comes from a peer about groups, by the kind of its mark: to whom each word goes, and what is wrong with it. */
import type { Message, Verdict } from '../index.ts'
import type { Neighbours } from './neighbours.ts'
import type { PeerLink } from './peer-link.ts'
import type { Posts } from './posts.ts'
import type { Roster } from './roster.ts'
import { KIND, readHello, readMark, readPart, readSeat } from './service-words.ts'
import { stateWord } from './transfers.ts'
import type { Transits } from './transits.ts'

export class Hearing {
  readonly #roster: Roster
  readonly #neighbours: Neighbours
  readonly #transits: Transits
  readonly #posts: Posts

  constructor(roster: Roster, neighbours: Neighbours, transits: Transits, posts: Posts) {
    this.#roster = roster
    this.#neighbours = neighbours
    this.#transits = transits
    this.#posts = posts
  }

  hear(link: PeerLink, message: Message, mark: Uint8Array): Verdict {
    this.#neighbours.heard(link)
    const kind = mark[0] ?? 0
    if (kind >= KIND.STATE_ASK && kind <= KIND.STATE_FAILED) return this.#ofState(kind, link, message, mark)
    const wrong = this.#fault(link, message, mark)
    if (wrong !== null) link.session.fault(wrong)
    return 'taken'
  }

  /** What is wrong with it. */
  #fault(link: PeerLink, { front, data }: Message, mark: Uint8Array): string | null {
    const kind = mark[0] ?? 0
    if (kind >= KIND.WORD) return this.#word(link, front, data, mark)
    switch (kind) {
      case KIND.HELLO: {
        const seats = readHello(front)
        return seats === null ? 'a HELLO that cannot be read' : this.#neighbours.meet(link, seats)
      }
      case KIND.POST:
        return this.#posts.asked(link, front, data)
      case KIND.POSTED:
        return this.#posts.answered(link, front)
      case KIND.PART: {
        const part = readPart(front)
        if (part !== null) this.#transits.part(link, part.seat, part.holdMs)
        return part === null ? 'a PART that cannot be read' : null
      }
      case KIND.GONE:
      case KIND.HELD:
      case KIND.STAY:
      case KIND.MOVED:
        return this.#aboutSeat(kind, link, readSeat(front))
      default:
        // BEAT; and what later versions say is not for this one.
        return null
    }
  }

  #aboutSeat(kind: number, link: PeerLink, seat: number): string | null {
    if (Number.isNaN(seat)) return 'a word about no seat'
    if (kind === KIND.GONE) this.#neighbours.part(link, seat)
    else if (kind === KIND.HELD) this.#roster.at(seat)?.group.held(link)
    else if (kind === KIND.STAY) this.#transits.stay(link, seat)
    else this.#transits.moved(link, seat)
    return null
  }

  #ofState(kind: number, link: PeerLink, message: Message, mark: Uint8Array): Verdict {
    const seats = readMark(mark)
    const remote = seats === null ? undefined : link.remotes.get(seats.from)
    const here = seats === null ? undefined : this.#roster.at(seats.to)
    if (remote === undefined || here === undefined || here.keyText !== remote.keyText) return 'taken'
    return stateWord(kind, { group: here.group, seat: here.seat.info.seat }, remote, link, message)
  }

  #word(link: PeerLink, front: Uint8Array, data: Uint8Array, mark: Uint8Array): string | null {
    const word = readMark(mark)
    if (word === null) return 'a word without seats'
    const remote = link.remotes.get(word.from)
    const here = this.#roster.at(word.to)
    // Its member or ours is gone meanwhile.
    if (remote === undefined || here === undefined || here.keyText !== remote.keyText) return null
    return here.seat.hear(remote.info.id, word.kind - KIND.WORD, front, data)
  }
}
