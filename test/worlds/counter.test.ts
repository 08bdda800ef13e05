/** The example of docs/TESTING.md: a replicated counter with a bug, and the test that catches it. */
import t from 'tap'
import { Messenger, peer } from '../../src/index.ts'
import type { MessengerOptions } from '../../src/index.ts'
import { History, Simulation, check, report } from '../../src/testing/index.ts'

class Counter {
  value = 0
  readonly messenger: Messenger
  constructor(name: string, options: Pick<MessengerOptions, 'transports' | 'runtime'>) {
    this.messenger = new Messenger({ name, policies: { default: peer() }, ...options })
    this.messenger.use({ dispatch: () => (this.value++, undefined) })
  }
  async add(to: string): Promise<void> {
    this.value++
    // The bug: a message whose outcome is unknown may have been counted already, and is sent again.
    while (!(await this.#sent(to))) await Promise.resolve()
  }
  #sent(to: string): Promise<boolean> {
    const done = this.messenger.connect(to).deliver({ type: 1 })
    return done.then(
      () => true,
      () => false,
    )
  }
}

async function countWith(seed: number): Promise<{ here: number; there: number; laws: string }> {
  const sim = new Simulation({ seed })
  const history = new History({ nowMs: () => sim.clock.nowMs() })
  const [a, b] = ['osd.0', 'osd.1'].map((name) => new Counter(name, sim.process(name).options)) as [Counter, Counter]
  history.attach(a.messenger)
  history.attach(b.messenger)
  await sim.run(async () => {
    await b.messenger.bind('sim://osd.1:1')
    for (let count = 0; count < 10; count++) {
      const added = a.add('sim://osd.1:1')
      await sim.clock.sleep(sim.random.between(0, 1))
      // A cable is pulled, and an operator resets the connection at a bad moment.
      if (sim.random.chance(0.3)) sim.network.silence()
      for (const connection of b.messenger.connections) if (sim.random.chance(0.3)) connection.markDown()
      await added
    }
  })
  return { here: a.value, there: b.value, laws: report(check(history)) }
}

t.test('the bug is found by one of the first seeds, and the messenger is not to blame', async (t) => {
  const runs = await Promise.all(Array.from({ length: 30 }, (_, seed) => countWith(seed)))
  t.ok(
    runs.some(({ here, there }) => here !== there),
    'two counters differ',
  )
  for (const { laws } of runs) t.equal(laws, '')
})
