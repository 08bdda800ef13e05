/** The table by numbers: it agrees with a Map whatever is done to it, also where all numbers begin at the same slot. */
import t from 'tap'
import { Numbered } from '../../../src/common/numbered.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'

interface One {
  readonly id: number
}

t.test('it agrees with a Map under any mix of additions, deletions and look-ups', (t) => {
  const random = seededRandom(7)
  const below = (most: number): number => Math.floor(random.next() * most)
  // Numbers that follow each other, as those of calls; all of the same slot; of few slots, beyond 32 bits.
  for (const step of [1, 1024, 2 ** 40 + 3]) {
    const table = new Numbered<One>()
    const model = new Map<number, One>()
    for (let turn = 0; turn < 4000; turn++) {
      const id = step * (1 + below(60))
      const one = { id }
      if (random.next() < 0.5) {
        t.equal(table.delete(id), model.delete(id))
      } else if (!model.has(id)) {
        table.add(one)
        model.set(id, one)
      }
      const other = step * (1 + below(60))
      if (table.get(other) !== model.get(other) || table.size !== model.size) t.fail(`turn ${turn}, step ${step}`)
    }
    const byNumber = (a: One, b: One): number => a.id - b.id
    t.strictSame([...table].sort(byNumber), [...model.values()].sort(byNumber))
    t.strictSame(table.takeAll().sort(byNumber), [...model.values()].sort(byNumber))
    t.equal(table.size, 0)
    t.strictSame([...table], [])
  }
  t.end()
})

t.test('what is taken out is not reachable any more', async (t) => {
  const table = new Numbered<One>()
  const gone: WeakRef<One>[] = []
  for (let id = 1; id <= 200; id++) {
    const one = { id }
    table.add(one)
    gone.push(new WeakRef(one))
    if (id > 20) table.delete(id - 20)
  }
  await new Promise(setImmediate)
  if (globalThis.gc === undefined) {
    t.equal([...table].length, 20)
    return
  }
  globalThis.gc()
  t.equal(gone.filter((ref) => ref.deref() !== undefined).length, 20)
})
