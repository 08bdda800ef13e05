/** Deadlines, held against a plain list. */
import t from 'tap'
import { Deadlines, NOWHERE } from '../../../src/common/deadlines.ts'
import type { Timed } from '../../../src/common/deadlines.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'

const STEPS = 4000

t.test('the next one is always first, whoever comes and goes', (t) => {
  const random = seededRandom('deadlines')
  const deadlines = new Deadlines<Timed>()
  const list: Timed[] = []
  let wrong = 0
  for (let step = 0; step < STEPS; step++) {
    if (list.length === 0 || random.chance(0.55)) {
      const one = { deadlineMs: random.integer(0, 50), place: NOWHERE }
      list.push(one)
      deadlines.set(one)
    } else {
      const [one] = list.splice(random.integer(0, list.length - 1), 1)
      deadlines.remove(one!)
      if (one!.place !== NOWHERE) wrong++
    }
    const first = list.length === 0 ? undefined : Math.min(...list.map(({ deadlineMs }) => deadlineMs))
    if (deadlines.nextMs !== (first ?? Infinity) || deadlines.size !== list.length) wrong++
  }
  t.equal(wrong, 0)
  t.ok(list.length > 100, 'there was something to keep in order')
  const inOrder: number[] = []
  t.equal(deadlines.due(-1), undefined, 'nobody is due before his time')
  for (let next = deadlines.due(50); next !== undefined; next = deadlines.due(50)) {
    if (next.place !== NOWHERE) wrong++
    inOrder.push(next.deadlineMs)
  }
  t.equal(wrong, 0, 'who is due is in there no more')
  t.strictSame(
    inOrder,
    list.map(({ deadlineMs }) => deadlineMs).sort((a, b) => a - b),
  )
  t.end()
})

t.test('who is not in there can be taken out without harm', (t) => {
  const deadlines = new Deadlines<Timed>()
  const [one, other] = [
    { deadlineMs: 1, place: NOWHERE },
    { deadlineMs: 2, place: NOWHERE },
  ]
  deadlines.set(one)
  deadlines.remove(other)
  deadlines.remove(one)
  deadlines.remove(one)
  t.strictSame([deadlines.size, deadlines.nextMs, deadlines.due(Infinity)], [0, Infinity, undefined])
  t.end()
})

t.test('whose time changes in there is found at its new place', (t) => {
  const deadlines = new Deadlines<{ deadlineMs: number; place: number }>()
  const all = [5, 1, 3, 4, 2].map((deadlineMs) => ({ deadlineMs, place: NOWHERE }))
  for (const one of all) deadlines.set(one)
  const [late, early] = [all[1]!, all[0]!]
  late.deadlineMs = 9
  deadlines.set(late)
  early.deadlineMs = 0
  deadlines.set(early)
  t.equal(deadlines.size, 5)
  const inOrder = [1, 2, 3, 4, 5].map(() => deadlines.due(9)?.deadlineMs)
  t.strictSame(inOrder, [0, 2, 3, 4, 9])
  t.end()
})
