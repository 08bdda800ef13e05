/** Calls as their callers and handlers see them, whatever happens (TX-1 to TX-7; TX-8 is in crashes.test.ts). Times are those of the simulation. */
import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { peer } from '../../../src/policies/peer.ts'
import { CallLedger } from '../../../src/testing/laws/call-ledger.ts'
import { seededRandom } from '../../../src/testing/simulator/random.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import { CallActor } from '../../../src/testing/swarm/call-actor.ts'
import type { CallOperation } from '../../../src/testing/swarm/plan.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { Echo, Later, Other, bytes, failureOf, pair } from '../../unit/transactions/lab.ts'

/** A network, a ledger of all calls, and those who make and serve them; `actor` takes who it is in the ledger, and its process. */
function theatre(t: Test, seed: number) {
  const sim = new Simulation({ seed, conditions: { latencyMinMs: 0.5, latencyMeanMs: 1 } })
  const calls = new CallLedger()
  const failed = (what: string): void => void t.fail(what)
  const stage = { calls, failed, nextCall: () => calls.size + 1 }
  const handlers = { slowProbability: 0.2, slowMaxMs: 20, throwProbability: 0.1 }
  const plan = { ...handlers, replyProbability: 0, fastProbability: 0 }
  const policies = { default: peer({ backoff: { firstMs: 10, maxMs: 20 } }) }
  const actor = (who: string, process: string, chance: number): CallActor =>
    new CallActor(stage, who, sim.processOn(process)!.clock, seededRandom(chance), plan)
  return { sim, calls, actor, policies }
}

t.test(
  'TX-1, TX-2: ten thousand random calls end once and truly, and leave no timer and no place behind',
  async (t) => {
    const { sim, calls, actor, policies } = theatre(t, 1)
    await sim.run(async () => {
      const server = sim.messenger('osd.0', { policies })
      const client = sim.messenger('client.1', { policies })
      actor('server', 'osd.0', 1).serve(server)
      const caller = actor('client', 'client.1', 2)
      const address = await server.bind('sim://osd.0:6800')
      const random = seededRandom(3)
      while (calls.size < 10_000) {
        const connection = client.connect(address)
        for (let count = 0; count < 40; count++) caller.call(connection, drawn(random))
        await sim.clock.sleep(random.between(1, 20))
        if (random.chance(0.1)) sim.network.cut('client.1', 'osd.0')
        if (random.chance(0.03)) connection.markDown()
      }
      await sim.clock.sleep(20_000)
      t.strictSame(calls.problems(true).slice(0, 5), [])
      for (const how of ['reply', 'cancelled-local', 'deadline', 'handler-error', 'disconnected']) {
        t.ok(calls.count(how) > 50, `${calls.count(how)} ended so: ${how}`)
      }
      // Every place is free: so many run at once.
      const hold = new Later()
      let running = 0
      server.serve(
        Other,
        async () => {
          running++
          await hold.promise
        },
        { concurrency: Infinity },
      )
      const connection = client.connect(address)
      const all = Array.from({ length: 1100 }, () => connection.call(Other, '', { priority: 255 }))
      await sim.clock.sleep(500)
      t.equal(running, 1024)
      hold.resolve()
      await Promise.all(all)
      const { queuedMessages, heldMessages } = connection.dump()
      t.strictSame([queuedMessages, heldMessages], [0, 0])
      await Promise.all([client.shutdown(), server.shutdown()])
      const { turns } = sim.clock
      await sim.clock.sleep(3_600_000)
      t.ok(sim.clock.turns - turns <= 2, `${sim.clock.turns - turns} turns in an hour after the end: no timer is left`)
    })
  },
)

