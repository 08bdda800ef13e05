/**
 * A group, as one of its members has it: the view, what is told, and what it publishes.
 *
 * A message means something only relative to the view in which it is told, so both come in one order: `events()`. The first event is a
 * view with this member in it; of a member that leaves nothing is told behind the view without it.
 */
import type { Observable } from 'rxjs'
import { onAbort } from '../common/abort.ts'
import { InkwireError } from '../common/errors.ts'
import { signalOf } from '../common/signal-option.ts'
import { rxjs } from '../streams/rxjs.ts'
import type { GroupDump, GroupHost } from './group-host.ts'
import { keyName } from './key.ts'
import type { GroupLoop } from './loop.ts'
import type { ViewId } from './machine/terms.ts'
import { Member } from './member.ts'
import { checkMove, checkPublish } from './options.ts'
import type { PeerLink } from './peer-link.ts'
import type { Seat } from './seat.ts'
import { Slab } from './slab.ts'
import type { StateDesk } from './state-desk.ts'
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
  readonly #member: Member
  readonly #slab = new Slab()

  /** @internal */
  constructor(host: GroupHost) {
    this.#host = host
    this.#member = new Member(host)
    this.key = host.key
    this.id = host.id
    this.closed = this.#member.closed
  }

  /** The view that is installed now. Whoever reads messages in a loop may be behind it. */
  get view(): GroupView {
    return this.#member.change.view
  }

  /** The change to the view of now, and every later one as it is installed; completes when the stay ends. */
  get view$(): Observable<GroupChange> {
    return new (rxjs().Observable)((subscriber) => {
      const { stay, change, changes } = this.#member
      if (stay !== 'over') subscriber.next(change)
      return changes.shown.subscribe(subscriber)
    })
  }

  /** Every message, at once; without replay, but what came before the first subscription waits for that. */
  get messages$(): Observable<GroupMessage> {
    return new (rxjs().Observable)((subscriber) => {
      const { reader } = this.#member
      const subscription = reader.messages.shown.subscribe(subscriber)
      reader.pump()
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
    return this.#member.reader.open(signalOf('events()', options))
  }

  /** False: enough waits to be published; wait for `drained()`. */
  get writable(): boolean {
    return this.#member.publishes.isWritable
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
    if (this.#member.stay !== 'open') {
      throw new InkwireError('INK_CLOSED', 'publish(): this member has left the group, or moves')
    }
    if (signal?.aborted === true) {
      const text = 'publish() was aborted by its signal'
      return Promise.reject(new InkwireError('INK_ABORTED', text, { cause: signal.reason, outcome: 'undelivered' }))
    }
    if (primary && !this.view.isPrimary) {
      throw new InkwireError('INK_NOT_PRIMARY', 'publish(): the view of now has no majority; wait for one that has')
    }
    const onlyIn = view === undefined ? (primary ? this.#member.viewId : null) : this.#named(view)
    const number = this.#member.publishes.next
    return this.#member.hand({ number, order, urgency, type, origin, data: this.#slab.copyOf(data), onlyIn }, signal)
  }

  /**
   * Resolves when `writable` is true; at once when it is, or when the stay has ended.
   *
   * @throws InkwireError `INK_ABORTED`.
   */
  drained(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const signal = signalOf('drained()', options)
    const aborted = (): InkwireError =>
      new InkwireError('INK_ABORTED', 'drained() was aborted by its signal', { cause: signal?.reason })
    if (signal?.aborted === true) return Promise.reject(aborted())
    return new Promise((resolve, reject) => {
      const release = onAbort(signal, () => {
        reject(aborted())
      })
      this.#member.publishes.whenWritable(() => {
        release()
        resolve()
      })
    })
  }

  /** Leaves, in step with the others: resolves when this member was told its last message. Leaving twice is fine. */
  async leave(): Promise<GroupEnd> {
    this.#member.seat.tell({ kind: 'leave' })
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
    if (this.#member.stay !== 'open') {
      throw new InkwireError('INK_CLOSED', 'move(): this member has left the group, or moves already')
    }
    if (this.#host.hasCompany()) {
      throw new InkwireError(
        'INK_BAD_ARGUMENT',
        'move(): another member of the group is in this process; leave with it first',
      )
    }
    const aborted = (): InkwireError =>
      new InkwireError('INK_ABORTED', 'move() was aborted by its signal; the member stays', { cause: signal?.reason })
    if (signal?.aborted === true) return Promise.reject(aborted())
    const departure = this.#member.depart(holdMs)
    const release = onAbort(signal, () => {
      this.#member.remain(aborted())
    })
    departure.check()
    return departure.ticket.finally(release)
  }

  /** A peer holds what it has for this member. @internal */
  held(link: PeerLink): void {
    this.#member.departure?.held(link)
  }

  /** @internal */
  tick(): void {
    this.#member.departure?.tick()
  }

  /** For its service. @internal */
  get seat(): Seat {
    return this.#member.seat
  }

  /** The state of this group, for its service. @internal */
  get desk(): StateDesk | null {
    return this.#member.desk
  }

  /** The group as it is now, as plain data. */
  dump(): GroupDump {
    const { seat, reader, publishes } = this.#member
    const { machine } = seat
    return {
      group: keyName(this.key),
      id: this.id,
      view: this.view,
      phase: machine.phase,
      unstable: machine.held,
      unread: reader.waiting,
      unpublished: publishes.count,
      unpublishedBytes: publishes.bytes,
    }
  }

  /** As `leave()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
  }

  /** Text of a view that never was here fits no view. */
  #named(view: string): ViewId {
    if (view === this.view.id) return this.#member.viewId
    return { number: -1, installer: view }
  }
}
