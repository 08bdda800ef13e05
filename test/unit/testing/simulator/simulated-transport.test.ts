/** The simulated network keeps the contract of transports, in virtual time and in the worst of moods. */
import t from 'tap'
import type { Test } from 'tap'
import { seededRandom } from '../../../../src/testing/simulator/random.ts'
import { SimulatedNetwork } from '../../../../src/testing/simulator/simulated-network.ts'
import { transportConformance } from '../../../../src/testing/conformance/transport-conformance.ts'
import { VirtualClock } from '../../../../src/testing/simulator/virtual-clock.ts'

function suite(test: Test, seed: number, prefixProbability: number): void {
  let clock = new VirtualClock()
  transportConformance(
    { test: (name, run) => test.test(name, () => ((clock = new VirtualClock()), clock.drive(run()))) },
    {
      make: ({ closeTimeoutMs }) => {
        const conditions = { latencyMinMs: 0.5, latencyMeanMs: 2, prefixProbability }
        const random = seededRandom(seed)
        return new SimulatedNetwork({ clock, random, conditions, closeTimeoutMs }).transport('host-1')
      },
      address: () => 'sim://host-1:0',
    },
  )
}

t.test('with whole deliveries', async (t) => suite(t, 1, 0))
t.test('with deliveries that stop at any byte', async (t) => suite(t, 2, 0.3))
