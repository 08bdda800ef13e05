/** Bursts, quotas and floods of calls (BP-1 to BP-8): bounded, fair, and never for ever. Times are those of the simulation. */
import t from 'tap'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { peer } from '../../../src/policies/peer.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import { CallError } from '../../../src/transactions/call-error.ts'
import type { Clock } from '../../../src/messenger/runtime.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { Echo, Later, Other, bytes, failureOf, pair } from '../../unit/transactions/lab.ts'

const PEER = { policies: { default: peer() } }

/** How a call failed. */
function reasonOf(error: unknown): string {
  return error instanceof CallError ? error.reason : 'something else'
}

t.test('BP-1: a burst is bounded and loses nothing, and what is urgent passes it', async (t) => {
  await pair(async ({ sim, server, connection, settle }) => {
    sim.network.change({ latencyMinMs: 1, latencyMeanMs: 2 })
    let running = 0
    let most = 0
    server.serve(
      Echo,
      async (body) => {
        most = Math.max(most, ++running)
        await settle(10)
        running--
        return { body }
      },
      { concurrency: 64 },
    )
    server.serve(Other, (body) => ({ body }))
    const ends = Array.from({ length: 5000 }, (_, index) =>
      connection.call(Echo, `${index}`).then(
        ({ body }) => body,
        (error: unknown) => error,
      ),
    )
    const pings: number[] = []
    for (let count = 0; count < 40; count++) {
      const fromMs = sim.clock.nowMs()
      await connection.call(Other, '', { priority: 255 })
      pings.push(sim.clock.nowMs() - fromMs)
      await settle(5)
    }
    const got = await Promise.all(ends)
    const busy = got.filter((end) => end instanceof CallError)
    t.equal(most, 64)
    t.ok(busy.length > 0 && busy.every(({ reason, indeterminate }) => reason === 'quota' && !indeterminate))
    const replied = got.flatMap((end, index) => (end === `${index}` ? [index] : []))
    t.equal(replied.length + busy.length, 5000, 'none is lost')
    t.ok(replied.length >= 4096, `${replied.length} were answered`)
    const late = pings.filter((ms) => ms > 20)
    t.strictSame(late, [], `${pings.map((ms) => ms.toFixed(0)).join()} ms`)
  })
})

t.test('BP-2: inline and queued handlers give the same results', async (t) => {
  const results = async (mode: 'inline' | 'queued'): Promise<unknown[]> => {
    const seen: unknown[] = []
    await pair(async ({ server, connection, settle }) => {
      server.serve(
        Echo,
        (body, call) => {
          seen.push(body)
          if (body.startsWith('fails')) throw new CallError('ENOENT', body)
          if (body.startsWith('later')) return settle(3).then(() => ({ body }))
          return { body, data: call.data }
        },
        { mode },
      )
      const bodies = Array.from({ length: 40 }, (_, index) => `${['now', 'fails', 'later'][index % 3]} ${index}`)
      const ends = bodies.map((body) =>
        connection
          .call(Echo, body, { data: bytes(body.length) })
          .then((reply) => [reply.body, reply.data.length], reasonOf),
      )
      seen.push(await Promise.all(ends))
    })
    return seen
  }
  t.strictSame(await results('inline'), await results('queued'))
})

t.test('BP-3: two sides that flood each other, and do not read, end by their deadlines', async (t) => {
  await pair(async ({ client, server, connection, settle }) => {
    const ends: string[] = []
    const never = new Later()
    for (const side of [client, server]) side.serve(Echo, () => never.promise.then(() => undefined))
    await connection.opened()
    await settle()
    const back = server.connections[0]!
    for (const one of [connection, back]) {
      for (let count = 0; count < 1500; count++) {
        void one.transact(Echo, '', { data: bytes(4000), timeoutMs: 2000 }).reply.catch((error: unknown) => {
          ends.push(reasonOf(error))
        })
      }
    }
    await settle(5000)
    t.equal(ends.length, 3000)
    t.ok(ends.every((reason) => reason === 'deadline'))
    never.resolve()
  })
})

t.test(
  'BP-3: chains of requests around a ring of ten complete, or fail by the deadline that they inherit',
  async (t) => {
    const sim = new Simulation({ seed: 3, conditions: { latencyMinMs: 1, latencyMeanMs: 2 } })
    await sim.run(async () => {
      const nodes = Array.from({ length: 10 }, (_, index) => sim.messenger(`osd.${index}`, PEER))
      const addresses: string[] = []
      for (const [index, node] of nodes.entries()) {
        addresses.push(await node.bind(`sim://osd.${index}:6800`))
        node.serve(
          Echo,
          async (body) => {
            const left = Number(body)
            if (left === 0) return { body: 'the end' }
            const next = node.connect(addresses[(index + 1) % nodes.length]!)
            return await next.call(Echo, `${left - 1}`)
          },
          { concurrency: 4 },
        )
      }
      const first = nodes[0]!.connect(addresses[1]!)
      t.equal((await first.call(Echo, '10')).body, 'the end')
      // Twenty stages of ten at once need more handlers than there are: they wait for each other.
      const chains = Array.from({ length: 40 }, () =>
        first.call(Echo, '20', { timeoutMs: 1000 }).then(() => 'the end', reasonOf),
      )
      const ends = new Set(await Promise.all(chains))
      t.strictSame(
        [...ends].filter((end) => !['the end', 'deadline', 'handler-error'].includes(end)),
        [],
      )
      t.equal((await first.call(Echo, '10', { timeoutMs: 5000 })).body, 'the end', 'and every place came back')
      await Promise.all(nodes.map((node) => node.shutdown()))
    })
  },
)

