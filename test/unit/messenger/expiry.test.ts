/** Messages that expire: who is told what and when, and what is left of it afterwards. */
import t from 'tap'
import { InkwireError } from '../../../src/common/errors.ts'
import { Alarms } from '../../../src/messenger/alarm.ts'
import { Expiries } from '../../../src/messenger/expiry.ts'
import { outboundMessage } from '../../../src/messenger/message-init.ts'
import type { OutboundMessage } from '../../../src/wire/message.ts'
import { FakeClock } from './fake-clock.ts'

/** A connection that keeps what it is given; what is on its link cannot be taken back. */
function setUp() {
  const clock = new FakeClock()
  const queue = new Set<OutboundMessage>()
  const onLink = new Set<OutboundMessage>()
  const told: [tid: number, fate: string, code: string][] = []
  const expiries = new Expiries(new Alarms(clock), {
    enqueue: (message) => queue.size < queue.add(message).size,
    takeBack: (message) => (!onLink.has(message) && queue.delete(message) ? 'undelivered' : null),
    expired: ({ tid }, fate, { code }) => void told.push([tid, fate, code]),
  })
  const send = (tid: number, expiresMs: number): OutboundMessage =>
    expiries.queue(outboundMessage({ type: 1, tid }, null), expiresMs).queued
  const tids = (): number[] => [...queue].map(({ tid }) => tid)
  return { clock, queue, onLink, told, expiries, send, tids }
}

t.test('each message expires at its own time, in whatever order they were sent', async (t) => {
  const { clock, send, told, tids } = setUp()
  for (const [tid, expiresMs] of [30, 10, 20, 10, 40].entries()) send(tid, expiresMs)
  t.equal(clock.timers, 1, 'one timer for all')
  await clock.advance(9)
  t.strictSame(told, [])
  await clock.advance(1.5)
  t.strictSame(
    told.map(([tid]) => tid),
    [1, 3],
  )
  await clock.advance(10)
  t.strictSame(tids(), [0, 4])
  await clock.advance(30)
  t.strictSame(tids(), [])
  t.strictSame(told.at(-1), [4, 'undelivered', 'INK_EXPIRED'])
  t.equal(clock.timers, 0)
})

t.test('what is acked or failed in time leaves no timer, and is told of as always', async (t) => {
  const { clock, expiries } = setUp()
  const told: string[] = []
  const settle = { acked: () => void told.push('acked'), failed: (fate: string) => void told.push(fate) }
  const [first, second] = [1, 2].map((tid) => expiries.queue(outboundMessage({ type: 1, tid }, settle), 10).queued)
  first?.settle?.acked()
  t.equal(clock.timers, 1)
  second?.settle?.failed('failed', new Error('its handler threw'), second)
  t.equal(clock.timers, 0)
  await clock.advance(100)
  t.strictSame(told, ['acked', 'failed'])
})

t.test('who waits for a message on a link is told once, and its ack comes too late', async (t) => {
  const { clock, expiries, onLink, told } = setUp()
  const heard: string[] = []
  const settle = {
    acked: () => void heard.push('acked'),
    failed: (fate: string, reason: Error) => void heard.push(`${fate} ${(reason as Error & { code?: string }).code}`),
  }
  const { queued } = expiries.queue(outboundMessage({ type: 1 }, settle), 10)
  onLink.add(queued)
  await clock.advance(20)
  t.strictSame(heard, ['unknown INK_EXPIRED'])
  queued.settle?.acked()
  t.strictSame(heard, ['unknown INK_EXPIRED'])
  t.strictSame(told, [])
})

t.test('nobody is told of a message on a link that nobody waits for', async (t) => {
  const { clock, send, onLink, told, tids } = setUp()
  onLink.add(send(5, 10))
  await clock.advance(20)
  t.strictSame(told, [])
  t.strictSame(tids(), [5])
})

t.test('a message that is not taken expires never', (t) => {
  const clock = new FakeClock()
  const full = new InkwireError('INK_QUEUE_FULL', 'full')
  const refuse = (): never => {
    throw full
  }
  const expiries = new Expiries(new Alarms(clock), { enqueue: refuse, takeBack: () => null, expired: refuse })
  t.throws(() => expiries.queue(outboundMessage({ type: 1 }, null), 10), full)
  t.equal(clock.timers, 0)
  t.end()
})

t.test('who is told may send again, and what is sent then has its own time', async (t) => {
  const clock = new FakeClock()
  const told: number[] = []
  const expiries: Expiries = new Expiries(new Alarms(clock), {
    enqueue: () => true,
    takeBack: () => 'undelivered',
    expired: ({ tid }) => {
      told.push(tid)
      if (tid < 3) expiries.queue(outboundMessage({ type: 1, tid: tid + 1 }, null), 10)
    },
  })
  expiries.queue(outboundMessage({ type: 1, tid: 1 }, null), 10)
  await clock.advance(15)
  t.strictSame(told, [1])
  await clock.advance(100)
  t.strictSame(told, [1, 2, 3])
  t.equal(clock.timers, 0)
})

t.test('a time that is none is refused with the message', (t) => {
  for (const expiresMs of [0, -1, NaN, Infinity, 86_400_001, '5' as unknown as number])
    t.throws(() => outboundMessage({ type: 1, expiresMs }, null), { code: 'INK_BAD_ARGUMENT', message: /expiresMs/ })
  t.doesNotThrow(() => outboundMessage({ type: 1, expiresMs: 0.5 }, null))
  t.end()
})
