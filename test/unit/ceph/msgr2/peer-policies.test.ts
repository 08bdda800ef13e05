/** Which policies a messenger with msgr2() has when its maker names none: those of Ceph's own daemons. */
import t from 'tap'
import { policiesFit } from '../../../../src/policies/compatibility.ts'
import { peerPolicies } from '../../../../src/ceph/msgr2/peer-policies.ts'

t.test('clients are lossy to everybody but an MDS, and daemons of one type are peers', (t) => {
  t.strictSame(peerPolicies('client'), { default: 'lossy', mds: 'losslessClient' })
  t.match(peerPolicies('mon'), { default: 'lossy', mon: 'peer' })
  t.match(peerPolicies('osd'), { default: 'lossy', osd: 'peer' })
  t.strictSame(peerPolicies('mgr'), { default: 'lossy' })
  t.strictSame(peerPolicies('toaster'), { default: 'lossy' })
  t.end()
})

t.test('any two that leave it to the protocol fit each other, whoever dials', (t) => {
  const types = ['client', 'mon', 'osd', 'mds', 'mgr']
  const kind = (of: string, to: string) => peerPolicies(of)[to] ?? peerPolicies(of)['default']!
  for (const a of types)
    for (const b of types) {
      const [mine, theirs] = [kind(a, b), kind(b, a)]
      t.ok(policiesFit(mine, theirs) || policiesFit(theirs, mine), `${a} is ${mine}, ${b} is ${theirs}`)
    }
  t.end()
})
