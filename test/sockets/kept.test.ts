/** What a messenger keeps when a caller is done with it: nothing, on signals and for policies of a single connection. */
import { getEventListeners } from 'node:events'
import t from 'tap'
import { msgr2 } from '../../src/ceph/index.ts'
import { Messenger } from '../../src/messenger/messenger.ts'
import { lossy } from '../../src/policies/lossy.ts'
import { memory } from '../../src/transports/memory.ts'
import { actor } from '../support/actor.ts'
import { collectGarbage } from '../support/memory.ts'
import { until } from '../support/until.ts'

t.test('a policy that was made for one connect() goes with its connection', async (t) => {
  const client = new Messenger({ name: 'client.1', policies: { default: lossy() }, transports: [memory()] })
  const made = (): WeakRef<object> => {
    const policy = lossy({ throttle: { bytes: 1 << 20 } })
    client.connect('memory://nobody', { policy }).markDown()
    return new WeakRef(policy)
  }
  const policies = Array.from({ length: 20 }, made)
  const kept = (): number => policies.filter((policy) => policy.deref() !== undefined).length
  await until('all but what was used last are gone', () => {
    collectGarbage()
    return kept() <= 1
  })
  await client.shutdown()
  t.pass()
})

t.test('waits on one signal leave nothing on it, also where a message is settled inside the call', async (t) => {
  const { signal } = new AbortController()
  const count = (): number => getEventListeners(signal, 'abort').length
  const osd = await actor(t, 'osd.1', lossy(), { wire: msgr2() })
  const client = await actor(t, 'client.2', lossy(), { wire: msgr2(), bind: null })
  let done = 0
  let most = 0
  osd.messenger.use({
    dispatch: ({ tid }, connection) => {
      connection.deliver({ type: 2, tid }, { signal }).then(
        () => done++,
        () => t.fail('it is delivered'),
      )
      most = Math.max(most, count())
    },
  })
  client.messenger.use({ dispatch: () => undefined })
  const connection = client.messenger.connect(osd.address, { type: 'osd' })
  for (let tid = 0; tid < 50; tid++) connection.send({ type: 1, tid })
  await until('all are delivered', () => done === 50)
  t.ok(most <= 1, `one listener for all of them, not ${most}`)
  t.equal(count(), 0)
  const { loopback } = client.messenger
  await loopback.close()
  await t.rejects(loopback.deliver({ type: 1 }, { signal }), { code: 'INK_CLOSED' })
  t.equal(count(), 0, 'a message that was not taken waits for nothing')
})
