/** Every order in which calls that are to run once can be asked, lost and asked again, within small bounds; and planted bugs that this finds. */
import t from 'tap'
import { SMALL_ONCE_PLANS } from '../../../src/testing/model/once/plans.ts'
import { OnceSearch } from '../../../src/testing/model/once/search.ts'
import { Outcomes } from '../../../src/transactions/machine/outcomes.ts'
import { Tickets } from '../../../src/transactions/machine/tickets.ts'

for (const plan of SMALL_ONCE_PLANS) {
  t.test(`every order of ${plan.name}`, (t) => {
    const { states, edges, depth, complete, violation } = new OnceSearch(plan).run()
    t.equal(violation, null, violation ?? '')
    t.ok(complete, `${states} states, ${edges} edges, depth ${depth}`)
    t.end()
  })
}

/** The first plan that finds it, and what it says. */
function found(): string {
  return SMALL_ONCE_PLANS.map((plan) => new OnceSearch(plan).run().violation).find((wrong) => wrong !== null) ?? ''
}

t.test('a server that knows an attempt by itself alone runs it again', (t) => {
  const healthy = Reflect.get(Outcomes.prototype, 'arrived')
  t.teardown(() => {
    Outcomes.prototype.arrived = healthy
  })
  let last = 0
  Outcomes.prototype.arrived = function (name, attempt, ...rest) {
    return healthy.call(this, `${name} ${last++}`, attempt, ...rest)
  }
  t.match(found(), /call 0 runs 2 times/)
  t.end()
})

t.test('a caller who asks the next process what may have run at the last one has it run again', (t) => {
  const healthy = Reflect.get(Tickets.prototype, 'note')
  t.teardown(() => {
    Tickets.prototype.note = healthy
  })
  Tickets.prototype.note = function (ticket, ...rest) {
    return healthy.call(this, Object.assign(ticket, { mayHaveRun: false }), ...rest)
  }
  t.match(found(), /call 0 runs 2 times/)
  t.end()
})
