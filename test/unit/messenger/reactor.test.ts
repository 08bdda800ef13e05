/** The control plane: one event after the other, whoever posts from where. */
import t from 'tap'
import { Reactor } from '../../../src/messenger/reactor.ts'
import { peer } from '../../../src/policies/peer.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import { Session } from '../../../src/session/session.ts'
import type { Action } from '../../../src/session/action.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'

function setUp(perform: (action: Action, reactor: Reactor) => void = () => undefined) {
  const config = { policy: peer(), role: 'initiator', channel: 0, self: 'aa', runs: LIMITS, acks: LIMITS } as const
  const session = new Session({ ...config, ...LIMITS }, new HybridClock(LIMITS.maxDriftMs))
  let links = 0
  const input = () => ({ nowMs: 0, random: 0, freshId: 'f'.repeat(32), freshLink: ++links, canDial: true })
  const reactor: Reactor = new Reactor(session, { input, perform: (action) => perform(action, reactor) })
  return { session, reactor }
}

t.test('an event becomes actions and states', (t) => {
  const actions: string[] = []
  const states: string[] = []
  const { reactor, session } = setUp((action) => actions.push(action.type))
  reactor.state$.subscribe((state) => states.push(state))
  reactor.post({ type: 'connect' })
  reactor.post({ type: 'connect' })
  t.strictSame(actions, ['dial'])
  t.strictSame(states, ['idle', 'connecting'], 'a state that stays is told once')
  t.equal(session.machine.state.name, 'connecting')
  t.end()
})

t.test('what is posted while an event is handled waits for its turn', (t) => {
  const order: string[] = []
  const { reactor } = setUp((action, reactor) => {
    order.push(action.type)
    if (action.type !== 'dial') return
    reactor.post({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'from inside' })
    order.push('posted')
  })
  const states: string[] = []
  reactor.state$.subscribe((state) => states.push(state))
  reactor.post({ type: 'connect' })
  t.strictSame(order, ['dial', 'posted', 'drop', 'closed'])
  t.strictSame(states, ['idle', 'closed'], 'who has ended it sees nothing else before that')
  t.end()
})

t.test('a late subscriber hears of the state of now', (t) => {
  const { reactor } = setUp()
  reactor.post({ type: 'connect' })
  const states: string[] = []
  reactor.state$.subscribe((state) => states.push(state))
  t.strictSame(states, ['connecting'])
  t.end()
})

t.test('after the end nothing is handled, and the stream is complete', (t) => {
  const { reactor } = setUp((_action, reactor) => {
    reactor.post({ type: 'work' })
    reactor.complete()
  })
  const states: string[] = []
  reactor.state$.subscribe({ next: (state) => states.push(state), complete: () => states.push('|') })
  reactor.post({ type: 'connect' })
  reactor.post({ type: 'connect' })
  t.strictSame(states, ['idle', 'closed', '|'])
  t.end()
})
