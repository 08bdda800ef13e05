/** What both ends count is held against each other: each test takes a run at rest and makes one number wrong. */
import t from 'tap'
import { losslessClient, losslessServer } from '../../../../src/index.ts'
import { check, report } from '../../../../src/testing/laws/check.ts'
import { History } from '../../../../src/testing/laws/history.ts'
import type { RecordedEnd } from '../../../../src/testing/laws/recorded.ts'
import { Simulation } from '../../../../src/testing/simulator/simulation.ts'
import type { RecordedRun } from '../../../../src/testing/laws/violation.ts'

async function restedRun(): Promise<RecordedRun> {
  const sim = new Simulation({ seed: 1 })
  const history = new History()
  const window = { messages: 8, bytes: 1000 }
  const server = history.attach(sim.messenger('mds.0', { policies: { default: losslessServer({ window }) } }))
  const client = history.attach(sim.messenger('client.0', { policies: { default: losslessClient({ window }) } }))
  server.use({ dispatch: () => undefined })
  await sim.run(async () => {
    await server.bind('sim://mds.0:1')
    const connection = client.connect('sim://mds.0:1')
    for (let tid = 1; tid < 30; tid++) connection.send({ type: 1, tid, data: `message ${tid}` })
    await connection.deliver({ type: 1, tid: 30 })
    await sim.clock.sleep(100)
  })
  const { nodes, connections, events, ends } = history
  return { nodes, connections, events, ends }
}

/** The run with one end of its session changed: 0 the client's, 1 the server's. */
function violations(run: RecordedRun, which: 0 | 1, edit: (end: RecordedEnd) => Partial<RecordedEnd>): string {
  const role = ['client.0', 'mds.0'][which]
  const ends = run.ends?.map((end) => {
    const own = run.nodes[run.connections[end.on]?.node ?? -1]?.name === role
    return own ? { ...end, ...edit(end) } : end
  })
  return report(check({ ...run, ...(ends && { ends }) }, { settled: true }))
}

const firstLane = (change: Partial<RecordedEnd['lanes'][number]>) => (end: RecordedEnd) => ({
  lanes: end.lanes.map((lane) => (lane.tail + lane.inReceived > 0 ? { ...lane, ...change } : lane)),
})

t.test('a run at rest has two ends that agree', async (t) => {
  const run = await restedRun()
  t.equal(run.ends?.filter(({ open }) => open).length, 2)
  t.equal(report(check(run, { settled: true })), '')
})

t.test('ends that do not agree are found', async (t) => {
  const run = await restedRun()
  t.match(violations(run, 0, firstLane({ tail: 31 })), /L2: client\.0: lane \d sent 31 messages, and 30 came/)
  t.match(violations(run, 1, firstLane({ inReceived: 29 })), /L2: client\.0: lane \d sent 30 messages, and 29 came/)
  t.match(violations(run, 1, firstLane({ inProcessed: 29 })), /L7: client\.0: .* believes in 30 handled messages/)
  const credit = (messages: number, bytes: number) => () => ({ creditFree: { messages, bytes } })
  t.match(violations(run, 0, credit(9, 1000)), /L9: client\.0: it may send 9 messages, and the other end expects/)
  const both = (messages: number) => {
    const ends = run.ends?.map((end) => {
      const budget = { messages, bytes: 1000 }
      return { ...end, creditFree: budget, creditGranted: budget }
    })
    return report(check({ ...run, ...(ends && { ends }) }, { settled: true }))
  }
  t.match(both(9), /L9: .* more than the window of 8/)
  t.match(both(6), /L9: .* the rest leaked/)
  t.equal(both(7), '', 'less than a quarter of the window is not worth telling')
})

t.test('ends that have not come to rest are not compared', async (t) => {
  const run = await restedRun()
  const busy = violations(run, 0, (end) => ({ ...firstLane({ tail: 31 })(end), queuedMessages: 1 }))
  t.equal(busy, '')
})
