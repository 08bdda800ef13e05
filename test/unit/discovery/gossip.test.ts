/** Gossip: one seed is enough, what stood still is dead, and who lies takes nobody away. */
import t from 'tap'
import { discovery, gossip, staticPeers, type PeerRecord } from '../../../src/discovery/index.ts'
import { readRumours, rumourBytes } from '../../../src/discovery/gossip.ts'
import { BEAT_MAX, Rumours } from '../../../src/discovery/machine/rumours.ts'
import { Messenger, peer, type ServiceSession } from '../../../src/index.ts'
import { Simulation } from '../../../src/testing/index.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { settle } from './lab.ts'

const TTL_MS = 3000
const SEEDS = ['sim://osd.0:6800']

function start(sim: Simulation, name: string, seeds: readonly string[] = SEEDS): Messenger {
  return sim.messenger(name, {
    policies: { default: peer() },
    discovery: discovery({ lookups: [gossip({ seeds, ttlMs: TTL_MS })] }),
  })
}

function record(id: number, digit: string, sinceMs = 1): PeerRecord {
  return { name: `osd.${id}`, instance: digit.repeat(32), sinceMs, addresses: [`tcp://10.0.0.${id}:6800`] }
}

t.test('twelve that start in any order and know one seed connect by their names', async (t) => {
  const sim = new Simulation({ seed: 3 })
  await sim.run(async () => {
    const names = Array.from({ length: 12 }, (_, index) => `osd.${index}`)
    const messengers = new Map<string, Messenger>()
    for (const name of seededRandom('gossip').shuffled(names)) {
      const messenger = start(sim, name)
      messengers.set(name, messenger)
      await messenger.bind(`sim://${name}:6800`)
      await settle(sim, 200)
    }
    const asked = names.flatMap((name, index) => [
      messengers.get(name)!.connect({ name: names[(index + 5) % 12]! }),
      messengers.get(name)!.connect({ name: names[(index + 7) % 12]! }),
    ])
    const connections = await Promise.all(asked)
    await Promise.all(connections.map((connection) => connection.opened()))
    t.strictSame(
      connections.map(({ peer }) => peer.name),
      names.flatMap((_, index) => [names[(index + 5) % 12], names[(index + 7) % 12]]),
    )
  })
})

t.test('DI-2: who starts again on its address is found as another process, and the old one gets nothing', async (t) => {
  const sim = new Simulation({ seed: 4 })
  await sim.run(async () => {
    for (const name of ['osd.0', 'osd.1']) await start(sim, name).bind(`sim://${name}:6800`)
    const watcher = sim.messenger('client.1', { policies: { default: peer() } })
    const told: string[] = []
    const found = discovery(watcher, { lookups: [gossip({ seeds: SEEDS, ttlMs: TTL_MS })] })
    const tell = (what: string) => (record: PeerRecord) => void told.push(`${what} ${record.instance?.slice(0, 4)}`)
    found.watch({ name: 'osd.1' }, { found: tell('found'), moved: tell('moved'), lost: tell('lost') })
    const connection = await found.connect({ name: 'osd.1' })
    await connection.opened()
    const before = connection.peer.instance!
    sim.crash('osd.1')
    await settle(sim, 100)
    const anew = start(sim, 'osd.1')
    await anew.bind('sim://osd.1:6800')
    await settle(sim, 2 * TTL_MS)
    t.equal(connection.peer.instance, anew.instance)
    t.equal(told[0], `found ${before.slice(0, 4)}`)
    t.ok(told.includes(`moved ${anew.instance.slice(0, 4)}`), told.join())
    sim.crash('osd.1')
    await settle(sim, 60_000)
    t.match(told.at(-1), /^lost/, 'what stands still is gone')
    t.equal(new Set(told).size, told.length, 'nothing is told twice')
  })
})

t.test(
  'who leaves is gone at once where it says so; a seed that comes later is dialled until it is there',
  async (t) => {
    const sim = new Simulation({ seed: 5 })
    await sim.run(async () => {
      const early = start(sim, 'osd.1')
      await early.bind('sim://osd.1:6800')
      await settle(sim, 2000)
      const seed = start(sim, 'osd.0', [])
      await seed.bind('sim://osd.0:6800')
      const found = discovery(seed, { lookups: [staticPeers({})] })
      await (await seed.connect({ name: 'osd.1' })).opened()
      await found.close()
      const signal = AbortSignal.abort()
      await t.rejects(seed.connect({ name: 'osd.7', signal }), { code: 'INK_ABORTED' })
      await early.shutdown()
      await t.rejects(
        seed.connect({ name: 'osd.1', signal }).then((connection) => connection.opened({ signal })),
        { code: /INK_ABORTED|INK_CLOSED/ },
      )
    })
  },
)

