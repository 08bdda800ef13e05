/** What hybrid logical time costs (HL-6: at most 200 ns a stamp): one that is made, and one of a peer that is followed. */
import { nodeRuntime } from '../../src/messenger/runtime.ts'
import { Stamps } from '../../src/messenger/stamps.ts'
import { HybridClock, MAX_DRIFT_MS } from '../../src/wire/hlc.ts'
import type { Suite } from './suite.ts'

const RUN = 64

export function stampSuite(): Suite {
  const clock = new HybridClock()
  let nowMs = Date.now()
  const stamps = new Stamps(new HybridClock(), nodeRuntime.clock, undefined, MAX_DRIFT_MS, () => {})
  return {
    name: 'stamps',
    cases: [
      {
        name: 'make one',
        operations: RUN,
        run() {
          for (let index = 0; index < RUN; index++) clock.tick((nowMs += 0.01))
        },
      },
      {
        name: 'follow one of a peer',
        operations: RUN,
        run() {
          for (let index = 0; index < RUN; index++) clock.merge(clock.ms, clock.counter, (nowMs += 0.01))
        },
      },
      { name: 'now() of a messenger, with the time of day', run: () => stamps.now() },
    ],
  }
}
