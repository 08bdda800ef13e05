/** The life of a peer at both ends: in step, whatever happens to links, sessions and processes (EP-1 to EP-5, EP-7). */
import t, { type Test } from 'tap'
import type { EndpointSession, Messenger, Policy } from '../../src/index.ts'
import { losslessClient, losslessServer, lossy, peer } from '../../src/index.ts'
import { Simulation, seededRandom } from '../../src/testing/index.ts'

const PAIRS: Readonly<Record<string, readonly [client: Policy, server: Policy]>> = {
  lossy: [lossy(), lossy()],
  lossless: [losslessClient(), losslessServer({ standbyMs: 500 })],
  peer: [peer({ standbyMs: 500 }), peer({ standbyMs: 500 })],
}
const LIFE = /^(A(CD)*X)*(A(CD)*C?)?$/

/** Follows a peer and notes its life; sends what it is told to with the key of the session. */
class Follower {
  readonly messenger: Messenger
  /** A, C, D and X, in order. */
  life = ''
  readonly keys: string[] = []
  readonly errors: string[] = []
  session: EndpointSession | null = null
  /** Payloads that came with another key than that of the session in which they came. */
  stale = 0
  received = 0
  /** What `disconnect` waits for. */
  finish: () => Promise<void> = () => Promise.resolve()

  constructor(messenger: Messenger, name: string) {
    this.messenger = messenger
    messenger.events$.subscribe((event) => {
      if (event.type === 'dispatchError') this.errors.push(event.error.message)
    })
    messenger.use({
      dispatch: ({ data }) => {
        this.received++
        if (Buffer.from(data).toString() !== this.session?.key) this.stale++
      },
    })
    messenger.endpoint(
      { name },
      {
        appear: () => void (this.life += 'A'),
        disappear: () => void (this.life += 'X'),
        connect: (session) => {
          this.life += 'C'
          this.keys.push(session.key ?? '')
          this.session = session
        },
        disconnect: async (session) => {
          this.life += 'D'
          if (this.session === session) this.session = null
          await this.finish()
        },
      },
    )
  }

  get isUp(): boolean {
    return this.session?.signal.aborted === false
  }

  say(): void {
    if (this.isUp) this.session?.send({ type: 1, data: this.session.key })
  }
}

/** What each end was connected under is the same, but for the last, which one end may not have heard of yet. */
function checkStep(t: Test, a: readonly string[], b: readonly string[], what: string): void {
  const least = Math.min(a.length, b.length)
  t.ok(Math.abs(a.length - b.length) <= 1, `${what}: ${a.length} and ${b.length} times connected`)
  t.strictSame(a.slice(0, least), b.slice(0, least), what)
  t.equal(new Set(a).size, a.length, `${what}: no key twice`)
}

interface Pair {
  readonly sim: Simulation
  readonly client: Follower
  readonly server: Follower
  readonly address: string
  /** Dials, unless there is a connection. */
  readonly dial: () => void
}

async function startPair(seed: number, [clientPolicy, serverPolicy]: readonly [Policy, Policy]): Promise<Pair> {
  const sim = new Simulation({ seed })
  const server = new Follower(sim.messenger('osd.0', { policies: { default: serverPolicy } }), 'client.1')
  const client = new Follower(sim.messenger('client.1', { policies: { default: clientPolicy } }), 'osd.0')
  const address = await sim.run(() => server.messenger.bind('sim://osd.0:1'))
  if (clientPolicy.kind === 'peer') await sim.run(() => client.messenger.bind('sim://client.1:1'))
  const dial = (): void => void client.messenger.connect(address, { name: 'osd.0' })
  return { sim, client, server, address, dial }
}

async function stop({ sim, client, server }: Pair): Promise<void> {
  await sim.run(() => Promise.all([client.messenger.shutdown(), server.messenger.shutdown()]))
  await sim.clock.advance(30_000)
}

