/** Deadlines, held against a plain list. */
import t from 'tap'
import { Deadlines, NOWHERE } from '../../../src/common/deadlines.ts'
import type { Deadline } from '../../../src/common/deadlines.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'

const STEPS = 4000

t.test('the next one is always first, whoever comes and goes', (t) => {
  const random = seededRandom('deadlines')
  const deadlines = new Deadlines<Deadline>()
  const list: Deadline[] = []
  let wrong = 0
  for (let step = 0; step < STEPS; step++) {
    if (list.length === 0 || random.chance(0.55)) {
      const one = { atMs: random.integer(0, 50), place: NOWHERE }
      list.push(one)
      deadlines.add(one)
    } else {
      const [one] = list.splice(random.integer(0, list.length - 1), 1)
      deadlines.remove(one!)
      if (one!.place !== NOWHERE) wrong++
    }
    const first = list.length === 0 ? undefined : Math.min(...list.map(({ atMs }) => atMs))
    if (deadlines.first?.atMs !== first || deadlines.size !== list.length) wrong++
  }
  t.equal(wrong, 0)
  t.ok(list.length > 100, 'there was something to keep in order')
  const inOrder: number[] = []
  for (let next = deadlines.first; next !== undefined; next = deadlines.first) {
    inOrder.push(next.atMs)
    deadlines.remove(next)
  }
  t.strictSame(
    inOrder,
    list.map(({ atMs }) => atMs).sort((a, b) => a - b),
  )
  t.end()
})

t.test('who is not in there can be taken out without harm', (t) => {
  const deadlines = new Deadlines<Deadline>()
  const [one, other] = [
    { atMs: 1, place: NOWHERE },
    { atMs: 2, place: NOWHERE },
  ]
  deadlines.add(one)
  deadlines.remove(other)
  deadlines.remove(one)
  deadlines.remove(one)
  t.strictSame([deadlines.size, deadlines.first], [0, undefined])
  t.end()
})
