/** Whether the peer that answered a dial may be ours: every refusal has its code, and says what is wrong and who hears of it. */
import t from 'tap'
import { lossy } from '../../../../src/policies/lossy.ts'
import { peer } from '../../../../src/policies/peer.ts'
import { disowned } from '../../../../src/session/endpoint/answered.ts'
import type { Disowned } from '../../../../src/session/endpoint/answered.ts'
import { Endpoint } from '../../../../src/session/endpoint/endpoint.ts'
import type { Member } from '../../../../src/session/endpoint/member.ts'
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
  const ask = (who: Identity, said: SessionAnswer, hasSession = false): Disowned | null =>
    disowned(endpoint, { member, self: SELF, hasSession }, 7, who, said)
  return { endpoint, ask, add, member }
}

/** The session is over. */
function refused(code: string, reason: RegExp): unknown {
  return { event: { type: 'rejected', link: 7, code, reason }, doubt: null }
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
  t.match(ask(SELF, answer()), refused('INK_SELF_CONNECT', /loopback/))
  const lost = { event: { type: 'fault', link: 7, reason: /loopback/ }, doubt: null }
  t.match(ask(SELF, answer(), true), lost, 'that says nothing about the peer that it has')
  t.equal(ask({ ...PEER, instance: SELF.instance }, answer()), null)
  t.end()
})

t.test('the name counts before everything else that is wrong', (t) => {
  const { ask } = setUp({ expectName: 'osd.2', policy: lossy() })
  t.match(ask(PEER, answer({ policy: 'peer' })), refused('INK_WRONG_PEER', /memory:\/\/x is osd\.1, not osd\.2/))
  t.end()
})

t.test(
  'somebody else where the peer of the session was is no end of it: the link is lost, and its caller told',
  (t) => {
    const { endpoint, ask, member } = setUp()
    endpoint.adopt(member, PEER)
    t.equal(ask(PEER, answer(), true), null)
    const lost = { type: 'fault', link: 7, reason: /memory:\/\/x is osd\.2, not osd\.1/ }
    t.match(ask({ ...PEER, name: 'osd.2' }, answer(), true), { event: lost, doubt: 'INK_WRONG_PEER' })
    endpoint.bury(PEER.name, PEER.instance)
    t.match(ask(PEER, answer(), true), { event: { type: 'fault', reason: /has taken over/ }, doubt: null })
    t.end()
  },
)

t.test('policies that do not fit are refused', (t) => {
  const { ask } = setUp({ policy: lossy() })
  t.match(ask(PEER, answer({ policy: 'peer' })), refused('INK_POLICY_MISMATCH', /lossy/))
  t.end()
})

t.test('an instance that was replaced is refused for good, and a peer that another connection holds', (t) => {
  const { endpoint, ask, add } = setUp()
  const other = add({ address: 'memory://y' })
  endpoint.adopt(other, PEER)
  t.match(ask(PEER, answer()), refused('INK_DUPLICATE_PEER', /memory:\/\/y/))
  endpoint.bury(PEER.name, PEER.instance)
  t.match(ask(PEER, answer()), refused('INK_TAKEN_OVER', /osd\.1/))
  t.end()
})
