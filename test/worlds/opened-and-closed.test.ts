/** The beginning and the end of connections, for who waits for them: `opened()`, `closed`, and the signals of handlers. */
import t from 'tap'
import { defineMessage, losslessClient, losslessServer, lossy, peer } from '../../src/index.ts'
import type { Connection, Messenger, Policy } from '../../src/index.ts'
import { Simulation } from '../../src/testing/index.ts'

const QUICK = { backoff: { firstMs: 5, maxMs: 50 } }
const ADDRESS = 'sim://osd.1:1'

interface Stage {
  readonly sim: Simulation
  readonly client: Messenger
  readonly server: Messenger
  readonly connection: Connection
}

/** A client that has begun to dial a server, which does not listen yet. */
async function stage(body: (stage: Stage) => Promise<void>, mine: Policy = peer(QUICK), theirs: Policy = peer(QUICK)) {
  const sim = new Simulation({ seed: 1 })
  await sim.run(async () => {
    const client = sim.messenger('client.1', { policies: { default: mine } })
    const server = sim.messenger('osd.1', { policies: { default: theirs } })
    await body({ sim, client, server, connection: client.connect(ADDRESS) })
    await Promise.all([client.close(), server.close()])
  })
}

async function until(sim: Simulation, holds: () => boolean): Promise<void> {
  while (!holds()) await sim.clock.sleep(1)
}

t.test('opened() waits for a link that carries the session, and not for one that there is', async (t) => {
  await stage(async ({ sim, server, connection }) => {
    const seen: string[] = []
    const opened = connection.opened().then(() => seen.push(connection.state))
    await sim.clock.sleep(300)
    t.strictSame(seen, [], 'dials that find nobody are tried again')
    await server.bind(ADDRESS)
    await opened
    t.strictSame(seen, ['open'])
    await connection.opened()
    sim.network.cut('client.1', 'osd.1')
    await until(sim, () => connection.state !== 'open')
    await connection.opened()
    t.equal(connection.state, 'open', 'a session that goes on is open, too')
  })
})

t.test('who waits for a beginning is told the reason of an end', async (t) => {
  await stage(
    async ({ server, connection }) => {
      await server.bind(ADDRESS)
      await t.rejects(connection.opened(), { code: 'INK_POLICY_MISMATCH' })
      t.match(await connection.closed, { code: 'INK_POLICY_MISMATCH', outcome: { undelivered: [], unknown: [] } })
    },
    losslessClient(),
    losslessClient(),
  )
  await stage(async ({ connection }) => {
    const opened = connection.opened()
    connection.markDown()
    await t.rejects(opened, { code: 'INK_MARKED_DOWN' })
    await t.rejects(connection.opened(), { code: 'INK_CLOSED', message: /marked down/ }, 'also who asks later')
  })
})

t.test('a wait that is aborted says so as the platform does, and disturbs nothing', async (t) => {
  await stage(async ({ server, connection }) => {
    const controller = new AbortController()
    const opened = connection.opened({ signal: controller.signal })
    controller.abort(new Error('no longer needed'))
    await t.rejects(opened, { name: 'AbortError', code: 'INK_ABORTED', cause: { message: 'no longer needed' } })
    await t.rejects(connection.opened({ signal: AbortSignal.abort() }), { name: 'AbortError' })
    await t.rejects(connection.opened({ signal: 1 } as object), { code: 'INK_BAD_ARGUMENT' })
    await server.bind(ADDRESS)
    await connection.opened()
  })
})

t.test('closed says at both ends why, once and for all', async (t) => {
  await stage(async ({ sim, server, connection }) => {
    await server.bind(ADDRESS)
    await connection.opened()
    await until(sim, () => server.connections.length === 1)
    const other = server.connections[0] as Connection
    const told = connection.closed
    t.equal(connection.closed, told, 'the same promise')
    await connection.close()
    t.match(await told, { code: 'INK_CLOSED', outcome: { undelivered: [], unknown: [] } })
    t.match(await other.closed, { code: 'INK_PEER_CLOSED' })
    t.match(await connection.closed, { code: 'INK_CLOSED' }, 'also for who asks later')
  })
})

t.test('closed has what was not delivered, whoever was told of it already', async (t) => {
  await stage(async ({ connection }) => {
    connection.send({ type: 1, tid: 7 })
    const outcome = connection.markDown()
    t.match(outcome, { undelivered: [{ tid: 7 }] })
    t.match(await connection.closed, { code: 'INK_MARKED_DOWN', outcome: { undelivered: [{ tid: 7 }], unknown: [] } })
  })
  await stage(
    async ({ sim, server, connection }) => {
      await server.bind(ADDRESS)
      server.use({ dispatch: () => sim.clock.sleep(1e6) })
      await connection.opened()
      connection.send({ type: 1, tid: 8 })
      await sim.clock.sleep(50)
      sim.network.cut('client.1', 'osd.1')
      t.match(await connection.closed, { code: 'INK_RESET', outcome: { undelivered: [], unknown: [{ tid: 8 }] } })
    },
    lossy(QUICK),
    lossy(QUICK),
  )
})

t.test('a handler learns from its signal that nobody waits for its answer any more', async (t) => {
  const Put = defineMessage({ type: 5, name: 'Put', codec: { encode: () => new Uint8Array(1), decode: () => 'body' } })
  await stage(
    async ({ sim, server, connection }) => {
      await server.bind(ADDRESS)
      const seen: unknown[] = []
      server.on(Put, async (body, { signal, connection: from }) => {
        seen.push(body, signal.aborted, signal === from.signal)
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
        seen.push((signal.reason as { code: string }).code)
      })
      connection.send(Put('body'))
      await until(sim, () => seen.length === 3)
      const other = server.connections[0] as Connection
      connection.markDown()
      await other.closed
      await sim.clock.sleep(1)
      t.strictSame(seen, ['body', false, true, (await other.closed).code])
      t.ok(other.signal.aborted)
      t.ok(connection.signal.aborted, 'also when it is asked for after the end')
    },
    losslessClient(QUICK),
    losslessServer(),
  )
})

t.test('the loopback begins and ends like any other', async (t) => {
  await stage(async ({ client: { loopback } }) => {
    await loopback.opened()
    loopback.send({ type: 1, tid: 3 })
    loopback.markDown()
    t.match(await loopback.closed, { code: 'INK_MARKED_DOWN', outcome: { undelivered: [{ tid: 3 }] } })
    t.ok(loopback.signal.aborted)
    await t.rejects(loopback.opened(), { code: 'INK_CLOSED' })
  })
})
