/** Sessions that go from path to path while messages of all sizes flow both ways, on hosts with two networks. */
import t from 'tap'
import { losslessClient, losslessServer, lossy, peer } from '../../src/index.ts'
import type { Connection, Message, Messenger, MessengerEvent, Policy } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

const SIZES = [0, 1, 64, 700, 4096, 70_000, 64, 3, 700, 300_000]
/** Each message has the same bytes, shifted by its number. */
const BYTES = new Uint8Array(300_000 + 256).map((_zero, index) => index % 251)
/** What may be told while a session goes from path to path, and nothing is lost. */
const QUIET = ['connect', 'accept', 'pathSwitched', 'pathFailed', 'closed']

/** Two hosts on two networks, `a` and `b`, that send each other numbered messages. */
class World {
  readonly sim: Simulation
  readonly server: Messenger
  readonly client: Messenger
  readonly events: MessengerEvent[] = []
  readonly came = new Map<string, number>()
  readonly wrong: string[] = []
  readonly #count: number
  readonly #paceMs: number
  #connection: Connection | null = null

  constructor(seed: string, count: number, [ours, theirs]: readonly [Policy, Policy], paceMs = 1) {
    this.#count = count
    this.#paceMs = paceMs
    this.sim = new Simulation({ seed, conditions: { prefixProbability: 0.2, bytesPerMs: 20_000 } })
    this.server = this.sim.messenger('osd.0', { policies: { default: theirs } })
    this.client = this.sim.messenger('client.1', { policies: { default: ours } })
    for (const messenger of [this.server, this.client]) {
      messenger.events$.subscribe((event) => this.events.push(event))
      messenger.use({
        dispatch: (message) => {
          this.#check(messenger.name, message)
        },
      })
    }
    this.server.use({ onAccept: (connection) => void this.#send(connection) })
  }

  get connection(): Connection {
    return this.#connection as Connection
  }

  async open(paths: readonly string[] = []): Promise<void> {
    for (const network of 'ab') await this.server.bind(`sim://osd.0~${network}:6800`)
    this.#connection = this.client.connect('sim://osd.0~a:6800', { paths })
    await this.#connection.opened()
  }

  /** All that this side has to send; resolves when it is acked. */
  async send(): Promise<void> {
    await this.#send(this.connection)
    while (this.came.get(this.client.name) !== this.#count) await this.pause(5)
  }

  async #send(connection: Connection): Promise<void> {
    for (let number = 0; number < this.#count; number++) {
      const data = bytesOf(number)
      if (!connection.send({ type: 1, tid: number, data })) await connection.drained()
      if (number % 16 === 0) await this.pause(this.#paceMs)
    }
    await connection.deliver({ type: 2 })
  }

  #check(name: string, { type, tid, data }: Message): void {
    if (type !== 1) return
    const expected = this.came.get(name) ?? 0
    this.came.set(name, expected + 1)
    if (tid !== expected) this.wrong.push(`${name}: ${tid} instead of ${expected}`)
    if (Buffer.compare(data, bytesOf(tid)) !== 0) this.wrong.push(`${name}: the bytes of ${tid}`)
  }

  pause(ms: number): Promise<void> {
    return pause(this.sim, ms)
  }

  told(type: MessengerEvent['type']): MessengerEvent[] {
    return this.events.filter((event) => event.type === type)
  }

  loud(): string[] {
    return this.events.map(({ type }) => type).filter((type) => !QUIET.includes(type))
  }
}

function pause(sim: Simulation, ms: number): Promise<void> {
  return new Promise((resolve) => void sim.clock.setTimer(resolve, ms))
}

function bytesOf(number: number): Uint8Array {
  const shift = number % 256
  return BYTES.subarray(shift, shift + SIZES[number % SIZES.length]!)
}

const PAIRS: readonly (readonly [string, readonly [Policy, Policy]])[] = [
  ['losslessClient/losslessServer', [losslessClient(), losslessServer()]],
  ['peer/peer', [peer(), peer()]],
]

t.test('who gives a switch up when the session is there already leaves it there', async (t) => {
  const world = new World('too late to give up', 600, PAIRS[0]![1])
  await world.sim.run(async () => {
    await world.open()
    const sent = world.send()
    const gaveUp = new AbortController()
    const there = 'sim://osd.0~b:6800'
    const told = world.connection.path$.subscribe((path) => {
      if (path?.address === there) gaveUp.abort()
    })
    await t.rejects(world.connection.switchTo(there, { signal: gaveUp.signal }), { code: 'INK_ABORTED' })
    told.unsubscribe()
    await sent
    t.equal(world.connection.path?.address, there)
    t.strictSame([world.wrong, world.loud()], [[], []])
    t.match(world.connection.dump().counters, { switches: 1, faults: 0, resumes: 0 })
    await world.client.shutdown()
    await world.server.shutdown()
  })
})

for (const [name, policies] of PAIRS) {
  t.test(
    `${name}: a session that goes to and fro loses, repeats and reorders nothing, and nobody hears of it`,
    async (t) => {
      const world = new World(`to and fro, ${name}`, 600, policies)
      await world.sim.run(async () => {
        await world.open()
        let isOver = false
        const sent = world.send().finally(() => (isOver = true))
        let switches = 0
        for (let turn = 1; !isOver; turn++) {
          const path = await world.connection.switchTo(`sim://osd.0~${turn % 2 === 1 ? 'b' : 'a'}:6800`)
          t.equal(path.address, world.connection.path?.address)
          switches++
          await world.pause(1 + world.sim.random.next() * 20)
        }
        await sent
        t.ok(switches > 20, `${switches} switches`)
        t.strictSame([world.wrong, world.loud()], [[], []])
        t.strictSame([...world.came.values()], [600, 600])
        const told = world.told('pathSwitched') as Extract<MessengerEvent, { type: 'pathSwitched' }>[]
        t.equal(told.length, 2 * switches, 'each side hears of each')
        t.strictSame([...new Set(told.map(({ why }) => why))].sort(), ['asked', 'peer'])
        t.ok(
          told.every(({ replayed }) => replayed === 0),
          'and nothing is sent again',
        )
        const { counters } = world.connection.dump()
        t.match(counters, { switches, faults: 0, sessions: 1, resumes: 0, duplicates: 0, replayedMessages: 0 })
        t.ok(world.sim.network.circuits().length <= 2, 'no link is left behind')
        await world.client.shutdown()
        await world.server.shutdown()
      })
    },
  )
}

t.test(
  'a lossy session ends with its link: more addresses of its peer keep nothing ready, and do no harm',
  async (t) => {
    const world = new World('lossy', 50, [lossy(), lossy()])
    await world.sim.run(async () => {
      await world.open(['sim://osd.0~b:6800'])
      await world.connection.deliver({ type: 2 })
      await world.pause(100)
      t.equal(world.connection.path?.address, 'sim://osd.0~a:6800')
      t.equal(world.sim.network.circuits().length, 1)
      await world.client.shutdown()
      await world.server.shutdown()
    })
  },
)

t.test(
  'a path that falls silent is left for the one that is kept ready as soon as nothing answers there',
  async (t) => {
    const keepalive = { intervalMs: 40, timeoutMs: 100 }
    const world = new World('silence', 600, [losslessClient({ keepalive }), losslessServer({ keepalive })], 20)
    const { sim } = world
    await sim.run(async () => {
      await world.open(['sim://osd.0~b:6800'])
      const sent = world.send()
      while (sim.network.circuits().length < 2) await world.pause(1)
      await world.pause(50)
      const atMs = sim.clock.nowMs()
      sim.network.silence('client.1~a', 'osd.0~a')
      while (world.connection.path?.address !== 'sim://osd.0~b:6800') await world.pause(0.1)
      const tookMs = sim.clock.nowMs() - atMs
      t.ok(tookMs <= keepalive.timeoutMs + 5, `${tookMs} ms, of which all but a few are those of the keepalive`)
      await sent
      t.strictSame([world.wrong, world.loud()], [[], []])
      t.strictSame([...world.came.values()], [600, 600])
      t.match(world.connection.dump().counters, { sessions: 1, resumes: 0, switches: 1 })
      await world.client.shutdown()
      await world.server.shutdown()
    })
  },
)

t.test('a path that is lost is replaced at once by the one that is kept ready, again and again', async (t) => {
  const world = new World('paths die', 600, [losslessClient(), losslessServer()], 400)
  const { sim, events } = world
  await sim.run(async () => {
    await world.open(['sim://osd.0~b:6800'])
    let isOver = false
    const sent = world.send().finally(() => (isOver = true))
    const tookMs: number[] = []
    for (let kills = 0; !isOver && kills < 400; kills++) {
      await world.pause(1 + sim.random.next() * 40)
      const { path } = world.connection
      const isReady = sim.network.circuits().length === 2
      if (path === null || !isReady) continue
      const atMs = sim.clock.nowMs()
      const network = path.address.includes('~a') ? 'a' : 'b'
      sim.network.cut(`client.1~${network}`, `osd.0~${network}`)
      while (world.connection.path === null || world.connection.path.address === path.address) await world.pause(0.01)
      tookMs.push(sim.clock.nowMs() - atMs)
    }
    await sent
    t.ok(tookMs.length >= 3, `${tookMs.length} paths died`)
    t.ok(Math.max(...tookMs) < 0.5, `the slowest took ${Math.max(...tookMs)} ms: the news of the loss, and no more`)
    t.strictSame([world.wrong, world.loud()], [[], []])
    t.strictSame([...world.came.values()], [600, 600])
    t.ok(events.some((event) => event.type === 'pathSwitched' && event.why === 'lost'))
    t.match(world.connection.dump().counters, { sessions: 1, resumes: 0, switches: tookMs.length })
    await world.client.shutdown()
    await world.server.shutdown()
  })
})

t.test('a path that is a tenth nearer in one second and a tenth further in the next is not run after', async (t) => {
  const world = new World('paths alike', 600, [losslessClient(), losslessServer()], 400)
  const { sim } = world
  await sim.run(async () => {
    await world.open(['sim://osd.0~b:6800'])
    const first = world.connection.path?.address
    const sent = world.send()
    for (let second = 0; second < 60; second++) {
      const latencyMeanMs = second % 2 === 0 ? 0.09 : 0.11
      sim.network.change({ latencyMeanMs }, 'client.1~b', 'osd.0~b')
      sim.network.change({ latencyMeanMs }, 'osd.0~b', 'client.1~b')
      await world.pause(1000)
    }
    await sent
    t.equal(world.connection.path?.address, first)
    t.equal(world.connection.dump().counters.switches, 0)
    t.equal(sim.network.circuits().length, 2, 'it is kept ready all the same')
    t.strictSame([world.wrong, world.loud()], [[], []])
    await world.client.shutdown()
    await world.server.shutdown()
  })
})

t.test(
  'a peer moves while the session is open, its link dies, and the session goes on where the peer is now',
  async (t) => {
    for (const [name, policies] of PAIRS) {
      const world = new World(`moves house, ${name}`, 600, policies, 40)
      const { sim, server } = world
      await sim.run(async () => {
        await world.open()
        await world.connection.deliver({ type: 2 })
        const sent = world.send()
        await world.pause(50)
        await server.bind('sim://osd.0~a:6900')
        for (const network of 'ab') await server.unbind(`sim://osd.0~${network}:6800`)
        // A word waits for what its link was given before: half a second of it.
        await world.pause(500)
        t.equal(world.connection.path?.address, 'sim://osd.0~a:6800', 'the link lives')
        sim.network.cut('client.1~a', 'osd.0~a')
        await sent
        t.equal(world.connection.path?.address, 'sim://osd.0~a:6900')
        const loud = world.loud().filter((type) => !['fault', 'resume', 'dial'].includes(type))
        t.strictSame([world.wrong, loud], [[], []])
        t.strictSame([...world.came.values()], [600, 600])
        t.match(world.connection.dump().counters, { sessions: 1, resumes: 1 })
        await world.client.shutdown()
        await world.server.shutdown()
      })
    }
  },
)

t.test('with paths a session follows its peer before the link dies, and nobody hears of it', async (t) => {
  const sim = new Simulation({ seed: 'follows' })
  const server = sim.messenger('osd.0', { policies: { default: losslessServer() } })
  const client = sim.messenger('client.1', { policies: { default: losslessClient() }, paths: ['sim'] })
  const events: MessengerEvent[] = []
  for (const messenger of [server, client]) {
    messenger.use({ dispatch: () => undefined })
    messenger.events$.subscribe((event) => events.push(event))
  }
  await sim.run(async () => {
    await server.bind('sim://osd.0:6800')
    const connection = client.connect('sim://osd.0:6800')
    await connection.opened()
    await server.bind('sim://osd.0:6900')
    await pause(sim, 50)
    t.equal(connection.path?.address, 'sim://osd.0:6800')
    t.equal(sim.network.circuits().length, 2, 'the new one is kept ready')
    await server.unbind('sim://osd.0:6800')
    await connection.deliver({ type: 1 })
    await pause(sim, 1500)
    t.equal(connection.path?.address, 'sim://osd.0:6900')
    t.match(connection.dump().counters, { sessions: 1, resumes: 0, switches: 1, faults: 0 })
    t.strictSame([...new Set(events.map(({ type }) => type))].sort(), ['accept', 'connect', 'pathSwitched'])
    await client.shutdown()
    await server.shutdown()
  })
})

t.test(
  'a peer that says each millisecond that it is elsewhere has others dialled no more than any peer can',
  async (t) => {
    const sim = new Simulation({ seed: 'led astray' })
    const server = sim.messenger('osd.0', { policies: { default: losslessServer() } })
    const limits = { redialsPerSecondMax: 16 }
    const client = sim.messenger('client.1', { policies: { default: losslessClient() }, paths: ['sim'], limits })
    server.use({ dispatch: () => undefined })
    const links = { count: 0 }
    // Somebody on the same host: where else a peer says that it is, nobody goes.
    const victim = sim.network.transport('osd.0')
    for (let port = 7000; port < 7008; port++)
      await victim.listen({ scheme: 'sim', host: 'osd.0', port }, (link) => {
        links.count++
        link.handlers = {
          opened: () => undefined,
          data: () => undefined,
          writable: () => undefined,
          closed: () => undefined,
        }
        link.reset()
      })
    await sim.run(async () => {
      const home = await server.bind('sim://osd.0:6800')
      const connection = client.connect(home)
      await connection.opened()
      for (let ms = 0; ms < 10_000; ms++) {
        await server.bind(home, { advertise: `sim://osd.0:${7000 + (ms % 8)}` })
        await pause(sim, 1)
      }
      t.ok(links.count > 0 && links.count <= 4 * 10, `${links.count} dials in 10 s`)
      await connection.deliver({ type: 1 })
      t.match(connection.dump().counters, { sessions: 1, resumes: 0, switches: 0 })
      await client.shutdown()
      await server.shutdown()
    })
  },
)

t.test(
  'the path in reserve has a round-trip time, as its last proof took it, and one that stays much nearer is gone to',
  async (t) => {
    const world = new World('how far', 20, [losslessClient(), losslessServer()])
    const { sim } = world
    const away = (network: string, latencyMeanMs: number): void => {
      for (const [from, to] of [
        [`client.1~${network}`, `osd.0~${network}`],
        [`osd.0~${network}`, `client.1~${network}`],
      ] as const)
        sim.network.change({ latencyMinMs: latencyMeanMs, latencyMeanMs }, from, to)
    }
    await sim.run(async () => {
      away('a', 10)
      away('b', 8)
      await world.open(['sim://osd.0~b:6800'])
      await world.pause(200)
      const [used, ready] = world.connection.paths
      t.match(used, { address: 'sim://osd.0~a:6800', state: 'carries', scheme: 'sim' })
      t.match(ready, { address: 'sim://osd.0~b:6800', state: 'ready', scheme: 'sim' })
      t.ok(ready!.rttMs! >= 16 && ready!.rttMs! < 30, `${ready!.rttMs} ms there`)
      t.ok(used!.rttMs! >= 20 && used!.rttMs! < 40, `${used!.rttMs} ms here`)
      t.strictSame(world.connection.dump().paths, world.connection.paths.slice(1))
      await world.pause(300_000)
      t.equal(world.connection.path?.address, 'sim://osd.0~a:6800')
      away('b', 2)
      await world.pause(200_000)
      t.equal(world.connection.path?.address, 'sim://osd.0~b:6800')
      t.match(world.told('pathSwitched'), [{ why: 'better' }, { why: 'peer' }])
      const there = world.connection.paths.find(({ state }) => state === 'carries')
      t.ok(there!.rttMs! >= 4 && there!.rttMs! < 20, `${there!.rttMs} ms`)
      await world.send()
      t.strictSame([world.wrong, world.loud()], [[], []])
      await world.client.shutdown()
      await world.server.shutdown()
      t.strictSame(world.connection.paths, [])
    })
  },
)