t.test('DI-4: whoever lies of others moves nobody who speaks, and gets no session in their name', async (t) => {
  const sim = new Simulation({ seed: 6 })
  await sim.run(async () => {
    const [seed, good] = [start(sim, 'osd.0'), start(sim, 'osd.1')]
    await seed.bind('sim://osd.0:6800')
    await good.bind('sim://osd.1:6800')
    await settle(sim, 2000)
    const liar = sim.messenger('client.liar', { policies: { default: peer() } })
    await liar.bind('sim://client.liar:6800')
    let session: ServiceSession | null = null
    liar.useService({ name: 'lies', number: 9, adopted: (one) => (session = one) })
    await liar.connect(SEEDS[0]!).opened()
    await settle(sim, 10)
    const lie = { name: 'osd.1', instance: good.instance, sinceMs: 2 ** 40, addresses: ['sim://client.liar:6800'] }
    const data = rumourBytes([{ record: lie, beat: BEAT_MAX }])
    session!.send(Uint8Array.of(1), { type: 0, front: new Uint8Array(0), data })
    await settle(sim, 100)
    const connection = await seed.connect({ name: 'osd.1' })
    await connection.opened()
    t.equal(connection.peer.instance, good.instance)
    t.strictSame(
      liar.connections.map(({ peer }) => peer.name),
      ['osd.0'],
    )
    const states: string[] = []
    session!.connection.state$.subscribe((state) => states.push(state))
    session!.send(Uint8Array.of(1), { type: 0, front: new Uint8Array(0), data: Uint8Array.of(9, 9) })
    await settle(sim, 2000)
    t.ok(states.length > 1, 'what is no word costs its link')
    t.equal(connection.state, 'open', 'and others hear nothing of it')
  })
})

t.test('a count is heard by whatever way, what stood still is dead, and nothing old makes it live again', (t) => {
  const rumours = new Rumours(1000, 2)
  const names = (nowMs: number): string[] => rumours.living(nowMs).map(({ record: { name } }) => name)
  rumours.hear([{ record: record(1, 'a'), beat: 5 }], 'osd.2', 0)
  rumours.hear([{ record: record(1, 'a'), beat: 5 }], 'osd.3', 900)
  t.strictSame(names(999), ['osd.1'])
  t.strictSame(names(1000), [], 'the same count says nothing new')
  rumours.hear([{ record: record(1, 'a'), beat: 4 }], 'osd.2', 1000)
  t.strictSame(names(1001), [], 'nor does an older one')
  rumours.hear([{ record: record(1, 'a'), beat: 6 }], 'osd.2', 1100)
  t.strictSame(names(1200), ['osd.1'])
  rumours.hear([{ record: { ...record(1, 'a'), addresses: ['tcp://10.9.9.9:1'] }, beat: 7 }], 'osd.1', 1200)
  rumours.hear([{ record: record(1, 'a'), beat: 8 }], 'osd.2', 1300)
  t.strictSame(rumours.living(1300)[0]?.record.addresses, ['tcp://10.9.9.9:1'], 'what it says itself counts')
  rumours.hear([{ record: record(1, 'a'), beat: BEAT_MAX + 1 }], 'osd.2', 1300)
  rumours.hear([{ record: { ...record(1, 'a'), instance: null }, beat: 9 }], 'osd.2', 1300)
  t.equal(rumours.living(1300)[0]?.beat, 8, 'what nobody can have counted is not heard')
  rumours.hear(
    [2, 3].map((id) => ({ record: record(id, 'b'), beat: 1 })),
    'osd.2',
    1300,
  )
  t.strictSame(names(1300), ['osd.1', 'osd.2'], 'there is room for two')
  rumours.gone('osd.1', 'a'.repeat(32), 1300)
  rumours.gone('osd.2', 'a'.repeat(32), 1300)
  t.strictSame(names(1300), ['osd.2'], 'only the process that says it is gone')
  t.strictSame(names(40_000), [])
  rumours.hear([{ record: record(3, 'b'), beat: 1 }], 'osd.3', 40_000)
  t.strictSame(names(40_000), ['osd.3'], 'those that were dead for long make room')
  t.end()
})

t.test('rumours are read as they were written, and nothing else is any', (t) => {
  const rumours = [1, 2].map((id) => ({ record: record(id, 'c', 1.7e12), beat: 2 ** 34 + id }))
  const bytes = rumourBytes(rumours)
  t.strictSame(readRumours(bytes), rumours)
  for (let length = 0; length < bytes.length; length++) t.equal(readRumours(bytes.subarray(0, length)), null)
  const random = seededRandom('rumours')
  for (let count = 0; count < 300; count++) {
    const odd = bytes.slice()
    odd[random.integer(0, odd.length - 1)] = random.integer(0, 255)
    const read = readRumours(odd)
    t.ok(read === null || read.length <= 64)
  }
  t.throws(() => gossip({ seeds: 'sim://a' as never }), { code: 'INK_BAD_OPTION' })
  t.throws(() => gossip({ ttlMs: 1 }), { code: 'INK_BAD_OPTION' })
  t.end()
})

t.test('a messenger without discovery says what it lacks, and one with a wrong one what to write', (t) => {
  const messenger = new Messenger({ name: 'osd.0', policies: { default: peer() } })
  t.throws(() => messenger.connect({ name: 'osd.1' }), { code: 'INK_BAD_ARGUMENT', message: /option discovery/ })
  const wrong = { name: 'osd.0', policies: { default: peer() }, discovery: { lookups: [] } } as never
  t.throws(() => new Messenger(wrong), { code: 'INK_BAD_OPTION', message: /discovery\(\{ lookups/ })
  t.throws(() => discovery({} as never), { code: 'INK_BAD_ARGUMENT' })
  t.end()
})
