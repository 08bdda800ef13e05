/** Whether the peer that answered a dial may be ours: every refusal has its code, and says what is wrong. */
import t from 'tap'
import { refusal } from '../../src/messenger/peer-check.ts'
import type { Expectation } from '../../src/messenger/peer-check.ts'
import type { PeerCore } from '../../src/messenger/peer-core.ts'
import { lossy } from '../../src/policies/lossy.ts'
import { peer } from '../../src/policies/peer.ts'
import { answer, fakeWorld, PEER, SELF } from './fakes.ts'

const EXPECTED: Expectation = { policy: peer(), address: 'memory://x', type: null, name: null, other: undefined }

function expected(change: Partial<Expectation> = {}): Expectation {
  return { ...EXPECTED, ...change }
}

t.test('who is what was asked for may be ours', (t) => {
  const world = fakeWorld()
  for (const change of [{}, { type: 'osd' }, { name: 'osd.1' }, { type: 'osd', name: 'osd.1' }]) {
    t.equal(refusal(world, expected(change), PEER, answer()), null)
  }
  t.end()
})

t.test('our own address is told from that of a peer', (t) => {
  t.match(refusal(fakeWorld(), expected(), SELF, answer()), { code: 'INK_SELF_CONNECT', reason: /loopback/ })
  t.end()
})

t.test('another name or type is refused', (t) => {
  const world = fakeWorld()
  const wrong = { code: 'INK_WRONG_PEER', reason: /memory:\/\/x is osd\.1, not/ }
  t.match(refusal(world, expected({ name: 'osd.2' }), PEER, answer()), wrong)
  t.match(refusal(world, expected({ type: 'mds' }), PEER, answer()), wrong)
  t.match(refusal(world, expected({ type: 'os' }), PEER, answer()), wrong, 'a type is no prefix')
  t.end()
})

t.test('policies that do not fit are refused', (t) => {
  const misfit = refusal(fakeWorld(), expected({ policy: lossy() }), PEER, answer({ policy: 'peer' }))
  t.match(misfit, { code: 'INK_POLICY_MISMATCH', reason: /lossy/ })
  t.end()
})

t.test('an instance that was replaced is refused for good', (t) => {
  const world = fakeWorld()
  world.table.bury(PEER.instance)
  t.match(refusal(world, expected(), PEER, answer()), { code: 'INK_TAKEN_OVER', reason: /osd\.1/ })
  t.end()
})

t.test('a peer that another connection holds is refused; while that one closes, only for now', (t) => {
  const at = { type: 'osd', name: 'osd.1', address: 'memory://y', instance: PEER.instance }
  const other = (life: PeerCore['life']) => expected({ other: { life, peer: at } })
  t.match(refusal(fakeWorld(), other('running'), PEER, answer()), {
    code: 'INK_DUPLICATE_PEER',
    reason: /memory:\/\/y/,
  })
  t.match(refusal(fakeWorld(), other('closing'), PEER, answer()), { code: 'INK_REFUSED' })
  t.end()
})
