/**
 * The two tests of crimson's suite that inject nothing: ping-pong of two clients with two servers, and a shutdown of
 * both sides in the middle of traffic.
 */
import t from 'tap'
import { losslessClient, losslessServer } from '../../../src/index.ts'
import type { Messenger } from '../../../src/index.ts'
import { History, Simulation, check, report } from '../../../src/testing/index.ts'

const ROUNDS = 512

/** Answers every message with its like. */
function echo(messenger: Messenger): Messenger {
  messenger.use({
    dispatch: ({ tid }, connection) => {
      connection.send({ type: 2, tid })
    },
  })
  return messenger
}

t.test('test_echo', async (t) => {
  const sim = new Simulation({ seed: 'test_echo' })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const servers = ['osd.0', 'osd.1'].map((name) =>
    echo(history.attach(sim.messenger(name, { policies: { default: losslessServer() } }))),
  )
  for (const server of servers) await sim.run(() => server.bind(`sim://${server.name}:1`))
  const clients = ['client.0', 'client.1'].map((name) =>
    history.attach(sim.messenger(name, { policies: { default: losslessClient() } })),
  )
  let finished = 0
  for (const client of clients) {
    client.use({
      dispatch({ tid }, connection) {
        if (tid < ROUNDS) connection.send({ type: 1, tid: tid + 1 })
        else finished++
      },
    })
    for (const { name } of servers) client.connect(`sim://${name}:1`).send({ type: 1, tid: 1 })
  }
  t.ok(await sim.clock.until(() => finished === 4, 10_000), 'all rounds are through')
  await sim.run(() => Promise.all([...clients, ...servers].map((one) => one.shutdown())))
  t.equal(report(check(history, { settled: true })), '')
})

for (const [first, second] of [
  ['client.0', 'osd.0'],
  ['osd.0', 'client.0'],
] as const) {
  t.test(`test_preemptive_shutdown [${first} before ${second}]`, async (t) => {
    const sim = new Simulation({ seed: 'test_preemptive_shutdown' })
    const history = new History({ nowMs: () => sim.clock.nowMs() })
    const server = echo(history.attach(sim.messenger('osd.0', { policies: { default: losslessServer() } })))
    const client = history.attach(sim.messenger('client.0', { policies: { default: losslessClient() } }))
    await sim.run(() => server.bind('sim://osd.0:1'))
    const answers: number[] = []
    client.use({ dispatch: ({ tid }) => void answers.push(tid) })
    const connection = client.connect('sim://osd.0:1')
    for (let tid = 1; tid <= 1000; tid++) connection.send({ type: 1, tid })
    t.ok(await sim.clock.until(() => answers.length > 0, 10_000), 'traffic is under way')
    const inOrder = first === 'osd.0' ? [server, client] : [client, server]
    await sim.run(() => Promise.all(inOrder.map((one) => one.shutdown())))
    t.strictSame([...client.connections, ...server.connections], [])
    t.equal(report(check(history, { settled: true })), '')
  })
}
