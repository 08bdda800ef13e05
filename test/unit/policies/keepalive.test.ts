/** When a silent link is asked, and when it is dead. */
import t from 'tap'
import { keepaliveDeadline, keepaliveVerdict } from '../../../src/policies/keepalive.ts'

const KEEPALIVE = { intervalMs: 10, timeoutMs: 30 }
const OFF = { intervalMs: Infinity, timeoutMs: Infinity }

t.test('a silent peer is asked once, then given up', (t) => {
  t.equal(keepaliveVerdict(KEEPALIVE, 109, 100, 0), 'wait')
  t.equal(keepaliveVerdict(KEEPALIVE, 110, 100, 0), 'ask')
  t.equal(keepaliveVerdict(KEEPALIVE, 111, 100, 110), 'wait', 'it was asked')
  t.equal(keepaliveVerdict(KEEPALIVE, 129, 100, 110), 'wait')
  t.equal(keepaliveVerdict(KEEPALIVE, 130, 100, 110), 'dead')
  t.equal(keepaliveVerdict(KEEPALIVE, 130, 120, 110), 'ask', 'it was heard after it was asked')
  t.end()
})

t.test('the next look is when the verdict can change', (t) => {
  t.equal(keepaliveDeadline(KEEPALIVE, 100, 0), 110)
  t.equal(keepaliveDeadline(KEEPALIVE, 100, 110), 130)
  t.equal(keepaliveVerdict(KEEPALIVE, keepaliveDeadline(KEEPALIVE, 100, 0), 100, 0), 'ask')
  t.equal(keepaliveVerdict(KEEPALIVE, keepaliveDeadline(KEEPALIVE, 100, 110), 100, 110), 'dead')
  t.end()
})

t.test('who looks too late asks first, and then waits as long as ever', (t) => {
  t.equal(keepaliveVerdict(KEEPALIVE, 500, 100, 0), 'ask', 'it stood still itself')
  t.equal(keepaliveVerdict(KEEPALIVE, 519, 100, 500), 'wait')
  t.equal(keepaliveVerdict(KEEPALIVE, 520, 100, 500), 'dead')
  t.equal(keepaliveDeadline(KEEPALIVE, 100, 500), 520)
  t.end()
})

t.test('switched off, it never asks and never gives up', (t) => {
  t.equal(keepaliveVerdict(OFF, 1e15, 0, 0), 'wait')
  t.equal(keepaliveDeadline(OFF, 0, 0), Infinity)
  t.end()
})
