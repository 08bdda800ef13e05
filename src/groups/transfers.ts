/**
 * State transfers between processes: what is asked, which parts go where, and how far the sender may be ahead.
 *
 * Parts travel in the lane of low priority, beside the words of the groups. The joiner finishes a part when its application has
 * taken it, and the sender is no more than a few parts ahead of that.
 */
import type { Message, Verdict } from '../index.ts'
import type { Group } from './group.ts'
import type { PeerLink, RemoteSeat } from './peer-link.ts'
import { KIND, seatMark } from './service-words.ts'
import { STATE, type StateSink } from './state.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A member here, for whom something about state came. */
export interface StateParty {
  readonly group: Group
  readonly seat: number
}

/** Asks the member at `remote` for the state of this view. */
export function askForState(remote: RemoteSeat, link: PeerLink, seat: number, view: string): void {
  void link.aside(seatMark(KIND.STATE_ASK, remote.info.seat, seat), encoder.encode(view), null)
}

/** A word about state came from a member of the same group. */
export function stateWord(
  kind: number,
  party: StateParty,
  remote: RemoteSeat,
  link: PeerLink,
  { front, data }: Message,
): Verdict {
  const { desk } = party.group
  if (desk === null) return 'taken'
  const [view = '', why = ''] = decoder.decode(front).split('\n')
  const from = remote.info.id
  switch (kind) {
    case KIND.STATE_ASK:
      desk.asked(from, view, new LinkSink(remote, link, party.seat, view))
      return 'taken'
    case KIND.STATE_PART:
      return desk.part(from, view, data) ?? 'taken'
    case KIND.STATE_WHOLE:
      desk.whole(from, view)
      return 'taken'
    default:
      desk.notComing(from, view, why)
      return 'taken'
  }
}

class LinkSink implements StateSink {
  readonly #remote: RemoteSeat
  readonly #link: PeerLink
  readonly #seat: number
  readonly #view: string
  /** Parts that are not finished, oldest first. */
  readonly #ahead: Promise<boolean>[] = []

  constructor(remote: RemoteSeat, link: PeerLink, seat: number, view: string) {
    this.#remote = remote
    this.#link = link
    this.#seat = seat
    this.#view = view
  }

  async part(part: Uint8Array): Promise<boolean> {
    this.#ahead.push(this.#say(KIND.STATE_PART, '', part))
    return this.#ahead.length < STATE.ahead || (await this.#ahead.shift()!)
  }

  async whole(): Promise<void> {
    await this.#say(KIND.STATE_WHOLE, '', null)
  }

  fail(why: string): void {
    void this.#say(KIND.STATE_FAILED, `\n${why.slice(0, 200)}`, null)
  }

  #say(kind: number, more: string, data: Uint8Array | null): Promise<boolean> {
    return this.#link.aside(seatMark(kind, this.#remote.info.seat, this.#seat), encoder.encode(this.#view + more), data)
  }
}

/** Between two members of one process. */
export class LocalSink implements StateSink {
  readonly #to: Group
  readonly #from: string
  readonly #view: string

  constructor(to: Group, from: string, view: string) {
    this.#to = to
    this.#from = from
    this.#view = view
  }

  async part(part: Uint8Array): Promise<boolean> {
    await this.#to.desk?.part(this.#from, this.#view, part)
    return true
  }

  whole(): void {
    this.#to.desk?.whole(this.#from, this.#view)
  }

  fail(why: string): void {
    this.#to.desk?.notComing(this.#from, this.#view, why)
  }
}
