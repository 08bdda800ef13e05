/**
 * Every order in which a caller and its server can hear what happens to a call, within small bounds, and planted bugs that this finds.
 *
 * `npm run model -- --only calls` looks at larger plans.
 */
import t from 'tap'
import { SMALL_CALL_PLANS } from '../../../src/testing/model/calls/plans.ts'
import { End } from '../../../src/testing/model/calls/end.ts'
import { CallSearch } from '../../../src/testing/model/calls/search.ts'
import { AskedPlaces } from '../../../src/transactions/machine/asked-places.ts'
import { Incoming } from '../../../src/transactions/machine/incoming.ts'

for (const plan of SMALL_CALL_PLANS) {
  t.test(`every order of ${plan.name}`, (t) => {
    const { states, edges, depth, complete, violation } = new CallSearch(plan).run()
    t.equal(violation, null, violation ?? '')
    t.ok(complete, `${states} states, ${edges} edges, depth ${depth}`)
    t.end()
  })
}

/** The first plan that finds it, and what it says. */
function found(): string {
  for (const plan of SMALL_CALL_PLANS) {
    const { violation } = new CallSearch(plan).run()
    if (violation !== null) return violation
  }
  return ''
}

t.test('a verdict without asking the handler is found, with the way to it', (t) => {
  const healthy = Reflect.get(End.prototype, 'takeWord')
  t.teardown(() => {
    End.prototype.takeWord = healthy
  })
  End.prototype.takeWord = function (word) {
    const wrong = healthy.call(this, word)
    // As if their handlers had ended.
    for (const served of this.running)
      if (served.cancel !== null)
        this.exchange.replies.fail(
          served,
          { reason: 'handler-error', code: '', detail: '', indeterminate: true, retryAfterMs: 0 },
          0,
        )
    return wrong
  }
  t.match(found(), /call 0 is cancelled, and its handler: running\n {2}ask 0 \(caller\)\n/)
  t.end()
})

t.test('credit that is lost with what is thrown away is found', (t) => {
  const healthy = Reflect.get(Incoming.prototype, 'discard')
  t.teardown(() => {
    Incoming.prototype.discard = healthy
  })
  Incoming.prototype.discard = function () {
    healthy.call(this)
    this.consumed = -1e9
  }
  t.match(found(), /call 0 waits for credit of parts that were read|call 0 was granted/)
  t.end()
})

t.test('a reply to what was cancelled that leaves its place taken is found', (t) => {
  const healthy = Reflect.get(AskedPlaces.prototype, 'end')
  t.teardown(() => {
    AskedPlaces.prototype.end = healthy
  })
  AskedPlaces.prototype.end = function (asked) {
    return asked.phase !== 'over' && healthy.call(this, asked)
  }
  t.match(found(), /places of calls are held for ever/)
  t.end()
})
