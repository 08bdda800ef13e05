/**
 * The groups of one messenger: a service on every session, which brings the members of each group together.
 *
 * Groups find their members among the connections that there are: connect each process with each other. One timer beats for all, and
 * there is none without a group.
 */
import { InkwireError } from '../common/errors.ts'
import { Messenger } from '../index.ts'
import type { Clock, Connection, Message, Outcome, ServiceSession, Verdict } from '../index.ts'
import { Group } from './group.ts'
import type { GroupHost } from './group-host.ts'
import { Hearing } from './hearing.ts'
import { groupKey, keyText } from './key.ts'
import { LocalRoute } from './local-route.ts'
import { Neighbours, TICK_MS } from './neighbours.ts'
import { checkResume, resolveGroup, type GroupOptions, type ResolvedGroup } from './options.ts'
import { Posts } from './posts.ts'
import { Roster, type Joined } from './roster.ts'
import { Seat } from './seat.ts'
import { KIND, type SeatInfo } from './service-words.ts'
import { LocalSink, askForState } from './transfers.ts'
import { Transits } from './transits.ts'
import type { Ticket } from './ticket.ts'
import type { PublishInit, PublishOptions, Published } from './terms.ts'

const SERVICE_NUMBER = 6
const SEATS_MAX = 0xffff
const LIFE_BYTES = 8

/** The groups of a messenger; made by `groups(messenger)`. */
export class Groups {
  /** @internal */
  readonly name = 'groups'
  /** @internal */
  readonly number = SERVICE_NUMBER
  /** @internal */
  readonly atOnce = true
  readonly #messenger: Messenger
  readonly #clock: Clock
  readonly #random: { next(): number }
  readonly #life: string
  readonly #roster = new Roster()
  readonly #transits: Transits
  readonly #neighbours: Neighbours
  readonly #posts = new Posts((text) => this.#roster.byKey(text))
  readonly #hearing: Hearing
  #seats = 0
  #timer: unknown = null
  #state: 'running' | 'stopped' = 'running'

  /** @internal */
  constructor(messenger: Messenger) {
    const seam = Messenger.seamOf(messenger)
    const { clock, random } = seam
    seam.shows('groups', () => this.joined.map((group) => group.dump()))
    this.#messenger = messenger
    this.#clock = clock
    this.#random = random
    this.#life = Array.from(random.bytes(LIFE_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('')
    this.#transits = new Transits(this.#roster, clock)
    this.#neighbours = new Neighbours(this.#roster, this.#transits, clock)
    this.#hearing = new Hearing(this.#roster, this.#neighbours, this.#transits, this.#posts)
  }

  /** The groups that this messenger is a member of, in the order of joining. */
  get joined(): readonly Group[] {
    return this.#roster.all.map(({ group }) => group)
  }

  /**
   * Makes this messenger a member of a group; once more makes it another member. It begins alone in a view of its own, and merges
   * with the members that the peers of its connections have.
   *
   * @param key 1 to 32 bytes or a text of so many; shorter ones are padded with zeroes.
   * @throws InkwireError `INK_BAD_ARGUMENT`, `INK_BAD_OPTION`, `INK_CLOSED` when the messenger is shut down.
   */
  join(key: string | Uint8Array, options: GroupOptions = {}): Group {
    const bytes = groupKey(key)
    const resolved = resolveGroup(options)
    const seat = this.#takeSeat('join()')
    const id = `${this.#messenger.name}/${this.#life}.${seat}`
    return this.#begin({ seat, key: bytes, id, config: resolved.config }, resolved, undefined)
  }