for (const [name, policies] of Object.entries(PAIRS)) {
  t.test(`EP-1, EP-2, EP-3 ${name}: both ends live through the same, and nothing stale comes`, async (t) => {
    let cycles = 0
    let received = 0
    for (let seed = 1; seed <= 6; seed++) {
      const pair = await startPair(seed, policies)
      const { sim, client, server, dial } = pair
      const random = seededRandom(`${name} ${seed}`)
      for (const end of [client, server])
        end.finish = () => sim.clock.sleep(random.next() < 0.5 ? 0 : random.next() * 300)
      for (let step = 0; step < 60; step++) {
        dial()
        client.say()
        server.say()
        const draw = random.next()
        if (draw < 0.2) sim.network.cut()
        else if (draw < 0.25) sim.network.silence()
        else if (draw < 0.32) for (const connection of client.messenger.connections) connection.markDown()
        else if (draw < 0.39) for (const connection of server.messenger.connections) connection.markDown()
        else if (draw < 0.43) sim.network.partition('client.1', 'osd.0')
        else sim.network.heal()
        await sim.clock.advance(random.next() * (random.next() < 0.1 ? 2000 : 60))
        if (step % 10 === 9) checkStep(t, client.keys, server.keys, `seed ${seed}, step ${step}`)
      }
      sim.network.heal()
      // Nobody dials again for a lossy session that is found dead only now.
      for (let tries = 0; tries < 60 && !(client.isUp && server.isUp); tries++) {
        dial()
        await sim.clock.until(() => client.isUp && server.isUp, 2000)
      }
      t.ok(client.isUp && server.isUp, `seed ${seed}: when faults stop, both are connected`)
      t.strictSame(client.keys, server.keys, `seed ${seed}`)
      await stop(pair)
      for (const end of [client, server]) {
        t.match(end.life, LIFE)
        t.equal(end.life.at(-1), 'X', 'in the end the peer is gone')
        t.equal(end.stale, 0)
        t.strictSame(end.errors, [])
        received += end.received
      }
      cycles += client.keys.length
    }
    t.ok(cycles > 30, `${cycles} cycles`)
    t.ok(received > 100, `${received} payloads`)
  })
}

t.test('EP-2: an end that did not hear that the other was connected passes through it, for nothing', async (t) => {
  const pair = await startPair(1, PAIRS['lossy']!)
  const { sim, client, server, dial } = pair
  // What the server says comes, what the client says does not.
  dial()
  await sim.clock.until(() => server.messenger.connections.length > 0, 1000)
  for (let tries = 0; tries < 200 && client.keys.length + server.keys.length !== 1; tries++) {
    sim.network.partition('client.1', 'osd.0')
    await sim.clock.advance(1)
    if (client.keys.length + server.keys.length === 1) break
    sim.network.heal()
    sim.network.cut()
    for (const end of [client, server]) end.keys.length = 0
    dial()
    await sim.clock.advance(tries / 50)
  }
  t.equal(client.keys.length + server.keys.length, 1, 'only one end is connected')
  sim.network.heal()
  sim.network.cut()
  await sim.clock.advance(100)
  dial()
  await sim.clock.until(() => client.isUp && server.isUp, 60_000)
  t.equal(client.keys.length, 2)
  t.strictSame(client.keys, server.keys)
  await stop(pair)
})

t.test(
  'EP-4: what was outstanding is decided before disconnect is called, and nothing is sent afterwards',
  async (t) => {
    const pair = await startPair(2, PAIRS['lossy']!)
    const { sim, client, dial } = pair
    dial()
    await sim.clock.until(() => client.isUp, 1000)
    const { session } = client
    let outstanding = 0
    for (let count = 0; count < 20; count++) {
      outstanding++
      session?.deliver({ type: 1, data: session.key }).then(
        () => outstanding--,
        () => outstanding--,
      )
    }
    let atDisconnect = -1
    client.finish = () => {
      atDisconnect = outstanding
      return Promise.resolve()
    }
    sim.network.cut()
    await sim.clock.until(() => client.life.endsWith('DX'), 1000)
    t.equal(atDisconnect, 0)
    t.throws(() => session?.send({ type: 1 }), { code: 'INK_RESET', message: /not connected/ })
    await t.rejects(session?.deliver({ type: 1 }) ?? Promise.resolve(), { code: 'INK_RESET' })
    t.match(session?.signal.reason, { code: 'INK_RESET' })
    await stop(pair)
  },
)

t.test(
  'EP-5: while an application has not finished, its peer may come a hundred times and is not connected',
  async (t) => {
    const pair = await startPair(3, PAIRS['lossy']!)
    const { sim, client, server, dial } = pair
    const slow: number[] = []
    server.messenger.events$.subscribe((event) => {
      if (event.type === 'slowDisconnect') slow.push(event.afterMs)
    })
    dial()
    await sim.clock.until(() => client.isUp && server.isUp, 1000)
    server.finish = () => sim.clock.sleep(12_000)
    for (let count = 0; count < 100; count++) {
      sim.network.cut()
      await sim.clock.advance(25)
      dial()
      await sim.clock.advance(25)
    }
    t.equal(server.life, 'ACD')
    t.match(client.life, /^ACDX(AX)*A?$/, 'the other end is not connected either')
    t.equal(server.messenger.connections.length, 1)
    await sim.clock.advance(8000)
    t.equal(server.life, 'ACDC', 'then once')
    t.strictSame(client.keys, server.keys)
    t.strictSame(slow, [10_000], 'and the operator was told what all wait for')
    server.finish = () => Promise.resolve()
    await stop(pair)
  },
)

t.test('EP-7: a lossless session that is cut again and again is one connection for the application', async (t) => {
  const pair = await startPair(4, PAIRS['peer']!)
  const { sim, client, server, dial } = pair
  dial()
  await sim.clock.until(() => client.isUp && server.isUp, 1000)
  for (let count = 0; count < 200; count++) {
    client.say()
    if (count % 5 === 0) sim.network.cut()
    await sim.clock.advance(10)
  }
  await sim.clock.until(() => server.received === 200, 60_000)
  t.equal(server.received, 200)
  t.equal(server.stale, 0)
  t.strictSame([client.life, server.life], ['AC', 'AC'])
  await stop(pair)
})

