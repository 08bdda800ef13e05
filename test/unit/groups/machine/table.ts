/** Machines at one table: what one says reaches the others in order, unless the test keeps it back. For what must happen in one step. */
import type { GroupLimits } from '../../../../src/groups/machine/limits.ts'
import { GroupMachine } from '../../../../src/groups/machine/machine.ts'
import type { GroupAction, GroupEvent, GroupWord, Publish } from '../../../../src/groups/machine/terms.ts'
import { SHORT_TIMES, SMALL_LIMITS } from '../../../../src/testing/groups/world-member.ts'

export interface Said {
  readonly from: string
  readonly to: string
  readonly word: GroupWord
}

export type Told = Exclude<GroupAction, { readonly kind: 'send' }>

export class Table {
  readonly machines = new Map<string, GroupMachine>()
  /** Words under way. */
  said: Said[] = []
  /** What each was told, and whom it found at fault. */
  readonly told = new Map<string, Told[]>()
  nowMs = 0
  readonly #limits: GroupLimits

  /** Of these members; before them what is not as it is in small worlds. */
  constructor(...given: readonly (string | Partial<GroupLimits>)[]) {
    const more = given.filter((one): one is Partial<GroupLimits> => typeof one !== 'string')
    this.#limits = more.reduce<GroupLimits>((limits, one) => ({ ...limits, ...one }), SMALL_LIMITS)
    for (const id of given) if (typeof id === 'string') this.sit(id)
    this.meet()
  }

  sit(id: string): void {
    const fixed = { limits: this.#limits, times: SHORT_TIMES, nowMs: this.nowMs }
    this.machines.set(id, new GroupMachine({ self: id, ...fixed }))
    this.told.set(id, [])
    for (const other of this.machines.keys()) {
      if (other === id) continue
      this.tell(id, { kind: 'up', peer: other })
      this.tell(other, { kind: 'up', peer: id })
    }
  }

  of(id: string): GroupMachine {
    return this.machines.get(id)!
  }

  /** The members of its view. */
  viewOf(id: string): string {
    return this.of(id).view.members.join()
  }

  tell(id: string, event: GroupEvent): void {
    for (const action of this.of(id).handle(event, this.nowMs)) {
      if (action.kind === 'send') this.said.push({ from: id, to: action.to, word: action.word })
      else this.told.get(id)!.push(action)
    }
  }

  word(from: string, to: string, word: GroupWord): void {
    this.tell(to, { kind: 'word', from, word })
  }

  publish(id: string, number: number, more: Partial<Publish> = {}): void {
    const fixed = {
      order: 'agreed',
      urgency: 'medium',
      type: 1,
      origin: '',
      data: new Uint8Array(1),
      onlyIn: null,
    } as const
    this.tell(id, { kind: 'publish', publish: { number, ...fixed, ...more } })
  }

  /** Everything arrives, but what `keeps` says. */
  settle(keeps: (said: Said) => boolean = () => false): void {
    for (let rounds = 0; rounds < 50; rounds++) {
      for (const id of this.machines.keys()) this.tell(id, { kind: 'turn' })
      const arriving = this.said.filter((one) => !keeps(one))
      this.said = this.said.filter(keeps)
      for (const { from, to, word } of arriving) if (this.machines.has(to)) this.word(from, to, word)
      if (arriving.length === 0) return
    }
  }

  tick(id: string, ms = 100, random = 0.9): void {
    this.nowMs += ms
    this.tell(id, { kind: 'tick', random })
  }

  /** Until all are in one view. */
  meet(): void {
    for (let rounds = 0; rounds < 20; rounds++) {
      for (const id of this.machines.keys()) this.tick(id, 10)
      this.settle()
    }
  }

  /** Of what one was told, those of a kind. */
  ofKind<K extends Told['kind']>(id: string, kind: K): Extract<Told, { readonly kind: K }>[] {
    return this.told.get(id)!.filter((one): one is Extract<Told, { readonly kind: K }> => one.kind === kind)
  }
}
