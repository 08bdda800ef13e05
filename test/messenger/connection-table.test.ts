/** Which connection is meant: by address, instance and name, and who is refused for good. */
import t from 'tap'
import { ConnectionTable } from '../../src/messenger/connection-table.ts'
import type { Driver } from '../../src/messenger/driver.ts'
import { lossy } from '../../src/policies/lossy.ts'
import { peer } from '../../src/policies/peer.ts'
import { PEER } from './fakes.ts'

/** The table looks at nothing else of a driver. */
function driver(policy = peer(), channel = 0): Driver {
  return { policy, channel, core: { life: 'running' } } as unknown as Driver
}

t.test('a connection is found by where it was dialled, by instance and by name', (t) => {
  const table = new ConnectionTable(10)
  const one = driver()
  table.add(one)
  table.bindAddress(one, 'tcp://10.0.0.1:6800')
  t.equal(table.atAddress('tcp://10.0.0.1:6800', 0), one)
  table.identify(one, PEER)
  t.equal(table.ofInstance(PEER.instance, 0), one)
  t.equal(table.ofName('osd.1', 0), one)
  t.equal(table.atAddress('memory://osd.1', 0), one, 'where the peer says that it can be dialled')
  t.equal(table.find({ ...PEER, instance: '2'.repeat(32) }, 0), one, 'a restarted peer is found by its address')
  t.equal(table.find({ ...PEER, instance: '2'.repeat(32), addresses: [] }, 0), one, 'or by its name')
  t.equal(table.find({ name: 'osd.2', instance: '2'.repeat(32), addresses: [] }, 0), undefined)
  t.strictSame(table.drivers(), [one])
  t.end()
})

t.test('the instance counts before the address, and the address before the name', (t) => {
  const table = new ConnectionTable(10)
  const byInstance = driver()
  const byAddress = driver()
  for (const one of [byInstance, byAddress]) table.add(one)
  table.identify(byInstance, { ...PEER, addresses: [] })
  table.bindAddress(byAddress, 'memory://osd.1')
  t.equal(table.find(PEER, 0), byInstance)
  t.equal(table.find({ ...PEER, instance: '2'.repeat(32) }, 0), byAddress)
  t.end()
})

t.test('a removed connection leaves nothing behind, and does not take its successor along', (t) => {
  const table = new ConnectionTable(10)
  const old = driver()
  const young = driver()
  table.add(old)
  table.identify(old, PEER)
  table.add(young)
  table.identify(young, { ...PEER, instance: '2'.repeat(32), addresses: [] })
  table.remove(old)
  t.equal(table.ofName('osd.1', 0), young)
  t.equal(table.ofInstance(PEER.instance, 0), undefined)
  t.equal(table.atAddress('memory://osd.1', 0), undefined)
  t.equal(table.size, 1)
  table.remove(old)
  table.identify(old, PEER)
  t.equal(table.ofInstance(PEER.instance, 0), undefined, 'who was removed cannot come back')
  t.end()
})

t.test('what a connection was before counts no more', (t) => {
  const table = new ConnectionTable(10)
  const one = driver()
  table.add(one)
  table.identify(one, PEER)
  table.identify(one, { name: 'osd.7', instance: '7'.repeat(32), addresses: [] })
  t.equal(table.ofName('osd.1', 0), undefined)
  t.equal(table.ofInstance(PEER.instance, 0), undefined)
  t.equal(table.ofName('osd.7', 0), one)
  t.end()
})

t.test('the first connection at an address keeps it', (t) => {
  const table = new ConnectionTable(10)
  const first = driver()
  const second = driver()
  for (const one of [first, second]) {
    table.add(one)
    table.bindAddress(one, 'memory://x')
  }
  t.equal(table.atAddress('memory://x', 0), first)
  table.remove(second)
  t.equal(table.atAddress('memory://x', 0), first)
  t.end()
})

t.test('channels keep extra connections apart', (t) => {
  const table = new ConnectionTable(10)
  const shared = driver()
  const extra = driver(peer(), 1)
  for (const one of [shared, extra]) {
    table.add(one)
    table.bindAddress(one, 'memory://osd.1')
    table.identify(one, PEER)
  }
  t.equal(table.find(PEER, 0), shared)
  t.equal(table.find(PEER, 1), extra)
  t.equal(table.find(PEER, 2), undefined)
  t.end()
})

t.test('neither lossy connections nor anonymous names are found by name', (t) => {
  const table = new ConnectionTable(10)
  const session = driver(lossy())
  const nameless = driver()
  for (const one of [session, nameless]) table.add(one)
  table.identify(session, PEER)
  table.identify(nameless, { name: 'client.?', instance: '3'.repeat(32), addresses: [] })
  t.equal(table.ofName('osd.1', 0), undefined)
  t.equal(table.atAddress('memory://osd.1', 0), undefined)
  t.equal(table.ofName('client.?', 0), undefined)
  t.equal(table.ofInstance(PEER.instance, 0), session)
  t.end()
})

t.test('replaced instances are remembered up to the limit, the newest longest', (t) => {
  const table = new ConnectionTable(2)
  for (const instance of ['a', 'b', 'c']) table.bury(instance)
  t.strictSame(
    ['a', 'b', 'c'].map((instance) => table.isGone(instance)),
    [false, true, true],
  )
  t.equal(table.goneCount, 2)
  t.end()
})
