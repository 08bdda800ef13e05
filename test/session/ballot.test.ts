/** The order of links. */
import t from 'tap'
import { NO_BALLOT, nextBallot, outranks, raised, sameBallot } from '../../src/session/ballot.ts'
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
  const best = raised(ballot(3, 'b'), 5)
  t.equal(best.epoch, 5)
  t.ok(outranks(ballot(5, 'ffff'), best))
  t.equal(raised(ballot(3, 'b'), 4).epoch, 4)
  t.strictSame(raised(ballot(3, 'b'), 3), ballot(3, 'b'))
  t.end()
})

t.test('the next dial goes before everything seen', (t) => {
  for (const best of ALL) t.ok(outranks(nextBallot(best, 'zz'), best))
  t.end()
})
