/** peer(): it takes every option. */
import t from 'tap'
import { peer } from '../../../src/policies/peer.ts'

t.test('it stands by for ever and asks', (t) => {
  t.match(peer(), { kind: 'peer', standbyMs: Infinity, probeMs: 1000 })
  t.match(peer({ standbyMs: 5000, probeMs: Infinity }), { standbyMs: 5000, probeMs: Infinity })
  t.end()
})
