/** Calls that run once, however often links are cut, sessions are lost and processes die. */
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Policy } from '../../../src/policies/policy.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import { CallError } from '../../../src/transactions/call-error.ts'
import type { ServerCall } from '../../../src/transactions/handler-call.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { Echo, Later, Other, failureOf } from '../../unit/transactions/lab.ts'

const ADDRESS = 'sim://osd.0:6800'

interface World {
  readonly sim: Simulation
  readonly client: Messenger
  readonly server: Messenger
  readonly connect: () => Connection
  readonly sleep: (ms: number) => Promise<void>
}

/** `client.a` calls `osd.0` once. `body` gives the server of the end, where that is another one. */
async function world(
  body: (world: World) => Promise<unknown>,
  [clientPolicy, serverPolicy]: readonly [Policy, Policy] = [lossy(), lossy()],
  seed = 1,
): Promise<void> {
  const sim = new Simulation({ seed })
  await sim.run(async () => {
    const client = sim.messenger('client.a', { policies: { default: clientPolicy } })
    const server = sim.messenger('osd.0', { policies: { default: serverPolicy } })
    await server.bind(ADDRESS)
    const connect = (): Connection => client.connect(ADDRESS)
    const last = await body({ sim, client, server, connect, sleep: (ms) => sim.clock.sleep(ms) })
    await Promise.all([client.shutdown(), (last instanceof Messenger ? last : server).shutdown()])
  })
}

t.test('a call over sessions that are cut runs once, and has the reply of that one handler', async (t) => {
  await world(async ({ sim, client, server, connect, sleep }) => {
    let runs = 0
    const signals: boolean[] = []
    server.serve(Echo, async (body, { signal }) => {
      runs++
      await sleep(300)
      signals.push(signal.aborted)
      return { body: `${body} ${runs}`, data: Uint8Array.of(runs) }
    })
    const reply = client.callOnce(connect, Echo, 'a')
    for (const ms of [20, 100, 100]) {
      await sleep(ms)
      sim.network.cut()
    }
    t.match(await reply, { body: 'a 1', data: Uint8Array.of(1) })
    t.strictSame([runs, signals], [1, [false]], 'its caller will ask again: its signal did not fire')
  })
})

t.test('one whose reply was lost is told the outcome of its handler, be it a failure', async (t) => {
  await world(async ({ sim, client, server, connect, sleep }) => {
    let runs = 0
    server.serve(Echo, async (body) => {
      runs++
      await sleep(50)
      if (body === 'fails') throw new CallError('ENOENT', 'no such object')
      return { body }
    })
    for (const body of ['is well', 'fails']) {
      const end = client.callOnce(connect, Echo, body).then(
        (reply) => reply.body,
        (error: unknown) => (error instanceof CallError ? [error.reason, error.code] : error),
      )
      await sleep(30)
      sim.network.partition('osd.0', 'client.a')
      await sleep(100)
      sim.network.heal()
      sim.network.cut()
      t.strictSame(await end, body === 'fails' ? ['handler-error', 'ENOENT'] : body)
    }
    t.equal(runs, 2)
  })
})

t.test('what may have run in a process that is gone is not asked of the next one', async (t) => {
  await world(
    async ({ sim, client, server, connect, sleep }) => {
      const runs: string[] = []
      server.serve(Echo, async (body) => {
        runs.push(body)
        await sleep(1000)
        return { body }
      })
      const doubtful = failureOf(client.callOnce(connect, Echo, 'doubtful'))
      await sleep(100)
      const paused = server.serve(Other, (body) => ({ body }))
      paused.pause()
      const waiting = failureOf(client.callOnce(connect, Other, 'waits', { timeoutMs: 60_000 }))
      await sleep(100)
      sim.crash('osd.0')
      const next = sim.messenger('osd.0', { policies: { default: losslessServer() } })
      next.serve(Echo, (body) => (runs.push(`${body} again`), { body }))
      await next.bind(ADDRESS)
      t.match(await doubtful, { reason: 'disconnected', code: 'OTHER_INSTANCE', indeterminate: true })
      t.match(await waiting, { reason: 'disconnected', code: 'OTHER_INSTANCE', indeterminate: true })
      t.strictSame(runs, ['doubtful'])
      t.match(await client.callOnce(connect, Echo, 'new'), { body: 'new' })
      return next
    },
    [losslessClient(), losslessServer()],
  )
})

t.test('what was on no link when the server died is asked of the next one', async (t) => {
  await world(
    async ({ sim, client, server, connect, sleep }) => {
      server.serve(Echo, (body) => ({ body }))
      await client.callOnce(connect, Echo, 'first')
      sim.crash('osd.0')
      await sleep(50)
      const reply = client.callOnce(connect, Echo, 'second')
      await sleep(500)
      const next = sim.messenger('osd.0', { policies: { default: losslessServer() } })
      next.serve(Echo, (body) => ({ body: `${body}, there` }))
      await next.bind(ADDRESS)
      t.match(await reply, { body: 'second, there' })
      return next
    },
    [losslessClient(), losslessServer()],
  )
})

