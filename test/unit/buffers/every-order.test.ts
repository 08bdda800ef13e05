/**
 * Every order in which a small registry can be used: nothing moves behind the fence, every fence comes, and nothing is counted wrong.
 *
 * `INKWIRE_BUFFER_STATES=Infinity` looks at all states of these plans; `npm run model -- --only buffers` at the larger plans, whole.
 */
import t from 'tap'
import { Registry } from '../../../src/buffers/machine/registry.ts'
import { SMALL_BUFFER_PLANS } from '../../../src/testing/model/buffers/plans.ts'
import { BufferSearch } from '../../../src/testing/model/buffers/search.ts'

const STATES = Number(process.env['INKWIRE_BUFFER_STATES'] ?? 1700)
for (const plan of SMALL_BUFFER_PLANS) {
  t.test(`every order of ${plan.name}`, (t) => {
    const { states, edges, depth, complete, violation } = new BufferSearch(plan).run(STATES)
    t.equal(violation, null, violation ?? '')
    t.comment(`${states} states, ${edges} edges, depth ${depth}, ${complete ? 'whole' : 'cut short'}`)
    t.ok(complete || states >= STATES, `${states} states`)
    t.end()
  })
}

t.test('a planted bug is found, with the way to it', (t) => {
  const healthy = Reflect.get(Registry.prototype, 'end')
  t.teardown(() => {
    Registry.prototype.end = healthy
  })
  // The fence that waited for this chunk is forgotten.
  Registry.prototype.end = function (transfer, nowMs) {
    healthy.call(this, transfer, nowMs)
    return []
  }
  const { violation } = new BufferSearch(SMALL_BUFFER_PLANS[0]!).run()
  t.equal(violation, 'register, open 1 osd.1, begin 0: a buffer was never fenced')
  t.end()
})
