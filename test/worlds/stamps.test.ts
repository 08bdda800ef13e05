/** Hybrid logical time among messengers whose wall clocks lie: what happened before has the smaller stamp (HL-2 to HL-5). */
import t from 'tap'
import type { Messenger, MessengerEvent, MessengerOptions, Stamp } from '../../src/index.ts'
import { defineMessage, peer } from '../../src/index.ts'
import { Simulation, seededRandom } from '../../src/testing/index.ts'

const HOUR_MS = 3_600_000
const policies = { default: peer() }
/** As if the codec did something. */
const codec = {
  encode: (body: string) => Buffer.from(body),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
}
const Token = defineMessage({ type: 1, name: 'Token', codec })

interface Node {
  readonly messenger: Messenger
  readonly events: MessengerEvent[]
  /** Every stamp that this node has seen or made, in the order in which it did. */
  readonly seen: Stamp[]
}

function startNode(sim: Simulation, name: string, options: Partial<MessengerOptions>): Node {
  const messenger = sim.messenger(name, { policies, ...options })
  const node: Node = { messenger, events: [], seen: [] }
  messenger.events$.subscribe((event) => node.events.push(event))
  return node
}

/** Pairs of neighbours that are not in order. */
function disorders(stamps: readonly Stamp[]): number {
  return stamps.filter((stamp, index) => index > 0 && stamp.compare(stamps[index - 1]!) <= 0).length
}

t.test('HL-2: what happened before has the smaller stamp, while wall clocks step by hours', async (t) => {
  for (let seed = 1; seed <= 3; seed++) {
    const sim = new Simulation({ seed })
    const random = seededRandom(seed)
    const limits = { maxDriftMs: 8 * HOUR_MS }
    const nodes = ['osd.0', 'osd.1', 'osd.2'].map((name) => startNode(sim, name, { limits }))
    const hops: [sent: Stamp, got: Stamp][] = []
    for (const { messenger, seen } of nodes) {
      messenger.on(Token, (_body, { message, now }) => {
        const got = now()
        hops.push([message.stamp, got])
        seen.push(got)
      })
    }
    const addresses = await sim.run(() =>
      Promise.all(nodes.map(({ messenger }) => messenger.bind(`sim://${messenger.name}:1`))),
    )
    for (let step = 0; step < 300; step++) {
      const [from, to] = [Math.floor(random.next() * 3), Math.floor(random.next() * 3)]
      const { messenger, seen } = nodes[from]!
      const clock = sim.processOn(messenger.name)!.clock
      const offsetMs = clock.wallMs() - sim.clock.wallMs()
      if (random.next() < 0.2) clock.stepWall((random.next() * 2 - 1) * HOUR_MS - offsetMs / 2)
      seen.push(messenger.now())
      messenger.connect(addresses[to]!).send(Token('x'))
      await sim.clock.advance(random.next() * 5)
    }
    await sim.clock.advance(1000)
    t.equal(hops.length, 300, `seed ${seed}`)
    t.equal(hops.filter(([sent, got]) => got.compare(sent) <= 0).length, 0, 'received after it was sent')
    for (const { messenger, seen } of nodes) t.equal(disorders(seen), 0, `${messenger.name} only goes on`)
    for (const { events } of nodes) t.notOk(events.some(({ type }) => type === 'clockSkew'))
    await sim.run(() => Promise.all(nodes.map(({ messenger }) => messenger.shutdown())))
  }
})

t.test(
  'HL-3: an object that moves between a node 5 s ahead and one that is right never sees time decrease',
  async (t) => {
    const sim = new Simulation({ seed: 3 })
    const limits = { maxDriftMs: 10_000 }
    const ahead = startNode(sim, 'osd.0', { limits })
    const right = startNode(sim, 'osd.1', { limits })
    sim.processOn('osd.0')?.clock.stepWall(5000)
    const times: Stamp[] = []
    let moves = 0
    const move = (from: Messenger): void => {
      times.push(from.now())
      if (moves++ < 50) from.connections[0]?.send(Token('the object'))
    }
    for (const { messenger } of [ahead, right]) {
      messenger.on(Token, (_body, { message }) => {
        times.push(message.stamp)
        move(messenger)
      })
    }
    await sim.run(async () => {
      const connection = right.messenger.connect(await ahead.messenger.bind('sim://osd.0:1'))
      await connection.deliver(Token('the object'))
    })
    await sim.clock.advance(5000)
    t.ok(times.length > 100)
    t.equal(disorders(times), 0)
    t.strictSame(
      [...ahead.events, ...right.events].filter(({ type }) => type === 'clockSkew'),
      [],
    )
    await sim.run(() => Promise.all([ahead.messenger.shutdown(), right.messenger.shutdown()]))
  },
)

