/** Which session is meant, by the proved name alone, and who is refused for good. */
import t from 'tap'
import { Endpoint } from '../../../../src/session/endpoint/endpoint.ts'
import type { Member, Wish } from '../../../../src/session/endpoint/member.ts'
import type { PolicyKind } from '../../../../src/policies/policy.ts'
import type { Identity } from '../../../../src/wire/wire.ts'

const OSD1: Identity = { name: 'osd.1', instance: '1'.repeat(32), addresses: ['memory://osd.1'] }
const RESTARTED = { ...OSD1, instance: '2'.repeat(32) }
const OSD2: Identity = { name: 'osd.2', instance: '3'.repeat(32), addresses: ['memory://osd.2'] }

const WISH: Wish = { type: null, name: null, policy: null, kind: 'peer' }

function member(change: Partial<Member> = {}, kind: PolicyKind = 'peer'): Member {
  return {
    ...{ policy: { kind }, role: 'initiator', channel: 0, expectType: null, expectName: null },
    ...{ life: 'running', address: 'memory://x' },
    ...change,
  }
}

/** An endpoint with these sessions, dialled at `memory://osd.1` unless they are responders. */
function endpointOf(...members: Member[]): Endpoint<Member> {
  const endpoint = new Endpoint<Member>(10)
  for (const one of members) endpoint.add(one, one.role === 'initiator' ? ['memory://osd.1'] : [])
  return endpoint
}

t.test('an arriving link means the session of its name, wherever it comes from and whichever instance it is', (t) => {
  const one = member()
  const endpoint = endpointOf(one)
  endpoint.adopt(one, OSD1)
  for (const peer of [OSD1, RESTARTED, { ...OSD1, addresses: [] }]) t.equal(endpoint.meant(peer, 0), one)
  t.equal(endpoint.meant(OSD1, 1), undefined, 'not on another channel')
  t.strictSame(endpoint.members(), [one])
  t.end()
})

t.test('a name is not enough where its peer has proved another one beside it', (t) => {
  const one = member()
  const endpoint = endpointOf(one)
  const proved = { ...OSD1, principal: 'client.a' }
  endpoint.adopt(one, proved)
  t.equal(endpoint.meant(proved, 0), one)
  t.equal(endpoint.meant({ ...OSD1, principal: 'client.b' }, 0), undefined)
  t.end()
})

t.test('neither the instance nor the address of another name means anything', (t) => {
  const liars = [
    { ...OSD2, instance: OSD1.instance },
    { ...OSD2, addresses: OSD1.addresses },
    { ...OSD2, instance: OSD1.instance, addresses: OSD1.addresses },
  ]
  const proved = member()
  const endpoint = endpointOf(proved)
  endpoint.adopt(proved, OSD1)
  const responder = member({ role: 'responder' })
  const other = endpointOf(responder)
  other.claim(responder, OSD1)
  const waiting = [member({ expectName: 'osd.1' }), member({ expectType: 'mds' })]
  for (const liar of liars) {
    t.equal(endpoint.meant(liar, 0), undefined, 'one that was adopted')
    t.equal(other.meant(liar, 0), undefined, 'one that was promised')
    for (const one of waiting) t.equal(endpointOf(one).meant(liar, 0), undefined, 'one that waits for another')
  }
  t.end()
})

t.test('who waits for a name, or for whoever is at an address, is found by who proves to be that', (t) => {
  const nameless = member()
  const osd = member({ expectType: 'osd' })
  const named = member({ expectName: 'osd.1' })
  for (const one of [nameless, osd, named]) t.equal(endpointOf(one).meant(OSD1, 0), one)
  t.equal(endpointOf(nameless, named).meant(OSD1, 0), named, 'the name counts before the address')
  t.equal(endpointOf(member()).meant(OSD2, 0), undefined, 'elsewhere')
  t.equal(endpointOf(named).meant({ ...OSD1, addresses: [] }, 0), named)
  const held = endpointOf(nameless, named)
  const claimed = member({ role: 'responder' })
  held.add(claimed)
  held.claim(claimed, OSD1)
  t.equal(held.meant(OSD1, 0), claimed, 'and what was promised before both')
  held.adopt(nameless, OSD1)
  t.equal(held.meant(OSD1, 0), nameless, 'and what was adopted before all')
  t.end()
})

