/**
 * A message whose handling failed is told so to its sender, once, whatever links do meanwhile: `deliver()` rejects with
 * outcome `failed`, and `send()` is an event.
 */
import t from 'tap'
import { InkwireError } from '../../src/common/errors.ts'
import type { Connection } from '../../src/messenger/connection.ts'
import type { Messenger } from '../../src/messenger/messenger.ts'
import { defineMessage } from '../../src/messenger/typed-message.ts'
import { losslessClient } from '../../src/policies/lossless-client.ts'
import { losslessServer } from '../../src/policies/lossless-server.ts'
import { lossy } from '../../src/policies/lossy.ts'
import { peer } from '../../src/policies/peer.ts'
import type { Policy } from '../../src/policies/policy.ts'
import { VERDICTS_MAX } from '../../src/session/verdicts.ts'
import { History, Simulation, check } from '../../src/testing/index.ts'
import { VERDICT_REASON_CHARS_MAX } from '../../src/wire/verdict.ts'

const PAIRS: readonly (readonly [Policy, Policy])[] = [
  [lossy(), lossy()],
  [losslessClient(), losslessServer()],
  [peer(), peer()],
]
const TYPED = defineMessage({
  ...{ type: 5, name: 'Typed' },
  codec: {
    encode: (text: string) => new TextEncoder().encode(text),
    decode(): string {
      throw new RangeError('index out of range')
    },
  },
})

/** Fails in every way that there is, by the message's tid. */
function failing(server: Messenger): void {
  server.on(TYPED, () => undefined)
  server.use({
    fastDispatch({ tid }) {
      if (tid === 4) throw new Error('fast')
      return false
    },
    dispatch({ tid, type }): unknown {
      if (type === 9) return false
      if (tid === 1) throw Object.assign(new Error('no such object'), { code: 'ENOENT' })
      if (tid === 2) return Promise.reject(new Error(`\u0000late\n${'x'.repeat(9999)}`))
      if (tid === 3) throw 'a word' // eslint-disable-line @typescript-eslint/only-throw-error -- on purpose
      return undefined
    },
  })
}

async function fate(target: Connection, message: { type: number; tid?: number; front?: string }): Promise<unknown> {
  return await target.deliver(message).then(
    () => 'acked',
    (error: unknown) => error,
  )
}

t.test('every failure is told, with its code and a bounded reason; what was handled is acked', async (t) => {
  for (const [mine, theirs] of PAIRS) {
    const sim = new Simulation({ seed: 1 })
    await sim.run(async () => {
      const server = sim.messenger('osd.1', { policies: { default: theirs } })
      const client = sim.messenger('client.1', { policies: { default: mine } })
      failing(server)
      const connection = client.connect(await server.bind('sim://osd.1:1'))
      for (const target of [connection, server.loopback]) {
        const of = async (tid: number, type = 1): Promise<unknown> => fate(target, { type, tid })
        t.equal(await of(0), 'acked')
        const failed = { code: 'INK_HANDLER_FAILED', outcome: 'failed' }
        t.match(await of(1), { ...failed, peerCode: 'ENOENT', message: /no such object/ })
        const late = (await of(2)) as InkwireError
        t.match(late, { ...failed, peerCode: undefined, message: / late x/ })
        t.ok(late.message.length < VERDICT_REASON_CHARS_MAX + 100, 'cut short')
        t.match(await of(3), { ...failed, message: /a word/ })
        if (target === connection) t.match(await of(4), { ...failed, message: /fast/ })
        t.match(await of(0, 9), { code: 'INK_UNHANDLED', outcome: 'failed', message: /type 9/ })
        t.match(await of(0, 5), { code: 'INK_DECODE_FAILED', outcome: 'failed', message: /Typed does not decode/ })
        t.equal(await of(0), 'acked', 'and it goes on')
      }
      t.match(connection.dump().counters, { failedMessages: 6 })
      t.match(server.connections[0]?.dump().counters, { failedHandlers: 6 })
      t.match(server.loopback.dump().counters, { failedMessages: 5 })
      await Promise.all([client.shutdown(), server.shutdown()])
    })
  }
})

