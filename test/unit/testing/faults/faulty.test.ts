/** The interceptor breaks what its plan says, where it says, on real sockets and in simulation. */
import t from 'tap'
import { Messenger, losslessClient, losslessServer } from '../../../../src/index.ts'
import type { Connection, MessengerOptions } from '../../../../src/index.ts'
import { FaultPlan } from '../../../../src/testing/faults/fault-plan.ts'
import type { Breakpoint } from '../../../../src/testing/faults/fault-plan.ts'
import { faulty } from '../../../../src/testing/faults/faulty.ts'
import { Simulation } from '../../../../src/testing/simulator/simulation.ts'
import { tcp } from '../../../../src/transports/tcp.ts'
import { DIALLING } from '../../../support/breakpoints.ts'

const QUICK = { backoff: { firstMs: 1, maxMs: 20 }, connectTimeoutMs: 1000 }

interface Stage {
  readonly plan: FaultPlan
  readonly connection: Connection
  readonly got: number[]
  readonly run: <T>(body: () => Promise<T>) => Promise<T>
  readonly end: () => Promise<void>
}

/** A server, and a client under a plan. */
async function overTcp(plan: FaultPlan): Promise<Stage> {
  const server = new Messenger({ name: 'mds.0', policies: { default: losslessServer() } })
  const options: MessengerOptions = { name: 'client.0', policies: { default: losslessClient(QUICK) } }
  const client = new Messenger({ ...options, transports: [faulty(tcp(), plan)] })
  const address = await server.bind('tcp://127.0.0.1:0')
  return stage(plan, server, client, address, (body) => body())
}

async function inSimulation(plan: FaultPlan, sim: Simulation): Promise<Stage> {
  const server = sim.messenger('mds.0', { policies: { default: losslessServer() } })
  const { transport, options } = sim.process('client.0')
  const policies = { default: losslessClient(QUICK) }
  const client = new Messenger({ name: 'client.0', policies, ...options, transports: [faulty(transport, plan)] })
  const address = await sim.run(() => server.bind('sim://mds.0:1'))
  return stage(plan, server, client, address, (body) => sim.run(body))
}

function stage(plan: FaultPlan, server: Messenger, client: Messenger, address: string, run: Stage['run']): Stage {
  const got: number[] = []
  server.use({ dispatch: ({ tid }) => void got.push(tid) })
  const end = async (): Promise<void> => {
    plan.clear()
    await run(() => Promise.all([client.shutdown(), server.shutdown()]))
  }
  return { plan, connection: client.connect(address), got, run, end }
}

/** Every place of an establishment and of the first message, from the client's side. */
const BREAKPOINTS: readonly Breakpoint[] = [
  'dial',
  ...DIALLING,
  'OPEN write',
  'OPENED read',
  'CONFIRM write',
  'MESSAGES write',
  'ACK read',
]

const WORLDS: Readonly<Record<string, (plan: FaultPlan) => Promise<Stage>>> = {
  tcp: overTcp,
  simulation: (plan) => inSimulation(plan, new Simulation({ seed: 3 })),
}

for (const [where, make] of Object.entries(WORLDS)) {
  t.test(`a fault at any breakpoint loses nothing (${where})`, async (t) => {
    for (const point of BREAKPOINTS) {
      const plan = new FaultPlan().at(point, 'fault')
      const { connection, got, run, end } = await make(plan)
      await run(() => connection.deliver({ type: 1, tid: 1 }))
      t.same(got, [1], point)
      t.same(plan.unhit, [], `${point} was reached`)
      t.ok(connection.dump().counters.faults >= 1, `${point} was a fault`)
      await end()
    }
  })
}

t.test('block holds the link until it is released', async (t) => {
  const plan = new FaultPlan().at('MESSAGES write', 'block')
  const { connection, got, end } = await overTcp(plan)
  const delivered = connection.deliver({ type: 1, tid: 1 })
  await plan.held('MESSAGES write')
  t.same(got, [])
  t.equal(connection.state, 'open')
  plan.release()
  await delivered
  t.same(got, [1])
  await end()
})

t.test('a stall lets the frame through and ends the link for the other side only', async (t) => {
  const plan = new FaultPlan().at('MESSAGES write', 'stall')
  const { connection, got, end } = await overTcp(plan)
  connection.send({ type: 1, tid: 1 })
  await plan.held()
  t.equal(connection.state, 'open')
  plan.release()
  await connection.deliver({ type: 1, tid: 2 })
  t.same(got, [1, 2])
  t.equal(connection.dump().counters.faults, 1)
  await end()
})

t.test('the n-th occurrence is meant, and a plan may change while it is used', async (t) => {
  const plan = new FaultPlan()
  const { connection, got, end } = await overTcp(plan)
  await connection.deliver({ type: 1, tid: 1 })
  plan.at('MESSAGES write', 'fault', { nth: 2 })
  await connection.deliver({ type: 1, tid: 2 })
  t.equal(connection.dump().counters.faults, 0)
  await connection.deliver({ type: 1, tid: 3 })
  t.equal(connection.dump().counters.faults, 1)
  t.same(got, [1, 2, 3])
  await end()
})

t.test('faults by chance come, and nothing is lost', async (t) => {
  const sim = new Simulation({ seed: 4 })
  const plan = new FaultPlan({ seed: 4, clock: sim.clock })
  plan.sometimes({ failEvery: 20, delayProbability: 0.2, delayMaxMs: 5 })
  const { connection, got, run, end } = await inSimulation(plan, sim)
  await run(async () => {
    for (let tid = 0; tid < 100; tid++) await connection.deliver({ type: 1, tid })
  })
  t.same(
    got,
    Array.from({ length: 100 }, (_, tid) => tid),
  )
  t.ok(connection.dump().counters.faults > 3)
  await end()
})
