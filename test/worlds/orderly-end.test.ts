/**
 * An orderly end waits for handlers: what they have begun they finish, their answers and acks leave, and only then is
 * goodbye said. In simulated time: what the drain timeout would allow is not what it takes.
 */
import t from 'tap'
import type { Connection } from '../../src/messenger/connection.ts'
import type { Messenger } from '../../src/messenger/messenger.ts'
import { losslessClient } from '../../src/policies/lossless-client.ts'
import { losslessServer } from '../../src/policies/lossless-server.ts'
import { lossy } from '../../src/policies/lossy.ts'
import { peer } from '../../src/policies/peer.ts'
import type { Policy } from '../../src/policies/policy.ts'
import { Simulation } from '../../src/testing/index.ts'

const PAIRS: readonly (readonly [Policy, Policy])[] = [
  [lossy(), lossy()],
  [losslessClient(), losslessServer()],
  [peer(), peer()],
]

/** A client with an open connection to a server. */
async function pair(sim: Simulation, [mine, theirs]: readonly [Policy, Policy] = [peer(), peer()]) {
  const client = sim.messenger('client.1', { policies: { default: mine } })
  const server = sim.messenger('osd.1', { policies: { default: theirs } })
  const connection = client.connect(await server.bind('sim://osd.1:1'))
  connection.send({ type: 9 })
  const back = await until(sim, () => server.connections[0])
  return { client, server, connection, back }
}

async function until<T>(sim: Simulation, look: () => T | undefined): Promise<T> {
  for (let value = look(); ; value = look()) {
    if (value !== undefined) return value
    await sim.clock.sleep(1)
  }
}

/** What became of each: `acked`, or the outcome. */
function fates(connection: Connection, count: number): Promise<string[]> {
  const fate = async (tid: number): Promise<string> => {
    try {
      await connection.deliver({ type: 1, tid })
      return 'acked'
    } catch (thrown) {
      return (thrown as { outcome: string }).outcome
    }
  }
  return Promise.all(Array.from({ length: count }, (_, tid) => fate(tid)))
}

for (const end of ['close', 'shutdown'] as const) {
  for (const policies of PAIRS) {
    t.test(`${policies[0].kind}: ${end}() lets handlers finish, and their answers and acks leave`, async (t) => {
      const sim = new Simulation({ seed: 1 })
      await sim.run(async () => {
        const { client, server, connection, back } = await pair(sim, policies)
        let finished = 0
        let answers = 0
        client.use({ dispatch: () => answers++ })
        server.use({
          async dispatch(message, from) {
            if (message.type !== 1) return
            // One has said early that it is done with the message: it is a handler that runs, all the same.
            if (message.tid === 0) message.ack()
            await sim.clock.sleep(100)
            finished++
            from.send({ type: 2 })
          },
        })
        const told = fates(connection, 10)
        await until(sim, () => (back.dump().counters.receivedMessages === 11 ? true : undefined))
        const beganMs = sim.clock.nowMs()
        await (end === 'close' ? back.close() : server.shutdown())
        t.equal(finished, 10)
        t.ok(sim.clock.nowMs() - beganMs < 1000, 'no longer than the handlers and what they sent')
        t.strictSame(new Set(await told), new Set(['acked']))
        t.equal(answers, 10)
        t.throws(() => back.send({ type: 1 }), { code: 'INK_CLOSED' })
        await client.shutdown()
        if (end === 'close') await server.shutdown()
      })
    })
  }
}

t.test(
  'shutdown() keeps every connection for the handlers of any: one may ask elsewhere before it answers',
  async (t) => {
    const sim = new Simulation({ seed: 2 })
    await sim.run(async () => {
      const { client, server: primary, connection, back } = await pair(sim)
      const replica = sim.messenger('osd.2', { policies: { default: peer() } })
      replica.use({ dispatch: (_message, from) => void from.send({ type: 4 }) })
      const toReplica = primary.connect(await replica.bind('sim://osd.2:1'))
      const waiting: (() => void)[] = []
      primary.use({
        async dispatch(message) {
          if (message.type === 4) waiting.shift()?.()
          if (message.type !== 1) return
          await sim.clock.sleep(50)
          toReplica.send({ type: 3 })
          await new Promise<void>((resolve) => waiting.push(resolve))
        },
      })
      const told = fates(connection, 3)
      await until(sim, () => (back.dump().counters.receivedMessages === 4 ? true : undefined))
      const down = primary.shutdown()
      t.equal(toReplica.state, 'open', 'it has nothing to do, and stays')
      await down
      t.strictSame(await told, ['acked', 'acked', 'acked'])
      await Promise.all([client.shutdown(), replica.shutdown()])
    })
  },
)

t.test('shutdown() waits for handlers whose connection is over', async (t) => {
  const sim = new Simulation({ seed: 3 })
  await sim.run(async () => {
    const { client, server, connection, back } = await pair(sim, PAIRS[0])
    let finished = 0
    server.use({
      async dispatch() {
        await sim.clock.sleep(300)
        finished++
      },
    })
    connection.send({ type: 1 })
    await until(sim, () => (back.dump().counters.receivedMessages === 2 ? true : undefined))
    connection.markDown()
    await until(sim, () => (back.state === 'closed' ? true : undefined))
    await server.shutdown()
    t.equal(finished, 1)
    await client.shutdown()
  })
})

