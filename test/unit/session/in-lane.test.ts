/** Marks of the receiving side: cumulative, whatever the order in which handlers finish. */
import t from 'tap'
import { InLane } from '../../../src/session/in-lane.ts'
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

t.test('where a peer may go on counting, a session begins with any number, and has no gap from there on', (t) => {
  const lane = new InLane(true)
  t.ok(lane.beginsAt(6))
  t.strictSame([lane.received, lane.processed], [5, 5])
  t.equal(lane.duplicates(6, 2), 0)
  t.equal(lane.duplicates(6, 2), 0, 'the same once more, after a cut')
  t.notOk(lane.beginsAt(6), 'it has begun')
  lane.received = 6
  lane.finish(6)
  t.equal(lane.processed, 6)
  t.equal(lane.duplicates(6, 2), 1)
  t.equal(lane.duplicates(8, 1), -1)
  t.notOk(new InLane().beginsAt(6), 'others begin with 1')
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

t.test('marks are as the set of what came and what is done says', (t) => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = chance(seed)
    const lane = new InLane()
    let received = 0
    const done = new Set<number>()
    for (let step = 0; step < 60; step++) {
      switch (random(6)) {
        case 0:
        case 1:
        case 2:
          lane.received = received += 1 + random(3)
          break
        case 3:
        case 4:
        case 5: {
          if (received === 0) break
          const seq = 1 + random(received)
          lane.finish(seq)
          done.add(seq)
          break
        }
      }
      if (`${lane.received} ${lane.processed}` !== marks()) t.fail(`seed ${seed}, step ${step}: ${lane.processed}`)
      const [first, count] = [1 + random(received + 4), 1 + random(4)]
      const known = Array.from({ length: count }, (_, index) => first + index).filter((seq) => seq <= received).length
      const expected = first > received + 1 ? -1 : known
      if (lane.duplicates(first, count) !== expected) t.fail(`seed ${seed}, step ${step}: duplicates`)
    }
    function marks(): string {
      let processed = 0
      while (done.has(processed + 1)) processed++
      return `${received} ${processed}`
    }
  }
  t.pass('100 lives')
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
