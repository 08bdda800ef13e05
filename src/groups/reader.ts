/**
 * What a member was told and has not taken yet, and who takes it: one loop, or the subscribers of the observables.
 *
 * A loop has done with an event when it asks for the next. While nobody reads, messages wait here, and the window of the group with
 * them: nothing is lost, and who never reads is put out as slow. Limit: the window of each view that began meanwhile.
 */
import { Deque } from '../common/deque.ts'
import { InkwireError } from '../common/errors.ts'
import { Broadcast } from '../streams/broadcast.ts'
import { Loop, type GroupLoop } from './loop.ts'
import type { GroupEvent, GroupMessage } from './terms.ts'

/** Keeps what follows from the application, until its state is there. */
export interface Gate {
  open(): void
  /** What was told behind it is in the state that is yet to come. */
  drop(): void
}

/** What waits beside events. */
type Item =
  | GroupEvent
  | { readonly kind: 'snapshot'; readonly take: () => Promise<void> }
  | { readonly kind: 'gate'; state: 'shut' | 'open' }

export class GroupReader {
  readonly messages = new Broadcast<GroupMessage>()
  readonly #waiting = new Deque<Item>()
  readonly #consumed: () => void
  #loop: Loop | null = null
  #state: 'open' | 'ended' = 'open'
  /** `held`: a snapshot is being taken. */
  #pump: 'idle' | 'busy' | 'held' = 'idle'

  /** `consumed` is called once per message that the application has done with. */
  constructor(consumed: () => void) {
    this.#consumed = consumed
  }

  /** Events that nobody took yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  push(event: GroupEvent): void {
    this.#waiting.push(event)
    // A loop that is busy takes it when it asks.
    if (this.#loop?.isAsking !== false) this.pump()
  }

  /** Calls `take` when the application has done with all that was pushed before, and before it is told anything else. */
  snapshot(take: () => Promise<void>): void {
    this.#waiting.push({ kind: 'snapshot', take })
    this.pump()
  }

  /** Nothing that is pushed from now on is told before the gate is open. */
  shut(): Gate {
    const gate: Item = { kind: 'gate', state: 'shut' }
    this.#waiting.push(gate)
    return {
      open: () => {
        gate.state = 'open'
        this.pump()
      },
      drop: () => {
        this.#dropBehind(gate)
        gate.state = 'open'
        this.pump()
      },
    }
  }

  /** There is no more; what waits is still told. */
  end(): void {
    this.#state = 'ended'
    this.pump()
  }

  open(signal: AbortSignal | undefined): GroupLoop {
    if (this.#loop !== null) {
      throw new InkwireError('INK_BAD_ARGUMENT', 'events(): there is a loop over the events of this group already')
    }
    const loop = new Loop(this, signal)
    if (!loop.isOver) this.#loop = loop
    return loop
  }

  /** Gives what waits to who reads. */
  pump(): void {
    if (this.#pump !== 'idle') return
    this.#pump = 'busy'
    try {
      while (this.#waiting.length > 0 && this.#give());
    } finally {
      this.#rest()
    }
    if (this.#state === 'open' || (this.#waiting.length > 0 && (this.#loop !== null || this.messages.observed))) return
    this.#loop?.end()
    this.messages.complete()
  }

  /** The next event, for a loop that asks for it; null: it has to wait. */
  take(): GroupEvent | null {
    const event = this.#waiting.at(0)
    if (event === undefined || this.#pump !== 'idle' || event.kind === 'gate' || event.kind === 'snapshot') return null
    this.#waiting.shift()
    this.#tell(event)
    return event
  }

  /** The loop has done with this event. */
  done(event: GroupEvent): void {
    if (event.kind === 'message') this.#consumed()
  }

  /** The loop is over: the others read. */
  left(): void {
    this.#loop = null
    this.pump()
  }

  /** While a snapshot is taken nothing is given. */
  #rest(): void {
    if (this.#pump === 'busy') this.#pump = 'idle'
  }

  #dropBehind(gate: Item): void {
    const all = this.#waiting.takeAll()
    const at = all.indexOf(gate)
    all.forEach((item, index) => {
      const isDropped = at >= 0 && index > at && item.kind !== 'view'
      if (!isDropped) this.#waiting.push(item)
      else if (item.kind === 'message') this.#consumed()
    })
  }

  /** Not told to anybody. True: it is out of the way. */
  #pass(item: Exclude<Item, GroupEvent>): boolean {
    if (item.kind === 'gate') {
      if (item.state === 'shut') return false
      this.#waiting.shift()
      return true
    }
    // Whoever reads may still be busy with the event before.
    if (this.#loop === null ? !this.messages.observed : !this.#loop.isAsking) return false
    this.#waiting.shift()
    this.#pump = 'held'
    void item.take().then(() => {
      this.#pump = 'idle'
      this.pump()
    })
    return false
  }

  #give(): boolean {
    const event = this.#waiting.at(0)!
    if (event.kind === 'gate' || event.kind === 'snapshot') return this.#pass(event)
    if (this.#loop !== null) {
      if (!this.#loop.isAsking) return false
      this.#waiting.shift()
      this.#tell(event)
      this.#loop.give(event)
      return true
    }
    // No message passes by unseen, and no view before it.
    if (!this.messages.observed) return false
    this.#waiting.shift()
    this.#tell(event)
    this.done(event)
    return true
  }

  #tell(event: GroupEvent): void {
    if (event.kind === 'message') this.messages.next(event)
  }
}
