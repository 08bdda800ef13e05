/**
 * A group, as one of its members has it: the view, what is told, and what it publishes.
 *
 * A message means something only relative to the view in which it is told, so both come in one order: `events()`. The first event is a
 * view with this member in it; of a member that leaves nothing is told behind the view without it.
 */
import type { Observable } from 'rxjs'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { onlyKnown } from '../common/options.ts'
import { changeOf, firstChange, messageOf } from './events.ts'
import type { GroupDump, GroupHost } from './group-host.ts'
import { Departure, type DepartureHost } from './departure.ts'
import { Broadcast } from '../streams/broadcast.ts'
import { rxjs } from '../streams/rxjs.ts'
import { keyName } from './key.ts'
import { GROUPS } from './machine/limits.ts'
import { viewKey, type Delivered, type Publish, type ViewChange, type ViewId } from './machine/terms.ts'
import { OwnStanding, WHOLE_TYPE } from './own-standing.ts'
import { checkMove, checkPublish } from './options.ts'
import type { PeerLink } from './peer-link.ts'
import { Publishes } from './publishes.ts'
import { GroupReader, type GroupLoop } from './reader.ts'
import type { Seat, SeatOwner } from './seat.ts'
import { StateDesk, type StateHost } from './state-desk.ts'
import { ticketBytes } from './ticket.ts'
import type { GroupChange, GroupEnd, GroupMessage, GroupView } from './terms.ts'
import type { MoveOptions, PublishInit, PublishOptions, Published } from './terms.ts'

/**
 * A group as one of its members has it: views and messages come in one order, by `events()`. Ends with `leave()`, or
 * `await using`.
 */
export class Group implements AsyncDisposable {
  /** 32 bytes. */
  readonly key: Uint8Array
  /** This member. */
  readonly id: string
  /** How the stay ends, once it has. Never rejects. */
  readonly closed: Promise<GroupEnd>
  readonly #host: GroupHost
  readonly #seat: Seat
  readonly #publishes: Publishes
  readonly #reader: GroupReader
  /** The change to the view of now. */
  #change: GroupChange
  readonly #changes = new Broadcast<GroupChange>()
  readonly #desk: StateDesk | null
  readonly #standing: OwnStanding
  #viewId: ViewId
  #departure: Departure | null = null
  #error: Error | undefined
  #end: ((end: GroupEnd) => void) | null = null