t.test('lossy sessions are never meant by a link, and those of client.? only by their instance', (t) => {
  const lossy = member({}, 'lossy')
  const one = endpointOf(lossy)
  t.equal(one.meant(OSD1, 0), undefined)
  one.adopt(lossy, OSD1)
  t.equal(one.meant(OSD1, 0), undefined)
  const anybody = { ...OSD1, name: 'client.?' }
  const served = member({ role: 'responder' })
  const endpoint = endpointOf(served)
  endpoint.claim(served, anybody)
  t.equal(endpoint.meant(anybody, 0), served)
  t.equal(endpoint.meant({ ...anybody, instance: OSD2.instance }, 0), undefined)
  t.equal(endpoint.meant({ ...anybody, name: 'osd.?' }, 0), undefined, 'an instance of another name')
  t.end()
})

t.test('who answers a dial is a stranger by its name, for good only while there is no peer', (t) => {
  const cases: [Partial<Member>, Identity, boolean][] = [
    [{}, OSD1, false],
    [{ expectType: 'osd' }, OSD1, false],
    [{ expectName: 'osd.1', expectType: 'osd' }, OSD1, false],
    [{ expectName: 'osd.2' }, OSD1, true],
    [{ expectType: 'mds' }, OSD1, true],
    [{ expectType: 'os' }, OSD1, true],
  ]
  for (const [change, peer, strange] of cases) {
    const one = member(change)
    const refused = endpointOf(one).stranger(one, peer, 'memory://x')
    t.match(refused, strange ? { code: 'INK_WRONG_PEER', reason: /memory:\/\/x is osd\.1, not/, final: true } : null)
  }
  const one = member()
  const endpoint = endpointOf(one)
  endpoint.adopt(one, { ...OSD1, principal: 'osd.1' })
  t.equal(endpoint.stranger(one, RESTARTED, ''), null, 'another instance of it')
  t.equal(endpoint.stranger(one, { ...OSD1, principal: null }, ''), null)
  t.match(endpoint.stranger(one, OSD2, ''), { code: 'INK_WRONG_PEER', final: false })
  t.match(endpoint.stranger(one, { ...OSD1, principal: 'osd.2' }, ''), { code: 'INK_WRONG_PEER', final: false })
  t.end()
})

t.test('a dial ends where its peer is connected already, and waits where that is not decided', (t) => {
  const first = member({ address: 'memory://y' })
  const second = member()
  const endpoint = endpointOf(first, second)
  t.equal(endpoint.rival(second, OSD1), null)
  endpoint.adopt(first, OSD1)
  const duplicate = { code: 'INK_DUPLICATE_PEER', reason: /memory:\/\/y/, final: true }
  t.match(endpoint.rival(second, OSD1), duplicate)
  t.match(endpoint.rival(second, RESTARTED), duplicate, 'also by another instance')
  t.equal(endpoint.rival(first, OSD1), null, 'nobody is his own rival')
  t.equal(endpoint.rival(second, { ...OSD2, instance: OSD1.instance }), null, 'an instance is not a name')
  Object.assign(first, { life: 'closing' })
  t.match(endpoint.rival(second, OSD1), { code: 'INK_REFUSED', final: false })
  endpoint.remove(first)
  const promised = member({ role: 'responder' })
  endpoint.add(promised)
  endpoint.claim(promised, OSD1)
  t.match(endpoint.rival(second, OSD1), { code: 'INK_REFUSED', final: false })
  endpoint.remove(promised)
  t.equal(endpoint.rival(second, OSD1), null)
  t.end()
})

