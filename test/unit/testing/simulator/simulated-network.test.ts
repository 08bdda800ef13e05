/** Each fault of the simulated network does what it says, seen from two messengers. */
import t from 'tap'
import { losslessClient, losslessServer, lossy, peer } from '../../../../src/index.ts'
import type { Connection, Messenger, Policy } from '../../../../src/index.ts'
import { Simulation } from '../../../../src/testing/simulator/simulation.ts'
import type { NetworkConditions } from '../../../../src/testing/simulator/conditions.ts'

const KEEPALIVE = { keepalive: { intervalMs: 100, timeoutMs: 300 }, backoff: { firstMs: 10, maxMs: 100 } }
const FAST = { ...KEEPALIVE, connectTimeoutMs: 500 }

interface Pair {
  readonly sim: Simulation
  readonly a: Messenger
  readonly b: Messenger
  readonly connection: Connection
  readonly got: number[]
  readonly send: (tid: number) => void
  /** True when all of these came, in order, within the time. */
  readonly gets: (count: number, withinMs: number) => Promise<boolean>
}

async function pair(options: { a?: Policy; b?: Policy; conditions?: Partial<NetworkConditions> } = {}): Promise<Pair> {
  const sim = new Simulation({ seed: 5, ...(options.conditions && { conditions: options.conditions }) })
  const a = sim.messenger('osd.0', { policies: { default: options.a ?? peer(FAST) } })
  const b = sim.messenger('osd.1', { policies: { default: options.b ?? peer(FAST) } })
  const got: number[] = []
  b.use({ dispatch: ({ tid }) => void got.push(tid) })
  await sim.run(async () => {
    await a.bind('sim://osd.0:1')
    await b.bind('sim://osd.1:1')
  })
  const connection = a.connect('sim://osd.1:1')
  await sim.clock.until(() => connection.state === 'open' && b.connections[0]?.state === 'open', 1000)
  return {
    sim,
    a,
    b,
    connection,
    got,
    send: (tid) => void connection.send({ type: 1, tid }),
    gets: (count, withinMs) =>
      sim.clock.until(() => got.length === count && got.every((tid, at) => tid === at), withinMs),
  }
}

t.test('a message takes the latency of the path', async (t) => {
  const { sim, send, gets } = await pair({ conditions: { latencyMinMs: 40, latencyMeanMs: 40 } })
  const startMs = sim.clock.nowMs()
  send(0)
  t.ok(await gets(1, 1000))
  t.equal(sim.clock.nowMs() - startMs, 40)
})

t.test('bandwidth stretches large messages', async (t) => {
  const { sim, connection, gets } = await pair({ conditions: { bytesPerMs: 1000 } })
  const startMs = sim.clock.nowMs()
  connection.send({ type: 1, tid: 0, data: new Uint8Array(50_000) })
  t.ok(await gets(1, 1000))
  t.ok(sim.clock.nowMs() - startMs >= 50)
})

t.test('a cut link is resumed, and nothing is lost or doubled', async (t) => {
  const { sim, send, gets, connection } = await pair()
  for (let tid = 0; tid < 10; tid++) {
    send(tid)
    sim.network.cut('osd.0', 'osd.1')
    await sim.clock.advance(7)
  }
  t.ok(await gets(10, 2000))
  t.ok(connection.dump().counters.resumes > 0)
})

t.test('a link that one side only has lost: that side is told, and what it had sent still arrives', async (t) => {
  const { sim, a, b, send, gets, got, connection } = await pair({ conditions: { latencyMinMs: 10, latencyMeanMs: 10 } })
  const told: string[] = []
  for (const { name, events$ } of [a, b])
    events$.subscribe((event) => {
      if (event.type === 'fault' || event.type === 'resume') told.push(`${name} ${event.type} ${got.length}`)
    })
  // Both get there before the other side can know of the new link.
  send(0)
  sim.network.cutOneSide('osd.0', 'osd.1')
  await sim.clock.advance(0)
  send(1)
  t.ok(await gets(2, 1000))
  await sim.clock.advance(200)
  t.equal(told[0]?.slice(0, 11), 'osd.0 fault')
  t.equal(told.filter((line) => line.startsWith('osd.0 fault')).length, 1)
  t.ok(
    told.every((line) => !line.startsWith('osd.1 fault') || line.endsWith('2')),
    'the other side read on',
  )
  t.strictSame([connection.state, b.connections[0]?.state, sim.network.circuits().length], ['open', 'open', 1])
})

