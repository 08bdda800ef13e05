/**
 * Random worlds, one per seed: whatever policies, limits and faults meet, every law holds.
 *
 * A failure prints the story and the command that replays it. Seeds that found a bug stay in the list for good.
 */
import t from 'tap'
import { drawPlan } from '../../src/testing/swarm/draw.ts'
import { simulate } from '../../src/testing/swarm/simulate.ts'
import { explain } from '../../src/testing/swarm/report.ts'

const SEEDS = 200

/** What each of these found is told by the commit that added it. Nothing else was drawn then. */
const AS_IT_WAS = { hostile: false, large: false, oneSided: false, calls: false, paths: false }

const REGRESSIONS = [4282, 261, 425, 433, 660, 717, 954, 1658, 1833, 2053, 3_001_246, 3_002_770, 5_000_135]

t.test('worlds have what they are to have', (t) => {
  const plans = Array.from({ length: SEEDS }, (_, index) => drawPlan(index + 1))
  const count = (has: (plan: (typeof plans)[number]) => boolean): number => plans.filter(has).length
  t.ok(count(({ hostile }) => hostile !== null) >= 30, 'hostile peers')
  t.ok(count(({ hostile }) => hostile?.proof === 'none') >= 10, 'that nobody asks for a proof')
  t.ok(
    count(({ operations }) => operations.some((one) => 'bytes' in one && one.bytes >= 150_000)) >= 20,
    'large messages',
  )
  t.ok(count(({ faults }) => faults.some(({ kind }) => kind === 'cutOneSide')) >= 10, 'cuts that one side hears of')
  t.ok(count(({ calls }) => calls.length > 0) >= 30, 'calls')
  const moves = count(({ paths }) => paths !== null && paths.switches.length >= 10)
  t.ok(moves >= 30, 'sessions that go to another network and back')
  t.ok(count(({ faults }) => faults.some(({ kind }) => kind === 'readdress')) >= 10, 'nodes that move')
  t.ok(count(({ paths }) => paths?.standby === true) >= 15, 'links that are kept ready')
  t.strictSame(
    plans.map(({ seed }) => drawPlan(seed, AS_IT_WAS).nodes),
    plans.map(({ nodes }) => nodes),
    'and are else as they were',
  )
  t.end()
})

t.test('every law holds in random worlds', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = await simulate(seed)
    if (run.violations.length > 0) t.fail(explain(run))
  }
})

/** The same, of worlds with all that was drawn by then; those up to SEEDS are run anyhow. */
const LATER_REGRESSIONS = [396, 2067]

for (const seed of LATER_REGRESSIONS) {
  t.test(`seed ${seed} found a fault, with all that was drawn then`, async (t) => {
    const run = await simulate(drawPlan(seed, { paths: false }))
    t.equal(run.violations.length, 0, explain(run))
  })
}

for (const seed of REGRESSIONS) {
  t.test(`seed ${seed} found a bug once`, async (t) => {
    const run = await simulate(drawPlan(seed, AS_IT_WAS))
    t.equal(run.violations.length, 0, explain(run))
  })
}
