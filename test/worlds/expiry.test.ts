/** A message that nobody wants any more after a while: it waits for a peer, expires, and is not sent to it later. */
import t from 'tap'
import type { Message, MessengerEvent, Policy } from '../../src/index.ts'
import { lossy, losslessClient, losslessServer, peer } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

const PAIRS: Readonly<Record<string, [client: Policy, server: Policy]>> = {
  lossy: [lossy(), lossy()],
  lossless: [losslessClient(), losslessServer()],
  peer: [peer(), peer()],
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