t.test('a removed session leaves nothing behind, and does not take its successor along', (t) => {
  const old = member()
  const young = member()
  const endpoint = endpointOf(old, young)
  endpoint.adopt(old, OSD1)
  endpoint.adopt(young, RESTARTED)
  endpoint.remove(old)
  t.equal(endpoint.meant(OSD1, 0), young)
  t.equal(endpoint.wanted('memory://osd.1', WISH), young)
  t.equal(endpoint.size, 1)
  endpoint.remove(young)
  endpoint.adopt(young, OSD1)
  t.equal(endpoint.meant(OSD1, 0), undefined, 'who was removed cannot come back')
  t.equal(endpoint.wanted('memory://osd.1', WISH), undefined)
  t.equal(endpoint.wanted('memory://osd.1', { ...WISH, name: 'osd.1' }), undefined)
  t.end()
})

t.test('a client that dials again ends its lossy session before, and no other', (t) => {
  const dialled = member({}, 'lossy')
  const accepted = member({ role: 'responder' }, 'lossy')
  const again = member({ role: 'responder' }, 'lossy')
  const endpoint = endpointOf(dialled, accepted, again)
  const adopted = (one: ReturnType<typeof member>, by: typeof OSD1) => {
    endpoint.adopt(one, by)
    return endpoint.displaced(one)
  }
  t.equal(endpoint.displaced(again), undefined, 'nobody has adopted it')
  t.equal(adopted(dialled, OSD1), undefined)
  t.equal(adopted(accepted, OSD1), undefined, 'crossed connects are two sessions')
  t.equal(adopted(again, OSD1), accepted)
  const other = member({ role: 'responder' }, 'lossy')
  endpoint.add(other)
  t.equal(adopted(other, { ...OSD2, instance: OSD1.instance }), undefined, 'an instance of another name')
  t.end()
})

t.test('channels keep extra connections apart, each side its own', (t) => {
  const shared = member()
  const ours = member({ channel: 1 })
  const theirs = member({ channel: 1, role: 'responder' })
  const endpoint = endpointOf(shared, ours, theirs)
  for (const one of [shared, ours]) endpoint.adopt(one, OSD1)
  endpoint.claim(theirs, OSD1)
  t.equal(endpoint.meant(OSD1, 0), shared)
  t.equal(endpoint.meant(OSD1, 1, 'theirs'), theirs)
  t.equal(endpoint.meant(OSD1, 1, 'ours'), ours)
  t.equal(endpoint.meant(OSD1, 1), theirs, 'who does not say means its own, if there is one')
  endpoint.remove(theirs)
  t.equal(endpoint.meant(OSD1, 1, 'theirs'), undefined)
  t.equal(endpoint.meant(OSD1, 1), ours)
  t.equal(endpoint.meant(OSD1, 2), undefined)
  t.end()
})

const HERE = 'memory://osd.1'
type Case = [asked: Partial<Member>, later: Partial<Wish>, same: boolean]

t.test('callers who want the same get the same, and who wants more than was asked for does not', (t) => {
  const cases: Case[] = [
    [{}, {}, true],
    [{ expectType: 'osd' }, {}, true],
    [{ expectName: 'osd.1', expectType: 'osd' }, {}, true],
    [{ expectType: 'osd' }, { type: 'osd' }, true],
    [{ expectName: 'osd.1' }, { type: 'osd' }, true],
    [{ expectName: 'osd.1' }, { name: 'osd.1' }, true],
    [{}, { type: 'osd' }, false],
    [{}, { name: 'osd.1' }, false],
    [{ expectType: 'osd' }, { type: 'mds' }, false],
    [{ expectType: 'osd' }, { name: 'osd.1', type: 'osd' }, false],
    [{ expectName: 'osd.1' }, { name: 'osd.2' }, false],
    [{ expectName: 'osd.1' }, { type: 'mds' }, false],
    [{ life: 'closing' }, {}, false],
    [{ channel: 1 }, {}, false],
  ]
  for (const [asked, later, same] of cases) {
    const first = member(asked)
    t.equal(endpointOf(first).wanted(HERE, { ...WISH, ...later }), same ? first : undefined)
  }
  t.equal(endpointOf(member()).wanted('memory://other', WISH), undefined)
  const first = member()
  const second = member({ expectName: 'osd.2' })
  const endpoint = endpointOf(first, second)
  t.equal(endpoint.wanted(HERE, WISH), first)
  t.equal(endpoint.wanted(HERE, { ...WISH, name: 'osd.2' }), second)
  t.end()
})

