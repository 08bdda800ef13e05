/** Whether the peer that answered a dial may be ours: every refusal has its code, and says what is wrong. */
import t from 'tap'
import { lossy } from '../../../../src/policies/lossy.ts'
import { peer } from '../../../../src/policies/peer.ts'
import { refusal } from '../../../../src/session/endpoint/answered.ts'
import { Endpoint } from '../../../../src/session/endpoint/endpoint.ts'
import type { Member, Refusal } from '../../../../src/session/endpoint/member.ts'
import type { Identity, SessionAnswer } from '../../../../src/wire/wire.ts'
import { answer, PEER, SELF } from '../../messenger/fakes.ts'

function setUp(change: Partial<Member> = {}) {
  const endpoint = new Endpoint<Member>(100)
  const add = (more: Partial<Member>): Member => {
    const member: Member = {
      ...{ policy: peer(), role: 'initiator', channel: 0, address: 'memory://x', expectType: null, expectName: null },
      ...{ life: 'running', ...more },
    }
    endpoint.add(member, ['memory://x'])
    return member
  }
  const member = add(change)
  const ask = (who: Identity, said: SessionAnswer, hasSession = false): Refusal | null =>
    refusal(endpoint, { member, self: SELF, hasSession }, who, said)
  return { endpoint, ask, add }
}

t.test('who is what was asked for may be ours', (t) => {
  for (const change of [
    {},
    { expectType: 'osd' },
    { expectName: 'osd.1' },
    { expectType: 'osd', expectName: 'osd.1' },
  ]) {
    t.equal(setUp(change).ask(PEER, answer()), null)
  }
  t.end()
})

t.test('our own address is told from that of a peer, also of one that wears our instance', (t) => {
  const { ask } = setUp({ expectName: 'osd.1' })
  t.match(ask(SELF, answer()), { code: 'INK_SELF_CONNECT', reason: /loopback/, final: true })
  t.match(ask(SELF, answer(), true), { final: false }, 'that says nothing about the peer that it has')
  t.equal(ask({ ...PEER, instance: SELF.instance }, answer()), null)
  t.end()
})

t.test('the name counts before everything else that is wrong', (t) => {
  const { ask } = setUp({ expectName: 'osd.2', policy: lossy() })
  const wrong = { code: 'INK_WRONG_PEER', reason: /memory:\/\/x is osd\.1, not osd\.2/, final: true }
  t.match(ask(PEER, answer({ policy: 'peer' })), wrong)
  t.end()
})

t.test('policies that do not fit are refused', (t) => {
  const { ask } = setUp({ policy: lossy() })
  const misfit = { code: 'INK_POLICY_MISMATCH', reason: /lossy/, final: true }
  t.match(ask(PEER, answer({ policy: 'peer' })), misfit)
  t.end()
})

t.test('an instance that was replaced is refused for good, and a peer that another connection holds', (t) => {
  const { endpoint, ask, add } = setUp()
  const other = add({ address: 'memory://y' })
  endpoint.adopt(other, PEER)
  t.match(ask(PEER, answer()), { code: 'INK_DUPLICATE_PEER', reason: /memory:\/\/y/, final: true })
  endpoint.bury(PEER.name, PEER.instance)
  t.match(ask(PEER, answer()), { code: 'INK_TAKEN_OVER', reason: /osd\.1/, final: true })
  t.end()
})
