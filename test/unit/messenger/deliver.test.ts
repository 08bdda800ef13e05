/** deliver(): one message, one outcome. */
import { getEventListeners } from 'node:events'
import t from 'tap'
import { InkwireError } from '../../../src/common/errors.ts'
import { Alarms } from '../../../src/messenger/alarm.ts'
import { deliver } from '../../../src/messenger/deliver.ts'
import type { Sender } from '../../../src/messenger/deliver.ts'
import { Expiries } from '../../../src/messenger/expiry.ts'
import { outboundMessage } from '../../../src/messenger/message-init.ts'
import type { OutboundMessage } from '../../../src/wire/message.ts'
import { FakeClock } from './fake-clock.ts'

/** A connection in backoff; `fate` is what it says of a message that its sender has given up. */
function senderOf(queue: OutboundMessage[], fate: 'undelivered' | 'unknown' = 'undelivered'): Sender {
  const takeBack = (message: OutboundMessage): typeof fate => {
    if (fate === 'undelivered') queue.splice(queue.indexOf(message), 1)
    return fate
  }
  const enqueue = (message: OutboundMessage): boolean => queue.push(message) > 0
  const expired = (): void => undefined
  const expiries = new Expiries(new Alarms(new FakeClock()), { enqueue, takeBack, expired })
  return { enqueue, takeBack, expiries, situation: 'backoff, last fault: nobody listens' }
}

const ANY = outboundMessage({ type: 7 }, null)

function setUp(signal?: AbortSignal, fate?: 'undelivered' | 'unknown') {
  const queue: OutboundMessage[] = []
  const promise = deliver({ type: 7 }, signal === undefined ? {} : { signal }, senderOf(queue, fate))
  return { queue, promise, settle: queue[0]?.settle ?? null }
}

t.test('it resolves when the message is acked, and lets go of the signal', async (t) => {
  const { signal } = new AbortController()
  const { promise, settle } = setUp(signal)
  t.equal(getEventListeners(signal, 'abort').length, 1)
  settle?.acked()
  await promise
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('it rejects with the reason of the reset, and with what is known', async (t) => {
  const reason = new InkwireError('INK_STANDBY_EXPIRED', 'gone for too long')
  const lost = setUp()
  lost.settle?.failed('unknown', reason, ANY)
  await t.rejects(lost.promise, { code: 'INK_STANDBY_EXPIRED', outcome: 'unknown', cause: reason, message: /may have/ })
  const kept = setUp()
  kept.settle?.failed('undelivered', reason, ANY)
  await t.rejects(kept.promise, { outcome: 'undelivered', message: /does not have it/ })
  const foreign = setUp()
  foreign.settle?.failed('unknown', new Error('x'), ANY)
  await t.rejects(foreign.promise, { code: 'INK_RESET' })
})

t.test('a signal that fires while the message is looked at has sent nothing', async (t) => {
  const controller = new AbortController()
  const queue: OutboundMessage[] = []
  const init = {
    get type(): number {
      controller.abort()
      return 7
    },
  }
  const { signal } = controller
  const error = { code: 'INK_ABORTED', outcome: 'undelivered' }
  await t.rejects(deliver(init, { signal }, senderOf(queue)), error)
  await t.rejects(deliver({ type: 7 }, { signal }, senderOf(queue)), error, 'or has fired before')
  t.strictSame([queue, getEventListeners(signal, 'abort')], [[], []])
})

t.test('aborting takes the message back, or says that it is too late for that', async (t) => {
  for (const fate of ['undelivered', 'unknown'] as const) {
    const controller = new AbortController()
    const { promise, queue, settle } = setUp(controller.signal, fate)
    controller.abort('enough')
    const error = { code: 'INK_ABORTED', name: 'AbortError', cause: 'enough', outcome: fate }
    await t.rejects(promise, { ...error, message: /^deliver\(\) .*backoff, last fault: nobody listens/ })
    t.equal(queue.length, fate === 'unknown' ? 1 : 0)
    t.doesNotThrow(() => settle?.acked())
  }
})

t.test('a signal that fired before keeps the message from being queued', async (t) => {
  const { promise, queue } = setUp(AbortSignal.abort())
  await t.rejects(promise, { code: 'INK_ABORTED', outcome: 'undelivered' })
  t.equal(queue.length, 0)
})

t.test('what send() would throw is a rejection', async (t) => {
  await t.rejects(deliver({ type: -1 }, {}, senderOf([])), { code: 'INK_BAD_ARGUMENT' })
  const enqueue = (): never => {
    throw new InkwireError('INK_CLOSED', 'closed')
  }
  const { signal } = new AbortController()
  const closed = deliver({ type: 1 }, { signal }, { ...senderOf([]), enqueue })
  await t.rejects(closed, { code: 'INK_CLOSED', outcome: undefined })
  t.equal(getEventListeners(signal, 'abort').length, 0, 'and lets go of the signal')
})