t.test(
  'the same through a third messenger that hands them on: what its caller is told is true of the last handler',
  async (t) => {
    const { sim, calls, actor, policies } = theatre(t, 2)
    await sim.run(async () => {
      const [osd, gate, client] = ['osd.0', 'gate.0', 'client.1'].map((name) => sim.messenger(name, { policies })) as [
        Messenger,
        Messenger,
        Messenger,
      ]
      const [last, first] = [await osd.bind('sim://osd.0:6800'), await gate.bind('sim://gate.0:6800')]
      actor('osd.0', 'osd.0', 1).serve(osd)
      actor('gate.0', 'gate.0', 2).pass(gate, () => gate.connect(last))
      const caller = actor('client.1', 'client.1', 3)
      const random = seededRandom(4)
      while (calls.size < 4000) {
        const connection = client.connect(first)
        for (let count = 0; count < 40; count++) caller.call(connection, drawn(random))
        await sim.clock.sleep(random.between(1, 20))
        if (random.chance(0.1)) sim.network.cut(random.pick(['client.1', 'osd.0']), 'gate.0')
        if (random.chance(0.03)) connection.markDown()
        if (random.chance(0.03)) gate.connect(last).markDown()
      }
      await sim.clock.sleep(20_000)
      t.strictSame(calls.problems(true).slice(0, 5), [])
      for (const how of ['reply', 'cancelled-local', 'deadline', 'handler-error', 'disconnected'])
        t.ok(calls.count(how) > 20, `${calls.count(how)} ended so: ${how}`)
      const held = [client, gate, osd].flatMap(({ connections }) => connections.map((one) => one.dump()))
      t.ok(held.every(({ queuedMessages, heldMessages }) => queuedMessages + heldMessages === 0))
      await Promise.all([client.shutdown(), gate.shutdown(), osd.shutdown()])
    })
  },
)

function drawn(random: ReturnType<typeof seededRandom>): CallOperation {
  const parts = random.pick([0, 0, 0, 2])
  return {
    ...{ atMs: 0, node: 0, to: 0, count: 1, parts },
    bytes: random.pick([0, 10, 3000]),
    priority: random.pick([127, 127, 0, 255]),
    timeoutMs: random.pick([null, 1, 5, 30]),
    then: random.pick(['wait', 'wait', 'abort', 'cancel', 'discard', 'stop', 'reset']),
    thenMs: random.pick([0, 1, 3, 10]),
  }
}

t.test(
  'TX-3: a cancel needs neither credit nor room: it is there after one round trip, once a link is writable',
  async (t) => {
    const small = peer({ window: { messages: 4 }, replay: { messages: 12 } })
    await pair(
      async ({ sim, server, connection, settle }) => {
        sim.network.change({ latencyMinMs: 5, latencyMeanMs: 5 })
        const heard: number[] = []
        const done = new Later()
        server.serve(Echo, async (_body, { signal }) => {
          await new Promise<void>((resolve) => {
            signal.addEventListener('abort', () => {
              heard.push(sim.clock.nowMs())
              resolve()
            })
          })
          throw new Error('stopped')
        })
        server.use({ dispatch: () => done.promise })
        const [first, second] = [connection.transact(Echo, 'a'), connection.transact(Echo, 'b')]
        await settle()
        let sent = 0
        t.throws(
          () => {
            for (; sent < 100; sent++) connection.send({ type: 9, data: bytes(100) })
          },
          { code: 'INK_QUEUE_FULL' },
        )
        await settle()
        t.equal(connection.dump().creditFree.messages, 0, 'there is no credit')
        const fromMs = sim.clock.nowMs()
        t.equal(await first.cancel(), 'cancelled')
        t.ok(sim.clock.nowMs() - fromMs < 50, `${sim.clock.nowMs() - fromMs} ms for a round trip of about 10`)
        sim.network.stall(1000)
        const stalledMs = sim.clock.nowMs()
        t.equal(await second.cancel(), 'cancelled')
        const tookMs = sim.clock.nowMs() - stalledMs
        t.ok(tookMs >= 1000 && tookMs < 1080, `${tookMs} ms, of which the link stood still for 1000`)
        t.equal(heard.length, 2)
        done.resolve()
        await settle(500)
      },
      [small, small],
    )
  },
)

