/**
 * A world of group machines and the links between them, from one seed: the explorer that searches the machine that ships.
 *
 * Beside all that may become of links, members freeze, crash, start again, come late, leave, go on in another process, or do not
 * read. Pure but for the history it writes.
 */
import { FieldReader, FieldWriter } from '../../common/fields.ts'
import type { GroupLimits, GroupTimes } from '../../groups/machine/limits.ts'
import { GroupMachine } from '../../groups/machine/machine.ts'
import { readStandstill, writeStandstill } from '../../groups/machine/standstill.ts'
import { viewKey } from '../../groups/machine/terms.ts'
import type { GroupAction, GroupEvent, Urgency } from '../../groups/machine/terms.ts'
import type { SeededRandom } from '../simulator/random.ts'
import { GroupHistory } from './history.ts'
import { record } from './record.ts'
import { SHORT_TIMES, SMALL_LIMITS, WorldMember } from './world-member.ts'
import { WorldNetwork, type Link, type Note } from './world-network.ts'

export class GroupWorld {
  readonly history = new GroupHistory()
  readonly faults: string[] = []
  /** What becomes of the links between its members. */
  readonly network: WorldNetwork
  nowMs = 0
  readonly #random: SeededRandom
  readonly #limits: GroupLimits
  readonly #times: GroupTimes
  readonly #members = new Map<string, WorldMember>()

  constructor(random: SeededRandom, limits: GroupLimits = SMALL_LIMITS, times: GroupTimes = SHORT_TIMES) {
    this.#random = random
    this.#limits = limits
    this.#times = times
    this.network = new WorldNetwork(random, this.#members)
  }

  get living(): WorldMember[] {
    return [...this.#members.values()].filter(({ isAlive }) => isAlive)
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
    this.network.relink()
    return member
  }

  crash(member: WorldMember): void {
    member.isAlive = false
    this.network.relink()
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

  /** All can reach all, all read, nobody is frozen. */
  heal(): void {
    for (const member of this.#members.values()) {
      member.isFrozen = false
      member.isReading = true
    }
    this.network.heal()
  }

  /** Whatever can happen next, one thing of it: a note, a word, a tick, a turn, or something is read. */
  step(): void {
    this.nowMs++
    const dice = this.#random.next()
    if (dice < 0.15) {
      const note = this.network.hear()
      if (note !== undefined) {
        this.#hear(note)
        return
      }
    }
    if (dice < 0.75) {
      const links = this.network.ready()
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
        this.network.send(id, action.to, action.word)
        return
      case 'fault':
        this.faults.push(`${id} of ${action.peer}: ${action.reason}`)
        return
      case 'deliver':
        member.unread++
        break
      case 'left':
        member.isAlive = false
        this.network.relink()
        break
      case 'view':
        member.views++
        break
      default:
    }
    record(this.history, id, action)
  }

  #hear(note: Note | null): void {
    if (note === null) return
    const member = this.#members.get(note.at)!
    if (note.kind === 'up') this.tell(member, { kind: 'up', peer: note.about })
    else this.tell(member, { kind: 'down', peer: note.about, reason: 'partition' })
  }

  #arrive({ from, to, words }: Link): void {
    this.tell(this.#members.get(to)!, { kind: 'word', from, word: words.shift()! })
  }
}
