/** Networks that take longer for one message than a peer may be silent. */
import t from 'tap'
import { losslessClient, losslessServer } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

const KEEPALIVE = { intervalMs: 300, timeoutMs: 900 }

t.test('a message that is on its way for longer than the timeout of silence arrives, at once', async (t) => {
  const sim = new Simulation({ seed: 3, conditions: { bytesPerMs: 1000 } })
  const server = sim.messenger('osd.0', { policies: { default: losslessServer({ keepalive: KEEPALIVE }) } })
  const client = sim.messenger('client.1', { policies: { default: losslessClient({ keepalive: KEEPALIVE }) } })
  const faults: string[] = []
  for (const { events$ } of [server, client])
    events$.subscribe((event) => {
      if (event.type === 'fault') faults.push(event.reason)
    })
  const got: number[] = []
  server.use({ dispatch: ({ data }) => void got.push(data.length) })
  await sim.run(async () => {
    const connection = client.connect(await server.bind('sim://osd.0:1'))
    await connection.deliver({ type: 1, data: new Uint8Array(5_000_000) })
  })
  t.strictSame(got, [5_000_000])
  t.strictSame(faults, [])
  t.ok(sim.clock.nowMs() < 6000, 'the network was used for nothing else')
})

t.test('a link that falls silent with a full buffer is found in time, whatever its buffers are', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const sim = new Simulation({ seed, conditions: { bytesPerMs: 1000 } })
    const server = sim.messenger('osd.0', { policies: { default: losslessServer({ keepalive: KEEPALIVE }) } })
    const client = sim.messenger('client.1', { policies: { default: losslessClient({ keepalive: KEEPALIVE }) } })
    server.use({ dispatch: () => undefined })
    const address = await sim.run(() => server.bind('sim://osd.0:1'))
    const connection = client.connect(address)
    await sim.clock.advance(100)
    const delivered = connection.deliver({ type: 1, data: new Uint8Array(400_000) })
    await sim.clock.advance(10)
    sim.network.silence()
    await sim.run(() => delivered)
    t.ok(sim.clock.nowMs() < 110 + 3 * KEEPALIVE.timeoutMs, `seed ${seed}: ${sim.clock.nowMs()} ms`)
    t.equal(connection.dump().counters.faults, 1)
  }
})