t.test('BP-4: who is at its quota does not slow down another one', async (t) => {
  const tookMs = async (isFlooded: boolean): Promise<number> => {
    const sim = new Simulation({ seed: 4, conditions: { latencyMinMs: 1, latencyMeanMs: 1 } })
    return await sim.run(async () => {
      const server = sim.messenger('osd.0', { policies: { default: losslessServer() } })
      const [noisy, quiet] = ['client.1', 'client.2'].map((name) =>
        sim.messenger(name, { policies: { default: losslessClient() } }),
      ) as [ReturnType<typeof sim.messenger>, ReturnType<typeof sim.messenger>]
      const address = await server.bind('sim://osd.0:1')
      server.serve(Echo, (body) => sim.clock.sleep(1).then(() => ({ body })), { concurrency: 8, waitingMax: 16 })
      const [flood, calls] = [noisy.connect(address), quiet.connect(address)]
      await Promise.all([flood.opened(), calls.opened()])
      let isOver = false
      const floods = Array.from({ length: isFlooded ? 200 : 0 }, async () => {
        while (!isOver) await flood.call(Echo, 'flood').catch(() => sim.clock.sleep(2))
      })
      if (isFlooded) await sim.clock.sleep(20)
      const fromMs = sim.clock.nowMs()
      for (let count = 0; count < 50; count++) {
        await Promise.all(Array.from({ length: 4 }, () => calls.call(Echo, 'quiet')))
      }
      const passedMs = sim.clock.nowMs() - fromMs
      isOver = true
      await Promise.all(floods)
      await Promise.all([server, noisy, quiet].map((one) => one.shutdown()))
      return passedMs
    })
  }
  const [alone, beside] = [await tookMs(false), await tookMs(true)]
  // Its four calls wait for one round of handlers, at most: 1 ms beside 3.
  t.ok(beside < alone * 1.5, `${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside a flood`)
})

t.test('BP-5: urgent calls come first, and those that are not starve no more for it', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const ran: string[] = []
    const served = server.serve(Echo, (body) => {
      ran.push(body)
      return { body }
    })
    served.pause()
    const calls = Array.from({ length: 320 }, () => connection.call(Echo, 'urgent', { priority: 255 }))
    calls.push(...Array.from({ length: 320 }, () => connection.call(Echo, 'idle', { priority: 0 })))
    await settle()
    served.resume()
    await Promise.all(calls)
    const idle = ran.slice(0, 320).filter((body) => body === 'idle').length
    t.equal(idle, 20, 'one of sixteen')
    t.equal(ran.length, 640)
  })
})

t.test(
  'BP-6: what is too large is refused before it is sent, and what is too much before the rest of it',
  async (t) => {
    await pair(async ({ server, connection, settle }) => {
      const hold = new Later()
      server.serve(Echo, () => hold.promise.then(() => undefined), { concurrency: 1, waitingMax: 0, retryAfterMs: 70 })
      await t.rejects(connection.call(Echo, '', { data: bytes(64 * 1024 * 1024 + 1) }), {
        code: 'INK_MESSAGE_TOO_LARGE',
      })
      const first = connection.call(Echo, '')
      await settle()
      const before = server.dump().connections[0]!.counters.receivedBytes
      const refused = await failureOf(connection.call(Echo, '', { data: bytes(20 * 1024 * 1024) }))
      t.match(refused, { reason: 'quota', code: 'BUSY', retryAfterMs: 70, indeterminate: false })
      await settle()
      const came = server.dump().connections[0]!.counters.receivedBytes - before
      t.ok(came <= 320 * 1024, `${came} bytes came of 20 MiB`)
      hold.resolve()
      await first
    })
  },
)

t.test('BP-7: a masked service parks what comes, within its quota, and resumes in order', async (t) => {
  await pair(async ({ server, connection, settle }) => {
    const ran: string[] = []
    const served = server.serve(Echo, (body) => void ran.push(body), { waitingMax: 5 })
    served.pause()
    const calls = ['1', '2', '3', '4', '5'].map((body) => connection.call(Echo, body))
    await settle()
    t.match(await failureOf(connection.call(Echo, '6')), { code: 'BUSY' })
    served.resume()
    await Promise.all(calls)
    t.strictSame(ran, ['1', '2', '3', '4', '5'])
  })
})

t.test('BP-8: an inline handler that blocks is told by name, and is demoted', async (t) => {
  const sim = new Simulation({ seed: 8 })
  await sim.run(async () => {
    const { clock, options } = sim.process('osd.0')
    let stoodMs = 0
    const slow: Clock = {
      nowMs: () => clock.nowMs() + stoodMs,
      wallMs: () => clock.wallMs(),
      setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
      clearTimer: (timer) => {
        clock.clearTimer(timer)
      },
      defer: (callback) => {
        clock.defer(callback)
      },
      later: (callback) => {
        clock.later(callback)
      },
    }
    const server = new Messenger({ name: 'osd.0', ...PEER, ...options, runtime: { ...options.runtime, clock: slow } })
    const client = sim.messenger('client.1', PEER)
    const told: unknown[] = []
    server.events$.subscribe((event) => {
      if (event.type === 'inlineBlocked') told.push([event.call, Math.round(event.tookMs) >= 5, event.demoted])
    })
    server.serve(
      Echo,
      (body) => {
        if (body === 'blocks') stoodMs += 5
        return { body }
      },
      { mode: 'inline' },
    )
    const connection = client.connect(await server.bind('sim://osd.0:1'))
    for (const body of ['quick', 'blocks', 'quick', 'blocks', 'blocks', 'blocks']) await connection.call(Echo, body)
    t.strictSame(told, [
      ['Echo', true, false],
      ['Echo', true, false],
      ['Echo', true, true],
    ])
    await Promise.all([client.shutdown(), server.shutdown()])
  })
})
