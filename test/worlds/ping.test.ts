/** How far away a peer is, asked by the protocol's own questions. */
import t from 'tap'
import { losslessClient, losslessServer } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

function world() {
  const sim = new Simulation({ seed: 5, conditions: { latencyMinMs: 20, latencyMeanMs: 20 } })
  const server = sim.messenger('osd.0', { policies: { default: losslessServer() } })
  const client = sim.messenger('client.1', { policies: { default: losslessClient() } })
  return { sim, server, client }
}

t.test('a ping tells the time there and back, also while handlers are busy and hold all credit', async (t) => {
  const { sim, server, client } = world()
  let finish = (): void => undefined
  server.use({ dispatch: () => new Promise<void>((resolve) => (finish = resolve)) })
  await sim.run(async () => {
    const connection = client.connect(await server.bind('sim://osd.0:1'))
    t.equal(connection.dump().link, null, 'no link yet')
    const rttMs = await connection.ping()
    t.ok(rttMs >= 40 && rttMs < 60, `${rttMs} ms over a network of 20 ms`)
    t.match(connection.dump().link, { rttMs, blocked: false, paused: false })
    const delivered = connection.deliver({ type: 1, data: 'slow' })
    t.ok((await connection.ping()) < 60, 'the handler of the message has not ended')
    t.match(server.connections[0]?.dump(), { runningHandlers: 1, waitingMessages: 0, heldMessages: 1 })
    finish()
    await delivered
    const both = await Promise.all([connection.ping(), connection.ping()])
    t.equal(both[0], both[1], 'one question answers all who wait')
  })
})

t.test('a ping whose link is cut is asked again on the next one', async (t) => {
  const { sim, server, client } = world()
  server.use({ dispatch: () => undefined })
  await sim.run(async () => {
    const connection = client.connect(await server.bind('sim://osd.0:1'))
    await connection.opened()
    const pinged = connection.ping()
    sim.clock.setTimer(() => {
      sim.network.cut()
    }, 10)
    t.ok((await pinged) < 60, 'the time of the answer, not that of the search')
    t.equal(connection.dump().counters.resumes, 1)
  })
})

t.test('a ping ends with its connection, or by its signal', async (t) => {
  const { sim, server, client } = world()
  server.use({ dispatch: () => undefined })
  await sim.run(async () => {
    const connection = client.connect(await server.bind('sim://osd.0:1'))
    await connection.opened()
    const aborted = new AbortController()
    const [first, second] = [connection.ping({ signal: aborted.signal }), connection.ping()]
    aborted.abort()
    await t.rejects(first, { code: 'INK_ABORTED' })
    connection.markDown()
    await t.rejects(second, { code: 'INK_MARKED_DOWN' })
    await t.rejects(connection.ping(), { code: 'INK_CLOSED' })
    t.equal(await client.loopback.ping(), 0)
  })
})