t.test('of a message that was sent, the failure is an event', async (t) => {
  const sim = new Simulation({ seed: 2 })
  await sim.run(async () => {
    const policies = { default: peer() }
    const [client, server] = [sim.messenger('osd.0', { policies }), sim.messenger('osd.1', { policies })]
    failing(server)
    const connection = client.connect(await server.bind('sim://osd.1:1'))
    const failed: unknown[] = []
    client.events$.subscribe((event) => {
      if (event.type === 'failed') failed.push([event.message.tid, event.error.code, event.connection === connection])
    })
    for (const tid of [0, 1, 0, 3]) connection.send({ type: 1, tid })
    await connection.deliver({ type: 1 })
    t.strictSame(failed, [
      [1, 'INK_HANDLER_FAILED', true],
      [3, 'INK_HANDLER_FAILED', true],
    ])
    await Promise.all([client.shutdown(), server.shutdown()])
  })
})

for (const [mine, theirs] of PAIRS.slice(1)) {
  t.test(`${mine.kind}: each of hundreds is told once, however often links are cut`, async (t) => {
    for (let seed = 1; seed <= 2; seed++) {
      const sim = new Simulation({ seed, conditions: { latencyMinMs: 0.2, latencyMeanMs: 0.5 } })
      await sim.run(async () => {
        const quick = { backoff: { firstMs: 1, maxMs: 5 } }
        const options = mine.kind === 'peer' ? peer(quick) : losslessClient(quick)
        const client = sim.messenger('client.1', { policies: { default: options } })
        const server = sim.messenger('osd.1', { policies: { default: theirs.kind === 'peer' ? options : theirs } })
        const history = new History({ nowMs: () => sim.clock.nowMs() })
        for (const messenger of [client, server]) history.attach(messenger)
        const connection = client.connect(await server.bind('sim://osd.1:1'))
        server.use({
          async dispatch({ tid }) {
            await sim.clock.sleep(sim.random.integer(0, 300))
            if (tid % 3 === 0) throw new Error(`${tid}`)
          },
        })
        const told = Array.from({ length: 900 }, (_, tid) => fate(connection, { type: 1, tid }))
        for (let cut = 0; cut < 30; cut++) {
          await sim.clock.sleep(12)
          sim.network.cut()
        }
        const all = await Promise.all(told)
        const wrong = all.filter((each, tid) => {
          if (tid % 3 !== 0) return each !== 'acked'
          return !(each instanceof InkwireError && each.outcome === 'failed' && each.message.endsWith(`: ${tid}`))
        })
        t.strictSame(wrong, [], `seed ${seed}`)
        t.equal(connection.dump().counters.failedMessages, 300)
        t.ok(connection.dump().counters.resumes > 5)
        t.strictSame(check(history), [])
        await Promise.all([client.shutdown(), server.shutdown()])
      })
    }
  })
}

t.test('what a sender has not confirmed is bounded: more failures wait, and are told in the end', async (t) => {
  const sim = new Simulation({ seed: 3 })
  await sim.run(async () => {
    const policies = { default: peer() }
    const [client, server] = [sim.messenger('osd.0', { policies }), sim.messenger('osd.1', { policies })]
    const connection = client.connect(await server.bind('sim://osd.1:1'))
    await fate(connection, { type: 1 })
    const told = Array.from({ length: 3 * VERDICTS_MAX }, () => fate(connection, { type: 1 }))
    const all = await Promise.all(told)
    t.ok(all.every((each) => (each as InkwireError).code === 'INK_UNHANDLED'))
    t.equal(connection.dump().counters.failedMessages, 3 * VERDICTS_MAX + 1)
    t.equal(server.connections[0]?.dump().heldMessages, 0)
    await Promise.all([client.shutdown(), server.shutdown()])
  })
})