t.test('once a peer has proved its name, that is what callers are compared with', (t) => {
  for (const kind of ['peer', 'lossy'] as const) {
    const one = member({}, kind)
    const endpoint = endpointOf(one)
    endpoint.adopt(one, OSD1)
    t.equal(endpoint.wanted(HERE, { ...WISH, name: 'osd.1', type: 'osd' }), one)
    t.equal(endpoint.wanted(HERE, { ...WISH, type: 'osd' }), one)
    t.equal(endpoint.wanted(HERE, { ...WISH, type: 'mds' }), undefined)
    t.equal(endpoint.wanted(HERE, { ...WISH, name: 'osd.2' }), undefined)
    t.equal(endpoint.wanted('memory://other', { ...WISH, name: 'osd.1' }), one, 'a name is the same peer anywhere')
    t.equal(endpoint.wanted('memory://other', { ...WISH, type: 'osd' }), undefined)
  }
  const promised = member({ role: 'responder' })
  const endpoint = endpointOf(promised)
  endpoint.claim(promised, OSD1)
  t.equal(endpoint.wanted(HERE, { ...WISH, name: 'osd.1' }), promised, 'or the two would end each other')
  const told = { ...WISH, type: 'osd' }
  t.equal(endpoint.wanted(OSD1.addresses[0]!, told), promised, 'also by the place that it tells, and by its type')
  t.equal(endpoint.wanted(OSD1.addresses[0]!, { ...WISH, type: 'mds' }), undefined, 'which is not another')
  endpoint.adopt(promised, OSD1)
  t.equal(endpoint.wanted('memory://other', { ...WISH, name: 'osd.1' }), promised)
  t.end()
})

t.test('where a peer says that it is stands for it only where nobody proves a name', (t) => {
  for (const proved of [true, false]) {
    const accepted = member({ role: 'responder' })
    const endpoint = new Endpoint<Member>(10, proved)
    endpoint.add(accepted)
    endpoint.adopt(accepted, OSD1)
    t.equal(endpoint.wanted('memory://osd.1', WISH), proved ? undefined : accepted)
    t.equal(endpoint.wanted('memory://osd.1', { ...WISH, name: 'osd.1' }), accepted, 'by its name it is found')
  }
  t.end()
})

t.test('a second dial to the same lossy server ends where the first one goes on', (t) => {
  const first = member({}, 'lossy')
  const second = member({}, 'lossy')
  const accepted = member({ role: 'responder' }, 'lossy')
  const endpoint = endpointOf(first, second, accepted)
  endpoint.adopt(accepted, OSD1)
  t.equal(endpoint.rival(first, OSD1), null, 'a link of the other direction is another session')
  endpoint.adopt(first, OSD1)
  t.match(endpoint.rival(second, OSD1), { code: 'INK_DUPLICATE_PEER', final: true })
  t.equal(endpoint.rival(second, RESTARTED), null, 'the first one may be to a dead process')
  t.end()
})

