/** Callers who wait are told once, and leave nothing behind. */
import { getEventListeners } from 'node:events'
import t from 'tap'
import { InkwireError } from '../../../src/common/errors.ts'
import { Waiters } from '../../../src/messenger/waiters.ts'

t.test('all who wait are told alike', async (t) => {
  const waiters = new Waiters()
  const good = [waiters.wait('drained()', undefined), waiters.wait('drained()', undefined)]
  t.equal(waiters.size, 2)
  waiters.resolveAll()
  t.strictSame(await Promise.all(good), [undefined, undefined])
  const bad = waiters.wait('drained()', undefined)
  waiters.rejectAll(new InkwireError('INK_CLOSED', 'closed'))
  await t.rejects(bad, { code: 'INK_CLOSED' })
  t.equal(waiters.size, 0)
})

t.test('a signal ends the wait of its caller only', async (t) => {
  const waiters = new Waiters()
  const controller = new AbortController()
  const impatient = waiters.wait('drained()', controller.signal)
  const patient = waiters.wait('drained()', new AbortController().signal)
  controller.abort('enough')
  await t.rejects(impatient, { code: 'INK_ABORTED', message: /drained\(\) was aborted/, cause: 'enough' })
  t.equal(waiters.size, 1)
  waiters.resolveAll()
  await patient
})

t.test('a signal that fired before rejects at once', async (t) => {
  const waiters = new Waiters()
  await t.rejects(waiters.wait('close()', AbortSignal.abort()), { code: 'INK_ABORTED' })
  t.equal(waiters.size, 0)
})

t.test('a long-lived signal keeps no listener of a wait that is over', async (t) => {
  const waiters = new Waiters()
  const { signal } = new AbortController()
  const wait = waiters.wait('drained()', signal)
  t.equal(getEventListeners(signal, 'abort').length, 1)
  waiters.resolveAll()
  await wait
  t.equal(getEventListeners(signal, 'abort').length, 0)
})