t.test(
  'TX-4: what is discarded costs nobody anything: a thousand others take the time that they take alone',
  async (t) => {
    const tookMs = async (discards: number): Promise<number> => {
      let passedMs = 0
      await pair(async ({ sim, server, client, connection, settle }) => {
        sim.network.change({ latencyMinMs: 1, latencyMeanMs: 1, bytesPerMs: 100_000 })
        let whole = 0
        server.serve(Echo, async (_body, call) => {
          let sent = 0
          while (sent < 100 && (await call.send(bytes(30_000)))) sent++
          if (sent === 100) whole++
        })
        server.serve(Other, (body) => ({ body }))
        await connection.opened()
        for (let count = 0; count < discards; count++) {
          const tx = connection.transact(Echo, '')
          await settle(5)
          tx.discard()
        }
        // What was on its way by then comes, and is thrown away.
        await settle(500)
        const fromMs = sim.clock.nowMs()
        for (let round = 0; round < 10; round++) {
          await Promise.all(Array.from({ length: 100 }, () => connection.call(Other, 'x')))
        }
        passedMs = sim.clock.nowMs() - fromMs
        t.equal(whole, discards, 'their credit came back')
        await settle()
        for (const messenger of [client, server]) t.equal(messenger.dump().connections[0]?.queuedBytes, 0)
      })
      return passedMs
    }
    const [alone, beside] = [await tookMs(0), await tookMs(3)]
    t.ok(beside <= alone * 1.05, `${alone} ms alone, ${beside} ms after discards`)
  },
)

t.test('TX-5: parts of every size in 64 streams at once come whole and in order', async (t) => {
  await pair(async ({ server, connection }) => {
    const hashOf = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex')
    server.serve(Echo, async (_body, call) => {
      const hashes: string[] = []
      for await (const part of call) hashes.push(hashOf(part))
      return { body: hashes.join() }
    })
    const random = seededRandom(5)
    const size = (stream: number): number =>
      stream === 0 ? random.integer(0, 16 << 20) : random.pick([0, 1, 64, 1000, 65_536, 65_537, 200_000])
    const streams = Array.from({ length: 64 }, async (_, stream) => {
      const tx = connection.transact(Echo, `${stream}`)
      const hashes: string[] = []
      for (let part = 0; part < (stream === 0 ? 2 : 8); part++) {
        const data = bytes(size(stream), part + stream)
        hashes.push(hashOf(data))
        t.ok(await tx.send(data))
      }
      t.equal((await tx.end()).body, hashes.join())
    })
    await Promise.all(streams)
  })
})

t.test('TX-6: a thousand small parts of one turn are a few writes, and one alone goes in its turn', async (t) => {
  const sim = new Simulation({ seed: 1 })
  await sim.run(async () => {
    const policies = { default: peer() }
    const server = sim.messenger('osd.0', { policies })
    const { options, transport } = sim.process('client.1')
    let writes = 0
    const dial = transport.dial.bind(transport)
    transport.dial = (address) => {
      const link = dial(address)
      const write = link.write.bind(link)
      link.write = (chunks) => {
        writes++
        return write(chunks)
      }
      return link
    }
    const client = new Messenger({ name: 'client.1', policies, ...options })
    const sizes: number[] = []
    server.serve(Echo, async (_body, call) => {
      for await (const part of call) sizes.push(part.length)
      return { body: '' }
    })
    const tx = client.connect(await server.bind('sim://osd.0:6800')).transact(Echo, '')
    await tx.send(bytes(1))
    await sim.clock.sleep(1000)
    const [before, atMs] = [writes, sim.clock.nowMs()]
    await tx.send(bytes(64))
    await sim.clock.sleep(0)
    t.equal(sim.clock.nowMs(), atMs)
    t.equal(writes, before + 1)
    await sim.clock.sleep(1000)
    const quiet = writes
    for (let count = 0; count < 1000; count++) void tx.send(bytes(64))
    await sim.clock.sleep(0)
    t.ok(writes > quiet && writes <= quiet + 3, `${writes - quiet} writes`)
    await tx.end()
    t.equal(sizes.length, 1002)
    await Promise.all([client.shutdown(), server.shutdown()])
  })
})

t.test('four bytes do not wait behind 70 MB', async (t) => {
  await pair(async ({ sim, server, connection, settle }) => {
    sim.network.change({ latencyMinMs: 0.1, latencyMeanMs: 0.1, bytesPerMs: 35_000 })
    server.serve(Echo, async (_body, call) => {
      let sum = 0
      for await (const part of call) sum += part.length
      return { body: `${sum}` }
    })
    server.serve(Other, (body) => ({ body }))
    const upload = connection.transact(Echo, '')
    const part = bytes(7_000_000)
    const sending = (async () => {
      for (let count = 0; count < 10; count++) await upload.send(part)
      return await upload.end()
    })()
    await settle(100)
    const took: number[] = []
    for (let count = 0; count < 10; count++) {
      const fromMs = sim.clock.nowMs()
      await connection.call(Other, 'four')
      took.push(sim.clock.nowMs() - fromMs)
      await settle(50)
    }
    // 4 MiB may be on their way before it: 120 ms at this speed, of 2000 that all of it takes.
    t.ok(Math.max(...took) < 200, `${took.map((ms) => ms.toFixed(0)).join()} ms`)
    t.equal((await sending).body, '70000000')
  })
})