  /** @internal */
  constructor(host: GroupHost) {
    this.#host = host
    this.key = host.key
    this.id = host.id
    this.closed = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#reader = new GroupReader(() => this.#seat.tell({ kind: 'consumed', count: 1 }))
    const { from, options } = host
    this.#publishes = new Publishes(from?.next)
    this.#standing = new OwnStanding(options.quorum, from?.account)
    this.#change = firstChange(host.id, from)
    this.#viewId = from?.stand.view.id ?? { number: 0, installer: host.id }
    this.#desk = options.state === null ? null : new StateDesk(options.state, this.#stateHost(), this.#reader)
    this.#seat = host.seat({
      act: (action) => this.#act(action),
      rested: () => this.#departure?.check(),
      fault: (peer, reason) => host.fault(peer, reason),
    })
    this.#account()
    this.#seat.tell({ kind: 'turn' })
  }

  /** The view that is installed now. Whoever reads messages in a loop may be behind it. */
  get view(): GroupView {
    return this.#change.view
  }

  /** The change to the view of now, and every later one as it is installed; completes when the stay ends. */
  get view$(): Observable<GroupChange> {
    return new (rxjs().Observable)((subscriber) => {
      if (this.#end !== null) subscriber.next(this.#change)
      return this.#changes.shown.subscribe(subscriber)
    })
  }

  /** Every message, at once; without replay, but what came before the first subscription waits for that. */
  get messages$(): Observable<GroupMessage> {
    return new (rxjs().Observable)((subscriber) => {
      const subscription = this.#reader.messages.shown.subscribe(subscriber)
      this.#reader.pump()
      return subscription
    })
  }

  /**
   * Everything that this member is told, from its first view on: `for await (const event of group.events())`. A message belongs to the
   * loop until it asks for the next event. A loop that is slow slows down the group, and one that stands still is put out of
   * it (`slowMs`). It ends with the stay, without an error.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT` when there is a loop already; `INK_ABORTED` as a rejection of `next()`, once.
   */
  events(options: { readonly signal?: AbortSignal | undefined } = {}): GroupLoop {
    onlyKnown('events()', options, ['signal'])
    return this.#reader.open(options.signal)
  }

  /** False: enough waits to be published; wait for `drained()`. */
  get writable(): boolean {
    return this.#publishes.isWritable
  }

  /**
   * Publishes to all members, this one too. Resolves when the message is told here. While the view changes it waits for the next
   * one, unless it says in which it must be.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT`, `INK_MESSAGE_TOO_LARGE` above 20 MiB, `INK_QUEUE_FULL` when more than 64 MiB or
   *   65,536 messages wait, `INK_CLOSED` behind the end of the stay, `INK_NOT_PRIMARY`.
   * @throws InkwireError as a rejection: `INK_VIEW_CHANGED` when the view changed before it was told here, with `outcome`: `unknown`
   *   (members that left may have been told it) or `undelivered` (nobody was); `INK_ABORTED`: it goes on.
   */
  publish(message: PublishInit, options: PublishOptions = {}): Promise<Published> {
    return this.publishFrom(message, options, '')
  }

  /** For somebody who is no member. @internal */
  publishFrom(message: PublishInit, options: PublishOptions, origin: string): Promise<Published> {
    const { type, data, order, urgency, view, primary, signal } = checkPublish(message, options)
    if (this.#end === null || this.#departure !== null) {
      throw new InkwireError('INK_CLOSED', 'publish(): this member has left the group, or moves')
    }
    if (signal?.aborted === true) {
      const text = 'publish() was aborted by its signal'
      return Promise.reject(new InkwireError('INK_ABORTED', text, { cause: signal.reason, outcome: 'undelivered' }))
    }
    if (primary && !this.view.isPrimary) {
      throw new InkwireError('INK_NOT_PRIMARY', 'publish(): the view of now has no majority; wait for one that has')
    }
    const onlyIn = view === undefined ? (primary ? this.#viewId : null) : this.#named(view)
    return this.#hand({ order, urgency, type, origin, data: new Uint8Array(data), onlyIn }, signal)
  }

  /**
   * Resolves when `writable` is true; at once when it is, or when the stay has ended.
   *
   * @throws InkwireError `INK_ABORTED`.
   */
  drained(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    onlyKnown('drained()', options, ['signal'])
    const { signal } = options
    return new Promise((resolve, reject) => {
      const release = onAbort(signal, () => {
        reject(new InkwireError('INK_ABORTED', 'drained() was aborted by its signal', { cause: signal?.reason }))
      })
      this.#publishes.whenWritable(() => {
        release()
        resolve()
      })
    })
  }

  /** Leaves, in step with the others: resolves when this member was told its last message. Leaving twice is fine. */
  async leave(): Promise<GroupEnd> {
    this.#seat.tell({ kind: 'leave' })
    return this.closed
  }

  /**
   * Leaves this process, not the view: resolves with a ticket, with which `groups().resume()` of a messenger of the same name goes on in
   * another process. To the others nothing changes; they keep for it what they have to tell it. First all that it has published is told,
   * its application has done with all that it was told, and another member orders if it was this one. Then `closed` says `move`.
   *
   * @throws InkwireError `INK_BAD_ARGUMENT`, `INK_BAD_OPTION`; `INK_CLOSED` when it has left, or moves already.
   * @throws InkwireError as a rejection: `INK_ABORTED`: it stays; `INK_CLOSED`: it was put out meanwhile.
   */
  move(options: MoveOptions = {}): Promise<Uint8Array> {
    const { holdMs, signal } = checkMove(options)
    if (this.#end === null || this.#departure !== null) {
      throw new InkwireError('INK_CLOSED', 'move(): this member has left the group, or moves already')
    }
    if (this.#host.hasCompany()) {
      throw new InkwireError(
        'INK_BAD_ARGUMENT',
        'move(): another member of the group is in this process; leave with it first',
      )
    }
    const departure = new Departure(this.#seat, this.#departing(holdMs), holdMs)
    this.#departure = departure
    const release = onAbort(signal, () => {
      this.#departure = null
      const text = 'move() was aborted by its signal; the member stays'
      departure.cancel(new InkwireError('INK_ABORTED', text, { cause: signal?.reason }))
    })
    departure.check()
    return departure.ticket.finally(release)
  }

  /** A peer holds what it has for this member. @internal */
  held(link: PeerLink): void {
    this.#departure?.held(link)
  }

  /** @internal */
  tick(): void {
    this.#departure?.tick()
  }

  /** For its service. @internal */
  get seat(): Seat {
    return this.#seat
  }

  /** The state of this group, for its service. @internal */
  get desk(): StateDesk | null {
    return this.#desk
  }

  /** The group as it is now, as plain data. */
  dump(): GroupDump {
    const { machine } = this.#seat
    return {
      group: keyName(this.key),
      id: this.id,
      view: this.view,
      phase: machine.phase,
      unstable: machine.held,
      unread: this.#reader.waiting,
      unpublished: this.#publishes.count,
      unpublishedBytes: this.#publishes.bytes,
    }
  }

  /** As `leave()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  /** Text of a view that never was here fits no view. */
  #named(view: string): ViewId {
    if (view === this.view.id) return this.#viewId
    return { number: -1, installer: view }
  }

  #act(action: Parameters<SeatOwner['act']>[0]): void {
    switch (action.kind) {
      case 'deliver': {
        if (action.message.type === WHOLE_TYPE) this.#isWhole(action.message)
        else this.#reader.push(messageOf(action.message))
        return
      }
      case 'transitional': {
        this.#reader.push({ kind: 'transitional', view: viewKey(action.view), members: action.members })
        return
      }
      case 'view': {
        this.#enter(action.change)
        return
      }
      case 'published': {
        const { number, view, index, isTransitional } = action
        this.#publishes.published(number, { view: viewKey(view), index, isTransitional })
        return
      }
      case 'failed': {
        this.#publishes.failed(action.number, action.isIndeterminate)
        return
      }
      case 'left': {
        this.#left(action.reason)
        return
      }
      default:
    }
  }

  #enter(viewChange: ViewChange): void {
    this.#standing.enter(viewChange)
    const change = changeOf(viewChange, this.#standing.isPrimary)
    this.#viewId = viewChange.view.id
    this.#reader.push(change)
    this.#desk?.entered(viewChange)
    this.#account()
    if (this.#standing.asksWhole && this.id === viewChange.view.members[0]) this.#askWhole(viewChange.view.id)
    this.#change = change
    this.#changes.next(change)
  }

  /** What is told in it as SAFE, all its members are there to hear. */
  #askWhole(onlyIn: ViewId): void {
    const fixed = { order: 'safe', urgency: 'high', type: WHOLE_TYPE, origin: '', data: new Uint8Array(0) } as const
    this.#hand({ ...fixed, onlyIn }, undefined).catch(() => undefined)
  }

  /** To the machine, under the next number. */
  #hand(publish: Omit<Publish, 'number'>, signal: AbortSignal | undefined): Promise<Published> {
    return this.#publishes.add(publish.data.length + GROUPS.entryOverheadBytes, signal, (number) => {
      this.#seat.tell({ kind: 'publish', publish: { number, ...publish } })
    })
  }

  #isWhole({ view, isTransitional }: Delivered): void {
    this.#seat.tell({ kind: 'consumed', count: 1 })
    if (isTransitional) return
    this.#standing.isWhole(view)
    this.#account()
  }

  /** What this member brings into the next change. */
  #account(): void {
    this.#seat.machine.account = this.#standing.account(this.#desk?.hasState ?? true)
  }

  #departing(holdMs: number): DepartureHost {
    return {
      isTold: () => this.#publishes.count === 0,
      isRead: () => this.#reader.waiting === 0 && this.#desk?.isAtRest !== false,
      leave: (stand) => {
        const { key } = this
        const { config } = this.#host.options
        const [account, next] = [this.#standing.account(true), this.#publishes.next]
        this.#departure = null
        this.#left('move')
        return ticketBytes({ key, config, holdMs, next, account, stand })
      },
    }
  }

  #stateHost(): StateHost {
    return {
      id: this.id,
      rested: () => this.#departure?.check(),
      ask: (provider, view) => this.#host.askState(provider, view),
      changed: () => this.#account(),
      again: () => this.#host.later(() => this.#seat.tell({ kind: 'reform' })),
      failed: (error) => {
        this.#error = error
        this.#seat.tell({ kind: 'give-up', reason: 'leave' })
      },
    }
  }

  #left(reason: GroupEnd['reason']): void {
    const error = this.#error
    this.#end?.(error === undefined ? { reason } : { reason, error })
    this.#departure?.cancel(new InkwireError('INK_CLOSED', `move(): the member is out of the group (${reason})`))
    this.#departure = null
    this.#desk?.end()
    this.#end = null
    this.#host.left(reason === 'move' ? 'moved' : 'gone')
    this.#reader.end()
    this.#changes.complete()
  }
}
