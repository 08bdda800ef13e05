/** Which peer is slow, and why: stories of clusters in trouble, as an observer tells them. */
import t from 'tap'
import { defineCall, losslessClient, losslessServer, peer } from '../../src/index.ts'
import type { Connection, Messenger } from '../../src/index.ts'
import { observe } from '../../src/observe/index.ts'
import type { Observer } from '../../src/observe/index.ts'
import { Simulation } from '../../src/testing/index.ts'

const NOTHING = new Uint8Array(0)
const bytes = { encode: (body: Uint8Array) => body, decode: (body: Uint8Array) => body }
const Stat = defineCall({ type: 1, name: 'Stat', request: bytes, reply: bytes })
const WINDOW = { messages: 64, bytes: 1 << 20 }

interface Cluster {
  readonly sim: Simulation
  readonly client: Messenger
  readonly osds: Messenger[]
  readonly connections: Connection[]
  readonly observer: Observer
  readonly pause: (ms: number) => Promise<void>
}

/** `client.a` is connected to osd.0 to osd.4, and observed. `body` runs in simulated time. */
async function cluster(body: (cluster: Cluster) => Promise<void>): Promise<void> {
  const sim = new Simulation({ seed: 11 })
  const client = sim.messenger('client.a', { policies: { osd: losslessClient() } })
  const observer = observe(client, { everyMs: 200, pingMs: 1000 })
  await sim.run(async () => {
    const osds: Messenger[] = []
    const connections: Connection[] = []
    for (let index = 0; index < 5; index++) {
      const osd = sim.messenger(`osd.${index}`, { policies: { client: losslessServer({ window: WINDOW }) } })
      osds.push(osd)
      connections.push(client.connect(await osd.bind(`sim://osd.${index}:1`), { name: osd.name }))
    }
    await Promise.all(connections.map((connection) => connection.opened()))
    const pause = (ms: number): Promise<void> => new Promise((resolve) => void sim.clock.setTimer(resolve, ms))
    await body({ sim, client, osds, connections, observer, pause })
    observer.close()
  })
}

t.test('of five daemons, the one whose handlers are slow is named, with what it holds', async (t) => {
  await cluster(async ({ sim, osds, connections, observer, pause }) => {
    for (const [index, osd] of osds.entries()) {
      const tookMs = index === 3 ? 1e9 : 1
      osd.use({ dispatch: () => new Promise<void>((resolve) => void sim.clock.setTimer(resolve, tookMs)) })
    }
    for (let round = 0; round < 100; round++)
      for (const connection of connections) connection.send({ type: 1, data: 'x' })
    await pause(8200)
    const causes = observer
      .snapshot()
      .peers.map(({ peer, why }) => `${peer} ${why.cause}`)
      .sort()
    t.strictSame(causes, ['osd.0 fine', 'osd.1 fine', 'osd.2 fine', 'osd.3 peer-slow', 'osd.4 fine'])
    const { sentence, severity } = observer.why('osd.3')
    t.equal(
      sentence,
      'osd.3 is alive, its handlers are at least 8.0 s behind, 64 of 64 credits are held by osd.3, and 36 messages wait here',
    )
    t.equal(severity, 2)
    const view = observer.peer('osd.3')
    t.ok(view.ages.queuedMs >= 8000 && view.ages.queuedMs <= 8200, 'what waits here waits for as long')
    const slow = observe(osds[3]!, { everyMs: 100 })
    await pause(1500)
    const here = slow.why('client.a')
    t.equal(here.cause, 'here-slow')
    t.match(here.sentence, /^our handlers of client.a are at least 1\.\d s behind: they hold 64 of 64 messages/)
    slow.close()
  })
})

t.test('what handlers finish out of order gives its credit back, and is held by nobody', async (t) => {
  await cluster(async ({ sim, osds, connections, observer, pause }) => {
    const isStuck = (tid: number): boolean => tid === 0 || tid > 40
    osds[3]!.use({
      dispatch: ({ tid }) => new Promise<void>((resolve) => void sim.clock.setTimer(resolve, isStuck(tid) ? 1e9 : 1)),
    })
    for (let tid = 0; tid < 200; tid++) connections[3]!.send({ type: 1, tid })
    await pause(8200)
    t.match(observer.why('osd.3').sentence, /, 64 of 64 credits are held by osd\.3, and 96 messages wait here$/)
    t.strictSame(connections[3]!.dump().peerWindow, WINDOW)
  })
})

t.test(
  'of five daemons that all keep up, the one that takes long is named, by its messages and by its calls',
  async (t) => {
    await cluster(async ({ sim, osds, connections, observer, pause }) => {
      const after = (tookMs: number): Promise<void> =>
        new Promise<void>((resolve) => void sim.clock.setTimer(resolve, tookMs))
      for (const [index, osd] of osds.entries()) {
        const tookMs = index === 3 ? 500 : 5
        osd.use({ dispatch: () => after(tookMs) })
        osd.serve(Stat, () => after(tookMs).then(() => ({ body: NOTHING })))
      }
      const load = async (ofEach: (connection: Connection) => void): Promise<void> => {
        for (let round = 0; round < 100; round++) {
          for (const connection of connections) ofEach(connection)
          await pause(20)
        }
      }
      const found = (): string[] =>
        observer
          .snapshot()
          .peers.map(({ peer, why }) => `${peer} ${why.cause} ${why.severity}`)
          .sort()
      const third = ['osd.0 fine 0', 'osd.1 fine 0', 'osd.2 fine 0', 'osd.3 peer-slow 1', 'osd.4 fine 0']
      await load((connection) => connection.send({ type: 1 }))
      t.strictSame(found(), third)
      t.match(observer.why('osd.3').sentence, /^osd\.3 keeps up, and takes about (4[5-9]|5[0-9])\d ms for a message$/)
      const here = observe(osds[3]!, { everyMs: 200 })
      await load((connection) => connection.send({ type: 1 }))
      t.match(here.why('client.a'), {
        cause: 'here-slow',
        severity: 1,
        sentence: /^our handlers keep up with client\.a/,
      })
      here.close()
      await pause(3000)
      t.equal(observer.why('osd.3').cause, 'fine', 'nothing is asked of it any more')
      await load((connection) => void connection.call(Stat, NOTHING, { timeoutMs: 5000 }))
      t.strictSame(found(), third)
      t.match(observer.why('osd.3').sentence, /^osd\.3 keeps up, and takes about 50\d ms for a call of ours$/)
      await pause(3000)
      t.equal(observer.why('osd.3').cause, 'fine')
    })
  },
)

