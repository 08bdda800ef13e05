/**
 * A message that nobody wants any more after a while: one that waits for a peer is not sent to it later, and one that waits at
 * its peer is given to no handler there.
 */
import t from 'tap'
import type { Connection, Dispatcher, Message, MessengerEvent, Policy } from '../../src/index.ts'
import { lossy, losslessClient, losslessServer, peer } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

const PAIRS: Readonly<Record<string, [client: Policy, server: Policy]>> = {
  lossy: [lossy(), lossy({ concurrency: 1 })],
  lossless: [losslessClient(), losslessServer({ concurrency: 1 })],
  peer: [peer(), peer({ concurrency: 1 })],
}

for (const [name, [clientPolicy, serverPolicy]] of Object.entries(PAIRS)) {
  t.test(`${name}: what expires before the peer is there never comes, what does not comes in order`, async (t) => {
    const sim = new Simulation({ seed: 7 })
    const client = sim.messenger('client.1', { policies: { default: clientPolicy } })
    const events: MessengerEvent[] = []
    client.events$.subscribe((event) => events.push(event))
    const server = sim.messenger('osd.0', { policies: { default: serverPolicy } })
    const got: number[] = []
    server.use({ dispatch: ({ tid }) => void got.push(tid) })
    const address = await sim.run(() => server.bind('sim://osd.0:1'))
    sim.network.partition('client.1', 'osd.0')
    const connection = client.connect(address)
    for (let tid = 1; tid <= 6; tid++) connection.send({ type: 1, tid, ...(tid % 2 === 0 && { expiresMs: 20 * tid }) })
    const delivered = connection.deliver({ type: 1, tid: 7, expiresMs: 50 })
    const outcome = t.rejects(delivered, { code: 'INK_EXPIRED', outcome: 'undelivered' })
    await sim.clock.advance(60)
    await outcome
    t.equal(connection.dump().queuedMessages, 5, 'tids 2 and 7 are gone')
    await sim.clock.advance(100)
    t.equal(connection.dump().queuedMessages, 3)
    t.equal(connection.dump().counters.withdrawnMessages, 4)
    t.match(
      events.filter(({ type }) => type === 'undeliverable'),
      [2, 4, 6].map((tid) => ({ message: { tid }, fate: 'undelivered', error: { code: 'INK_EXPIRED' } })),
    )
    sim.network.heal()
    await sim.clock.until(() => got.length === 3, 60_000)
    t.strictSame(got, [1, 3, 5])
    await sim.run(() => Promise.all([client.shutdown(), server.shutdown()]))
  })
}

t.test('what is on a link when it expires is in doubt for who waits, and is handled', async (t) => {
  const sim = new Simulation({ seed: 8 })
  const server = sim.messenger('osd.0', { policies: { default: losslessServer() } })
  const client = sim.messenger('client.1', { policies: { default: losslessClient() } })
  const events: MessengerEvent[] = []
  client.events$.subscribe((event) => events.push(event))
  let handled = 0
  server.use({
    async dispatch() {
      await sim.clock.sleep(500)
      handled++
    },
  })
  await sim.run(async () => {
    const connection = client.connect(await server.bind('sim://osd.0:1'))
    const delivered = connection.deliver({ type: 1, expiresMs: 100 })
    connection.send({ type: 1, expiresMs: 100 })
    await t.rejects(delivered, { code: 'INK_EXPIRED', outcome: 'unknown' })
    t.equal(handled, 0)
    await connection.close()
    t.equal(handled, 2)
  })
  t.notOk(events.some(({ type }) => type === 'undeliverable'))
  await sim.run(() => Promise.all([client.shutdown(), server.shutdown()]))
})

for (const [name, [clientPolicy, serverPolicy]] of Object.entries(PAIRS)) {
  t.test(`${name}: what expires behind a handler of its peer is given to none`, async (t) => {
    const sim = new Simulation({ seed: 11 })
    const { handled, server, connection, sent, received } = await busy(sim, clientPolicy, serverPolicy)
    const delivered = connection.deliver({ type: 1, tid: 2, expiresMs: 100 })
    const inTime = connection.deliver({ type: 1, tid: 3, expiresMs: 5000 })
    connection.send({ type: 1, tid: 4, expiresMs: 100 })
    connection.send({ type: 1, tid: 5, priority: 255, expiresMs: 100 })
    connection.send({ type: 1, tid: 6 })
    await sim.run(async () => {
      await t.rejects(delivered, { code: 'INK_EXPIRED', outcome: 'unknown' }, 'at its time, whatever the peer does')
      await inTime
      await connection.close()
    })
    t.strictSame(handled, [1, 3, 6])
    t.match(
      received.filter(({ type }) => type === 'expired'),
      [{ message: { tid: 5 } }, { message: { tid: 2 } }, { message: { tid: 4 } }],
    )
    const news = sent.filter(({ type }) => type === 'failed')
    t.match(news, [{ message: { tid: 5 }, error: { code: 'INK_EXPIRED', outcome: 'failed' } }, {}, {}])
    t.equal(connection.dump().counters.failedMessages, 3)
    t.equal(server.dump().connections.length, 0)
    await sim.run(() => server.shutdown())
  })
}

