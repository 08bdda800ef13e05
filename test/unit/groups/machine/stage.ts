/** Members that are in one view, and a story on them that ends in peace: what the tests of scenarios play on. */
import t from 'tap'
import { checkGroup } from '../../../../src/testing/groups/laws.ts'
import { GroupWorld } from '../../../../src/testing/groups/world.ts'
import type { WorldMember } from '../../../../src/testing/groups/world-member.ts'
import { seededRandom } from '../../../../src/testing/simulator/random.ts'

const SEEDS = 8
const LONG = 60_000

export class Stage {
  readonly world: GroupWorld
  readonly members: readonly WorldMember[]

  constructor(seed: string, count: number) {
    this.world = new GroupWorld(seededRandom(seed))
    this.members = Array.from({ length: count }, (_, index) => this.world.start(`m${index}`))
    this.until(() => this.world.isSettled)
  }

  member(index: number): WorldMember {
    return this.members[index]!
  }

  ids(...indexes: readonly number[]): string[] {
    return indexes.map((index) => this.member(index).id)
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) this.world.step()
  }

  until(condition: () => boolean): void {
    for (let step = 0; step < LONG && !condition(); step++) this.world.step()
    if (!condition()) throw new Error(`it never happened: ${condition.toString()}`)
  }

  publish(...indexes: readonly number[]): void {
    for (const index of indexes) this.world.publish(this.member(index))
  }

  /** The members of the view that it is in. */
  viewOf(index: number): string {
    return this.member(index).machine.view.members.join()
  }

  /** All others take this one for dead, which lives. */
  takeForDead(index: number): void {
    const { id } = this.member(index)
    for (const other of this.world.living) if (other.id !== id) this.world.network.suspect(other.id, id, 'down')
  }

  takeForAlive(index: number): void {
    this.#takeForAlive(this.member(index).id)
  }

  #takeForAlive(id: string): void {
    for (const other of this.world.living) if (other.id !== id) this.world.network.suspect(other.id, id, 'up')
  }

  /** Peace: all come together, are told the rest, and the laws are asked. */
  peace(): readonly string[] {
    this.world.heal()
    for (const { id } of this.world.living) this.#takeForAlive(id)
    const isDone = (): boolean =>
      this.world.isSettled &&
      this.world.living.every(({ unread, machine }) => unread === 0 && machine.isIdle && machine.held === 0)
    this.until(isDone)
    const settled = this.world.living.map(({ id }) => id)
    return [
      ...checkGroup(this.world.history, { settled }).map(({ law, text }) => `${law} ${text}`),
      ...this.world.faults,
    ]
  }
}

/** Plays a story in several orders of events. What it expects beside the laws, it throws. */
export function tell(name: string, members: number, story: (stage: Stage) => void, seeds = SEEDS): void {
  t.test(name, (t) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const stage = new Stage(`${name} ${seed}`, members)
      try {
        story(stage)
        t.strictSame(stage.peace(), [], `seed ${seed}`)
      } catch (thrown) {
        t.fail(`seed ${seed}: ${String(thrown)}`)
      }
    }
    t.end()
  })
}
