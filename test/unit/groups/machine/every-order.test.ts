/**
 * Every order in which two or three members can hear what happens, within small bounds.
 *
 * `INKWIRE_GROUP_STATES=Infinity` looks at all states of these plans; `npm run model -- --only group` at the larger plans, whole.
 */
import t from 'tap'
import { SMALL_GROUP_PLANS } from '../../../../src/testing/model/groups/plans.ts'
import { GroupSearch } from '../../../../src/testing/model/groups/search.ts'

const STATES = Number(process.env['INKWIRE_GROUP_STATES'] ?? 2000)
for (const plan of SMALL_GROUP_PLANS) {
  t.test(`every order of ${plan.name}`, (t) => {
    const { states, edges, depth, complete, violation } = new GroupSearch(plan).run(STATES)
    t.equal(violation, null, violation ?? '')
    t.comment(`${states} states, ${edges} edges, depth ${depth}`)
    t.ok(complete || states > STATES, `${states} states`)
    t.end()
  })
}