t.test('HL-4: a node that starts again with its clock set back an hour goes on from where it was', async (t) => {
  const sim = new Simulation({ seed: 4 })
  let bound: number | null = null
  let saves = 0
  const stamps = {
    load: () => bound,
    save: (boundMs: number) => {
      bound = boundMs
      saves++
    },
  }
  const osd = startNode(sim, 'osd.0', {})
  const got: Stamp[] = []
  osd.messenger.use({ dispatch: ({ stamp }) => void got.push(stamp) })
  const address = await sim.run(() => osd.messenger.bind('sim://osd.0:1'))
  for (let life = 0; life < 5; life++) {
    const process = sim.process('client.1')
    // Each life starts another hour earlier, but the first.
    process.clock.stepWall(-life * HOUR_MS)
    const client = startNode(sim, 'client.1', { stamps, ...process.options })
    const connection = client.messenger.connect(address)
    for (let count = 0; count < 100; count++) {
      await sim.run(() => connection.deliver({ type: 1 }))
      await sim.clock.advance(30)
    }
    t.equal(got.length, 100 * (life + 1))
    sim.crash('client.1')
    await sim.clock.advance(1000)
  }
  t.equal(disorders(got), 0, 'nothing is stamped twice, and nothing below what was stamped before')
  t.ok(saves < got.length / 10, `${saves} saves for ${got.length} messages`)
  await sim.run(() => osd.messenger.shutdown())
})

t.test('HL-4: a quick restart begins so little ahead that its peers go on following it', async (t) => {
  const sim = new Simulation({ seed: 5 })
  let bound: number | null = null
  const stamps = { load: () => bound, save: (boundMs: number) => void (bound = boundMs) }
  const osd = startNode(sim, 'osd.0', {})
  const behind: number[] = []
  osd.messenger.on(Token, (_body, { message, now }) => void behind.push(now().compare(message.stamp)))
  const address = await sim.run(() => osd.messenger.bind('sim://osd.0:1'))
  for (let life = 0; life < 10; life++) {
    const client = startNode(sim, 'client.1', { stamps })
    const connection = client.messenger.connect(address)
    connection.send(Token('x'))
    await sim.clock.advance(5 + life * 50)
    sim.crash('client.1')
  }
  t.equal(behind.length, 10)
  t.ok(behind.every((order) => order > 0))
  t.strictSame(
    osd.events.filter(({ type }) => type === 'clockSkew'),
    [],
  )
  await sim.run(() => osd.messenger.shutdown())
})

t.test('HL-5: a peer whose clock is wrong drags nobody along, and its messages come', async (t) => {
  const sim = new Simulation({ seed: 6 })
  const osd = startNode(sim, 'osd.0', {})
  const wrong = startNode(sim, 'client.1', {})
  sim.processOn('client.1')?.clock.stepWall(24 * HOUR_MS)
  const got: string[] = []
  osd.messenger.on(Token, (body) => void got.push(body))
  await sim.run(async () => {
    const connection = wrong.messenger.connect(await osd.messenger.bind('sim://osd.0:1'))
    for (let count = 0; count < 20; count++) await connection.deliver(Token(String(count)))
  })
  t.equal(got.length, 20, 'messages are not affected')
  t.ok(osd.messenger.now().ms - sim.processOn('osd.0')!.clock.wallMs() <= 500)
  t.match(
    osd.events.filter(({ type }) => type === 'clockSkew'),
    [{ connection: osd.messenger.connections[0] }],
    'told once',
  )
  await sim.run(() => Promise.all([osd.messenger.shutdown(), wrong.messenger.shutdown()]))
})
