/** cephx between Inkwires: who is let in, by whom, and who is refused with which reason. */
import { join } from 'node:path'
import t from 'tap'
import { losslessClient, losslessServer, lossy, peer } from '../../../src/index.ts'
import { aes, aes256k, keyText } from '../../support/ceph/keys.ts'
import { KEYS, keyOf, keyringFile, SimulatedCluster } from '../../support/ceph/simulated-cluster.ts'

for (const mode of ['crc', 'secure'] as const) {
  t.test(`a monitor, a service and a client: everybody knows who the other is (${mode})`, async (t) => {
    const cluster = new SimulatedCluster()
    const modes = [mode]
    const mon = await cluster.listening('mon.0', { keyring: keyringFile(t), modes })
    const osd = await cluster.listening('osd.1', { key: KEYS['osd.1']!, modes })
    const client = cluster.node('client.admin', { key: KEYS['client.admin']!, modes })
    osd.messenger.connect(mon.address, { type: 'mon' })
    const toMon = client.messenger.connect(mon.address, { type: 'mon' })
    toMon.send({ type: 901 })
    await cluster.pass()
    t.strictSame(mon.got, [{ type: 901, from: toMonName(mon), principal: 'client.admin' }])
    const toOsd = client.messenger.connect(osd.address, { type: 'osd', name: 'osd.1' })
    toOsd.send({ type: 902 })
    await cluster.pass()
    t.match(osd.got, [{ type: 902, principal: 'client.admin' }])
    t.equal(osd.got[0]?.from, mon.got[0]?.from, 'the number that the monitor gave')
    osd.messenger.connections.find(({ peer }) => peer.type === 'client')?.send({ type: 903 })
    await cluster.pass()
    t.match(client.got, [{ type: 903, from: 'osd.1' }])
    t.strictSame([mon.refusals, osd.refusals, client.refusals], [[], [], []])
  })
}

t.test('a cluster whose keys are of the newer type, of both, or of one that nobody knows', async (t) => {
  const cluster = new SimulatedCluster()
  const names = { 'mon.': aes256k(1), 'client.admin': aes256k(2), 'osd.1': aes256k(5), 'client.other': aes(3) }
  const unknown = { 'mds.a': { type: 7, secret: new Uint8Array(9) } }
  const lines = Object.entries({ ...names, ...unknown }).map(([name, key]) => `[${name}]\nkey = ${keyText(key)}\n`)
  const keyring = join(t.testdir({ keyring: lines.join('') }), 'keyring')
  const mon = await cluster.listening('mon.0', { keyring })
  const other = await cluster.listening('mon.1', { keyring })
  const osd = await cluster.listening('osd.1', { keyring, modes: ['secure'] })
  osd.messenger.connect(mon.address, { type: 'mon' })
  other.messenger.connect(mon.address, { type: 'mon' })
  for (const name of ['client.admin', 'client.other']) {
    const client = cluster.node(name, { keyring })
    client.messenger.connect(mon.address, { type: 'mon' })
    await cluster.pass()
    client.messenger.connect(osd.address, { type: 'osd' }).send({ type: 902 })
    await cluster.pass()
    t.match(osd.got.at(-1), { type: 902, principal: name })
  }
  t.strictSame(mon.messenger.connections.map(({ peer: { principal } }) => principal).sort(), [
    'client.admin',
    'client.other',
    'mon.',
    'osd.1',
  ])
  t.strictSame([mon.refusals, osd.refusals, other.refusals], [[], [], []])
  const lost = cluster.node('mds.a', { keyring })
  lost.messenger.connect(mon.address, { type: 'mon' })
  await cluster.pass()
  t.match(lost.refusals, [/^INK_AUTH_REFUSED: the key of mds.a is a key of type 7: the types that are known here are/])
})

function toMonName(mon: {
  messenger: { connections: readonly { peer: { name: string | null; type: string | null } }[] }
}) {
  return mon.messenger.connections.find(({ peer }) => peer.type === 'client')?.peer.name ?? null
}

t.test('who is refused by a monitor, what both sides are told, and that it is for now', async (t) => {
  const cases: [string, object, RegExp, RegExp][] = [
    ['client.admin', { key: keyOf(99) }, /did not prove that it has the key/, /^the peer refuses this name and key/],
    ['client.nobody', { key: keyOf(2) }, /holds no key for client.nobody/, /^the peer refuses this name and key/],
    ['client.admin', {}, /does not prove its name with cephx/, /none is not taken: the peer takes cephx/],
    ['client.admin', { key: KEYS['client.admin'], modes: ['crc'] }, /none of the modes/, /mode secure/],
    ['mon.1', { key: keyOf(99) }, /another key/, /^the peer refuses this name and key/],
  ]
  for (const [name, options, atMonitor, atClient] of cases) {
    const cluster = new SimulatedCluster()
    const mon = await cluster.listening('mon.0', { keyring: keyringFile(t), modes: ['secure'] })
    const client = cluster.node(name, options)
    const connection = client.messenger.connect(mon.address, { type: 'mon' })
    await cluster.pass()
    t.match(mon.refusals[0], atMonitor, name)
    t.match(connection.dump().lastFault, atClient, name)
    const faults = client.events.filter(({ type }) => type === 'fault')
    t.match(faults[0], { reason: atClient }, name)
    t.ok(faults.length > 1 && faults.length < 12, `dialled ${faults.length} times in a second`)
    t.not(connection.state, 'closed')
    t.equal(client.refusals.length, 1, 'the application is told once')
    t.match(client.refusals[0], /^INK_AUTH_REFUSED: .*; dialling goes on$/)
    t.equal(mon.messenger.connections.length, 0)
  }
})