t.test('a cut takes time as well: what is sent again, and is too late, is given to nobody', async (t) => {
  const sim = new Simulation({ seed: 12 })
  const { handled, server, client, connection, received } = await busy(
    sim,
    losslessClient(),
    losslessServer({ concurrency: 1 }),
  )
  sim.network.partition('client.1', 'osd.0')
  connection.send({ type: 1, tid: 2, expiresMs: 50 })
  connection.send({ type: 1, tid: 3, expiresMs: 60_000 })
  // Once on a link it cannot be taken back.
  await sim.clock.advance(20)
  sim.network.cut()
  await sim.clock.advance(400)
  sim.network.heal()
  await sim.run(() => connection.close())
  t.strictSame(handled, [1, 3])
  t.match(
    received.filter(({ type }) => type === 'expired'),
    [{ message: { tid: 2 } }],
  )
  await sim.run(() => Promise.all([client.shutdown(), server.shutdown()]))
})

t.test(
  'what comes in parts counts from the first, and what is too late by the last is not offered to fastDispatch',
  async (t) => {
    const sim = new Simulation({ seed: 13 })
    const fast: number[] = []
    const fastDispatch = ({ tid }: Message): boolean => {
      fast.push(tid)
      return tid > 1
    }
    const { handled, server, client, connection } = await busy(
      sim,
      losslessClient(),
      losslessServer({ concurrency: 1 }),
      {
        fastDispatch,
      },
    )
    sim.network.change({ bytesPerMs: 1000 })
    const data = new Uint8Array(1_000_000)
    for (const [tid, expiresMs] of [
      [2, 5000],
      [3, 1500],
      [4, 5000],
    ] as const)
      connection.send({ type: 1, tid, data, expiresMs })
    await sim.run(() => connection.close())
    t.strictSame([handled, fast], [[1], [1, 2, 4]])
    await sim.run(() => Promise.all([client.shutdown(), server.shutdown()]))
  },
)

t.test('a loop over messages is given what has not expired while it was busy', async (t) => {
  const sim = new Simulation({ seed: 14 })
  const server = sim.messenger('osd.0', { policies: { default: losslessServer() } })
  const client = sim.messenger('client.1', { policies: { default: losslessClient() } })
  const got: number[] = []
  server.use({
    onAccept: async (connection) => {
      for await (const { tid } of connection.messages()) {
        got.push(tid)
        await sim.clock.sleep(200)
      }
    },
  })
  await sim.run(async () => {
    const connection = client.connect(await server.bind('sim://osd.0:1'))
    for (const tid of [1, 2, 3]) connection.send({ type: 1, tid, ...(tid === 2 && { expiresMs: 100 }) })
    await connection.close()
  })
  t.strictSame(got, [1, 3])
  await sim.run(() => Promise.all([client.shutdown(), server.shutdown()]))
})

t.test('on the loopback, what waits behind a handler expires, and what runs does not', async (t) => {
  const sim = new Simulation({ seed: 9 })
  const osd = sim.messenger('osd.0', { policies: { default: peer({ concurrency: 1 }) } })
  const handled: Message[] = []
  osd.use({
    async dispatch(message) {
      handled.push(message)
      await sim.clock.sleep(200)
    },
  })
  await sim.run(async () => {
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((tid) => osd.loopback.deliver({ type: 1, tid, expiresMs: tid === 3 ? 1000 : 100 })),
    )
    t.match(outcomes, [
      { reason: { code: 'INK_EXPIRED', outcome: 'unknown' } },
      { reason: { code: 'INK_EXPIRED', outcome: 'undelivered' } },
      { status: 'fulfilled' },
    ])
  })
  t.strictSame(
    handled.map(({ tid }) => tid),
    [1, 3],
  )
  await sim.run(() => osd.shutdown())
})

/** A server whose one handler is busy with message 1 for 300 ms, and what both sides were told. */
async function busy(sim: Simulation, clientPolicy: Policy, serverPolicy: Policy, more: Dispatcher = {}) {
  const [sent, received]: [MessengerEvent[], MessengerEvent[]] = [[], []]
  const server = sim.messenger('osd.0', { policies: { default: serverPolicy } })
  const client = sim.messenger('client.1', { policies: { default: clientPolicy } })
  client.events$.subscribe((event) => sent.push(event))
  server.events$.subscribe((event) => received.push(event))
  const handled: number[] = []
  server.use(more)
  server.use({
    async dispatch({ tid }) {
      handled.push(tid)
      await sim.clock.sleep(tid === 1 ? 300 : 1)
    },
  })
  const address = await sim.run(() => server.bind('sim://osd.0:1'))
  const connection: Connection = client.connect(address)
  connection.send({ type: 1, tid: 1 })
  await sim.clock.until(() => handled.length === 1, 60_000)
  return { handled, server, client, connection, sent, received }
}
