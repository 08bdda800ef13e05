/** The order of links. */
import t from 'tap'
import {
  EPOCH_ANEW,
  EPOCH_STEP_MAX,
  NO_BALLOT,
  corrected,
  inStep,
  nextBallot,
  outranks,
  sameBallot,
} from '../../../src/session/ballot.ts'
import { EPOCH_MAX } from '../../../src/wire/wire.ts'
import { ballot } from './samples.ts'

const ALL = [NO_BALLOT, ballot(1, 'a'), ballot(1, 'b'), ballot(2, 'a'), ballot(2, 'b'), ballot(2, '~')]

t.test('it is a strict total order', (t) => {
  for (const a of ALL) {
    for (const b of ALL) {
      const relations = [outranks(a, b), sameBallot(a, b), outranks(b, a)].filter(Boolean)
      t.equal(relations.length, 1, `${a.epoch}${a.dialler} and ${b.epoch}${b.dialler}`)
      for (const c of ALL) if (outranks(a, b) && outranks(b, c)) t.ok(outranks(a, c))
    }
  }
  t.end()
})

t.test('a higher epoch wins, then the lower address', (t) => {
  t.ok(outranks(ballot(2, 'b'), ballot(1, 'a')))
  t.ok(outranks(ballot(2, 'a'), ballot(2, 'b')))
  t.ok(outranks(ballot(0, 'f'), NO_BALLOT))
  t.end()
})

t.test('what a peer knows raises the best and loses every tie', (t) => {
  const best = corrected(ballot(3, 'b'), 5)
  t.equal(best.epoch, 5)
  t.ok(outranks(ballot(5, 'ffff'), best))
  t.equal(corrected(ballot(3, 'b'), 4).epoch, 4)
  t.strictSame(corrected(ballot(3, 'b'), 3), ballot(3, 'b'))
  t.strictSame(corrected(ballot(3, 'b'), 2), ballot(3, 'b'), 'a lower one in step is old news')
  t.end()
})

t.test('epochs that are far apart have no order, and whoever is told of one comes there', (t) => {
  const near = ballot(7 + EPOCH_STEP_MAX, 'b')
  const far = ballot(8 + EPOCH_STEP_MAX, 'b')
  t.ok(inStep(near, 7) && inStep(ballot(7), near.epoch))
  t.notOk(inStep(far, 7) || inStep(ballot(7), far.epoch))
  t.ok(inStep(NO_BALLOT, EPOCH_MAX), 'who has seen nothing believes the first one')
  t.equal(corrected(far, 7).epoch, 7, 'down')
  t.equal(corrected(ballot(7), far.epoch).epoch, far.epoch, 'up')
  t.equal(corrected(near, 7), near)
  const anew = nextBallot(ballot(EPOCH_MAX), 'b')
  t.strictSame(anew, ballot(EPOCH_ANEW, 'b'), 'and at the end of the numbers one begins anew')
  for (const late of [1, 2, 1000, EPOCH_STEP_MAX]) t.notOk(inStep(anew, late), 'what is late from before is not newer')
  t.end()
})

t.test('the next dial goes before everything seen', (t) => {
  for (const best of ALL) t.ok(outranks(nextBallot(best, 'zz'), best))
  t.end()
})
