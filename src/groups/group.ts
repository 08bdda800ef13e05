/**
 * A group, as one of its members has it: the view, what is told, and what it publishes.
 *
 * A message means something only relative to the view in which it is told, so both come in one order: `events()`. The first event is a
 * view with this member in it; of a member that leaves nothing is told behind the view without it.
 */
import type { Observable } from 'rxjs'
import { isBytes } from '../common/bytes.ts'
import { InkwireError } from '../common/errors.ts'
import { describe, onlyKnown } from '../common/options.ts'
import { onAbort } from '../common/abort.ts'
import { Broadcast } from '../streams/broadcast.ts'
import { rxjs } from '../streams/rxjs.ts'
import { keyName } from './key.ts'
import { GROUPS } from './machine/limits.ts'
import { viewKey, type GroupAction, type Order, type Urgency, type ViewChange, type ViewId } from './machine/terms.ts'
import { accountBytes, standingOf, type Quorum } from './machine/quorum.ts'
import { StateDesk, type StateHost } from './state-desk.ts'
import type { GroupState } from './state.ts'
import { Publishes } from './publishes.ts'
import { GroupReader, type GroupLoop } from './reader.ts'
import type { Seat, SeatOwner } from './seat.ts'
import type { GroupChange, GroupEnd, GroupMessage, GroupView, PublishInit, PublishOptions, Published } from './terms.ts'

const ORDERS: readonly Order[] = ['fifo', 'agreed', 'safe']
const URGENCIES: readonly Urgency[] = ['high', 'medium', 'low']
const TYPE_MAX = 65_535

export interface GroupDump {
  /** The key of the group as the text that it was made of, or as hex. */
  readonly group: string
  readonly id: string
  readonly view: GroupView
  readonly phase: 'normal' | 'flushing' | 'left'
  /** Ordered, and not known to be with all members. */
  readonly unstable: number
  /** Told to this member, and not taken by its application. */
  readonly unread: number
  /** Published here, and not told yet. */
  readonly unpublished: number
  readonly unpublishedBytes: number
}

/** What a group needs of its service. */
export interface GroupHost {
  readonly key: Uint8Array
  readonly id: string
  readonly quorum: Quorum | null
  readonly state: GroupState | null
  seat(owner: SeatOwner): Seat
  /** Asks another member for the state of a view. */
  askState(provider: string, view: string): void
  /** Calls back some time later. */
  later(callback: () => void): void
  /** It is ready to meet the others. */
  entered(group: Group, seat: Seat): void
  /** The member is gone. */
  left(): void
  fault(peer: string, reason: string): void
}

