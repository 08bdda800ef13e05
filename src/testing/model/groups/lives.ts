/**
 * The lives of group machines, as a tree: what a machine has gone through, step by step, and what each step made it say.
 *
 * A machine is what it was told, in order, so its life names it exactly, and no machine need be copied or compared. A step that was
 * taken once, in whatever interleaving, is known from then on; one that was not, a new machine plays from its birth. Every tick is late
 * enough for all that waits, and an application has done with what it is told at once.
 */
import { GroupMachine } from '../../../groups/machine/machine.ts'
import type { View } from '../../../groups/machine/terms.ts'
import type { GroupEvent, GroupWord } from '../../../groups/machine/terms.ts'
import { GroupHistory, type GroupFact } from '../../groups/history.ts'
import { SHORT_TIMES, SMALL_LIMITS } from '../../groups/world-member.ts'
import { record } from '../../groups/record.ts'

/** A number: one life up to now. */
export type Life = number

export type LifeEvent =
  | { readonly kind: 'up' | 'down'; readonly peer: number }
  | { readonly kind: 'word'; readonly from: number; readonly word: number }
  | { readonly kind: 'publish'; readonly order: 'agreed' | 'safe' }
  | { readonly kind: 'tick'; readonly random: number }
  | { readonly kind: 'turn' | 'leave' }

export interface LifeStep {
  readonly after: Life
  readonly sends: readonly (readonly [to: number, word: number])[]
}

interface Stage {
  readonly member: number
  readonly parent: Life
  readonly event: LifeEvent | null
  /** What its application was told at this step. */
  readonly facts: readonly GroupFact[]
  /** The last step up to here at which it was told something. */
  readonly told: Life
  readonly view: View
  readonly phase: GroupMachine['phase']
  /** Nothing of its own is under way, and nobody lacks what it has. */
  readonly isDone: boolean
}

/** More than any time that a machine goes by. */
const TICK_MS = 2000
const TIMES = { ...SHORT_TIMES, slowMs: Infinity }
const NAMES = ['a', 'b', 'c', 'd']

/** Of a member, as the machines know it. */
export function nameOf(member: number): string {
  return NAMES[member]!
}

/** A machine while it plays a life. */
interface Playing {
  readonly machine: GroupMachine
  nowMs: number
  published: number
  facts: GroupFact[]
  sends: (readonly [number, number])[]
}

export class Lives {
  readonly #stages: Stage[] = []
  readonly #steps = new Map<string, LifeStep>()
  readonly #words: GroupWord[] = []
  readonly #numbers = new Map<string, number>()

  /** Steps that were taken by a machine. */
  get count(): number {
    return this.#stages.length
  }

  /** It begins alone. */
  begin(member: number): Life {
    const playing = this.#bear(member)
    return this.#add(member, -1, null, playing)
  }

  step(life: Life, event: LifeEvent): LifeStep {
    const key = `${life} ${Object.values(event).join(' ')}`
    let step = this.#steps.get(key)
    if (step === undefined) {
      const { member } = this.#stages[life]!
      const playing = this.#play(life)
      playing.facts = []
      playing.sends = []
      this.#take(playing, member, event)
      step = { after: this.#add(member, life, event, playing), sends: playing.sends }
      this.#steps.set(key, step)
    }
    return step
  }

  at(life: Life): Readonly<Pick<Stage, 'view' | 'phase' | 'isDone' | 'told' | 'event'>> {
    return this.#stages[life]!
  }

  word(number: number): GroupWord {
    return this.#words[number]!
  }

  /** What it was told from its birth on. */
  factsOf(life: Life): GroupFact[] {
    const steps: (readonly GroupFact[])[] = []
    for (
      let at = this.at(life).told;
      at >= 0;
      at = this.#stages[at]!.parent < 0 ? -1 : this.at(this.#stages[at]!.parent).told
    ) {
      steps.unshift(this.#stages[at]!.facts)
    }
    return steps.flat()
  }

  #add(member: number, parent: Life, event: LifeEvent | null, { machine, facts }: Playing): Life {
    const life = this.#stages.length
    const told = facts.length > 0 || parent < 0 ? life : this.at(parent).told
    const { view, phase } = machine
    const isDone = machine.isIdle && machine.held === 0
    this.#stages.push({ member, parent, event, facts, told, view, phase, isDone })
    return life
  }

  #bear(member: number): Playing {
    const machine = new GroupMachine({ self: nameOf(member), limits: SMALL_LIMITS, times: TIMES, nowMs: 0 })
    const playing: Playing = { machine, nowMs: 0, published: 0, facts: [], sends: [] }
    this.#tell(playing, member, { kind: 'turn' })
    return playing
  }

  #play(life: Life): Playing {
    const events: LifeEvent[] = []
    let at = life
    for (; this.#stages[at]!.event !== null; at = this.#stages[at]!.parent) events.unshift(this.#stages[at]!.event!)
    const { member } = this.#stages[at]!
    const playing = this.#bear(member)
    for (const event of events) this.#take(playing, member, event)
    return playing
  }

  #take(playing: Playing, member: number, event: LifeEvent): void {
    switch (event.kind) {
      case 'up':
        this.#tell(playing, member, { kind: 'up', peer: nameOf(event.peer) })
        break
      case 'down':
        this.#tell(playing, member, { kind: 'down', peer: nameOf(event.peer), reason: 'partition' })
        break
      case 'word':
        this.#tell(playing, member, { kind: 'word', from: nameOf(event.from), word: this.word(event.word) })
        break
      case 'publish': {
        const number = ++playing.published
        const data = Uint8Array.of(member, number)
        playing.facts.push({ kind: 'sent', member: nameOf(member), number, digest: data.join(), lane: 'medium' })
        const fixed = { urgency: 'medium', type: 1, origin: '', onlyIn: null } as const
        this.#tell(playing, member, { kind: 'publish', publish: { number, order: event.order, data, ...fixed } })
        break
      }
      case 'tick':
        playing.nowMs += TICK_MS
        this.#tell(playing, member, event)
        break
      case 'turn':
      case 'leave':
        this.#tell(playing, member, event)
        break
      default:
    }
  }

  #tell(playing: Playing, member: number, event: GroupEvent): void {
    let consumed = 0
    const history = new GroupHistory()
    for (const action of playing.machine.handle(event, playing.nowMs)) {
      if (action.kind === 'fault') throw new Error(`${nameOf(member)} has a fault of ${action.peer}: ${action.reason}`)
      if (action.kind === 'send') playing.sends.push([NAMES.indexOf(action.to), this.#numberOf(action.word)])
      if (action.kind === 'deliver') consumed++
      record(history, nameOf(member), action)
    }
    playing.facts.push(...history.facts)
    if (consumed > 0) this.#tell(playing, member, { kind: 'consumed', count: consumed })
  }

  #numberOf(word: GroupWord): number {
    const text = JSON.stringify(word)
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.#words.length)
    return this.#words.push(word) - 1
  }
}