  /**
   * Goes on as a member that left another process with `group.move()`: in the same view, with the same id, behind all that it was
   * told there. The messenger has the same name as the one that it left, and peers that it is connected with soon. A ticket is good for
   * one time.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` for what is no ticket, or that of another name; `INK_BAD_OPTION`, also when the group was
   *   set up differently there; `INK_CLOSED`.
   */
  resume(ticket: Uint8Array, options: GroupOptions = {}): Group {
    const { resolved, from } = checkResume(ticket, options, this.#messenger.name)
    const { key, config, stand } = from
    if (this.#roster.byId(stand.self) !== undefined)
      throw new InkwireError('INK_BAD_ARGUMENT', `resume(): ${stand.self} is here already`)
    return this.#begin({ seat: this.#takeSeat('resume()'), key, id: stand.self, config }, resolved, from)
  }

  #takeSeat(call: string): number {
    if (this.#state === 'stopped') throw new InkwireError('INK_CLOSED', `${call}: the messenger is shut down`)
    if (this.#seats >= SEATS_MAX) throw new InkwireError('INK_QUEUE_FULL', `${call}: no seat is left in this process`)
    return ++this.#seats
  }

  #begin(info: SeatInfo, resolved: ResolvedGroup, from: Ticket | undefined): Group {
    const group = new Group(this.#hostOf(info, resolved, from))
    this.#enter({ seat: group.seat, group, options: resolved, keyText: keyText(info.key) })
    this.#ring()
    return group
  }

  /**
   * Publishes to an open group without being a member of it, through a member at the other end of this connection.
   *
   * @throws InkwireError as a rejection: as of `group.publish()`, and `INK_REFUSED` when the peer is no member, or the group is not
   *   open; when the connection is lost, with `outcome: 'unknown'`.
   */
  async publish(
    connection: Connection,
    key: string | Uint8Array,
    message: PublishInit,
    options: Pick<PublishOptions, 'order' | 'signal'> = {},
  ): Promise<Published> {
    const link = this.#neighbours.linkOf(connection)
    if (link === undefined) throw new InkwireError('INK_REFUSED', 'publish(): the peer takes part in no groups')
    return this.#posts.post(link, groupKey(key), message, options)
  }

  // What the sessions tell.

  /** @internal */
  adopted(session: ServiceSession, { resumed }: { readonly resumed: boolean }): void {
    this.#neighbours.adopted(session, resumed)
  }

  /** @internal */
  reset(session: ServiceSession, _outcome: Outcome): void {
    // What its policy would send again means nothing in the next session.
    session.withdraw()
    this.#drop(session)
  }

  /** @internal */
  ended(session: ServiceSession, _outcome: Outcome): void {
    this.#drop(session)
  }

  /** @internal */
  message(session: ServiceSession, message: Message, mark: Uint8Array): Verdict {
    const link = this.#neighbours.linkOf(session.connection)
    return link === undefined ? 'taken' : this.#hearing.hear(link, message, mark)
  }

  /** @internal */
  stop(): void {
    this.#state = 'stopped'
    for (const { seat } of this.#roster.all) seat.tell({ kind: 'give-up', reason: 'leave' })
    this.#transits.stop()
    this.#clock.clearTimer(this.#timer)
    this.#timer = null
  }

  #drop(session: ServiceSession): void {
    const link = this.#neighbours.dropped(session)
    if (link !== undefined) this.#posts.lost(link)
  }

  // Members here.

  #hostOf(info: SeatInfo, options: ResolvedGroup, from: Ticket | undefined): GroupHost {
    return {
      key: info.key,
      id: info.id,
      options,
      from,
      askState: (provider, view) => this.#askState(info, provider, view),
      later: (callback) => void this.#clock.setTimer(callback, TICK_MS),
      soon: (callback) => this.#clock.later(callback),
      seat: (owner) => new Seat(info, options, this.#clock, owner, from),
      left: (how) => this.#leave(info, how),
      hasCompany: () => {
        const own = this.#roster.at(info.seat)
        return own !== undefined && this.#roster.beside(own).length > 0
      },
      fault: (peer, reason) => this.#neighbours.fault(peer, reason),
    }
  }

  #enter(joined: Joined): void {
    const { seat } = joined
    const others = this.#roster.beside(joined)
    this.#roster.add(joined)
    for (const other of others) {
      seat.up(other.seat.info.id, new LocalRoute(other.seat, this.#clock))
      other.seat.up(seat.info.id, new LocalRoute(seat, this.#clock))
    }
    this.#neighbours.introduce(joined)
  }

  #leave({ seat }: SeatInfo, how: 'gone' | 'moved'): void {
    if (!this.#roster.delete(seat)) return
    for (const link of this.#neighbours.links) {
      if (how === 'gone') link.aboutSeat(KIND.GONE, seat)
      this.#neighbours.watch(link)
    }
  }

  #askState(info: SeatInfo, provider: string, view: string): void {
    const local = this.#roster.byId(provider)
    const own = this.#roster.at(info.seat)
    if (local !== undefined) {
      if (own !== undefined) local.group.desk?.asked(info.id, view, new LocalSink(own.group, provider, view))
      return
    }
    const remote = this.#neighbours.byId(provider)
    if (remote !== undefined) askForState(remote, remote.link, info.seat, view)
  }

  // Time.

  #ring(): void {
    if (this.#timer !== null || this.#roster.isEmpty) return
    this.#timer = this.#clock.setTimer(this.#tick.bind(this), TICK_MS)
  }

  #tick(): void {
    this.#timer = null
    this.#neighbours.tick()
    for (const { seat, group } of this.#roster.all) {
      seat.tell({ kind: 'tick', random: this.#random.next() })
      group.tick()
    }
    this.#ring()
  }
}

const made = new WeakMap<Messenger, Groups>()

/** The groups of this messenger; the same for every call. Throws `INK_BAD_ARGUMENT` for what is no Messenger. */
export function groups(messenger: Messenger): Groups {
  if (!(messenger instanceof Messenger)) throw new InkwireError('INK_BAD_ARGUMENT', 'groups() takes a Messenger')
  const known = made.get(messenger)
  if (known !== undefined) return known
  const service = new Groups(messenger)
  messenger.useService(service)
  made.set(messenger, service)
  return service
}