t.test('what is remembered of a name is bounded, and not by what other names do', (t) => {
  const one = member()
  const endpoint = new Endpoint<Member>(2)
  endpoint.add(one)
  endpoint.adopt(one, RESTARTED)
  endpoint.bury('osd.1', OSD1.instance)
  t.ok(endpoint.offered('osd.1', 'fresh'))
  for (let other = 0; other < 5000; other++) {
    endpoint.bury('osd.2', `${other}`)
    endpoint.bury(`client.${other}`, 'x')
    endpoint.offered('osd.2', `${other}`)
    endpoint.offered(`client.${other}`, 'x')
  }
  t.ok(endpoint.isGone(OSD1), 'an older instance of a living name')
  t.notOk(endpoint.offered('osd.1', 'fresh'), 'and a late copy')
  t.ok(endpoint.goneCount < 100, `${endpoint.goneCount} of all others`)
  t.notOk(endpoint.isGone({ ...OSD2, instance: OSD1.instance }), 'an instance belongs to its name')
  t.match(endpoint.rival(one, OSD1), { code: 'INK_TAKEN_OVER', final: false })
  t.ok(endpoint.offered('osd.2', 'fresh'), 'so does the id of a session')
  for (let more = 0; more < 100; more++) endpoint.bury('osd.1', `${more}`)
  t.notOk(endpoint.isGone(OSD1), 'who replaces itself again and again forgets its own')
  t.end()
})

t.test('ids of sessions that a name offered are remembered up to the limit, the newest longest', (t) => {
  const endpoint = new Endpoint<Member>(2)
  for (let session = 0; session <= 64; session++) t.ok(endpoint.offered('osd.1', `${session}`))
  t.notOk(endpoint.offered('osd.1', '64'))
  t.notOk(endpoint.offered('osd.1', '1'))
  t.ok(endpoint.offered('osd.1', '0'), 'forgotten: a name makes up as many as it likes')
  t.end()
})

t.test('a peer is found where it says that it is now, and not where it was', (t) => {
  const one = member()
  const endpoint = endpointOf(one)
  endpoint.adopt(one, OSD1)
  endpoint.adopt(one, { ...OSD1, addresses: ['memory://moved'] })
  t.equal(endpoint.wanted('memory://moved', { ...WISH, type: 'osd' }), one)
  const other = endpointOf()
  const came = member({ role: 'responder' })
  other.add(came)
  other.adopt(came, OSD1)
  other.adopt(came, { ...OSD1, addresses: ['memory://moved'] })
  t.equal(other.wanted('memory://osd.1', { ...WISH, type: 'osd' }), undefined)
  other.remove(came)
  t.equal(other.wanted('memory://moved', { ...WISH, type: 'osd' }), undefined)
  t.end()
})

t.test('what was only promised displaces nothing', (t) => {
  const [before, after] = [member({ role: 'responder' }, 'lossy'), member({ role: 'responder' }, 'lossy')]
  const endpoint = endpointOf(before, after)
  endpoint.adopt(before, OSD1)
  t.equal(endpoint.displaced(after), undefined, 'nobody has proved anything')
  endpoint.claim(after, OSD1)
  t.equal(endpoint.displaced(after), undefined, 'it may never be adopted')
  endpoint.adopt(after, OSD1)
  t.equal(endpoint.displaced(after), before)
  const dialled = member({}, 'lossy')
  endpoint.add(dialled)
  endpoint.adopt(dialled, OSD1)
  t.equal(endpoint.displaced(dialled), undefined, 'one that is dialled displaces none')
  t.end()
})

t.test('a lossy session is found where it was dialled, and not where its peer says that it is', (t) => {
  for (const role of ['initiator', 'responder'] as const) {
    const one = member({ role }, 'lossy')
    const endpoint = endpointOf(one)
    endpoint.adopt(one, { ...OSD1, addresses: ['memory://told'] })
    t.equal(endpoint.wanted('memory://told', { ...WISH, type: 'osd' }), undefined, role)
  }
  t.end()
})

t.test('who only waits for a name is no rival of whoever has met it', (t) => {
  const [waits, meets] = [member({ expectName: 'osd.1' }), member()]
  const endpoint = endpointOf(waits, meets)
  t.equal(endpoint.rival(meets, OSD1), null)
  endpoint.claim(waits, OSD1)
  t.match(endpoint.rival(meets, OSD1), { code: 'INK_REFUSED', final: false }, 'but one that may be adopted is')
  t.end()
})
