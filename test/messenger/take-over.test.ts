/** Two processes under one name, both dialled from here: the newer one takes over, and the older connection is over. */
import t from 'tap'
import { peer } from '../../src/policies/peer.ts'
import { Lab } from './lab.ts'

t.test('a newer instance that is found elsewhere ends the connection to the older one', async (t) => {
  const lab = new Lab()
  const policies = { default: peer() }
  const client = lab.subject('osd.0', { policies })
  const older = lab.subject('osd.1', { policies })
  const newer = lab.subject('osd.1', { policies })
  await older.messenger.bind('memory://older')
  await newer.messenger.bind('memory://newer')
  const first = client.messenger.connect('memory://older')
  await lab.clock.advance(1000)
  t.equal(first.state, 'open')
  const second = client.messenger.connect('memory://newer')
  await lab.clock.advance(1000)
  t.equal(second.state, 'open')
  t.equal(first.state, 'closed')
  t.equal(client.messenger.connections.length, 1)
})