t.test('of a link that one side has lost the other hears when it writes', async (t) => {
  const { sim, b } = await pair({ a: losslessClient(FAST), b: losslessServer({ keepalive: false }) })
  sim.network.blockDials('osd.0', 'osd.1')
  sim.network.cutOneSide('osd.0')
  await sim.clock.advance(5000)
  t.equal(b.connections[0]?.state, 'open', 'nobody has told it')
  b.connections[0]?.send({ type: 1 })
  await sim.clock.advance(10)
  t.equal(b.connections[0]?.state, 'standby')
})

t.test('a half-open link is found by keepalive alone', async (t) => {
  const { sim, send, gets } = await pair()
  sim.network.silence()
  send(0)
  t.notOk(await gets(1, 250))
  t.ok(await gets(1, 500))
})

t.test('a stall delays, and then everything comes', async (t) => {
  const { sim, send, gets } = await pair()
  sim.network.stall(80)
  send(0)
  t.notOk(await gets(1, 75))
  t.ok(await gets(1, 20))
})

t.test('a one-way partition stops one direction until it heals', async (t) => {
  const { sim, a, connection, send, gets, b } = await pair({
    a: peer({ keepalive: false }),
    b: peer({ keepalive: false }),
  })
  const back: number[] = []
  a.use({ dispatch: ({ tid }) => void back.push(tid) })
  sim.network.partition('osd.0', 'osd.1')
  send(0)
  b.connections[0]?.send({ type: 1, tid: 9 })
  t.notOk(await gets(1, 2000))
  t.same(back, [9])
  sim.network.heal('osd.0', 'osd.1')
  t.ok(await gets(1, 10))
  t.equal(connection.dump().counters.faults, 0)
})

t.test('where only one direction can dial, both can still be heard', async (t) => {
  const { sim, send, gets } = await pair()
  sim.network.blockDials('osd.0', 'osd.1')
  sim.network.cut()
  await sim.clock.advance(1)
  send(0)
  t.ok(await gets(1, 5000))
})

t.test('refused dials are tried again', async (t) => {
  const { sim, send, gets, connection } = await pair({
    a: losslessClient(FAST),
    b: losslessServer({ keepalive: KEEPALIVE.keepalive }),
  })
  sim.network.change({ refuseProbability: 1 })
  sim.network.cut()
  await sim.clock.advance(5)
  send(0)
  t.notOk(await gets(1, 1000))
  t.equal(connection.state, 'backoff')
  sim.network.calm()
  t.ok(await gets(1, 200))
})

t.test('a slow reader slows its sender down and loses nothing', async (t) => {
  const { sim, gets, connection } = await pair()
  sim.network.slow('osd.1', 100)
  const startMs = sim.clock.nowMs()
  for (let tid = 0; tid < 10; tid++) connection.send({ type: 1, tid, data: new Uint8Array(1000) })
  t.ok(await gets(10, 2000))
  t.ok(sim.clock.nowMs() - startMs >= 95)
})

t.test('the ghost of a dial displaces nothing', async (t) => {
  const { sim, send, gets, connection } = await pair({
    conditions: { dialDuplicateProbability: 1, dialDuplicateMaxMs: 50 },
  })
  for (let tid = 0; tid < 20; tid++) {
    send(tid)
    await sim.clock.advance(10)
  }
  t.ok(await gets(20, 100))
  t.equal(connection.dump().counters.faults, 0)
})

for (const how of ['reset', 'silent'] as const) {
  t.test(`a crash (${how}) ends a process in mid-sentence, and its next life is another instance`, async (t) => {
    const { sim, a, send, connection } = await pair()
    const lost: number[] = []
    a.use({ onRemoteReset: (_connection, { unknown }) => void lost.push(...unknown.map(({ tid }) => tid)) })
    send(1)
    sim.crash('osd.1', how)
    await sim.clock.advance(1000)
    t.same(lost, [])
    const again = sim.messenger('osd.1', { policies: { default: peer(FAST) } })
    await sim.run(() => again.bind('sim://osd.1:1'))
    t.ok(await sim.clock.until(() => connection.peer.instance === again.instance, 2000))
    t.same(lost, [1])
  })
}

t.test('a lossy session ends at both ends when its link is cut', async (t) => {
  const { sim, a, b } = await pair({ a: lossy(KEEPALIVE), b: lossy(KEEPALIVE) })
  let resets = 0
  for (const messenger of [a, b]) messenger.use({ onReset: () => (resets++, undefined) })
  sim.network.cut()
  await sim.clock.advance(10)
  t.equal(resets, 2)
})

t.test('a stepping wall clock disturbs no timer', async (t) => {
  const { sim, send, gets, connection } = await pair()
  sim.processOn('osd.0')?.clock.stepWall(-3_600_000)
  send(0)
  await sim.clock.advance(1000)
  t.ok(await gets(1, 0))
  t.equal(connection.dump().counters.faults, 0)
})
