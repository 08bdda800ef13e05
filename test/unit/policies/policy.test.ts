/** The brand: only what a factory made is a policy. */
import t from 'tap'
import { isPolicy } from '../../../src/policies/policy.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'

t.test('all four factories make policies', (t) => {
  for (const make of [lossy, losslessClient, losslessServer, peer]) t.ok(isPolicy(make()), make.name)
  t.end()
})

t.test('nothing made by hand is one, nor a copy', (t) => {
  for (const value of [{ ...peer() }, JSON.parse(JSON.stringify(peer())), {}, null, undefined, 'peer', peer]) {
    t.notOk(isPolicy(value))
  }
  t.end()
})
