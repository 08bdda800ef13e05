/** As a reader of docs/TESTING.md would write it: a replicated counter that forgets what a reset hands back, and its test. */
import t from 'tap'
import { Messenger, losslessClient, losslessServer } from '../../src/index.ts'
import type { MessengerOptions } from '../../src/index.ts'
import { History, Simulation, check, report } from '../../src/testing/index.ts'

type Options = Pick<MessengerOptions, 'transports' | 'runtime'>

function replica(options: Options) {
  const messenger = new Messenger({ name: 'mds.0', policies: { default: losslessServer() }, ...options })
  const replica = { messenger, value: 0 }
  messenger.use({
    dispatch: () => {
      replica.value++
    },
  })
  return replica
}

function counter(options: Options, careful: boolean) {
  const messenger = new Messenger({ name: 'client.0', policies: { default: losslessClient() }, ...options })
  const connection = () => messenger.connect('sim://mds.0:1')
  const add = () => void connection().send({ type: 1 })
  // The bug: what a reset hands back as undelivered was never counted there, and nobody sends it again.
  messenger.use({ onRemoteReset: (_, { undelivered }) => (careful ? undelivered.forEach(add) : undefined) })
  return { messenger, add }
}

// The user's test begins here.
async function differs(seed: number, careful: boolean): Promise<{ differs: boolean; laws: string }> {
  const sim = new Simulation({ seed })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const there = replica(sim.process('mds.0').options)
  const here = counter(sim.process('client.0').options, careful)
  for (const { messenger } of [there, here]) history.attach(messenger)
  let unknown = 0
  here.messenger.use({ onRemoteReset: (_, outcome) => void (unknown += outcome.unknown.length) })
  await sim.run(async () => {
    await there.messenger.bind('sim://mds.0:1')
    for (let count = 0; count < 20; count++) {
      here.add()
      await sim.clock.sleep(sim.random.between(0, 2))
      if (sim.random.chance(0.2)) sim.network.cut('client.0', 'mds.0')
      for (const one of there.messenger.connections) if (sim.random.chance(0.1)) one.markDown()
    }
  })
  await sim.clock.advance(60_000)
  const lost = 20 - there.value
  return { differs: lost < 0 || lost > unknown, laws: report(check(history, { settled: true })) }
}

t.test('a lost update is found by one of the first seeds; without the bug there is none', async (t) => {
  let found = 0
  for (let seed = 1; seed <= 20; seed++) {
    found += (await differs(seed, false)).differs ? 1 : 0
    t.strictSame(await differs(seed, true), { differs: false, laws: '' }, `seed ${seed}`)
  }
  t.ok(found > 0, `${found} of 20 seeds find it`)
})
