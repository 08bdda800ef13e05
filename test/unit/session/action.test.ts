/** What is left to do of an event, when whoever was called for its first actions has changed the world. */
import t from 'tap'
import { isEnding, isLeaving, isVoid } from '../../../src/session/action.ts'
import type { Action } from '../../../src/session/action.ts'
import type { SessionEvent } from '../../../src/session/machine.ts'
import { only, handle, make } from './two-sessions.ts'

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
