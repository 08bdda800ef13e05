/** Two processes under one name: who dials in with the name takes over; who is only found by dialling does not. */
import t from 'tap'
import { peer } from '../../../src/policies/peer.ts'
import { Lab } from './lab.ts'

async function setUp() {
  const lab = new Lab()
  const policies = { default: peer() }
  const client = lab.subject('osd.0', { policies })
  const older = lab.subject('osd.1', { policies })
  const newer = lab.subject('osd.1', { policies })
  await client.messenger.bind('memory://client')
  await older.messenger.bind('memory://older')
  await newer.messenger.bind('memory://newer')
  const first = client.messenger.connect('memory://older')
  await lab.clock.advance(1000)
  t.equal(first.state, 'open')
  return { lab, client, older, newer, first }
}

t.test('a newer instance that dials in with its name ends the connection of the older one', async (t) => {
  const { lab, client, older, newer, first } = await setUp()
  newer.messenger.connect('memory://client')
  await lab.clock.advance(1000)
  t.equal(first.peer.instance, newer.messenger.instance, 'the connection is to the name')
  t.strictSame(client.told, ['onConnect osd.1', 'onRemoteReset osd.1', 'onAccept osd.1'])
  t.equal(client.messenger.connections.length, 1)
  older.messenger.connect('memory://client').send({ type: 1 })
  await lab.clock.advance(1000)
  t.match(older.errors.at(-1), { code: 'INK_TAKEN_OVER' })
})

t.test('whoever is dialled without a name ends no other connection by saying its name', async (t) => {
  const { lab, client, older, newer, first } = await setUp()
  const second = client.messenger.connect('memory://newer')
  second.send({ type: 1, tid: 2 })
  await lab.clock.advance(1000)
  t.match(client.errors, [{ code: 'INK_DUPLICATE_PEER', message: /osd\.1.*memory:\/\/older/ }])
  t.equal(second.state, 'closed')
  first.send({ type: 1, tid: 1 })
  await lab.clock.advance(1000)
  t.match(first, { state: 'open', peer: { instance: older.messenger.instance } })
  t.strictSame([older.got, newer.got], [[1], []])
})
