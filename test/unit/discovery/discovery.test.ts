/** Finding peers by name, following them, and what no lookup can bring about (DI-1 to DI-5). */
import t from 'tap'
import { discovery, inProcess, staticPeers, type Lookup, type PeerRecord } from '../../../src/discovery/index.ts'
import { Messenger, lossy, memory, none, peer, sharedSecret } from '../../../src/index.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { Oracle, settle } from './lab.ts'

const policies = { default: peer() }

function told(list: string[]): {
  found: (one: PeerRecord) => void
  moved: (one: PeerRecord) => void
  lost: (one: PeerRecord) => void
} {
  return {
    found: ({ name }) => list.push(`+${name}`),
    moved: ({ name }) => list.push(`~${name}`),
    lost: ({ name }) => list.push(`-${name}`),
  }
}

t.test('fifty that start in any order find each other, although one of three lookups is wrong', async (t) => {
  const sim = new Simulation({ seed: 3 })
  const count = 50
  await sim.run(async () => {
    const meeting = [inProcess({ beatMs: 1000 }), inProcess({ beatMs: 700 })]
    const liar: Lookup = staticPeers({ 'osd.0': ['sim://nowhere:1'], 'osd.99': ['sim://nowhere:1'] })
    const found: Set<string>[] = []
    const all = sim.random.shuffled(Array.from({ length: count }, (_, id) => id))
    const messengers: Messenger[] = []
    for (const id of all) {
      const messenger = sim.messenger(`osd.${id}`, { policies })
      await messenger.bind(`sim://osd.${id}:6800`)
      messengers.push(messenger)
      const seen = new Set<string>()
      found.push(seen)
      const here = discovery(messenger, { lookups: [...meeting, liar] })
      here.watch({ type: 'osd' }, { found: ({ name }) => seen.add(name), lost: ({ name }) => seen.delete(name) })
      await settle(sim, sim.random.integer(0, 30))
    }
    await settle(sim, 2000)
    // All others, and the one that is not there; osd.0 does not find itself.
    t.ok(found.every((seen) => seen.size === count))
    await Promise.all(messengers.map((messenger) => messenger.close()))
  })
})

t.test('connect waits for a peer to be found, and finds it again where it is later', async (t) => {
  const sim = new Simulation({ seed: 1 })
  await sim.run(async () => {
    const meeting = inProcess({ beatMs: 200 })
    const client = sim.messenger('client.a', { policies })
    const here = discovery(client, { lookups: [meeting] })
    const connecting = here.connect({ name: 'osd.0' })
    const first = sim.messenger('osd.0', { policies })
    await first.bind('sim://osd.0:6800')
    discovery(first, { lookups: [meeting] })
    const connection = await connecting
    await connection.opened()
    t.equal(connection.peer.instance, first.instance)
    const events: string[] = []
    here.watch({ name: 'osd.0' }, told(events))
    sim.crash('osd.0')
    // Its successor is on another host, at another port.
    const second = sim.messenger('osd.0', { policies }, 'elsewhere')
    await second.bind('sim://elsewhere:7000')
    discovery(second, { lookups: [meeting] })
    await settle(sim, 5000)
    t.equal(connection.state, 'open')
    t.equal(connection.peer.instance, second.instance)
    t.strictSame(events, ['+osd.0', '~osd.0'])
    t.match(here.peers, [{ name: 'osd.0', instance: second.instance, addresses: ['sim://elsewhere:7000'] }])
    await Promise.all([client.close(), second.close()])
  })
})

t.test('a lookup that comes and goes takes nobody away with whom there is a session', async (t) => {
  const sim = new Simulation({ seed: 1 })
  await sim.run(async () => {
    const [client, osd] = [
      sim.messenger('client.a', { policies: { default: lossy() } }),
      sim.messenger('osd.0', { policies: { default: lossy() } }),
    ]
    const address = await osd.bind('sim://osd.0:6800')
    const oracle = new Oracle()
    const here = discovery(client, { lookups: [oracle] })
    const events: string[] = []
    here.watch({ type: 'osd' }, told(events))
    const record = { name: 'osd.0', instance: osd.instance, sinceMs: 1, addresses: [address] }
    oracle.says(record)
    await (await here.connect({ name: 'osd.0' })).opened()
    for (let flap = 0; flap < 10; flap++) {
      oracle.says()
      await settle(sim, 10)
      t.equal(here.peers.length, 1)
      oracle.says(record)
    }
    t.strictSame(events, ['+osd.0'])
    oracle.says()
    await osd.close()
    await settle(sim)
    t.strictSame(events, ['+osd.0', '-osd.0'])
    t.strictSame(here.peers, [])
    await client.close()
    t.equal(oracle.stops, 1, 'it ends with its messenger')
  })
})

