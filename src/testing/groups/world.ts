/**
 * A world of group machines and the links between them, from one seed: the explorer that searches the machine that ships.
 *
 * Links are FIFO and may be cut: what is under way is lost, both ends hear of it, each in its own time, and of the next link
 * before its first word. Beside cuts there are partitions, pairs that cannot reach each other at all, one-sided suspicion,
 * members that freeze, crash, start again, come late, leave, go on in another process, or do not read. Pure but for the history it writes.
 */
import { FieldReader, FieldWriter } from '../../common/fields.ts'
import type { GroupLimits, GroupTimes } from '../../groups/machine/limits.ts'
import { GroupMachine } from '../../groups/machine/machine.ts'
import { readStandstill, writeStandstill } from '../../groups/machine/standstill.ts'
import { viewKey } from '../../groups/machine/terms.ts'
import type { GroupAction, GroupEvent, GroupWord, Urgency } from '../../groups/machine/terms.ts'
import type { SeededRandom } from '../simulator/random.ts'
import { GroupHistory } from './history.ts'

export const SMALL_LIMITS: GroupLimits = {
  pieceBytes: 8,
  windowBytes: 1500,
  windowEntries: 12,
  senderBytes: 600,
  senderEntries: 5,
  assemblyBytesMax: 60,
}

export const SHORT_TIMES: GroupTimes = {
  flushTimeoutMs: 700,
  aloneAfterMs: 220,
  leaveTimeoutMs: 1500,
  slowMs: 1200,
}

/** One member in the world. */
export class WorldMember {
  readonly id: string
  machine: GroupMachine
  isAlive = true
  isFrozen = false
  isReading = true
  unread = 0
  published = 0
  views = 0
  moves = 0

  constructor(id: string, limits: GroupLimits, times: GroupTimes, nowMs: number) {
    this.id = id
    this.machine = new GroupMachine({ self: id, limits, times, nowMs })
  }
}

/** One direction of it, and the words that are on their way. */
interface Link {
  readonly from: string
  readonly to: string
  readonly words: GroupWord[]
}

interface Note {
  readonly at: string
  readonly about: string
  readonly kind: 'up' | 'down'
  /** Of a link that was cut or made; else it is a suspicion, and the link is as it was. */
  readonly isOfLink: boolean
}

export class GroupWorld {
  readonly history = new GroupHistory()
  readonly faults: string[] = []
  nowMs = 0
  readonly #random: SeededRandom
  readonly #limits: GroupLimits
  readonly #times: GroupTimes
  readonly #members = new Map<string, WorldMember>()
  readonly #links = new Map<string, Link>()
  /** What members have not heard yet of their links, in order. */
  readonly #notes: Note[] = []
  readonly #side = new Map<string, number>()
  /** Pairs that cannot reach each other. */
  readonly #apart = new Set<string>()

  constructor(random: SeededRandom, limits: GroupLimits = SMALL_LIMITS, times: GroupTimes = SHORT_TIMES) {
    this.#random = random
    this.#limits = limits
    this.#times = times
  }