t.test('a dead host, a silent one and one that comes and goes are told apart', async (t) => {
  await cluster(async ({ sim, client, observer, pause }) => {
    sim.crash('osd.1')
    sim.network.silence('client.a', 'osd.2')
    await pause(4000)
    t.match(observer.why('osd.1'), {
      cause: 'unreachable',
      severity: 3,
      sentence: /^osd\.1 cannot be reached: it has had no link for [34]\.\d s, \d+ dials in a row failed/,
    })
    t.ok(observer.peer('osd.1').inStateMs < 2500, 'which is longer than it has been between two dials')
    t.match(observer.why('osd.2'), { cause: 'silent', sentence: /^nothing came from osd.2 for \d\.\d s/ })
    for (let count = 0; count < 4; count++) {
      sim.network.cut('client.a', 'osd.3')
      await pause(2000)
    }
    t.match(observer.why('osd.3'), { cause: 'flapping', severity: 1, sentence: /lost 4 times in the last minute/ })
    t.match(observer.why('osd.4').sentence, /^osd\.4 is fine: open for 12\.\d s, answers within \d+ µs/)
    await pause(61_000)
    t.equal(observer.why('osd.3').cause, 'fine', 'that was a minute ago')
    for (const connection of client.connections) connection.markDown()
  })
})

t.test(
  'a trace tells what happened with times and reasons, also after the end, and ids tell namesakes apart',
  async (t) => {
    await cluster(async ({ sim, client, osds, connections, observer, pause }) => {
      osds[0]!.use({ dispatch: () => undefined })
      const [first] = connections
      first!.send({ type: 1, data: 'x' })
      await pause(100)
      sim.network.cut('client.a', 'osd.0')
      await pause(1000)
      first!.markDown()
      const again = client.connect(osds[0]!.addresses[0]!, { name: 'osd.0' })
      await again.opened()
      await pause(500)
      const traces = observer.trace().filter(({ peer }) => peer === 'osd.0')
      t.equal(traces.length, 2)
      t.equal(observer.trace('osd.0')[0]?.id, traces[0]!.id, 'the one that lives comes first')
      const whats = observer.trace(`#${traces[1]!.id}`)[0]!.entries.map(({ what, detail }) => `${what} ${detail}`)
      t.match(
        whats.join('\n'),
        /^connect session \w{8} with sim:\/\/osd\.0:1\n(.*\n)*fault the network cut the link\n(.*\n)*resume 0 /,
      )
      t.match(observer.peer(`${traces[1]!.id}`).ended, { code: 'INK_MARKED_DOWN' })
      t.equal(observer.why(`#${traces[1]!.id}`).cause, 'closed')
      const { counters, events } = observer.snapshot()
      t.equal(counters['osd.0']?.sentMessages, 1, 'sums outlive connections')
      t.equal(counters['osd.0']?.sessions, 2)
      t.ok(events['fault']! >= 1)
      t.throws(() => observer.why('osd.9'), { code: 'INK_BAD_ARGUMENT', message: /there are .*osd\.0/ })
    })
  },
)

t.test('what is over is kept within its limits, and an observer ends with its messenger', async (t) => {
  const sim = new Simulation({ seed: 2 })
  const server = sim.messenger('mon.0', { policies: { default: peer() } })
  const client = sim.messenger('mon.1', { policies: { default: peer() } })
  const observer = observe(client, { endedMax: 2, endedMs: 10_000 })
  await sim.run(async () => {
    const address = await server.bind('sim://mon.0:1')
    for (let count = 0; count < 5; count++) {
      const connection = client.connect(address)
      await connection.opened()
      connection.markDown()
      await connection.closed
    }
    t.equal(observer.trace().length, 2)
    await new Promise<void>((resolve) => void sim.clock.setTimer(resolve, 10_001))
    t.equal(observer.trace().length, 0)
    t.equal(observer.health().status, 'SERVING')
    observer.setHealth('store', 'NOT_SERVING')
    t.strictSame(observer.health(), { status: 'NOT_SERVING', services: { store: 'NOT_SERVING' } })
    observer.setHealth('store', 'SERVING')
    t.throws(
      () => {
        observer.setHealth('', 'SERVING')
      },
      { code: 'INK_BAD_ARGUMENT' },
    )
    const closing = client.close()
    t.equal(observer.health().status, 'NOT_SERVING', 'from the first moment on')
    await closing
    await server.close()
  })
  t.equal(observer.snapshot().peers.length, 0)
  t.throws(() => observe('osd.0' as unknown as Messenger), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => observe(client, { everyMs: 1 }), { code: 'INK_BAD_OPTION' })
})