export class Group implements AsyncDisposable {
  /** 32 bytes. */
  readonly key: Uint8Array
  /** This member. */
  readonly id: string
  /** How the stay ends, once it has. Never rejects. */
  readonly closed: Promise<GroupEnd>
  readonly #host: GroupHost
  readonly #seat: Seat
  readonly #publishes = new Publishes()
  readonly #reader: GroupReader
  /** The change to the view of now. */
  #change: GroupChange
  readonly #changes = new Broadcast<GroupChange>()
  readonly #desk: StateDesk | null
  #viewId: ViewId
  #hasSeenAll = false
  #era = 0
  #error: Error | undefined
  /** Nothing before there is a seat. */
  #bring: (account: Uint8Array) => void = () => undefined
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
    this.#viewId = { number: 0, installer: host.id }
    this.#change = {
      kind: 'view',
      view: { id: viewKey(this.#viewId), number: 0, members: [host.id], isPrimary: false },
      previous: null,
      transitional: [],
      left: [],
      joined: [{ member: host.id, reason: 'join' }],
    }
    this.#desk = host.state === null ? null : new StateDesk(host.state, this.#stateHost(), this.#reader)
    this.#seat = host.seat({ act: (action) => this.#act(action), fault: (peer, reason) => host.fault(peer, reason) })
    this.#bring = (account) => {
      this.#seat.machine.account = account
    }
    this.#seat.tell({ kind: 'turn' })
    host.entered(this, this.#seat)
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
    onlyKnown('publish()', message, ['type', 'data'])
    onlyKnown('publish()', options, ['order', 'urgency', 'view', 'primary', 'signal'])
    const { type, data = new Uint8Array(0) } = message
    const { order = 'agreed', urgency = 'medium', view, primary = false, signal } = options
    if (!Number.isInteger(type) || type < 0 || type > TYPE_MAX) throw bad(`type is 0 to ${TYPE_MAX}`, type)
    if (!isBytes(data)) throw bad('data is a Uint8Array', data)
    if (!ORDERS.includes(order)) throw bad("order is 'fifo', 'agreed' or 'safe'", order)
    if (!URGENCIES.includes(urgency)) throw bad("urgency is 'high', 'medium' or 'low'", urgency)
    if (data.length > GROUPS.messageBytesMax) {
      const text = `publish(): ${data.length} bytes; the limit is ${GROUPS.messageBytesMax}`
      throw new InkwireError('INK_MESSAGE_TOO_LARGE', text)
    }
    if (this.#end === null) throw new InkwireError('INK_CLOSED', 'publish(): this member has left the group')
    if (signal?.aborted === true) {
      const text = 'publish() was aborted by its signal'
      return Promise.reject(new InkwireError('INK_ABORTED', text, { cause: signal.reason, outcome: 'undelivered' }))
    }
    if (primary && !this.view.isPrimary) {
      throw new InkwireError('INK_NOT_PRIMARY', 'publish(): the view of now has no majority; wait for one that has')
    }
    const onlyIn = view === undefined ? (primary ? this.#viewId : null) : this.#named(view)
    const own = new Uint8Array(data)
    return this.#publishes.add(own.length + GROUPS.entryOverheadBytes, signal, (number) => {
      this.#seat.tell({ kind: 'publish', publish: { number, order, urgency, type, origin, data: own, onlyIn } })
    })
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

  /** The state of this group, for its service. @internal */
  get desk(): StateDesk | null {
    return this.#desk
  }

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
        this.#deliver(action)
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

  #deliver({ message }: Extract<GroupAction, { kind: 'deliver' }>): void {
    const { from, origin, view, index, type, isSafe, isTransitional, data } = message
    const order = isSafe ? 'safe' : 'agreed'
    this.#reader.push({ kind: 'message', type, data, from, origin, view: viewKey(view), index, order, isTransitional })
  }

  #enter(viewChange: ViewChange): void {
    const { view, previous, transitional, left, joined } = viewChange
    const { isPrimary, hasSeenAll, era } = standingOf(this.#host.quorum, viewChange)
    this.#viewId = view.id
    this.#hasSeenAll = hasSeenAll
    this.#era = era
    const change: GroupChange = {
      kind: 'view',
      view: { id: viewKey(view.id), number: view.id.number, members: view.members, isPrimary },
      previous: previous === null ? null : viewKey(previous),
      transitional,
      left: left.map(([member, reason]) => ({ member, reason })),
      joined: joined.map(([member, reason]) => ({ member, reason })),
    }
    this.#reader.push(change)
    this.#desk?.entered(viewChange)
    this.#account(isPrimary)
    this.#change = change
    this.#changes.next(change)
  }

  /** What this member brings into the next change. */
  #account(wasPrimary: boolean): void {
    const hasState = this.#desk?.hasState ?? true
    this.#bring(accountBytes({ hasSeenAll: this.#hasSeenAll, wasPrimary, hasState, era: this.#era }))
  }

  #stateHost(): StateHost {
    return {
      id: this.id,
      ask: (provider, view) => this.#host.askState(provider, view),
      changed: () => this.#account(this.view.isPrimary),
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
    this.#desk?.end()
    this.#end = null
    this.#host.left()
    this.#reader.end()
    this.#changes.complete()
  }
}

function bad(text: string, given: unknown): InkwireError {
  return new InkwireError('INK_BAD_ARGUMENT', `publish(): ${text}, not ${describe(given)}`)
}
