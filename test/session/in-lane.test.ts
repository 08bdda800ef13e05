/** Marks of the receiving side: cumulative, whatever the order in which handlers finish. */
import t from 'tap'
import { InLane } from '../../src/session/in-lane.ts'
import { chance } from './samples.ts'

t.test('duplicates are counted, gaps are refused', (t) => {
  const lane = new InLane()
  lane.received = 5
  t.equal(lane.duplicates(6, 3), 0)
  t.equal(lane.duplicates(4, 3), 2)
  t.equal(lane.duplicates(1, 3), 3)
  t.equal(lane.duplicates(7, 1), -1)
  t.end()
})

t.test('handlers finish in any order, and the mark waits for the oldest', (t) => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = chance(seed)
    const lane = new InLane()
    const open = Array.from({ length: 20 }, (_, index) => index + 1)
    lane.received = 20
    const done = new Set<number>()
    while (open.length > 0) {
      const [seq = 0] = open.splice(random(open.length), 1)
      done.add(seq)
      lane.finish(seq)
      let oldest = 1
      while (done.has(oldest)) oldest++
      if (lane.processed !== oldest - 1)
        t.fail(`seed ${seed}: processed ${lane.processed}, but ${oldest} is not finished`)
    }
    t.equal(lane.processed, 20, `seed ${seed}`)
  }
  t.end()
})

t.test('finishing twice changes nothing', (t) => {
  const lane = new InLane()
  lane.received = 3
  for (const seq of [1, 1, 3, 3, 1]) lane.finish(seq)
  t.equal(lane.processed, 1)
  lane.finish(2)
  t.equal(lane.processed, 3)
  t.end()
})

t.test('what the peer knows is remembered until something is new', (t) => {
  const lane = new InLane()
  t.notOk(lane.untold)
  lane.received = 1
  t.ok(lane.untold)
  lane.tell()
  t.notOk(lane.untold)
  lane.finish(1)
  t.ok(lane.untold)
  lane.reset()
  t.notOk(lane.untold)
  t.equal(lane.received, 0)
  t.end()
})

t.test('a saved lane goes on as the original', (t) => {
  const lane = new InLane()
  lane.received = 4
  lane.finish(3)
  const copy = new InLane()
  copy.restore(lane.save())
  t.strictSame(copy.save(), lane.save())
  for (const seq of [1, 2]) copy.finish(seq)
  t.equal(copy.processed, 3)
  t.equal(lane.processed, 0)
  t.end()
})