  get living(): WorldMember[] {
    return [...this.#members.values()].filter(({ isAlive }) => isAlive)
  }

  /** Words and notes under way. */
  get underWay(): number {
    let words = this.#notes.length
    for (const link of this.#links.values()) words += link.words.length
    return words
  }

  /** True when all that live are in one view, and nobody else is. */
  get isSettled(): boolean {
    const { living } = this
    const view = living[0]?.machine.view
    if (view === undefined || view.members.length !== living.length) return living.length === 0
    return living.every(({ machine }) => machine.phase === 'normal' && viewKey(machine.view.id) === viewKey(view.id))
  }

  start(id: string): WorldMember {
    const member = new WorldMember(id, this.#limits, this.#times, this.nowMs)
    this.#members.set(id, member)
    this.tell(member, { kind: 'turn' })
    this.relink()
    return member
  }

  crash(member: WorldMember): void {
    member.isAlive = false
    this.relink()
  }

  /** Takes a member that is at rest into another process, as bytes. */
  move(member: WorldMember): void {
    const { standstill } = member.machine
    if (!member.isAlive || standstill === null) return
    const out = new FieldWriter()
    writeStandstill(out, standstill)
    const from = readStandstill(new FieldReader(out.take()))
    const { account } = member.machine
    const fixed = { self: member.id, limits: this.#limits, times: this.#times, nowMs: this.nowMs }
    member.machine = new GroupMachine({ ...fixed, from })
    member.machine.account = account
    member.moves++
  }

  /** Cuts a link; the two may find each other again at once. */
  reset(one: string, other: string): void {
    if (!this.#links.has(`${one}>${other}`)) return
    this.#cut(one, other)
    this.relink()
  }

  /** Puts every member on one of so many sides. */
  part(sides: number): void {
    for (const id of this.#members.keys()) this.#side.set(id, this.#random.integer(0, sides - 1))
    this.relink()
  }

  split(sides: readonly (readonly string[])[]): void {
    sides.forEach((ids, side) => ids.forEach((id) => this.#side.set(id, side)))
    this.relink()
  }

  keepApart(one: string, other: string): void {
    this.#apart.add(pairOf(one, other))
    this.relink()
  }

  /** All can reach all, all read, nobody is frozen. */
  heal(): void {
    this.#side.clear()
    this.#apart.clear()
    for (const member of this.#members.values()) {
      member.isFrozen = false
      member.isReading = true
    }
    this.relink()
  }

  /** One takes the other for dead, which is not; or thinks better of it. */
  suspect(at: string, about: string, kind: Note['kind']): void {
    this.#notes.push({ at, about, kind, isOfLink: false })
  }

  relink(): void {
    const ids = [...this.#members.keys()]
    for (const one of ids) {
      for (const other of ids) {
        if (one >= other) continue
        const can = this.#canReach(one, other)
        const is = this.#links.has(`${one}>${other}`)
        if (can && !is) this.#join(one, other)
        else if (!can && is) this.#cut(one, other)
      }
    }
  }

  /** Whatever can happen next, one thing of it: a note, a word, a tick, a turn, or something is read. */
  step(): void {
    this.nowMs++
    const dice = this.#random.next()
    if (dice < 0.15 && this.#notes.length > 0) {
      this.#hear()
      return
    }
    if (dice < 0.75) {
      const links = this.#ready()
      if (links.length > 0) {
        this.#arrive(this.#random.pick(links))
        return
      }
    }
    const active = this.living.filter(({ isFrozen }) => !isFrozen)
    if (active.length === 0) return
    const member = this.#random.pick(active)
    if (dice < 0.88) {
      this.tell(member, { kind: 'turn' })
      return
    }
    if (dice < 0.94) {
      this.tell(member, { kind: 'tick', random: this.#random.next() })
      return
    }
    if (member.isReading && member.unread > 0) {
      const count = this.#random.integer(1, member.unread)
      member.unread -= count
      this.tell(member, { kind: 'consumed', count })
    }
  }

  publish(member: WorldMember): void {
    const number = ++member.published
    const data = this.#random.bytes(
      this.#random.chance(0.25) ? this.#random.integer(9, 40) : this.#random.integer(0, 8),
    )
    const urgency = this.#random.pick<Urgency>(['high', 'medium', 'low'])
    const order = this.#random.chance(0.4) ? 'safe' : 'agreed'
    const onlyIn = this.#random.chance(0.2) ? member.machine.view.id : null
    this.history.add({ kind: 'sent', member: member.id, number, digest: data.join(), lane: urgency })
    this.tell(member, {
      kind: 'publish',
      publish: { number, order, urgency, type: 1, origin: '', data, onlyIn },
    })
  }

  tell(member: WorldMember, event: GroupEvent): void {
    if (!member.isAlive) return
    for (const action of member.machine.handle(event, this.nowMs)) this.#do(member, action)
    if (event.kind === 'word' && this.#random.chance(0.5)) this.tell(member, { kind: 'turn' })
  }

  #do(member: WorldMember, action: GroupAction): void {
    const { id } = member
    switch (action.kind) {
      case 'send':
        // A word for a link that is gone reaches no later one.
        if (!this.#notes.some(({ at, about, isOfLink }) => isOfLink && at === id && about === action.to)) {
          this.#links.get(`${id}>${action.to}`)?.words.push(action.word)
        }
        return
      case 'fault':
        this.faults.push(`${id} of ${action.peer}: ${action.reason}`)
        return
      case 'deliver':
        member.unread++
        break
      case 'left':
        member.isAlive = false
        this.relink()
        break
      case 'view':
        member.views++
        break
      default:
    }
    record(this.history, id, action)
  }

  #hear(): void {
    const any = this.#random.pick(this.#notes)
    const first = this.#notes.findIndex(({ at, about }) => at === any.at && about === any.about)
    const member = this.#members.get(any.at)!
    if (member.isFrozen) return
    const [note] = this.#notes.splice(first, 1) as [Note]
    if (note.kind === 'up') this.tell(member, { kind: 'up', peer: note.about })
    else this.tell(member, { kind: 'down', peer: note.about, reason: 'partition' })
  }

  /** Those of which a word may arrive now. */
  #ready(): Link[] {
    const ready: Link[] = []
    for (const link of this.#links.values()) if (link.words.length > 0 && this.#mayArrive(link)) ready.push(link)
    return ready
  }

  #mayArrive({ from, to }: Link): boolean {
    return !this.#members.get(to)!.isFrozen && !this.#notes.some(({ at, about }) => at === to && about === from)
  }

  #arrive({ from, to, words }: Link): void {
    this.tell(this.#members.get(to)!, { kind: 'word', from, word: words.shift()! })
  }

  #canReach(one: string, other: string): boolean {
    if (!this.#members.get(one)!.isAlive || !this.#members.get(other)!.isAlive) return false
    return this.#side.get(one) === this.#side.get(other) && !this.#apart.has(pairOf(one, other))
  }

  #join(one: string, other: string): void {
    this.#open(one, other)
    this.#open(other, one)
    this.#note(one, other, 'up')
  }

  #open(from: string, to: string): void {
    this.#links.set(`${from}>${to}`, { from, to, words: [] })
  }

  #cut(one: string, other: string): void {
    this.#links.delete(`${one}>${other}`)
    this.#links.delete(`${other}>${one}`)
    this.#note(one, other, 'down')
  }

  /** Both ends of a link will hear of it. */
  #note(one: string, other: string, kind: Note['kind']): void {
    for (const [at, about] of [
      [one, other],
      [other, one],
    ] as const)
      this.#notes.push({ at, about, kind, isOfLink: true })
  }
}

function pairOf(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`
}

/** Writes down what a machine told its application. */
export function record(history: GroupHistory, member: string, action: GroupAction): void {
  switch (action.kind) {
    case 'view': {
      const { view, transitional, left, joined } = action.change
      history.add({
        kind: 'view',
        member,
        view: viewKey(view.id),
        members: view.members,
        transitional,
        left: left.map(([id]) => id),
        joined: joined.map(([id]) => id),
      })
      return
    }
    case 'transitional':
      history.add({ kind: 'transitional', member, view: viewKey(action.view) })
      return
    case 'deliver': {
      const { from, number, view, isSafe, isTransitional, data } = action.message
      const digest = data.join()
      history.add({ kind: 'message', member, view: viewKey(view), from, number, digest, isSafe, isTransitional })
      return
    }
    case 'published':
      history.add({ kind: 'published', member, number: action.number, view: viewKey(action.view) })
      return
    case 'failed':
      history.add({ kind: 'failed', member, number: action.number, view: handedOverIn(action) })
      return
    case 'left':
      history.add({ kind: 'left', member })
      return
    case 'send':
    case 'fault':
      return
    default:
  }
}

/** Undefined: in no view. */
function handedOverIn({ view, isIndeterminate }: Extract<GroupAction, { kind: 'failed' }>): string | undefined {
  return isIndeterminate ? viewKey(view) : undefined
}
