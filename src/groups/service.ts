/**
 * The groups of one messenger: a service on every session, which brings the members of each group together.
 *
 * Who shares a group with the peer of a connection learns it from its HELLO, and from then on the two machines are up for each
 * other; a session that is lost, or silent for too long, makes them down. So groups find their members among the connections that
 * there are: connect each process with each other. One timer beats for all, and there is none without a group.
 */
import { InkwireError } from '../common/errors.ts'
import { Messenger } from '../index.ts'
import type { Clock, Connection, Message, Outcome, Service, ServiceSession, Verdict } from '../index.ts'
import { Group, type GroupHost } from './group.ts'
import { groupKey, keyText } from './key.ts'
import { Detector } from './machine/detector.ts'
import { resolveGroup, type GroupOptions, type ResolvedGroup } from './options.ts'
import { PeerLink, RemoteSeat, SEATS_MAX } from './peer-link.ts'
import { Posts } from './posts.ts'
import { Seat } from './seat.ts'
import { KIND, readHello, readMark, type SeatInfo } from './service-words.ts'
import { LocalSink, askForState, stateWord } from './transfers.ts'
import type { LeftReason, PublishInit, PublishOptions, Published } from './terms.ts'

const SERVICE_NUMBER = 6
/** Beats, probes and deadlines go by it. */
const TICK_MS = 100
/** Whatever the gaps were so far. */
const SUSPECT_BY_MS = 60_000
const LIFE_BYTES = 8

interface Joined {
  readonly seat: Seat
  readonly group: Group
  readonly options: ResolvedGroup
  readonly keyText: string
}

/** The groups of a messenger; made by `groups(messenger)`. */
export class Groups implements Service {
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
  readonly #joined = new Map<number, Joined>()
  readonly #links = new Map<Connection, PeerLink>()
  readonly #posts: Posts
  #detector: Detector<PeerLink> | null = null
  #seats = 0
  #timer: unknown = null
  #state: 'running' | 'stopped' = 'running'

  /** @internal */
  constructor(messenger: Messenger) {
    const { clock, random, shows } = Messenger.seamOf(messenger)
    shows('groups', () => this.joined.map((group) => group.dump()))
    this.#messenger = messenger
    this.#clock = clock
    this.#random = random
    this.#life = Array.from(random.bytes(LIFE_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('')
    this.#posts = new Posts((text) => [...this.#joined.values()].find((joined) => joined.keyText === text))
  }