t.test('a client without a ticket says what to do, and dials again when it has one', async (t) => {
  const cluster = new SimulatedCluster()
  const mon = await cluster.listening('mon.0', { keyring: keyringFile(t) })
  const osd = await cluster.listening('osd.1', { key: KEYS['osd.1']! })
  osd.messenger.connect(mon.address, { type: 'mon' })
  const client = cluster.node('client.admin', { key: KEYS['client.admin']! })
  const connection = client.messenger.connect(osd.address, { type: 'osd' })
  connection.send({ type: 902 })
  await cluster.pass()
  t.match(connection.dump().lastFault, /there is no ticket for osd yet: connect to a monitor/)
  client.messenger.connect(mon.address, { type: 'mon' })
  await cluster.pass(10_000)
  t.match(osd.got, [{ type: 902, principal: 'client.admin' }])
})

t.test('a service that has no secrets yet refuses for now; then it takes the same client', async (t) => {
  const cluster = new SimulatedCluster()
  const mon = await cluster.listening('mon.0', { keyring: keyringFile(t) })
  const osd = await cluster.listening('osd.1', { key: KEYS['osd.1']! })
  const client = cluster.node('client.admin', { key: KEYS['client.admin']! })
  client.messenger.connect(mon.address, { type: 'mon' })
  await cluster.pass()
  client.messenger.connect(osd.address, { type: 'osd' }).send({ type: 902 })
  await cluster.pass()
  t.match(osd.refusals, [/encrypted with key \d+, which is not held here/])
  osd.messenger.connect(mon.address, { type: 'mon' })
  await cluster.pass(10_000)
  t.match(osd.got, [{ type: 902, principal: 'client.admin' }])
})

t.test('monitors show each other tickets of their own, with the key of mon.', async (t) => {
  const cluster = new SimulatedCluster()
  const policies = { default: peer() }
  const a = await cluster.listening('mon.0', { keyring: keyringFile(t) }, policies)
  const b = await cluster.listening('mon.1', { key: KEYS['mon.']! }, policies)
  b.messenger.connect(a.address, { type: 'mon' }).send({ type: 67 })
  await cluster.pass()
  t.match(a.got, [{ type: 67, from: 'mon.1', principal: 'mon.' }])
  a.messenger.connect(b.address, { name: 'mon.1' }).send({ type: 68 })
  await cluster.pass()
  t.match(b.got, [{ type: 68, from: 'mon.0' }])
})

t.test('an address that a peer says is its own answers no connect() where names are proved', async (t) => {
  const cluster = new SimulatedCluster()
  const policies = { default: peer(), mon: lossy() }
  const mon = await cluster.listening('mon.0', { keyring: keyringFile(t) })
  const a = await cluster.listening('osd.0', { key: KEYS['osd.0']! }, policies)
  const b = await cluster.listening('osd.1', { key: KEYS['osd.1']! }, policies)
  for (const { messenger } of [a, b]) messenger.connect(mon.address, { type: 'mon' })
  await cluster.pass()
  b.messenger.connect(a.address, { name: 'osd.0' }).send({ type: 1 })
  await cluster.pass()
  const [accepted] = a.messenger.connections.filter(({ peer: { name } }) => name === 'osd.1')
  const asked = a.messenger.connect(b.address, { type: 'osd' })
  t.ok(accepted)
  t.not(asked, accepted, 'it is dialled')
  await cluster.pass()
  t.match(a.refusals.at(-1), /^INK_DUPLICATE_PEER: osd\.1 is connected already/)
  t.equal(a.messenger.connect(b.address, { name: 'osd.1' }), accepted, 'asked for by name, it is the one that there is')
})

t.test('a lossless session is resumed by whoever it is with, and by nobody else', async (t) => {
  const cluster = new SimulatedCluster()
  const policies = { default: losslessServer(), mon: losslessClient() }
  const mon = await cluster.listening('mon.0', { keyring: keyringFile(t) }, policies)
  const client = cluster.node('client.admin', { key: KEYS['client.admin']! }, { default: losslessClient() })
  const connection = client.messenger.connect(mon.address, { type: 'mon' })
  connection.send({ type: 1 })
  await cluster.pass()
  cluster.sim.network.cut()
  connection.send({ type: 2 })
  await cluster.pass(20_000)
  t.match(mon.got, [{ type: 1 }, { type: 2, principal: 'client.admin' }])
  t.ok(client.events.some(({ type }) => type === 'resume'))
})

t.test('services show each other their tickets too, also when both dial', async (t) => {
  const cluster = new SimulatedCluster()
  const policies = { default: peer(), mon: lossy() }
  const mon = await cluster.listening('mon.0', { keyring: keyringFile(t) })
  const a = await cluster.listening('osd.0', { key: KEYS['osd.0']! }, policies)
  const b = await cluster.listening('osd.1', { key: KEYS['osd.1']! }, policies)
  for (const { messenger } of [a, b]) messenger.connect(mon.address, { type: 'mon' })
  await cluster.pass()
  a.messenger.connect(b.address, { name: 'osd.1' }).send({ type: 1 })
  b.messenger.connect(a.address, { name: 'osd.0' }).send({ type: 2 })
  await cluster.pass(20_000)
  t.match(a.got, [{ type: 2, from: 'osd.1' }])
  t.match(b.got, [{ type: 1, from: 'osd.0' }])
  t.equal(a.messenger.connections.filter(({ peer: { type } }) => type === 'osd').length, 1)
})
