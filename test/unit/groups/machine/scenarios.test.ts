/**
 * What broke other group systems, by name, each in several orders of events: corosync, JGroups, Infinispan and NATS have had these.
 *
 * Every story begins with members that are in one view, and ends in peace: all that live come together, and the laws hold.
 */
import t from 'tap'
import { SMALL_LIMITS } from '../../../../src/testing/groups/world-member.ts'
import { Delivery } from '../../../../src/groups/machine/delivery.ts'
import { Outbox } from '../../../../src/groups/machine/outbox.ts'
import { viewKey, type Entry, type GroupAction } from '../../../../src/groups/machine/terms.ts'
import { ViewLog } from '../../../../src/groups/machine/view-log.ts'
import { AT_BEGIN } from '../../../../src/groups/machine/view-stream.ts'
import { tell, type Stage } from './stage.ts'

/** Eight bytes of a message of 24. */
function pieceOf(offset: number): Entry {
  return { from: 'm0', number: 900, offset, total: 24, isSafe: false, type: 1, origin: '', data: new Uint8Array(8) }
}

const STORIES: readonly (readonly [name: string, members: number, story: (stage: Stage) => void])[] = [
  [
    'a member is frozen while it publishes, is put out, and thaws: nothing of the old view is told in the new one',
    3,
    (stage) => {
      stage.publish(2, 2, 2)
      stage.member(2).isFrozen = true
      stage.takeForDead(2)
      stage.until(() => !stage.viewOf(0).includes('m2'))
      stage.publish(0, 1)
      stage.run(200)
      stage.member(2).isFrozen = false
      stage.takeForAlive(2)
    },
  ],
  [
    'the same with messages that were recovered by the change',
    4,
    (stage) => {
      stage.publish(0, 1, 2, 3)
      stage.run(15)
      stage.member(3).isFrozen = true
      stage.publish(0, 1, 2)
      stage.run(10)
      stage.takeForDead(3)
      stage.until(() => !stage.viewOf(0).includes('m3'))
      stage.member(3).isFrozen = false
      stage.takeForAlive(3)
    },
  ],
  [
    'a node joins and dies within one change: no ghost is left in the view',
    3,
    (stage) => {
      const ghost = stage.world.start('m9')
      stage.run(40)
      stage.world.crash(ghost)
      stage.until(() => stage.world.isSettled)
    },
  ],
  [
    'a node starts again while the others have not noticed',
    3,
    (stage) => {
      stage.publish(0, 1, 2)
      stage.world.crash(stage.member(1))
      stage.world.start('m1~again')
      stage.run(100)
    },
  ],
  [
    'two that cannot reach each other, while the third reaches both: few changes, then rest',
    3,
    (stage) => {
      stage.world.network.keepApart('m0', 'm2')
      stage.run(3000)
      const before = stage.world.living.map(({ views }) => views)
      stage.run(6000)
      const changes = stage.world.living.map(({ views }, index) => views - before[index]!)
      if (Math.max(...changes) > 0) throw new Error(`the views never rest: ${changes.join()}`)
    },
  ],
  [
    'messages of all sizes under coming and going',
    4,
    (stage) => {
      for (let round = 0; round < 6; round++) {
        stage.publish(0, 1, 2, 3)
        stage.world.network.part(2)
        stage.run(80)
        stage.world.network.part(1)
        stage.run(80)
      }
    },
  ],
  [
    'views that overlap: one member was left behind in a larger one',
    3,
    (stage) => {
      stage.member(2).isFrozen = true
      stage.takeForDead(2)
      stage.until(() => stage.viewOf(0) === 'm0,m1' && stage.viewOf(1) === 'm0,m1')
      stage.member(2).isFrozen = false
      stage.publish(2, 0)
      stage.run(100)
    },
  ],
  [
    'views that overlap: the sequencer was left behind by its members',
    3,
    (stage) => {
      stage.member(0).isFrozen = true
      stage.takeForDead(0)
      stage.until(() => stage.viewOf(1) === 'm1,m2' && stage.viewOf(2) === 'm1,m2')
      stage.member(0).isFrozen = false
      stage.publish(0, 1)
      stage.run(100)
    },
  ],
  [
    'four against one that is in the view of the four',
    4,
    (stage) => {
      stage.world.network.split([stage.ids(0), stage.ids(1, 2, 3)])
      stage.until(() => stage.viewOf(0) === 'm0' && stage.viewOf(1) === 'm1,m2,m3')
      stage.publish(0, 1, 2, 3)
    },
  ],
  [
    'a split into three, two sides of which have no sequencer',
    6,
    (stage) => {
      stage.publish(0, 2, 4)
      stage.world.network.split([stage.ids(0, 1), stage.ids(2, 3), stage.ids(4, 5)])
      stage.until(() => stage.viewOf(2) === 'm2,m3' && stage.viewOf(5) === 'm4,m5')
      stage.publish(1, 3, 5)
    },
  ],
  [
    'the leader of a merge dies in the midst of it',
    5,
    (stage) => {
      stage.world.network.split([stage.ids(0, 1), stage.ids(2, 3, 4)])
      stage.until(() => stage.viewOf(1) === 'm0,m1' && stage.viewOf(4) === 'm2,m3,m4')
      stage.world.network.split([stage.ids(0, 1, 2, 3, 4)])
      stage.until(() => stage.member(0).machine.phase === 'flushing')
      stage.run(20)
      stage.world.crash(stage.member(0))
    },
  ],
  [
    'several merges at once, none of which knows all',
    8,
    (stage) => {
      stage.world.network.split([stage.ids(0, 1), stage.ids(2, 3), stage.ids(4, 5), stage.ids(6, 7)])
      stage.until(() => [0, 2, 4, 6].every((index) => stage.viewOf(index).length === 5))
      stage.world.network.split([stage.ids(0, 1, 2, 3), stage.ids(4, 5, 6, 7)])
      stage.run(60)
      stage.world.network.split([stage.ids(0, 1, 2, 3, 4, 5, 6, 7)])
    },
  ],
  [
    'the sequencer is frozen in the midst of a change, and comes back',
    4,
    (stage) => {
      stage.publish(0, 1, 2, 3)
      stage.world.network.reset('m0', 'm2')
      stage.until(() => stage.member(0).machine.phase === 'flushing')
      stage.member(0).isFrozen = true
      stage.run(400)
      stage.takeForDead(0)
      stage.run(600)
      stage.member(0).isFrozen = false
    },
  ],
  [
    'the sequencer leaves, and its successor with it',
    4,
    (stage) => {
      stage.publish(0, 1, 2, 3)
      stage.world.tell(stage.member(0), { kind: 'leave' })
      stage.world.tell(stage.member(1), { kind: 'leave' })
      stage.until(() => stage.viewOf(2) === 'm2,m3')
    },
  ],
  [
    'half of the members leave at once',
    8,
    (stage) => {
      stage.publish(0, 1, 2, 3, 4, 5, 6, 7)
      for (const index of [1, 3, 5, 7]) stage.world.tell(stage.member(index), { kind: 'leave' })
      stage.until(() => stage.viewOf(0) === 'm0,m2,m4,m6')
    },
  ],
  [
    'eight leave at once, one stays',
    9,
    (stage) => {
      for (let index = 0; index < 8; index++) stage.world.tell(stage.member(index), { kind: 'leave' })
      stage.until(() => stage.viewOf(8) === 'm8')
    },
  ],
  [
    'the last two leave, each asking the other',
    2,
    (stage) => {
      stage.publish(0, 1)
      stage.world.tell(stage.member(0), { kind: 'leave' })
      stage.world.tell(stage.member(1), { kind: 'leave' })
      stage.until(() => stage.world.living.length === 0)
    },
  ],
  [
    'order is kept across a merge, while all publish',
    5,
    (stage) => {
      stage.world.network.split([stage.ids(0, 1), stage.ids(2, 3, 4)])
      for (let round = 0; round < 8; round++) {
        stage.publish(0, 1, 2, 3, 4)
        stage.run(40)
        if (round === 4) stage.world.network.split([stage.ids(0, 1, 2, 3, 4)])
      }
    },
  ],
  [
    'nine that were alone become one',
    9,
    (stage) => {
      stage.world.network.split(Array.from({ length: 9 }, (_, index) => stage.ids(index)))
      stage.until(() => stage.world.living.every(({ machine }) => machine.view.members.length === 1))
      stage.publish(0, 1, 2, 3, 4, 5, 6, 7, 8)
    },
  ],
  [
    'a merge is asked of one that is in the view already',
    3,
    (stage) => {
      const { view } = stage.member(1).machine
      stage.world.tell(stage.member(0), { kind: 'word', from: 'm1', word: { kind: 'probe', view } })
      stage.world.tell(stage.member(2), { kind: 'word', from: 'm1', word: { kind: 'probe', view } })
      const key = viewKey(view.id)
      stage.run(500)
      if (viewKey(stage.member(0).machine.view.id) !== key) throw new Error('the view changed for nothing')
    },
  ],
  [
    'the first and the last message of a burst arrive',
    3,
    (stage) => {
      for (let count = 0; count < 12; count++) stage.publish(2)
      stage.until(() => stage.member(2).machine.isIdle)
    },
  ],
  [
    'an ack is lost with its link, and nothing is said again and again for it',
    3,
    (stage) => {
      stage.publish(0, 1, 2)
      stage.run(12)
      stage.world.network.reset('m0', 'm1')
      stage.until(() => stage.world.isSettled && stage.world.living.every(({ machine }) => machine.held === 0))
      const { facts } = stage.world.history
      const before = facts.length
      let most = 0
      for (let step = 0; step < 4000; step++) {
        stage.world.step()
        most = Math.max(most, stage.world.network.underWay)
      }
      if (facts.length !== before) throw new Error('something is told again')
      // Signs of life of two followers, and of their sequencer.
      if (most > 60) throw new Error(`${most} words are under way where nobody speaks`)
    },
  ],
  [
    'orders come with a gap: the stream is cut, and taken up in a new view',
    2,
    (stage) => {
      const follower = stage.member(1)
      const view = follower.machine.view.id
      const word = { kind: 'orders', view, index: 7, stable: 0, entries: [pieceOf(0)] } as const
      stage.world.tell(follower, { kind: 'word', from: 'm0', word })
      stage.until(() => viewKey(follower.machine.view.id) !== viewKey(view))
      if (stage.world.history.facts.some((fact) => fact.kind === 'message')) throw new Error('something was told')
    },
  ],
  [
    'a link is reset by both ends again and again',
    3,
    (stage) => {
      for (let count = 0; count < 12; count++) {
        stage.publish(0, 1)
        stage.world.network.reset('m0', 'm1')
        stage.run(15)
      }
    },
  ],
  [
    'words of views that never were, and of those that are over, change nothing',
    3,
    (stage) => {
      const { view } = stage.member(0).machine
      const past = { number: 0, installer: 'm0' }
      const [later, key] = [{ number: 7777, installer: 'm9' }, viewKey(view.id)]
      for (const id of [past, later]) {
        const tell = stage.world.tell.bind(stage.world, stage.member(0))
        tell({ kind: 'word', from: 'm1', word: { kind: 'ack', view: id, received: 5, consumed: 5, needsStable: true } })
        tell({ kind: 'word', from: 'm1', word: { kind: 'data', view: id, entries: [] } })
        tell({ kind: 'word', from: 'm1', word: { kind: 'leave', view: id } })
        tell({ kind: 'word', from: 'm1', word: { kind: 'reform', view: id } })
        tell({
          kind: 'word',
          from: 'm1',
          word: { kind: 'install', ballot: id, members: [], lineages: [], reasons: [] },
        })
      }
      stage.run(300)
      if (viewKey(stage.member(0).machine.view.id) !== key) throw new Error('the view changed for nothing')
    },
  ],
  [
    'a change is stuck, and a newcomer gets in all the same',
    3,
    (stage) => {
      stage.member(1).isFrozen = true
      stage.world.network.reset('m0', 'm2')
      stage.until(() => stage.member(0).machine.phase === 'flushing')
      stage.world.start('m9')
      stage.until(() => stage.viewOf(0).includes('m9'))
      stage.member(1).isFrozen = false
    },
  ],
  [
    'a partition and a merge in the same instant',
    6,
    (stage) => {
      stage.world.network.split([stage.ids(0, 1, 2), stage.ids(3, 4, 5)])
      stage.until(() => stage.viewOf(5) === 'm3,m4,m5')
      stage.publish(0, 1, 2, 3, 4, 5)
      stage.world.network.split([stage.ids(0, 3, 4), stage.ids(1, 2, 5)])
      stage.run(300)
    },
  ],
  [
    'one is frozen just after it acknowledged SAFE, and killed: the survivors agree',
    3,
    (stage) => {
      for (let count = 0; count < 4; count++) stage.publish(0, 1)
      stage.run(25)
      stage.member(2).isFrozen = true
      stage.run(30)
      stage.world.crash(stage.member(2))
    },
  ],
  [
    'a member that does not read is put out, and the others go on',
    3,
    (stage) => {
      stage.member(1).isReading = false
      for (let round = 0; round < 200 && stage.member(1).isAlive; round++) {
        stage.publish(0, 2)
        stage.run(20)
      }
      if (stage.member(1).isAlive) throw new Error('it was never put out')
      if (stage.member(0).machine.held > 12) throw new Error(`${stage.member(0).machine.held} entries are held`)
      const { facts } = stage.world.history
      const gone = facts.findLast((fact) => fact.kind === 'left')
      if (gone?.member !== 'm1') throw new Error('it was not told that it is out')
    },
  ],
]

for (const [name, count, story] of STORIES) tell(name, count, story)

t.test('the last piece of a message comes first: nothing is made of it, whatever follows', (t) => {
  const told: string[] = []
  const act = ({ kind }: GroupAction): void => void told.push(kind)
  const view = { number: 1, installer: 'm0' }
  const outbox = new Outbox('m1', SMALL_LIMITS)
  const delivery = new Delivery({ self: 'm1', view, outbox, limits: SMALL_LIMITS, older: 0, act }, AT_BEGIN)
  const log = new ViewLog(0, [16, 8, 0, 16, 8, 16].map(pieceOf))
  delivery.run(log, 0, false)
  t.strictSame(told, ['fault', 'fault', 'fault', 'deliver'], 'of its pieces only those in order count')
  t.end()
})