  /** The groups that this messenger is a member of, in the order of joining. */
  get joined(): readonly Group[] {
    return Array.from(this.#joined.values(), ({ group }) => group)
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
    if (this.#state === 'stopped') throw new InkwireError('INK_CLOSED', 'join(): the messenger is shut down')
    if (this.#seats >= 0xffff) throw new InkwireError('INK_QUEUE_FULL', 'join(): no seat is left in this process')
    const seat = ++this.#seats
    const id = `${this.#messenger.name}/${this.#life}.${seat}`
    const info: SeatInfo = { seat, key: bytes, id, config: resolved.config }
    const group = new Group(this.#hostOf(info, resolved))
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
    const link = this.#links.get(connection)
    if (link === undefined) throw new InkwireError('INK_REFUSED', 'publish(): the peer takes part in no groups')
    return this.#posts.post(link, groupKey(key), message, options)
  }

  // What the sessions tell.

  /** @internal */
  adopted(session: ServiceSession, { resumed }: { readonly resumed: boolean }): void {
    const known = this.#links.get(session.connection)
    if (!session.marks || (resumed && known !== undefined)) return
    if (known !== undefined) {
      known.lost()
      this.#lost(known, 'process-down')
    }
    const link = new PeerLink(session, (full) => this.#full(full))
    this.#links.set(session.connection, link)
    link.hello(Array.from(this.#joined.values(), ({ seat }) => seat.info))
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
    const link = this.#links.get(session.connection)
    if (link === undefined) return 'taken'
    if (this.#detector?.heard(link, this.#clock.nowMs()) === true) this.#trust(link)
    const kind = mark[0] ?? 0
    if (kind >= KIND.STATE_ASK && kind <= KIND.STATE_FAILED) return this.#ofState(kind, link, message, mark)
    const wrong = this.#heard(link, message, mark)
    if (wrong !== null) session.fault(wrong)
    return 'taken'
  }

  /** @internal */
  stop(): void {
    this.#state = 'stopped'
    for (const { seat } of [...this.#joined.values()]) seat.tell({ kind: 'give-up', reason: 'leave' })
    this.#clock.clearTimer(this.#timer)
    this.#timer = null
  }

  /** What is wrong with it. */
  #heard(link: PeerLink, { front, data }: Message, mark: Uint8Array): string | null {
    const kind = mark[0] ?? 0
    if (kind >= KIND.WORD) return this.#word(link, front, data, mark)
    switch (kind) {
      case KIND.HELLO: {
        const seats = readHello(front)
        return seats === null ? 'a HELLO that cannot be read' : this.#meet(link, seats)
      }
      case KIND.GONE:
        if (front.length !== 2) return 'a GONE that cannot be read'
        this.#part(link, front[0]! | (front[1]! << 8))
        return null
      case KIND.POST:
        return this.#posts.asked(link, front, data)
      case KIND.POSTED:
        return this.#posts.answered(link, front)
      default:
        // BEAT; and what later versions say is not for this one.
        return null
    }
  }

  #ofState(kind: number, link: PeerLink, message: Message, mark: Uint8Array): Verdict {
    const seats = readMark(mark)
    const remote = seats === null ? undefined : link.remotes.get(seats.from)
    const here = seats === null ? undefined : this.#joined.get(seats.to)
    if (remote === undefined || here === undefined || here.keyText !== remote.keyText) return 'taken'
    return stateWord(kind, { group: here.group, seat: here.seat.info.seat }, remote, link, message)
  }

  #askState(info: SeatInfo, provider: string, view: string): void {
    const local = [...this.#joined.values()].find(({ seat }) => seat.info.id === provider)
    const own = this.#joined.get(info.seat)
    if (local !== undefined) {
      if (own !== undefined) local.group.desk?.asked(info.id, view, new LocalSink(own.group, provider, view))
      return
    }
    for (const link of this.#links.values()) {
      const remote = [...link.remotes.values()].find((each) => each.info.id === provider)
      if (remote !== undefined) askForState(remote, link, info.seat, view)
    }
  }

  #word(link: PeerLink, front: Uint8Array, data: Uint8Array, mark: Uint8Array): string | null {
    const word = readMark(mark)
    if (word === null) return 'a word without seats'
    const remote = link.remotes.get(word.from)
    const here = this.#joined.get(word.to)
    // Its member or ours is gone meanwhile.
    if (remote === undefined || here === undefined || here.keyText !== remote.keyText) return null
    return here.seat.hear(remote.info.id, word.kind - KIND.WORD, front, data) ? null : 'a word that cannot be read'
  }

  #meet(link: PeerLink, seats: readonly SeatInfo[]): string | null {
    const { name } = link.session.connection.peer
    for (const info of seats) {
      if (!info.id.startsWith(`${name}/`)) return 'a member in the name of another'
      if (link.remotes.size >= SEATS_MAX) return 'more members than a peer may have'
      if (link.remotes.has(info.seat)) return 'a seat that is taken'
      const remote = new RemoteSeat(info, keyText(info.key), link)
      link.remotes.set(info.seat, remote)
      for (const joined of this.#of(remote)) joined.seat.up(info.id, remote)
    }
    this.#watch(link)
    return null
  }

  #part(link: PeerLink, seat: number): void {
    const remote = link.remotes.get(seat)
    if (remote === undefined) return
    link.remotes.delete(seat)
    for (const { seat: own } of this.#of(remote)) own.down(remote.info.id, remote, 'leave')
    this.#watch(link)
  }

  /** Members here of the same group that were set up with the same. */
  #of(remote: RemoteSeat): Joined[] {
    return [...this.#joined.values()].filter(
      ({ keyText: key, options }) => key === remote.keyText && options.config === remote.info.config,
    )
  }

  #trust(link: PeerLink): void {
    if (link.state === 'full') return
    for (const remote of link.remotes.values()) for (const { seat } of this.#of(remote)) seat.up(remote.info.id, remote)
  }

  #lost(link: PeerLink, reason: LeftReason): void {
    for (const remote of link.remotes.values())
      for (const { seat } of this.#of(remote)) seat.down(remote.info.id, remote, reason)
  }

  #drop(session: ServiceSession): void {
    const link = this.#links.get(session.connection)
    if (link === undefined) return
    this.#links.delete(session.connection)
    this.#detector?.forget(link)
    this.#posts.lost(link)
    link.lost()
    this.#lost(link, 'process-down')
  }

  /** The session takes nothing more: what was not sent cuts the ways; they open again when there is room. */
  #full(link: PeerLink): void {
    this.#clock.later(() => {
      if (this.#links.get(link.session.connection) !== link) return
      this.#lost(link, 'slow')
      const again = (): void => {
        link.state = 'open'
        if (this.#links.get(link.session.connection) === link) this.#trust(link)
      }
      link.session.connection.drained().then(again, () => undefined)
    })
  }

  // Members here.

  #hostOf(info: SeatInfo, options: ResolvedGroup): GroupHost {
    return {
      key: info.key,
      id: info.id,
      quorum: options.quorum,
      state: options.state,
      askState: (provider, view) => this.#askState(info, provider, view),
      later: (callback) => void this.#clock.setTimer(callback, TICK_MS),
      seat: (owner) => new Seat(info, options, this.#clock, owner),
      entered: (group, seat) => this.#enter({ seat, group, options, keyText: keyText(info.key) }),
      left: () => this.#leave(info),
      fault: (peer, reason) => this.#fault(peer, reason),
    }
  }

  #enter(joined: Joined): void {
    const { seat, options } = joined
    const others = [...this.#joined.values()].filter(
      (other) => other.keyText === joined.keyText && other.options.config === options.config,
    )
    this.#joined.set(seat.info.seat, joined)
    for (const other of others) {
      seat.up(other.seat.info.id, new LocalRoute(other.seat, this.#clock))
      other.seat.up(seat.info.id, new LocalRoute(seat, this.#clock))
    }
    for (const link of this.#links.values()) {
      link.hello([seat.info])
      for (const remote of link.remotes.values()) {
        const isOurs = remote.keyText === joined.keyText && remote.info.config === options.config
        if (isOurs && this.#detector?.isSuspected(link) !== true && link.state === 'open') {
          seat.up(remote.info.id, remote)
        }
      }
      this.#watch(link)
    }
  }

  #leave({ seat }: SeatInfo): void {
    if (!this.#joined.delete(seat)) return
    for (const link of this.#links.values()) {
      link.gone(seat)
      this.#watch(link)
    }
  }

  #fault(peer: string, reason: string): void {
    for (const { session, remotes } of this.#links.values()) {
      if ([...remotes.values()].some(({ info }) => info.id === peer)) session.fault(reason)
    }
  }

  // Time.

  /** Whether its silence matters. */
  #watch(link: PeerLink): void {
    const isShared = [...link.remotes.values()].some((remote) => this.#of(remote).length > 0)
    if (isShared) this.#watching().watch(link, this.#clock.nowMs())
    else this.#detector?.forget(link)
  }

  #watching(): Detector<PeerLink> {
    const suspectAfterMs = Math.min(...Array.from(this.#joined.values(), ({ options }) => options.suspectAfterMs))
    const times = { tickMs: TICK_MS, suspectAfterMs, suspectByMs: Math.max(SUSPECT_BY_MS, suspectAfterMs) }
    this.#detector ??= new Detector(times, this.#clock.nowMs())
    this.#detector.times = times
    return this.#detector
  }

  #ring(): void {
    if (this.#timer !== null || this.#joined.size === 0) return
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = null
      this.#tick()
      this.#ring()
    }, TICK_MS)
  }

  #tick(): void {
    for (const link of this.#links.values()) if (this.#detector?.isWatched(link) === true) link.beat()
    // A late tick says that we stood still: what came meanwhile is read first.
    for (const link of this.#detector?.tick(this.#clock.nowMs()) ?? []) this.#lost(link, 'partition')
    for (const { seat } of [...this.#joined.values()]) seat.tell({ kind: 'tick', random: this.#random.next() })
  }
}

/** Another member in the same process. */
class LocalRoute {
  readonly #to: Seat
  readonly #clock: Clock

  constructor(to: Seat, clock: Clock) {
    this.#to = to
    this.#clock = clock
  }

  send(from: Seat, _encoded: unknown, word: Parameters<Seat['hearWord']>[1]): boolean {
    this.#clock.defer(() => this.#to.hearWord(from.info.id, word))
    return true
  }
}

const made = new WeakMap<Messenger, Groups>()

/** The groups of this messenger; the same for every call. */
export function groups(messenger: Messenger): Groups {
  if (!(messenger instanceof Messenger)) {
    throw new InkwireError('INK_BAD_ARGUMENT', 'groups() takes a Messenger')
  }
  const known = made.get(messenger)
  if (known !== undefined) return known
  const service = new Groups(messenger)
  messenger.useService(service)
  made.set(messenger, service)
  return service
}
