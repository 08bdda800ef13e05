/**
 * Random runs of the group machine that ships, and of copies of it with a mistake in them.
 *
 * `INKWIRE_GROUP_SEEDS=5000` searches more; `npm run soak:groups` for as long as you like.
 */
import { join } from 'node:path'
import t from 'tap'
import { exploreGroup, explainGroup } from '../../../../src/testing/groups/explore.ts'
import { SMALL_GROUP_PLANS } from '../../../../src/testing/model/groups/plans.ts'
import { PLANTED, huntersWith, transpiled } from './planted.ts'

const SEEDS = Number(process.env['INKWIRE_GROUP_SEEDS'] ?? 40)
const base = await transpiled(join(t.testdir(), 'base'))
/** What the mistakes are looked for in: each is found in far fewer. */
const HUNT_SEEDS = 200

t.test('groups of two to nine keep the laws of virtual synchrony under every trouble', (t) => {
  let [views, messages] = [0, 0]
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = exploreGroup({ seed })
    if (run.violations.length > 0) t.fail(explainGroup(seed, run.violations))
    views += run.views
    messages += run.messages
  }
  t.ok(views > SEEDS * 10, `${views} views were entered`)
  t.ok(messages > SEEDS * 50, `${messages} messages were told`)
  t.end()
})

t.test('the same seed is the same run', (t) => {
  const [one, other] = [exploreGroup({ seed: 11 }), exploreGroup({ seed: 11 })]
  t.strictSame(one.world.history.facts, other.world.history.facts)
  t.end()
})

t.test('a copy without a mistake passes', async (t) => {
  const { exploreGroup: explore } = await huntersWith(base, join(t.testdir(), 'copy'), null)
  for (let seed = 1; seed <= 5; seed++) t.strictSame(explore({ seed }).violations, [])
})

t.test('the search of every order finds mistakes, with the shortest way to them', async (t) => {
  for (const name of ['a view is installed without the cut', 'SAFE is delivered as soon as it is here']) {
    const planted = PLANTED.find((one) => one.name === name)!
    const { GroupSearch } = await huntersWith(base, join(t.testdir(), 'copy'), planted)
    const found = SMALL_GROUP_PLANS.map((plan) => new GroupSearch(plan).run(3000).violation).find((one) => one !== null)
    t.match(found, /\n {2}\w/, `${name}: ${found?.split('\n')[0]}`)
  }
})

for (const planted of PLANTED) {
  t.test(`found: ${planted.name}`, async (t) => {
    const { exploreGroup: explore } = await huntersWith(base, join(t.testdir(), 'copy'), planted)
    const from = planted.from ?? 1
    for (let seed = from; seed < from + HUNT_SEEDS; seed++) {
      const broken = brokenBy(explore, seed)
      if (broken === null) continue
      t.pass(`seed ${seed}: ${broken}`)
      return
    }
    t.fail(`not found in ${HUNT_SEEDS} seeds`)
  })
}

/** What a run broke, be it the machine itself; null: nothing. */
function brokenBy(explore: typeof exploreGroup, seed: number): string | null {
  try {
    const [violation] = explore({ seed }).violations
    return violation === undefined ? null : `${violation.law} ${violation.text}`
  } catch (thrown) {
    return String(thrown)
  }
}
