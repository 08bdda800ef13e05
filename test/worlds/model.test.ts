/** The model checker over small bounds, and that it finds what is broken on purpose. `npm run model` checks more. */
import t from 'tap'
import { arbitrate as nativeArbitrate } from '../../src/session/arbitration.ts'
import { Outbound } from '../../src/session/outbound.ts'
import { Parting } from '../../src/session/path/parting.ts'
import { Path } from '../../src/session/path/path.ts'
import type { Run } from '../../src/session/path/run.ts'
import { Runs } from '../../src/session/path/runs.ts'
import { SendCredit } from '../../src/session/path/send-credit.ts'
import { Endpoint } from '../../src/session/endpoint/endpoint.ts'
import type { Member } from '../../src/session/endpoint/member.ts'
import { InLane } from '../../src/session/in-lane.ts'
import { Inbound } from '../../src/session/inbound.ts'
import { Verdicts } from '../../src/session/verdicts.ts'
import { Checker } from '../../src/testing/model/checker.ts'
import { MSGR2 } from '../../src/testing/model/msgr2-model.ts'
import { clientServer, haunted, narrowClient, peers, says } from '../../src/testing/model/scenarios.ts'
import { SMALL_PLANS } from '../../src/testing/model/plans.ts'
import type { ModelFrames, ModelProtocol, Plan } from '../../src/testing/model/plan.ts'
import type { Arbitrate } from '../../src/wire/arriving-link.ts'
import type { Marks } from '../../src/wire/wire.ts'

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
  const found = (...bugs: [host: object, method: string, planted: () => unknown][]): string => {
    const healthy = bugs.map(([host, method]): unknown => Reflect.get(host, method))
    for (const [host, method, planted] of bugs) Reflect.set(host, method, planted)
    const { violation } = new Checker(plan).run()
    bugs.forEach(([host, method], index) => Reflect.set(host, method, healthy[index]))
    return violation ?? 'nothing'
  }
  // One of them alone is made good by the other.
  const silent = function (this: Inbound): Marks[] {
    return this.lanes.map(() => ({ received: 0, processed: 0 }))
  }
  t.match(
    found([Inbound.prototype, 'safeMarks', silent], [InLane.prototype, 'duplicates', () => 0]),
    /L1: m0\.1 arrives twice\n +1\. connect 0/,
    'what was received is neither stated nor known again',
  )
  t.match(found([SendCredit.prototype, 'covers', () => false]), /L5: .* node 0 has work \(open\)/)
  t.end()
})

t.test(
  'a session that moves to another link loses, repeats and reorders nothing: who leaves out a part of that is found',
  (t) => {
    const bounds = { links: 2, moves: 1, connects: 1 }
    const quiet = narrowClient('planted', bounds, [5, 3])
    const hasty = narrowClient('planted', { ...bounds, timeouts: 1 }, [5, 3])
    const found = (plan: Plan, host: object, name: string, planted: PropertyDescriptor): string => {
      const healthy = Object.getOwnPropertyDescriptor(host, name) as PropertyDescriptor
      Object.defineProperty(host, name, { configurable: true, ...planted })
      const { violation } = new Checker(plan).run()
      Object.defineProperty(host, name, healthy)
      return violation ?? 'nothing'
    }
    for (const plan of [quiet, hasty]) t.equal(new Checker(plan).run().violation, null)
    const again = /L13: node 0 sends again what both sides have ended/
    t.match(found(quiet, Runs.prototype, 'isCut', { get: () => false }), again, 'END in the middle of a message')
    t.match(found(quiet, Parting.prototype, 'isParting', { get: () => false }), again, 'messages behind END')
    const believes = function (this: Outbound): Marks[] {
      return this.lanes.map(({ high, base }) => ({ received: high, processed: base }))
    }
    t.match(
      found(hasty, Outbound.prototype, 'atLeast', { value: believes }),
      /L1: node 1 refuses a run|L5: .*node 0 has work/,
      'nothing is sent again',
    )
    // The first credit on the new link comes with marks, so even what must be sent again is never sent twice.
    const duplicates = Reflect.get<InLane, 'duplicates'>(InLane.prototype, 'duplicates')
    let twice = 0
    const counted = function (this: InLane, firstSeq: number, count: number): number {
      const known = duplicates.call(this, firstSeq, count)
      if (known > 0) twice++
      return known
    }
    t.equal(found(hasty, InLane.prototype, 'duplicates', { value: counted }), 'nothing')
    t.equal(twice, 0)
    t.end()
  },
)

