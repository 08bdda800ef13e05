/** The model checker over small bounds, and that it finds what is broken on purpose. `npm run model` checks more. */
import t from 'tap'
import { SendCredit } from '../../src/session/credit.ts'
import { InLane } from '../../src/session/in-lane.ts'
import { Checker } from '../../src/testing/model/check.ts'
import { SMALL_PLANS, clientServer, peers } from '../../src/testing/model/scenarios.ts'

t.test('every state within the bounds holds to every law', (t) => {
  for (const plan of SMALL_PLANS) {
    const { states, edges, depth, complete, violation } = new Checker(plan).run()
    t.ok(complete && violation === null, violation ?? plan.name)
    t.comment(`${plan.name}: ${states} states, ${edges} edges, depth ${depth}`)
    t.ok(states > 100, `${plan.name}: ${states} states`)
  }
  t.end()
})

t.test('planted bugs are found, with the way to them', (t) => {
  const plan = clientServer('planted', { links: 2, cuts: 1, connects: 1 }, [2, 0])
  const found = (host: object, method: string, planted: () => unknown): string => {
    const healthy: unknown = Reflect.get(host, method)
    Reflect.set(host, method, planted)
    const { violation } = new Checker(plan).run()
    Reflect.set(host, method, healthy)
    return violation ?? 'nothing'
  }
  t.match(
    found(InLane.prototype, 'duplicates', () => 0),
    /L1: m0\.1 arrives twice\n +1\. connect 0/,
  )
  t.match(
    found(SendCredit.prototype, 'covers', () => false),
    /L5: .* node 0 has work \(open\)/,
  )
  t.end()
})

t.test('a search can be stopped, and says so', (t) => {
  const { complete, states, violation } = new Checker(peers('stopped', { links: 3, cuts: 2 }, [2, 2])).run(500)
  t.notOk(complete)
  t.equal(violation, null)
  t.ok(states >= 500)
  t.end()
})