t.test('a peer that goes on sending does not keep a side from its end, and knows what was handled', async (t) => {
  const sim = new Simulation({ seed: 4 })
  const busy = peer({ window: { messages: 8 } })
  await sim.run(async () => {
    const { client, server, connection, back } = await pair(sim, [busy, busy])
    const handled: number[] = []
    server.use({
      async dispatch({ tid }) {
        await sim.clock.sleep(5)
        handled.push(tid)
      },
    })
    const told = fates(connection, 500)
    await until(sim, () => (handled.length > 20 ? true : undefined))
    const beganMs = sim.clock.nowMs()
    await back.close()
    t.ok(sim.clock.nowMs() - beganMs < 1000, `${sim.clock.nowMs() - beganMs} ms`)
    const all = await told
    const acked = all.flatMap((fate, tid) => (fate === 'acked' ? [tid] : []))
    t.strictSame(acked, handled, 'what was handled is acked')
    t.equal(all.filter((fate) => fate === 'unknown').length, 0, 'nothing is in doubt')
    await Promise.all([client.shutdown(), server.shutdown()])
  })
})

t.test('a handler that awaits the end that waits for it is told at once, and the end comes', async (t) => {
  const sim = new Simulation({ seed: 5 })
  for (const end of ['close', 'shutdown', 'loopback'] as const) {
    await sim.run(async () => {
      const { client, server, connection } = await pair(sim)
      const errors: unknown[] = []
      const call = (from: Connection): Promise<void> => (end === 'shutdown' ? server.shutdown() : from.close())
      server.events$.subscribe((event) => {
        if (event.type === 'dispatchError') errors.push(event.error)
      })
      server.use({
        async dispatch(message, from) {
          if (message.type === 9) return
          if (message.type === 1) await call(from)
          // Whoever does not await it is not disturbed.
          void call(from)
          await sim.clock.sleep(10)
        },
      })
      const target = end === 'loopback' ? server.loopback : connection
      const beganMs = sim.clock.nowMs()
      target.send({ type: 1 })
      await until(sim, () => (errors.length > 0 ? true : undefined))
      t.match(errors, [{ code: 'INK_DEADLOCK', message: /do not await it there/ }], end)
      await Promise.all([server.shutdown(), client.shutdown()])
      t.ok(sim.clock.nowMs() - beganMs < 1000)
    })
  }
})

t.test('a handler may begin the end without waiting for it', async (t) => {
  const sim = new Simulation({ seed: 6 })
  await sim.run(async () => {
    const { client, server, connection } = await pair(sim)
    server.use({
      dispatch(message) {
        if (message.type === 1) void server.shutdown()
      },
    })
    await connection.deliver({ type: 1 })
    await server.shutdown()
    await client.shutdown()
    t.pass('acked, and over')
  })
})

t.test('a closing client without a link dials once more to say what it has handled', async (t) => {
  for (const reachable of [true, false]) {
    const sim = new Simulation({ seed: 7 })
    await sim.run(async () => {
      const { client, server, connection, back } = await pair(sim, [losslessClient(), losslessServer()])
      let finish = (): void => undefined
      client.use({ dispatch: () => new Promise<void>((resolve) => (finish = resolve)) })
      const told = fates(back, 1)
      await until(sim, () => (connection.dump().counters.receivedMessages === 1 ? true : undefined))
      sim.network.partition('client.1', 'osd.1')
      sim.network.cut('client.1', 'osd.1')
      await until(sim, () => (connection.state === 'open' ? undefined : true))
      finish()
      await sim.clock.sleep(1)
      if (reachable) sim.network.heal('client.1', 'osd.1')
      const beganMs = sim.clock.nowMs()
      await connection.close()
      t.ok(sim.clock.nowMs() - beganMs < 11_000, 'one dial, and no more')
      if (reachable) t.strictSame(await told, ['acked'])
      else back.markDown()
      await Promise.all([client.shutdown(), server.shutdown()])
    })
  }
})

t.test('every call of close() has options of its own', async (t) => {
  const sim = new Simulation({ seed: 8 })
  await sim.run(async () => {
    for (const how of ['timeoutMs', 'signal', 'aborted'] as const) {
      const { client, server, connection } = await pair(sim)
      server.use({ dispatch: ({ type }) => (type === 1 ? new Promise<void>(() => undefined) : undefined) })
      connection.send({ type: 1 })
      const code = how === 'timeoutMs' ? 'INK_DRAIN_TIMEOUT' : 'INK_ABORTED'
      const first = t.rejects(connection.close(), { code }, `${how}: the first one`)
      const controller = new AbortController()
      if (how === 'aborted') controller.abort()
      const beganMs = sim.clock.nowMs()
      const second = connection.close(how === 'timeoutMs' ? { timeoutMs: 70 } : { signal: controller.signal })
      const rejected = t.rejects(second, { code }, `${how}: the second one`)
      if (how === 'signal') controller.abort()
      await Promise.all([first, rejected])
      t.ok(sim.clock.nowMs() - beganMs <= 71)
      t.equal(connection.state, 'closed')
      await stop(client, server)
    }
  })
})

t.test('close() fails when the peer ends the session first and takes what was queued with it', async (t) => {
  const sim = new Simulation({ seed: 9 })
  await sim.run(async () => {
    const { client, server, connection, back } = await pair(sim)
    server.use({ dispatch: () => new Promise<void>(() => undefined) })
    connection.send({ type: 1, tid: 7 })
    await until(sim, () => (back.dump().counters.receivedMessages === 2 ? true : undefined))
    const failed = t.rejects(connection.close(), { code: 'INK_PEER_CLOSED' })
    await sim.clock.sleep(1)
    back.markDown()
    await failed
    await stop(client, server)
  })
})

/** Handlers of these never finish: their end is not waited for. */
async function stop(...messengers: Messenger[]): Promise<void> {
  for (const messenger of messengers) for (const connection of messenger.connections) connection.markDown()
  await Promise.all(messengers.map((messenger) => messenger.shutdown()))
}