t.test('a message that failed is told so once, whatever links do: who leaves out a part of that is found', (t) => {
  const found = (plan: Plan, host: object, method: string, planted: unknown): string => {
    const healthy: unknown = Reflect.get(host, method)
    Reflect.set(host, method, planted)
    const { violation } = new Checker(plan).run()
    Reflect.set(host, method, healthy)
    return violation ?? 'nothing'
  }
  const plan = says(clientServer('planted', { links: 2, cuts: 1, connects: 1 }, [0, 0]), 'failing')
  t.equal(new Checker(plan).run().violation, null)
  const marks = function (this: Inbound): Marks[] {
    return this.marks()
  }
  const asAck = /L10: m0\.1 ended as acked, which is not what its handler did/
  t.match(found(plan, Inbound.prototype, 'safeMarks', marks), asAck, 'a handshake overtakes the verdict')
  const confirm = (): void => undefined
  t.match(found(plan, Verdicts.prototype, 'confirm', confirm), /L5: .*verdicts that nobody confirmed/)
  t.end()
})

t.test('a control word waits for no credit, and comes once: who lets it wait is found', (t) => {
  const plan = says(
    peers('planted', { links: 2, cuts: 1, connects: 1 }, [0, 0], { window: { messages: 1, bytes: 4 } }),
    'message',
    'word',
  )
  t.equal(new Checker(plan).run().violation, null)
  const next = Reflect.get<Path, 'next'>(Path.prototype, 'next')
  const patient = function (this: Path, ...now: Parameters<Path['next']>): Run | null {
    return this.sending.covers(1) ? next.apply(this, now) : null
  }
  Reflect.set(Path.prototype, 'next', patient)
  const { violation } = new Checker(plan).run()
  Reflect.set(Path.prototype, 'next', next)
  t.match(violation, /L9: node 0 lets 1 control words wait on an open link/)
  const take = Reflect.get<InLane, 'duplicates'>(InLane.prototype, 'duplicates')
  Reflect.set(InLane.prototype, 'duplicates', () => 0)
  const again = new Checker(plan).run().violation
  Reflect.set(InLane.prototype, 'duplicates', take)
  t.match(again, /L1|the messages of a lane are taken one after the other/)
  t.end()
})

t.test('whoever wears the instance and the address of another is found where a link is routed by them', (t) => {
  const plan = haunted(peers('impostor', { links: 2, disguises: 1 }, [1, 0]))
  const healthy = Reflect.get(Endpoint.prototype, 'meant') as Endpoint<Member>['meant']
  const meant = function (this: Endpoint<Member>): Member | undefined {
    return this.members()[0]
  }
  Reflect.set(Endpoint.prototype, 'meant', meant)
  const { violation } = new Checker(plan).run()
  Reflect.set(Endpoint.prototype, 'meant', healthy)
  t.match(violation, /L14: node \d lets osd\.9 into its session with osd\.\d/)
  t.end()
})

t.test('a protocol may ask a dialler again, on the same link', (t) => {
  const plan = peers('asked again', { links: 2, cuts: 1, connects: 2 }, [1, 0])
  let asked = 0
  const arbitrate: Arbitrate = (existing, incoming) => {
    const { best } = existing.machine
    if (incoming.offer.ballot.epoch >= best.epoch) return nativeArbitrate(existing, incoming)
    asked++
    return { kind: 'again', say: best.epoch, reason: 'too low' }
  }
  const again: ModelProtocol['again'] = (offer, say) => ({
    ...offer,
    ballot: { ...offer.ballot, epoch: (say as number) + 1 },
  })
  const healthy = new Checker({ ...plan, protocol: { arbitrate, again } }).run()
  t.equal(healthy.violation, null)
  t.ok(healthy.complete && asked > 20, `${healthy.states} states, ${asked} asked again`)
  const givesUp = new Checker({ ...plan, protocol: { arbitrate, again: () => null } }).run()
  t.equal(givesUp.violation, null, 'whoever gives the link up dials anew')
  t.end()
})

t.test("Ceph's protocol needs a sign before a link is adopted, and to know what was heard since", (t) => {
  const frames = MSGR2.frames as ModelFrames
  const without = (plan: Plan, changes: Partial<ModelFrames>): string => {
    const protocol = { ...MSGR2, frames: { ...frames, ...changes } }
    return new Checker({ ...plan, protocol }).run().violation ?? 'nothing'
  }
  const unsigned = { awaitsSign: () => false }
  t.match(
    without(peers('both dial', { links: 2, cuts: 1 }, [1, 0]), unsigned),
    /L2\/L4: node 1 loses a session without crash, .*: the peer has lost the session/,
  )
  const deaf: Partial<ModelFrames> = { meet: (asked, pending) => frames.meet(asked, pending, () => null) }
  t.match(
    without(clientServer('crash', { links: 2, cuts: 1, crashes: 1 }, [1, 0]), deaf),
    /L5: no rest after 600 steps: node 0 is connecting/,
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
