/** One call to several peers: enough replies, too few, and what becomes of the others. */
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { peer } from '../../../src/policies/peer.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import { CallError } from '../../../src/transactions/call-error.ts'
import { CallManyError, callMany } from '../../../src/transactions/call-many.ts'
import type { CallManyOptions } from '../../../src/transactions/call-many.ts'
import { Echo } from './lab.ts'

type Behaviour = { readonly afterMs: number; readonly fails?: string }

/** Calls so many OSDs, each of which answers as told; `cancelled` are the names whose handlers were told to stop. */
async function play(behaviours: readonly Behaviour[], options: CallManyOptions, cutMs = Infinity) {
  const sim = new Simulation({ seed: 3 })
  const cancelled: string[] = []
  const result = await sim.run(async () => {
    const client = sim.messenger('client.a', { policies: { default: peer() } })
    const connections: Connection[] = []
    const servers = []
    for (const [index, { afterMs, fails }] of behaviours.entries()) {
      const server = sim.messenger(`osd.${index}`, { policies: { default: peer() } })
      servers.push(server)
      server.serve(Echo, async (body, call) => {
        call.signal.addEventListener('abort', () => cancelled.push(server.name))
        await sim.clock.sleep(afterMs)
        if (fails !== undefined) throw new CallError(fails, 'on purpose')
        return { body: `${body} from ${server.name}` }
      })
      connections.push(client.connect(await server.bind(`sim://osd.${index}:1`)))
    }
    const abort = new AbortController()
    if (cutMs < Infinity) sim.clock.setTimer(() => abort.abort('enough of it'), cutMs)
    const answer = await callMany(connections, Echo, 'hello', { ...options, signal: abort.signal }).then(
      (value) => ({ value, error: null }),
      (error: unknown) => ({ value: null, error }),
    )
    const atMs = sim.clock.nowMs()
    await sim.clock.sleep(100)
    await Promise.all([client, ...servers].map((messenger) => messenger.shutdown()))
    return { ...answer, atMs, connections }
  })
  return { ...result, cancelled }
}

t.test('a quorum is enough: the slow one is cancelled, and its outcome says so', async (t) => {
  const { value, cancelled, atMs, connections } = await play([{ afterMs: 5000 }, { afterMs: 20 }, { afterMs: 50 }], {
    need: 'quorum',
  })
  t.strictSame(
    value?.replies.map(({ body }) => body),
    ['hello from osd.1', 'hello from osd.2'],
    'in the order in which they came',
  )
  t.strictSame(
    value?.outcomes.map(({ connection }) => connection),
    connections,
  )
  t.match(value?.outcomes, [
    { error: { reason: 'cancelled-local', indeterminate: true } },
    { error: null },
    { error: null },
  ])
  t.strictSame(cancelled, ['osd.0'])
  t.ok(atMs < 1000, 'nobody waits for it')
})

t.test('the first is enough, whoever fails before', async (t) => {
  const { value } = await play([{ afterMs: 10, fails: 'EIO' }, { afterMs: 30 }, { afterMs: 500 }], { need: 'first' })
  t.match(value?.replies, [{ body: 'hello from osd.1' }])
  t.match(value?.outcomes, [{ error: { code: 'EIO' } }, { error: null }, { error: { reason: 'cancelled-local' } }])
})

t.test('all are needed by default, and it ends when one cannot', async (t) => {
  const all = await play([{ afterMs: 10 }, { afterMs: 30 }], {})
  t.equal(all.value?.replies.length, 2)
  const { error, cancelled, atMs } = await play(
    [{ afterMs: 10 }, { afterMs: 20, fails: 'ENOSPC' }, { afterMs: 5000 }],
    {},
  )
  t.ok(error instanceof CallManyError)
  t.match(error, {
    message: /^Echo: 1 of 3 have replied, and 3 were needed/,
    indeterminate: true,
    cause: { code: 'ENOSPC' },
    outcomes: [{ error: null }, { error: { code: 'ENOSPC' } }, { error: { reason: 'cancelled-local' } }],
  })
  t.strictSame(cancelled, ['osd.2'])
  t.ok(atMs < 1000)
})

t.test('a deadline and a signal are for all', async (t) => {
  const late = await play([{ afterMs: 10 }, { afterMs: 5000 }, { afterMs: 5000 }], { need: 2, timeoutMs: 200 })
  t.match(late.error, {
    outcomes: [{ error: null }, { error: { reason: 'deadline' } }, { error: { reason: 'deadline' } }],
  })
  const cut = await play([{ afterMs: 5000 }, { afterMs: 5000 }], { need: 'first' }, 100)
  t.match(cut.error, { outcomes: [{ error: { reason: 'cancelled-local' } }, { error: { reason: 'cancelled-local' } }] })
  t.strictSame(cut.cancelled.sort(), ['osd.0', 'osd.1'])
})

t.test('a mistake is told at once', async (t) => {
  const wrong = { code: 'INK_BAD_ARGUMENT' }
  await t.rejects(callMany([], Echo, 'x'), wrong)
  await t.rejects(callMany(null as unknown as [], Echo, 'x'), wrong)
  await t.rejects(callMany(['a'] as unknown as [], Echo, 'x'), wrong)
  for (const need of [0, 3, 1.5, 'most']) {
    const { error } = await play([{ afterMs: 1 }, { afterMs: 1 }], { need: need as number })
    t.match(error, wrong, String(need))
  }
  const { error } = await play([{ afterMs: 1 }], { timeout: 5 } as CallManyOptions)
  t.match(error, wrong)
})
