/** The server of calls ends without a word, at every frame that it writes or reads (TX-8). Times are those of the simulation. */
import t, { type Test } from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { peer } from '../../../src/policies/peer.ts'
import { FaultPlan, type Breakpoint } from '../../../src/testing/faults/fault-plan.ts'
import { faulty } from '../../../src/testing/faults/faulty.ts'
import { Simulation } from '../../../src/testing/simulator/simulation.ts'
import { CallError } from '../../../src/transactions/call-error.ts'
import { Messenger } from '../../../src/transactions/messenger.ts'
import { TAG, type TagName } from '../../../src/wire/native/format.ts'
import { Echo, bytes } from '../../unit/transactions/lab.ts'

const POLICIES = { default: peer({ backoff: { firstMs: 10, maxMs: 20 } }) }
const POINTS = (Object.keys(TAG) as TagName[]).flatMap((frame): Breakpoint[] => [`${frame} read`, `${frame} write`])

/** What became of one call. */
interface Ending {
  readonly body: string
  readonly outcome: 'reply' | CallError
}

/** Calls of every kind: answered, failing, slow, with parts, cancelled, and more of them while others run. */
async function callAll(connection: Connection, sleep: (ms: number) => Promise<void>, endings: Ending[]): Promise<void> {
  const ended = async (body: string, reply: Promise<unknown>): Promise<void> => {
    const outcome = await reply.then(
      () => 'reply' as const,
      (thrown: unknown) => thrown as CallError,
    )
    endings.push({ body, outcome })
  }
  const all = ['fast', 'throws', 'slow'].map((body) => ended(body, connection.call(Echo, body)))
  await sleep(3)
  const parts = connection.transact(Echo, 'parts')
  for (const size of [10, 70_000]) await parts.send(bytes(size)).catch(() => false)
  all.push(ended('parts', parts.end()))
  const cancelled = connection.transact(Echo, 'cancelled')
  all.push(ended('cancelled', cancelled.reply))
  await sleep(2)
  await cancelled.cancel().catch(() => 'lost')
  all.push(ended('last', connection.call(Echo, 'last', { data: bytes(5000) })))
  await Promise.all(all)
}

/**
 * Runs it until the server is about to pass `point` for the `nth` time, which ends it; null: it lives. Returns how often it has passed
 * each until the calls had ended.
 */
async function crashAt(point: Breakpoint | null, nth: number, t: Test): Promise<ReadonlyMap<Breakpoint, number>> {
  const sim = new Simulation({ seed: 1, conditions: { latencyMinMs: 0.5, latencyMeanMs: 1 } })
  const { clock, options, transport } = sim.process('osd.0')
  const plan = new FaultPlan({ clock })
  let passed: ReadonlyMap<Breakpoint, number> = new Map()
  await sim.run(async () => {
    const sleep = (ms: number): Promise<void> => sim.clock.sleep(ms)
    const begun: string[] = []
    const serve = (messenger: Messenger): void => {
      messenger.serve(Echo, async (body, call) => {
        begun.push(body)
        if (body === 'throws') throw new CallError('EIO')
        if (body === 'slow') await sleep(8)
        for await (const part of call) await call.send(part)
        if (body === 'cancelled') await sleep(20)
        return { body }
      })
    }
    const osd = new Messenger({
      name: 'osd.0',
      policies: POLICIES,
      ...options,
      transports: [faulty(transport, plan)],
    })
    serve(osd)
    const address = await osd.bind('sim://osd.0:6800')
    const client = sim.messenger('client.1', { policies: POLICIES })
    const endings: Ending[] = []
    if (point !== null) plan.at(point, 'block', { nth })
    const calls = callAll(client.connect(address), sleep, endings)
    let beforeCrash: string[] = []
    let servers = osd
    if (point !== null) {
      await plan.held(point)
      beforeCrash = [...begun]
      sim.crash('osd.0')
      servers = sim.messenger('osd.0', { policies: POLICIES })
      serve(servers)
      await servers.bind('sim://osd.0:6800')
    }
    await calls
    passed = new Map(POINTS.map((one) => [one, plan.count(one)]))
    const where = point === null ? 'alive' : `${point} ${nth}`
    const bodies = endings.map(({ body }) => body)
    if (bodies.length !== 6 || new Set(bodies).size !== 6) t.fail(`${where}: ended: ${bodies.join()}`)
    for (const { body, outcome } of endings) {
      const ran = begun.filter((one) => one === body).length
      if (ran > 1) t.fail(`${where}: ${body} ran ${ran} times`)
      if (outcome === 'reply') {
        if (ran !== 1) t.fail(`${where}: ${body} was answered by nobody`)
        continue
      }
      const { reason, indeterminate } = outcome
      if (ran > 0 && !indeterminate) t.fail(`${where}: ${body} ran, and that was denied (${reason})`)
      const expected = body === 'throws' ? ['handler-error', 'disconnected'] : ['disconnected', 'cancelled-local']
      if (!expected.includes(reason)) t.fail(`${where}: ${body} failed ${reason}`)
      // Whoever began before the crash and was not answered has heard of it, and of nothing else.
      if (beforeCrash.includes(body) && !indeterminate) t.fail(`${where}: ${body} had begun`)
    }
    // A client that had nothing to say hears of the new life by the first that it says.
    const again = () => client.connect(address).call(Echo, 'again')
    const { body } = await again().catch(again)
    if (body !== 'again') t.fail(`${where}: nothing works afterwards`)
    await Promise.all([client.shutdown(), servers.shutdown()])
  })
  return passed
}

t.test('TX-8: at every frame each call ends once, and says truly whether its handler may have run', async (t) => {
  const alive = await crashAt(null, 0, t)
  let crashes = 0
  for (const [point, count] of alive) {
    for (let nth = 1; nth <= count; nth++) {
      await crashAt(point, nth, t)
      crashes++
    }
  }
  // As many as there are frames: the window asks for fewer acks of parts than there were once.
  t.ok(crashes >= 20, `${crashes} crashes`)
})
