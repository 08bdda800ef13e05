/**
 * The inside of a stay in a group: hears what the machine of this member says, and keeps what came of it: what its application is told,
 * what it has published, the view of now, and what it knows of votes and state.
 */
import { InkwireError } from '../common/errors.ts'
import { Broadcast } from '../streams/broadcast.ts'
import { Departure, type DepartureHost } from './departure.ts'
import { changeOf, firstChange, messageOf } from './events.ts'
import type { GroupHost } from './group-host.ts'
import { GROUPS } from './machine/limits.ts'
import { viewKey, type Delivered, type Publish, type ViewChange, type ViewId } from './machine/terms.ts'
import { OwnStanding, WHOLE_TYPE } from './own-standing.ts'
import { Publishes } from './publishes.ts'
import { GroupReader } from './reader.ts'
import type { Seat, SeatOwner } from './seat.ts'
import { StateDesk, type StateHost } from './state-desk.ts'
import type { GroupChange, GroupEnd, Published } from './terms.ts'
import { ticketBytes } from './ticket.ts'

export class Member {
  /** How the stay ends, once it has. Never rejects. */
  readonly closed: Promise<GroupEnd>
  readonly seat: Seat
  readonly reader: GroupReader
  readonly publishes: Publishes
  readonly desk: StateDesk | null
  /** Every change of view, as it is installed. */
  readonly changes = new Broadcast<GroupChange>()
  /** The change to the view of now, and the name of that. */
  change: GroupChange
  viewId: ViewId
  readonly #host: GroupHost
  readonly #standing: OwnStanding
  #departure: Departure | null = null
  #error: Error | undefined
  #end: ((end: GroupEnd) => void) | null = null

  constructor(host: GroupHost) {
    this.#host = host
    this.closed = new Promise((resolve) => {
      this.#end = resolve
    })
    const { from, options } = host
    this.reader = new GroupReader(() => this.seat.consumed())
    this.publishes = new Publishes(host.soon, from?.next)
    this.#standing = new OwnStanding(options.quorum, from?.account)
    this.change = firstChange(host.id, from)
    this.viewId = from?.stand.view.id ?? { number: 0, installer: host.id }
    this.desk = options.state === null ? null : new StateDesk(options.state, this.#stateHost(), this.reader)
    this.seat = host.seat({
      act: (action) => this.#act(action),
      rested: () => this.#departure?.check(),
      fault: (peer, reason) => host.fault(peer, reason),
    })
    this.#account()
    this.seat.tell({ kind: 'turn' })
  }

  /** `over`: nothing is told any more but what waits. `moving`: nothing is published any more. */
  get stay(): 'open' | 'moving' | 'over' {
    if (this.#end === null) return 'over'
    return this.#departure === null ? 'open' : 'moving'
  }

  /** It is about to go on in another process. */
  get departure(): Departure | null {
    return this.#departure
  }

  /** To the machine; its number is the next one of `publishes`. */
  hand(publish: Publish, signal: AbortSignal | undefined): Promise<Published> {
    const outcome = this.publishes.add(publish.data.length + GROUPS.entryOverheadBytes, signal)
    this.seat.publish(publish)
    return outcome
  }

  depart(holdMs: number): Departure {
    this.#departure = new Departure(this.seat, this.#departing(holdMs), holdMs)
    return this.#departure
  }

  /** It stays after all. */
  remain(why: InkwireError): void {
    const departure = this.#departure
    this.#departure = null
    departure?.cancel(why)
  }

  #act(action: Parameters<SeatOwner['act']>[0]): void {
    switch (action.kind) {
      case 'deliver': {
        if (action.type === WHOLE_TYPE) this.#isWhole(action)
        else this.reader.push(messageOf(action, this.#textOf(action.view)))
        return
      }
      case 'transitional': {
        this.reader.push({ kind: 'transitional', view: viewKey(action.view), members: action.members })
        return
      }
      case 'view': {
        this.#enter(action.change)
        return
      }
      case 'published': {
        const { number, view, index, isTransitional } = action
        this.publishes.published(number, { view: this.#textOf(view), index, isTransitional })
        return
      }
      case 'failed': {
        this.publishes.failed(action.number, action.isIndeterminate)
        return
      }
      case 'left': {
        this.#left(action.reason)
        return
      }
      default:
    }
  }

  /** What is told is nearly always of the view of now. */
  #textOf(view: ViewId): string {
    return view === this.viewId ? this.change.view.id : viewKey(view)
  }

  #enter(viewChange: ViewChange): void {
    this.#standing.enter(viewChange)
    const change = changeOf(viewChange, this.#standing.isPrimary)
    this.viewId = viewChange.view.id
    this.change = change
    this.reader.push(change)
    this.desk?.entered(viewChange)
    this.#account()
    if (this.#standing.asksWhole && this.#host.id === viewChange.view.members[0]) this.#askWhole(this.viewId)
    this.changes.next(change)
  }

  /** What is told in it as SAFE, all its members are there to hear. */
  #askWhole(onlyIn: ViewId): void {
    const fixed = { order: 'safe', urgency: 'high', type: WHOLE_TYPE, origin: '', data: new Uint8Array(0) } as const
    this.hand({ number: this.publishes.next, ...fixed, onlyIn }, undefined).catch(() => undefined)
  }

  #isWhole({ view, isTransitional }: Delivered): void {
    this.seat.consumed()
    if (isTransitional) return
    this.#standing.isWhole(view)
    this.#account()
  }

  /** What this member brings into the next change. */
  #account(): void {
    this.seat.machine.account = this.#standing.account(this.desk?.hasState ?? true)
  }

  #departing(holdMs: number): DepartureHost {
    return {
      isTold: () => this.publishes.count === 0,
      isRead: () => this.reader.waiting === 0 && this.desk?.isAtRest !== false,
      leave: (stand) => {
        const { key, options } = this.#host
        const [account, next] = [this.#standing.account(true), this.publishes.next]
        this.#departure = null
        this.#left('move')
        return ticketBytes({ key, config: options.config, holdMs, next, account, stand })
      },
    }
  }

  #stateHost(): StateHost {
    return {
      id: this.#host.id,
      rested: () => this.#departure?.check(),
      ask: (provider, view) => this.#host.askState(provider, view),
      changed: () => this.#account(),
      again: () => this.#host.later(() => this.seat.tell({ kind: 'reform' })),
      failed: (error) => {
        this.#error = error
        this.seat.tell({ kind: 'give-up', reason: 'leave' })
      },
    }
  }

  #left(reason: GroupEnd['reason']): void {
    const error = this.#error
    this.#end?.(error === undefined ? { reason } : { reason, error })
    this.remain(new InkwireError('INK_CLOSED', `move(): the member is out of the group (${reason})`))
    this.desk?.end()
    this.#end = null
    this.#host.left(reason === 'move' ? 'moved' : 'gone')
    this.reader.end()
    this.changes.complete()
  }
}