t.test('a process that starts again is another peer: it is connected anew, under keys of its own', async (t) => {
  const pair = await startPair(5, PAIRS['lossless']!)
  const { sim, client, server, dial, address } = pair
  dial()
  await sim.clock.until(() => client.isUp && server.isUp, 1000)
  sim.crash('client.1')
  const next = new Follower(sim.messenger('client.1', { policies: { default: losslessClient() } }), 'osd.0')
  next.messenger.connect(address, { name: 'osd.0' })
  await sim.clock.until(() => next.isUp && server.keys.length === 2, 10_000)
  t.strictSame(server.keys, [...client.keys, ...next.keys])
  t.match(server.life, /^ACD(XA)?C$/)
  await stop({ ...pair, client: next })
})

t.test('an endpoint that is opened late, closed, and opened again takes the other end along', async (t) => {
  const sim = new Simulation({ seed: 6 })
  const [a, b] = ['osd.0', 'osd.1'].map((name) => sim.messenger(name, { policies: { default: peer() } })) as [
    Messenger,
    Messenger,
  ]
  await sim.run(async () => {
    a.connect(await b.bind('sim://osd.1:1'))
    await a.bind('sim://osd.0:1')
  })
  const first = new Follower(a, 'osd.1')
  await sim.clock.advance(100)
  t.equal(first.life, 'AC', 'whose peer follows nobody is connected with it at once')
  let life = ''
  let release = (): void => undefined
  const handlers = {
    appear: () => void (life += 'A'),
    connect: () => void (life += 'C'),
    disconnect: () => {
      life += 'D'
      return new Promise<void>((resolve) => (release = resolve))
    },
    disappear: () => void (life += 'X'),
  }
  const second = b.endpoint({ type: 'osd' }, handlers)
  await sim.clock.advance(100)
  t.equal(first.life, 'ACDC', 'and anew when that changes')
  t.equal(life, 'AC')
  t.throws(() => b.endpoint({ name: 'osd.7' }, {}), { code: 'INK_BAD_ARGUMENT' }, 'osd.7 is of that type')
  const closed = second.close()
  await sim.clock.advance(100)
  t.equal(life, 'ACD')
  t.equal(first.life, 'ACDCD', 'it waits for the application at the other end')
  release()
  await sim.run(() => closed)
  t.equal(life, 'ACDX')
  await sim.clock.advance(100)
  t.equal(first.life, 'ACDCDC')
  b.endpoint({ name: 'osd.0' }, handlers)
  await sim.clock.advance(100)
  t.equal(life, 'ACDXAC')
  t.equal(first.life, 'ACDCDCDC')
  t.strictSame(first.errors, [])
  release()
  await sim.run(() => Promise.all([a.shutdown(), b.shutdown()]))
})

t.test('what is no target and no handler is refused, and what a handler throws is told', async (t) => {
  const sim = new Simulation({ seed: 7 })
  const [a, b] = ['osd.0', 'osd.1'].map((name) => sim.messenger(name, { policies: { default: peer() } })) as [
    Messenger,
    Messenger,
  ]
  const wrong = [{}, { name: 5 }, { name: 'osd.1', type: 'osd' }, { name: '' }] as unknown as { name: string }[]
  for (const target of wrong) t.throws(() => a.endpoint(target, {}), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => a.endpoint({ nane: 'x' } as unknown as { name: string }, {}), { code: 'INK_BAD_OPTION' })
  t.throws(() => a.endpoint({ name: 'osd.1' }, { conect() {} } as object), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => a.endpoint({ name: 'osd.1' }, null as unknown as object), { code: 'INK_BAD_ARGUMENT' })
  const told: string[] = []
  a.events$.subscribe((event) => {
    if (event.type === 'dispatchError') told.push(event.error.message)
  })
  const thrower = (what: string) => () => {
    throw new Error(what)
  }
  a.endpoint(
    { name: 'osd.1' },
    {
      appear: thrower('appear'),
      connect: thrower('connect'),
      disconnect: () => Promise.reject(new Error('disconnect')),
      disappear: thrower('disappear'),
    },
  )
  await sim.run(async () => {
    const connection = a.connect(await b.bind('sim://osd.1:1'))
    await connection.opened()
  })
  await sim.clock.advance(100)
  await sim.run(() => Promise.all([a.shutdown(), b.shutdown()]))
  await sim.clock.advance(100)
  t.strictSame(told, ['appear', 'connect', 'disconnect', 'disappear'])
  t.throws(() => a.endpoint({ name: 'osd.1' }, {}), { code: 'INK_CLOSED' })
})
