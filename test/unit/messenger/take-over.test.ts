/** Two processes under one name: who dials in with the name takes over; who is only found by dialling does not. */
import t from 'tap'
import { peer } from '../../../src/policies/peer.ts'
import { Lab, types } from './lab.ts'

const TOLD_MAX = 8

async function setUp() {
  const lab = new Lab()
  const policies = { default: peer() }
  const client = lab.subject('osd.0', { policies, limits: { refusalsToldMax: TOLD_MAX } })
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

t.test('links of an older instance are told to the operator, and to no application as connections', async (t) => {
  const { lab, client, older, newer } = await setUp()
  newer.messenger.connect('memory://client')
  await lab.clock.advance(1000)
  const before = client.told.length
  for (let dials = 0; dials < 3 * TOLD_MAX; dials++) {
    older.messenger.connect('memory://client')
    await lab.clock.advance(1)
  }
  t.strictSame(client.told.slice(before), [])
  t.strictSame(client.errors, [])
  t.notOk(types(client.events).includes('refused'), 'it asked for nothing')
  const turnedAway = () => client.events.filter((event) => event.type === 'linkRefused')
  t.equal(turnedAway().length, TOLD_MAX)
  await lab.clock.advance(1000)
  t.equal(turnedAway().length, TOLD_MAX + 1, 'however often it dials')
  for (const { reason } of turnedAway())
    t.match(reason, /osd\.1: another, newer instance with this name has taken over/)
  const refused = older.errors.filter(({ code }) => code === 'INK_TAKEN_OVER').length
  t.ok(refused >= 3 * TOLD_MAX)
  t.equal(
    turnedAway().reduce((sum, { count }) => sum + count, 0),
    refused,
    'and each link is counted',
  )
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