t.test(
  'TX-7: what is left of the time at each hop, with clocks an hour apart; what is late is never run',
  async (t) => {
    const sim = new Simulation({ seed: 7, conditions: { latencyMinMs: 10, latencyMeanMs: 10 } })
    await sim.run(async () => {
      const nodes = Array.from({ length: 5 }, (_, index) => {
        const node = sim.messenger(`osd.${index}`, { policies: { default: peer() } })
        sim.processOn(`osd.${index}`)!.clock.stepWall((index - 2) * 3_600_000)
        return node
      })
      const left: { readonly left: number; readonly atMs: number }[] = []
      const next: Connection[] = []
      for (const [index, node] of nodes.entries()) {
        const address = await node.bind(`sim://osd.${index}:1`)
        if (index > 0) next.push(nodes[index - 1]!.connect(address))
      }
      await Promise.all(next.map((connection) => connection.opened()))
      for (const [index, node] of nodes.entries()) {
        node.serve(Echo, async (body, call) => {
          left.push({ left: call.deadlineMs, atMs: sim.clock.nowMs() })
          await sim.clock.sleep(20)
          return index + 1 < nodes.length ? await next[index]!.call(Echo, body) : { body }
        })
      }
      const fromMs = sim.clock.nowMs()
      t.equal((await next[0]!.call(Echo, 'x', { timeoutMs: 1000 })).body, 'x')
      t.equal(left.length, 4)
      for (const [hop, one] of left.entries()) {
        const should = 1000 - (one.atMs - fromMs)
        // What a link takes is not known: it is not subtracted.
        const linksMs = 10 * (hop + 1)
        t.ok(Math.abs(one.left - should - linksMs) <= 10 + 5, `hop ${hop}: ${one.left} ms of ${should}`)
      }
      left.length = 0
      // Two handlers of 20 ms fit, and the third one has no time left for the fourth.
      t.match(await failureOf(next[0]!.call(Echo, 'late', { timeoutMs: 45 })), { reason: 'deadline' })
      await sim.clock.sleep(500)
      t.ok(left.length < 4, `${left.length} of 4 handlers ran`)
      await Promise.all(nodes.map((node) => node.shutdown()))
    })
  },
)

t.test(
  'TX-7: what a request waits for on this side is no time of its handler: a link, credit, or its next link',
  async (t) => {
    const small = peer({ window: { messages: 2 }, backoff: { firstMs: 1, maxMs: 5 } })
    await pair(
      async ({ sim, server, connection, settle }) => {
        const { clock, network } = sim
        const hold = new Later()
        server.use({ dispatch: () => hold.promise })
        server.serve(Echo, (_body, call) => ({ body: `${call.deadlineMs + clock.nowMs()}` }))
        await connection.call(Echo, '')
        const untilMs = async (wait: () => Promise<void>): Promise<number> => {
          const fromMs = clock.nowMs()
          const reply = connection.call(Echo, '', { timeoutMs: 1000 })
          await wait()
          return Number((await reply).body) - fromMs
        }
        const noLink = await untilMs(async () => {
          network.blockDials('client.a', 'osd.0')
          network.cut()
          await settle(300)
          network.heal()
        })
        const nextLink = await untilMs(async () => {
          network.silence()
          await settle(300)
          network.cut()
        })
        for (let count = 0; count < 2; count++) connection.send({ type: 9, data: bytes(1) })
        const noCredit = await untilMs(async () => {
          await settle(300)
          hold.resolve()
        })
        // What a link takes is not known: it is not subtracted.
        for (const [what, ms] of Object.entries({ noLink, nextLink, noCredit })) {
          t.ok(ms >= 1000 && ms <= 1020, `${what}: ends ${ms} ms after it was asked for 1000`)
        }
      },
      [small, small],
    )
  },
)
