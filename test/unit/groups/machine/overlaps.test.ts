/**
 * More of what broke other group systems: views that overlap in every way that JGroups lists, ends that close by themselves, a sequencer
 * that dies between order and stability, merges of many, and numbers that are made up.
 */
import t from 'tap'
import { viewChange } from '../../../../src/groups/machine/change.ts'
import { GROUPS } from '../../../../src/groups/machine/limits.ts'
import { GroupMachine } from '../../../../src/groups/machine/machine.ts'
import { viewKey } from '../../../../src/groups/machine/terms.ts'
import { SHORT_TIMES, SMALL_LIMITS } from '../../../../src/testing/groups/world-member.ts'
import { tell, type Stage } from './stage.ts'

/** The others go on without this one, which stands still meanwhile. */
function goOnWithout(stage: Stage, index: number, others: readonly number[]): void {
  stage.member(index).isFrozen = true
  const { id } = stage.member(index)
  for (const other of others) stage.world.network.suspect(stage.member(other).id, id, 'down')
  stage.until(() => others.every((other) => stage.viewOf(other) === stage.ids(...others).join()))
}

/** All run again; two of them publish in views that overlap. */
function meet(stage: Stage): void {
  for (const member of stage.members) member.isFrozen = false
  stage.publish(0, 2)
  stage.run(100)
}

tell('overlapping views: the one between was left behind by the other two', 3, (stage) => {
  goOnWithout(stage, 1, [0, 2])
  if (stage.viewOf(1) !== 'm0,m1,m2') throw new Error('it has not been left behind')
  meet(stage)
})

tell('overlapping views: one, two and three of the same three', 3, (stage) => {
  goOnWithout(stage, 2, [0, 1])
  goOnWithout(stage, 1, [0])
  if (stage.viewOf(1) !== 'm0,m1' || stage.viewOf(2) !== 'm0,m1,m2') throw new Error('they do not overlap')
  meet(stage)
})

tell('overlapping views: one creator, the same members, different ids', 3, (stage) => {
  const last = stage.member(2)
  const before = viewKey(last.machine.view.id)
  stage.world.tell(stage.member(0), { kind: 'reform' })
  stage.until(() => last.machine.phase === 'flushing')
  last.isFrozen = true
  stage.until(() =>
    stage.world.living.every(({ id, machine }) => id === last.id || viewKey(machine.view.id) !== before),
  )
  if (viewKey(last.machine.view.id) !== before || stage.viewOf(2) !== stage.viewOf(0)) throw new Error('they are one')
  meet(stage)
})

tell('overlapping views: the last one has gone on with each of the others', 3, (stage) => {
  goOnWithout(stage, 0, [1, 2])
  stage.member(1).isFrozen = true
  stage.member(0).isFrozen = false
  stage.world.network.suspect('m2', 'm1', 'down')
  stage.world.network.suspect('m2', 'm0', 'up')
  stage.until(() => stage.viewOf(2) === 'm0,m2')
  if (stage.viewOf(1) !== 'm1,m2') throw new Error('they do not overlap')
  meet(stage)
})

tell('one end takes a link for closed, then the other, while it is reset', 3, (stage) => {
  for (const [at, about] of [
    ['m0', 'm1'],
    ['m1', 'm0'],
    ['m2', 'm0'],
    ['m0', 'm2'],
  ] as const) {
    stage.publish(0, 1, 2)
    stage.world.network.suspect(at, about, 'down')
    stage.run(10)
    stage.world.network.reset(at, about)
    stage.run(30)
    stage.world.network.suspect(at, about, 'up')
  }
})

tell('the sequencer dies between the order of SAFE and its stability: those who live agree', 4, (stage) => {
  const view = viewKey(stage.member(1).machine.view.id)
  for (let count = 0; count < 5; count++) stage.publish(1, 2)
  // Some have entries that others lack.
  stage.until(() => stage.member(1).machine.held > 0)
  stage.world.crash(stage.member(0))
  stage.until(() => stage.world.isSettled)
  const { facts } = stage.world.history
  const inOld = facts.filter((fact) => fact.kind === 'message' && fact.view === view && fact.member !== 'm0')
  const counts = ['m1', 'm2', 'm3'].map((id) => inOld.filter(({ member }) => member === id).length)
  if (counts[0] === 0 || new Set(counts).size > 1) throw new Error(`they were told ${counts.join()} messages`)
})

tell('one starts again under its name while its old life is in the view: it is another member', 3, (stage) => {
  stage.publish(1, 1, 2)
  stage.run(10)
  const told = stage.world.history.facts.length
  stage.world.crash(stage.member(1))
  const anew = stage.world.start('m1~again')
  stage.until(() => stage.world.isSettled)
  stage.world.publish(anew)
  const early = stage.world.history.facts.slice(told).some((fact) => fact.kind === 'message' && fact.member === anew.id)
  if (early && anew.views < 2) throw new Error('it was told what belongs to its old life')
})

tell(
  'two sides of eight each become one',
  16,
  (stage) => {
    const [some, others] = [stage.members.slice(0, 8), stage.members.slice(8)]
    stage.world.network.split([some.map(({ id }) => id), others.map(({ id }) => id)])
    stage.until(() => stage.world.living.every(({ machine }) => machine.view.members.length === 8))
    stage.publish(0, 5, 7, 8, 12, 15)
  },
  1,
)

t.test('views that would have more than the largest number of members together do not merge', (t) => {
  const machine = new GroupMachine({ self: 'm0', limits: SMALL_LIMITS, times: SHORT_TIMES, nowMs: 0 })
  machine.handle({ kind: 'up', peer: 'n00' }, 1)
  const probe = (count: number): string[] => {
    const members = Array.from({ length: count }, (_, index) => `n${String(index).padStart(2, '0')}`)
    const view = { id: { number: 1, installer: 'n00' }, members }
    machine.handle({ kind: 'word', from: 'n00', word: { kind: 'probe', view } }, 2)
    const said = machine.handle({ kind: 'tick', random: 0.9 }, 3)
    return said.flatMap((action) => (action.kind === 'send' ? [action.word.kind] : []))
  }
  t.notOk(probe(GROUPS.membersMax).includes('prepare'), 'with this one they are too many')
  t.ok(probe(GROUPS.membersMax - 1).includes('prepare'), 'so many may be')
  t.end()
})

t.test('one change says who left and who joined, also of one that did both', (t) => {
  const [old, other] = [
    { number: 4, installer: 'm0' },
    { number: 6, installer: 'm2' },
  ]
  const previous = { id: old, members: ['m0', 'm1', 'm2'] }
  const fixed = { length: 0, stable: 0, isFresh: false, accounts: [] }
  const lineages = [
    { ...fixed, view: old, transitional: ['m0'] },
    { ...fixed, view: other, transitional: ['m2'] },
    { ...fixed, view: { number: 0, installer: 'm3' }, transitional: ['m3'], isFresh: true },
  ]
  const view = { id: { number: 7, installer: 'm0' }, members: ['m0', 'm2', 'm3'] }
  const { left, joined, transitional } = viewChange(view, previous, lineages, [['m1', 'process-down']])
  t.strictSame(transitional, ['m0'])
  t.strictSame(left, [
    ['m1', 'process-down'],
    ['m2', 'partition'],
  ])
  t.strictSame(joined, [
    ['m2', 'merge'],
    ['m3', 'join'],
  ])
  t.end()
})
