/** No name takes the places of all others. */
import t from 'tap'
import { NameQuota, accountOf } from '../../../src/messenger/name-quota.ts'
import type { Identity } from '../../../src/wire/wire.ts'
import { PEER } from './fakes.ts'

const named = (name: string, principal: string | null = null): Identity => ({ ...PEER, name, principal })

const quota = (connectionsMax = 32, connectionsPerNameMax = 3): NameQuota =>
  new NameQuota({ connectionsMax, connectionsPerNameMax, goneInstancesMax: 2 })

t.test('one name has so many sessions, and gets a place back for each that ends', (t) => {
  const places = quota()
  for (let count = 0; count < 3; count++) {
    t.equal(places.refusal(named('osd.2'), count), null)
    places.entered('osd.2')
  }
  t.match(places.refusal(named('osd.2'), 3), /osd\.2 has 3 connections here, the limit/)
  t.equal(places.refusal(named('osd.3'), 3), null, 'another is not touched by that')
  places.left('osd.2', false)
  t.equal(places.refusal(named('osd.2'), 2), null)
  t.end()
})

t.test('the last eighth is for names that were of use before, and nothing is for anybody beyond', (t) => {
  const places = quota()
  t.equal(places.refusal(named('osd.3'), 27), null)
  t.match(places.refusal(named('osd.3'), 28), /were here before/)
  places.left('osd.3', true)
  t.equal(places.refusal(named('osd.3'), 28), null)
  t.equal(places.refusal(named('osd.3'), 31), null)
  t.match(places.refusal(named('osd.3'), 32), /too many connections/)
  t.equal(quota(1).refusal(named('osd.3'), 0), null, 'where there are few places none are kept')
  t.end()
})

t.test('so many names are remembered: those that were of use last', (t) => {
  const places = quota()
  for (const name of ['osd.1', 'osd.2', 'osd.1', 'osd.3']) places.left(name, true)
  t.equal(places.refusal(named('osd.1'), 30), null)
  t.match(places.refusal(named('osd.2'), 30), /were here before/)
  t.end()
})

t.test('a name that many bear has half of all places, and what counts is what was proved', (t) => {
  const places = quota(8, 1)
  for (const peer of [named('client.?'), named('client.4021', 'client.admin')]) {
    for (let count = 0; count < 4; count++) {
      t.equal(places.refusal(peer, 0), null)
      places.entered(accountOf(peer))
    }
    t.match(places.refusal(peer, 0), /has 4 connections here/)
  }
  t.match(
    places.refusal(named('client.4022', 'client.admin'), 0),
    /client\.admin has 4/,
    'another number, the same key',
  )
  t.equal(places.refusal(named('osd.1', 'osd.1'), 0), null)
  t.end()
})
