/**
 * One member of one group in this process: its machine, the ways to the other members, and who hears what it says.
 *
 * Events are taken one after the other, also those that arise while actions are carried out, so that what is sent keeps its
 * order. What a turn of the event loop gathers goes out at its end.
 */
import { Deque } from '../common/deque.ts'
import type { Clock } from '../index.ts'
import { ballotIn, ballotsUpTo } from './machine/ballots.ts'
import { decodeWord, encodeWord, type EncodedWord } from './machine/codec.ts'
import { GROUPS } from './machine/limits.ts'
import { GroupMachine } from './machine/machine.ts'
import type { GroupAction, GroupEvent, GroupWord, LeftReason, MemberId, Publish } from './machine/terms.ts'
import type { ResolvedGroup } from './options.ts'
import type { SeatInfo } from './service-words.ts'
import type { Ticket } from './ticket.ts'

/** Where the words to another member go. */
export interface Route {
  /** False: it was lost; the way is cut. */
  send(from: Seat, encoded: EncodedWord, word: GroupWord): boolean
}

/** Who hears what the machine tells its application. */
export interface SeatOwner {
  act(action: Exclude<GroupAction, { readonly kind: 'send' | 'fault' }>): void
  /** It has done all that was to be done. */
  rested(): void
  /** A member broke the protocol. */
  fault(peer: MemberId, reason: string): void
}

export class Seat {
  readonly info: SeatInfo
  readonly machine: GroupMachine
  readonly #clock: Clock
  readonly #owner: SeatOwner
  readonly #routes = new Map<MemberId, Route>()
  readonly #events = new Deque<GroupEvent>()
  /** Messages that the application is done with, and of which the machine does not know. */
  #consumed = 0
  /** `waiting`: until there is a way to everybody whom it reached where it was. `retired`: it goes on elsewhere. */
  #state: 'idle' | 'busy' | 'waiting' | 'retired'
  readonly #awaited: Set<MemberId>
  readonly #awaitUntilMs: number
  #turn: 'none' | 'due' = 'none'
  #encoded: { readonly word: GroupWord; readonly encoded: EncodedWord } | null = null
  readonly #endTurn = (): void => {
    this.#turn = 'none'
    this.tell({ kind: 'turn' })
  }

  constructor(info: SeatInfo, group: ResolvedGroup, clock: Clock, owner: SeatOwner, from?: Ticket) {
    this.info = info
    this.#clock = clock
    this.#owner = owner
    const { times } = group
    this.machine = new GroupMachine({ self: info.id, limits: GROUPS, times, nowMs: clock.nowMs(), from: from?.stand })
    this.#awaited = new Set(from?.stand.up)
    this.#awaitUntilMs = clock.nowMs() + (from?.holdMs ?? 0)
    this.#state = this.#awaited.size > 0 ? 'waiting' : 'idle'
  }

  up(peer: MemberId, route: Route): void {
    this.#routes.set(peer, route)
    // To its machine it was never away.
    if (this.#state !== 'waiting' || !this.#awaited.delete(peer)) this.tell({ kind: 'up', peer })
    else if (this.#awaited.size === 0) this.#begin()
  }

  /** Who wants to go does not wait for others, and nobody waits for ever. */
  #waits({ kind }: GroupEvent): void {
    const isLate = kind === 'tick' && this.#clock.nowMs() >= this.#awaitUntilMs
    if (isLate || kind === 'leave' || kind === 'give-up') this.#begin()
  }

  /** Whoever has not come by now is down. */
  #begin(): void {
    this.#state = 'idle'
    for (const peer of this.#awaited) this.tell({ kind: 'down', peer, reason: 'partition' })
    this.#awaited.clear()
    this.tell({ kind: 'turn' })
  }

  /** It is told nothing more, and says nothing. */
  retire(): void {
    this.#state = 'retired'
  }

  /** The ways to others, as they are now. */
  get routes(): Route[] {
    return [...this.#routes.values()]
  }

  /** Whether there is one to this member. */
  knowsWay(peer: MemberId): boolean {
    return this.#routes.has(peer)
  }

  /** Only if that is still the way to it. */
  down(peer: MemberId, route: Route, reason: LeftReason): void {
    if (this.#routes.get(peer) !== route) return
    this.#routes.delete(peer)
    this.tell({ kind: 'down', peer, reason })
  }

  /** A word came from another process. Returns what is wrong with it. */
  hear(from: MemberId, kind: number, front: Uint8Array, data: Uint8Array): string | null {
    const word = decodeWord(kind, front, data)
    if (word === null) return 'a word that cannot be read'
    if (ballotIn(word) > ballotsUpTo(this.#clock.wallMs())) return 'a ballot of the far future'
    this.tell({ kind: 'word', from, word })
    return null
  }

  /** A word came from another member of this process. */
  hearWord(from: MemberId, word: GroupWord): void {
    this.tell({ kind: 'word', from, word })
  }

  /** The application is done with one more message: the machine hears of all of a turn at once. */
  consumed(): void {
    this.#consumed++
    this.#turnSoon()
  }

  /** As `tell()`, for what comes in great numbers: all of a turn goes out at its end. */
  publish(publish: Publish): void {
    if (this.#state !== 'idle' || this.#events.length > 0) {
      this.tell({ kind: 'publish', publish })
      return
    }
    this.machine.publish(publish)
    this.#turnSoon()
  }

  tell(event: GroupEvent): void {
    if (this.#state === 'retired') return
    const isNext = this.#state === 'idle' && this.#events.length === 0
    if (!isNext && (event.kind !== 'tick' || this.#state !== 'waiting')) this.#events.push(event)
    if (this.#state === 'waiting') this.#waits(event)
    if (this.#state !== 'idle') return
    this.#state = 'busy'
    try {
      for (let next = isNext ? event : this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        if (next.kind !== 'turn' && next.kind !== 'tick') this.#turnSoon()
        if (this.#consumed > 0) this.#sayConsumed()
        this.#handle(next)
      }
    } finally {
      this.#state = 'idle'
    }
    this.#owner.rested()
  }

  #sayConsumed(): void {
    const count = this.#consumed
    this.#consumed = 0
    this.#handle({ kind: 'consumed', count })
  }

  #handle(event: GroupEvent): void {
    for (const action of this.machine.handle(event, this.#clock.nowMs())) this.#do(action)
  }

  #turnSoon(): void {
    if (this.#turn === 'due') return
    this.#turn = 'due'
    this.#clock.defer(this.#endTurn)
  }

  #do(action: GroupAction): void {
    if (action.kind === 'send') this.#send(action.to, action.word)
    else if (action.kind === 'fault') this.#owner.fault(action.peer, action.reason)
    else this.#owner.act(action)
  }

  #send(to: MemberId, word: GroupWord): void {
    // The same goes to many, one after the other.
    if (this.#encoded?.word !== word) this.#encoded = { word, encoded: encodeWord(word) }
    const route = this.#routes.get(to)
    if (route?.send(this, this.#encoded.encoded, word) === false) this.down(to, route, 'slow')
  }
}