t.test('a record that lies gets no session, whatever it says', async (t) => {
  const sim = new Simulation({ seed: 1 })
  const auth = sharedSecret({ secret: 'a secret of all who belong here' })
  await sim.run(async () => {
    const client = sim.messenger('client.a', { policies, auth })
    const other = sim.messenger('osd.1', { policies, auth })
    const stranger = sim.messenger('osd.0', { policies, auth: none() }, 'stranger')
    const oracle = new Oracle()
    const here = discovery(client, { lookups: [oracle] })
    const addresses = [await other.bind('sim://osd.1:1'), await stranger.bind('sim://stranger:1')]
    oracle.says({ name: 'osd.0', instance: stranger.instance, sinceMs: 9e15, addresses })
    const connection = await here.connect({ name: 'osd.0' })
    await settle(sim, 3000)
    t.not(connection.state, 'open')
    t.equal(stranger.connections.filter(({ state }) => state === 'open').length, 0)
    await Promise.all([client, other, stranger].map((one) => one.close().catch(() => undefined)))
  })
})

t.test('who waits is told why it is in vain', async (t) => {
  const messenger = new Messenger({ name: 'client.a', policies, transports: [memory()] })
  const oracle = new Oracle()
  const failures: string[] = []
  const here = discovery(messenger, {
    lookups: [oracle],
    onFailure: (lookup, error) => failures.push(`${lookup}: ${error.message}`),
  })
  const abort = new AbortController()
  const waiting = here.connect({ name: 'osd.0', signal: abort.signal })
  abort.abort()
  await t.rejects(waiting, { code: 'INK_ABORTED', message: /osd\.0 was not found/ })
  await t.rejects(here.connect({ name: 'osd.0', signal: AbortSignal.abort() }), { code: 'INK_ABORTED' })
  for (let again = 0; again < 3; again++) oracle.world?.failed(new Error('nobody answers'))
  oracle.says()
  oracle.world?.failed(new Error('nobody answers'))
  t.strictSame(failures, ['oracle: nobody answers', 'oracle: nobody answers'], 'once until it sees again')
  const late = here.connect({ name: 'osd.0' })
  oracle.says({ name: 'osd.1', instance: null, sinceMs: 0, addresses: ['nowhere://x'] })
  await t.rejects(here.connect({ name: 'osd.1' }), { code: 'INK_BAD_ADDRESS' })
  await messenger.close()
  await t.rejects(late, { code: 'INK_CLOSED' })
  await t.rejects(here.connect({ name: 'osd.0' }), { code: 'INK_CLOSED' })
})

t.test('lookups and listeners of users that throw harm nobody', async (t) => {
  const messenger = new Messenger({ name: 'client.a', policies, transports: [memory()] })
  const [oracle, rough] = [new Oracle(), new Oracle('rough')]
  const warnings: string[] = []
  const note = ({ message }: Error): void => void warnings.push(message)
  process.on('warning', note)
  t.teardown(() => process.off('warning', note))
  const throwing = (): never => {
    throw new Error('as users do')
  }
  const leaving: Lookup = { name: 'leaving', start: () => ({ stop: throwing }) }
  const here = discovery(messenger, { lookups: [leaving, rough, oracle], onFailure: throwing })
  rough.world?.failed(new Error('it cannot look'))
  oracle.says({ name: 'osd.0', instance: null, sinceMs: 0, addresses: ['memory://x'] })
  t.equal(here.peers.length, 1, 'the others see')
  await here.close()
  t.strictSame([rough.stops, oracle.stops], [1, 1], 'all are stopped, whatever one of them does')
  const early = new Oracle()
  t.throws(() => discovery(messenger, { lookups: [early, { name: 'broken', start: throwing }] }), /as users do/)
  t.equal(early.stops, 1, 'those that looked already look no more')
  await new Promise(setImmediate)
  t.strictSame(warnings, ['onFailure of discovery failed: as users do'])
  await messenger.close()
})

t.test('wrong use says what to write', async (t) => {
  const messenger = new Messenger({ name: 'client.a', policies, transports: [memory()] })
  t.throws(() => discovery({} as never, { lookups: [new Oracle()] }), { code: 'INK_BAD_ARGUMENT' })
  for (const options of [{}, { lookups: [] }, { lookups: [{}] }, { lookups: [new Oracle()], announced: true }]) {
    t.throws(() => discovery(messenger, options as never), { code: 'INK_BAD_OPTION' })
  }
  const plans = [{ lookups: [] }, { lookups: [{}] }, { lookups: [new Oracle()], announced: true }]
  for (const plan of plans) t.throws(() => discovery(plan as never), { code: 'INK_BAD_OPTION' }, 'also of a plan')
  const lookups = [{ name: 'late', start: () => Promise.reject(new Error('nobody waits')) }]
  t.throws(() => discovery(messenger, { lookups } as never), { message: /start\(\) of late must answer at once/ })
  t.throws(() => discovery(messenger, { lookups: [{ name: 'endless', start: () => ({}) }] } as never), {
    code: 'INK_BAD_OPTION',
    message: /what start\(\) of endless gives .* no stop\(\)/,
  })
  t.throws(() => staticPeers({ osd: ['tcp://a:1'] }), { code: 'INK_BAD_OPTION' })
  t.throws(() => staticPeers({ 'osd.0': [] }), { code: 'INK_BAD_OPTION' })
  const here = discovery(messenger, { lookups: [new Oracle()] })
  t.throws(() => here.watch({} as never, {}), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => here.watch({ name: 'osd.0' }, null as never), { code: 'INK_BAD_ARGUMENT' })
  await t.rejects(here.connect({ name: 'osd.0', signal: 5 } as never), { code: 'INK_BAD_ARGUMENT' })
  await messenger.close()
})
