/** Which ends fit: the whole table of sixteen. */
import t from 'tap'
import { explainMisfit, explainNoDial, mayDial, policiesFit } from '../../../src/policies/compatibility.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import type { PolicyKind } from '../../../src/policies/policy.ts'

const KINDS: readonly PolicyKind[] = ['lossy', 'losslessClient', 'losslessServer', 'peer']
const FITTING = new Set(['lossy→lossy', 'losslessClient→losslessServer', 'peer→peer'])

t.test('three of sixteen pairs fit, by who dials', (t) => {
  for (const dialler of KINDS) {
    for (const acceptor of KINDS) {
      const pair = `${dialler}→${acceptor}`
      t.equal(policiesFit(dialler, acceptor), FITTING.has(pair), pair)
    }
  }
  t.end()
})

t.test('every misfit names both policies and says what to do', (t) => {
  for (const mine of KINDS) {
    for (const theirs of KINDS) {
      if (policiesFit(mine, theirs) || policiesFit(theirs, mine)) continue
      const text = explainMisfit(mine, theirs)
      t.match(text, new RegExp(`${mine} and ${theirs}, .*needs`), text)
    }
  }
  const twoClients = 'losslessClient needs losslessServer() on the other end, or both peer()'
  t.ok(explainMisfit('losslessClient', 'losslessClient').endsWith(`: ${twoClients}`))
  const stranger = 'peer needs peer() on the other end, lossy needs lossy() on the other end'
  t.ok(explainMisfit('peer', 'lossy').endsWith(`: ${stranger}`))
  t.match(explainMisfit('losslessClient', 'losslessServer'), /the end with losslessServer dialled/)
  t.match(explainMisfit('losslessServer', 'losslessClient'), /let the losslessClient connect/)
  t.end()
})

t.test('a losslessServer never dials', (t) => {
  t.strictSame(KINDS.filter(mayDial), ['lossy', 'losslessClient', 'peer'])
  t.match(explainNoDial(losslessServer(), 'mds'), /type "mds" is losslessServer, which never dials/)
  t.end()
})