t.test('its deadline and its signal are those of all attempts, and reach the handler of the first', async (t) => {
  await world(async ({ sim, client, server, connect, sleep }) => {
    const reasons: unknown[] = []
    const began = new Later()
    server.serve(Echo, async (_body, call: ServerCall) => {
      began.resolve()
      await new Promise((_, reject) => {
        call.signal.addEventListener('abort', () => {
          reasons.push((call.signal.reason as CallError).reason)
          reject(new CallError('ECANCELED'))
        })
      })
    })
    const late = failureOf(client.callOnce(connect, Echo, 'a', { timeoutMs: 400 }))
    await began.promise
    sim.network.cut()
    t.match(await late, { reason: 'deadline', indeterminate: true })
    await sleep(50)
    t.strictSame(reasons, ['deadline'])
    const controller = new AbortController()
    const given = failureOf(client.callOnce(connect, Echo, 'b', { signal: controller.signal }))
    await sleep(50)
    sim.network.cut()
    await sleep(400)
    controller.abort()
    t.match(await given, { reason: 'cancelled-local', indeterminate: true })
    await sleep(50)
    t.strictSame(reasons, ['deadline', 'cancelled-remote'])
    const nowhere = failureOf(client.callOnce(() => client.connect('sim://osd.9:1'), Echo, 'c', { timeoutMs: 200 }))
    t.match(await nowhere, { reason: 'deadline', indeterminate: false })
  })
})

t.test('a server that is busy is asked again, and one that does not serve the call is not', async (t) => {
  await world(async ({ client, server, connect, sleep }) => {
    let runs = 0
    server.serve(
      Echo,
      async (body) => {
        runs++
        await sleep(30)
        return { body }
      },
      { concurrency: 1, waitingMax: 0, retryAfterMs: 40 },
    )
    const all = await Promise.all(['a', 'b', 'c'].map((body) => client.callOnce(connect, Echo, body)))
    t.strictSame(
      all.map(({ body }) => body),
      ['a', 'b', 'c'],
    )
    t.equal(runs, 3)
    t.match(await failureOf(client.callOnce(connect, Other, 'x')), { reason: 'unhandled', indeterminate: false })
    const once = failureOf(
      Promise.all(['a', 'b', 'c'].map((body) => client.callOnce(connect, Echo, body, { attempts: 1 }))),
    )
    t.match(await once, { reason: 'quota', code: 'BUSY' })
  })
})

t.test('metadata and the loopback are as of any call', async (t) => {
  await world(async ({ client, server, connect }) => {
    const seen: unknown[] = []
    for (const messenger of [client, server]) {
      messenger.serve(Echo, (body, { metadata }) => {
        seen.push({ ...metadata })
        return { body }
      })
    }
    await client.callOnce(connect, Echo, 'a', { metadata: { user: 'ann' } })
    await client.callOnce(connect, Echo, 'a', { metadata: { key: 'v'.repeat(512), k2: 'v'.repeat(240) } })
    await client.callOnce(() => client.loopback, Echo, 'a', { metadata: { user: 'bob' } })
    await client.callOnce(connect, Echo, 'a')
    t.match(seen, [{ user: 'ann' }, { k2: 'v'.repeat(240) }, { user: 'bob' }, {}])
  })
})

t.test('a wrong call is a mistake of its caller, at once', async (t) => {
  await world(async ({ client, connect }) => {
    const wrong = (...given: unknown[]): Promise<unknown> =>
      (client.callOnce as (...all: unknown[]) => Promise<unknown>).apply(client, given)
    await t.rejects(wrong(connect(), Echo, 'a'), { code: 'INK_BAD_ARGUMENT', message: /takes a function/ })
    await t.rejects(
      wrong(() => 7, Echo, 'a'),
      { code: 'INK_BAD_ARGUMENT', message: /needs a connection/ },
    )
    await t.rejects(wrong(connect, 'Echo', 'a'), { code: 'INK_BAD_ARGUMENT' })
    await t.rejects(wrong(connect, Echo, 'a', { attempts: 0 }), { code: 'INK_BAD_OPTION' })
    await t.rejects(wrong(connect, Echo, 'a', { timeout: 1 }), { code: 'INK_BAD_ARGUMENT' })
  })
})

for (const [name, policies] of Object.entries({
  lossy: [lossy(), lossy()],
  lossless: [losslessClient(), losslessServer()],
  peer: [peer(), peer()],
} as const)) {
  t.test(`${name}: of many calls under random cuts each runs at most once, and its caller knows`, async (t) => {
    for (let seed = 1; seed <= 6; seed++) {
      await world(
        async ({ sim, client, server, connect, sleep }) => {
          const runs = new Map<string, number>()
          server.serve(Echo, async (body) => {
            runs.set(body, (runs.get(body) ?? 0) + 1)
            await sleep(sim.random.next() * 60)
            return { body }
          })
          const ends = Array.from({ length: 40 }, async (_, index) => {
            await sleep(sim.random.next() * 500)
            return await client.callOnce(connect, Echo, `${index}`, { attempts: 100, timeoutMs: 60_000 })
          })
          for (let cut = 0; cut < 12; cut++) {
            await sleep(sim.random.next() * 60)
            sim.network.cut()
          }
          const got = await Promise.all(ends)
          t.ok(
            got.every(({ body }, index) => body === `${index}`),
            `seed ${seed}`,
          )
          const often = [...runs].filter(([, count]) => count !== 1)
          t.strictSame([runs.size, often], [40, []], `seed ${seed}`)
        },
        policies,
        seed,
      )
    }
  })
}
