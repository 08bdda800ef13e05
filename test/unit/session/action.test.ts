/** What a session wants done, what of it is void by its turn, and what it makes of itself when nothing happens. */
import t from 'tap'
import { isEnding, isLeaving, isVoid } from '../../../src/session/action.ts'
import type { Action } from '../../../src/session/action.ts'
import type { SessionEvent } from '../../../src/session/event.ts'
import { lossy } from '../../../src/policies/lossy.ts'
import { peer } from '../../../src/policies/peer.ts'
import { Session } from '../../../src/session/session.ts'
import { HybridClock } from '../../../src/wire/hlc.ts'
import { outbound } from './samples.ts'
import { carry, handle, make, only, open, pathOf } from './two-sessions.ts'

const END: SessionEvent = { type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'down' }
const CLOSE: SessionEvent = { type: 'close', deadlineMs: 1 }
const lost = (link: number): SessionEvent => ({ type: 'fault', link, reason: 'cut' })

const begun = (how: 'dialled' | 'accepted' | 'resumed'): Action => ({ type: 'begun', link: 1, how, replayed: 0 })
const ADOPT: Action = { type: 'adopt', link: 1, continues: false }

t.test('what was ended dials and adopts nothing, what is closed begins nothing that its caller hears of', (t) => {
  const dial = only(handle(make('1'), { type: 'connect' }), 'dial')
  const cases: [Action, ended: boolean, closed: boolean][] = [
    [dial, true, false],
    [ADOPT, true, false],
    [begun('dialled'), true, true],
    [begun('accepted'), true, true],
    [begun('resumed'), true, false],
    [{ type: 'displace' }, false, false],
    [{ type: 'drop', link: 1, cause: 'end', reason: 'closed' }, false, false],
  ]
  for (const [action, ended, closed] of cases) {
    t.notOk(isVoid(action, []), action.type)
    t.notOk(isVoid(action, [{ type: 'work' }]), action.type)
    t.equal(isVoid(action, [{ type: 'work' }, END]), ended, `${action.type} after an end`)
    t.equal(isVoid(action, [CLOSE]), closed, `${action.type} after close()`)
  }
  t.strictSame([isEnding([CLOSE]), isLeaving([CLOSE]), isEnding([END]), isLeaving([END])], [false, true, true, true])
  t.end()
})

t.test('a link that is lost meanwhile carries nothing, and another one is another one', (t) => {
  for (const action of [ADOPT, begun('dialled'), begun('resumed')]) {
    t.ok(isVoid(action, [lost(1)]), action.type)
    t.notOk(isVoid(action, [lost(2)]), action.type)
  }
  t.end()
})

t.test('a session that is closing is done when nothing is left to do, and no handler runs', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  t.equal(a.due(false), null, 'who is not closing is never done')
  t.notOk(a.isUseful)
  a.outbound.enqueue(outbound())
  t.ok(a.isUseful)
  handle(a, { type: 'close', deadlineMs: 1000 })
  t.equal(a.due(false), null, 'a message is not acked')
  carry(a, b)
  t.ok(b.isUseful)
  pathOf(a).marks(1, 1, 1)
  t.equal(a.due(true), null, 'a handler may still answer')
  t.strictSame(a.due(false), { type: 'drained' })
  only(handle(a, { type: 'drained' }), 'goodbye')
  t.equal(a.due(false), null, 'it has said goodbye already')
  t.end()
})

t.test('a session whose peer waits for bytes that are gone cannot go on', (t) => {
  const [a, b] = [make('1'), make('2', {}, 'responder')]
  open(a, b)
  a.outbound.isSpoiled = true
  t.match(a.due(true), { type: 'markDown', cause: 'fault', code: 'INK_RESET' })
  t.end()
})

t.test('only a lossy session that was accepted ends the one before it', (t) => {
  const displacing = (policy: typeof lossy | typeof peer): boolean[] => {
    const made = (role: 'initiator' | 'responder') =>
      new Session({ ...make('1').config, policy: policy(), role, self: role }, new HybridClock())
    const [a, b] = [made('initiator'), made('responder')]
    const { link, offer } = only(handle(a, { type: 'connect' }), 'dial')
    const offered = { type: 'offer', link: 1000, instance: 'A', offer, replaced: false } as const
    const { answer } = only(handle(b, offered), 'answer')
    const adopted = [
      handle(a, { type: 'opened', link, instance: 'B', answer }),
      handle(b, { type: 'confirmed', link: 1000 }),
    ]
    return adopted.map((actions) => actions.some(({ type }) => type === 'displace'))
  }
  t.strictSame(displacing(lossy), [false, true])
  t.strictSame(displacing(peer), [false, false])
  t.end()
})
