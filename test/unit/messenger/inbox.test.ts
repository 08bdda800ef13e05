/** How many handlers of a connection run, and who starts the next one. */
import t from 'tap'
import { Inbox } from '../../../src/messenger/inbox.ts'
import { Throttle } from '../../../src/policies/throttle.ts'
import { fakeConnection, inbound } from './fakes.ts'

function setUp(concurrency = 10, throttle: Throttle | null = null) {
  const woken: Inbox[] = []
  const inbox = new Inbox(
    { connection: fakeConnection(), stream: null, afterHandler: () => undefined },
    concurrency,
    throttle,
    { wake: (one) => void woken.push(one) },
  )
  return { inbox, woken }
}

const MANY = { messages: Infinity, bytes: Infinity }

t.test('messages leave in order, lane by lane', (t) => {
  const { inbox } = setUp()
  for (const message of [inbound(1, 1), inbound(2, 0), inbound(3, 1)]) inbox.push(message)
  t.equal(inbox.length, 3)
  t.ok(inbox.has(0))
  t.notOk(inbox.has(2))
  t.strictSame(
    [1, 1, 1, 0, 2].map((lane) => inbox.take(lane)?.tid),
    [1, 3, undefined, 2, undefined],
  )
  t.equal(inbox.running, 3)
  t.end()
})

t.test('it stands in the dispatch queue once per lane', (t) => {
  const { inbox } = setUp()
  t.strictSame(
    [0, 1, 1, 2, 0].map((lane) => inbox.enlist(lane)),
    [true, true, false, true, false],
  )
  inbox.delist(1)
  t.strictSame(
    [0, 1, 2].map((lane) => inbox.enlist(lane)),
    [false, true, false],
  )
  t.end()
})

t.test('concurrency bounds the handlers that run; one that finishes wakes the inbox', (t) => {
  const { inbox, woken } = setUp(1)
  for (const tid of [1, 2]) inbox.push(inbound(tid))
  t.equal(inbox.take(1)?.tid, 1)
  t.equal(inbox.take(1), null)
  t.notOk(inbox.has(1), 'it is not asked in vain')
  inbox.finished(0)
  t.strictSame(woken, [inbox])
  t.ok(inbox.has(1))
  t.equal(inbox.take(1)?.tid, 2)
  inbox.finished(0)
  t.equal(woken.length, 1, 'nobody is woken who was not stopped')
  t.end()
})

t.test('a throttle stops an inbox until another one gives back', (t) => {
  const throttle = new Throttle({ ...MANY, bytes: 10 })
  const one = setUp(10, throttle)
  const other = setUp(10, throttle)
  one.inbox.push(inbound(1, 1, new Uint8Array(10)))
  other.inbox.push(inbound(2, 1, new Uint8Array(5)))
  t.equal(one.inbox.take(1)?.tid, 1)
  t.equal(other.inbox.take(1), null)
  t.notOk(other.inbox.has(1))
  one.inbox.finished(10)
  t.strictSame(other.woken, [other.inbox])
  t.equal(other.inbox.take(1)?.tid, 2)
  t.equal(throttle.bytes, 5)
  t.end()
})

t.test('a cleared inbox stands in no line and hands back what waited', (t) => {
  const throttle = new Throttle({ ...MANY, messages: 1 })
  const { inbox } = setUp(10, throttle)
  for (const message of [inbound(1, 1), inbound(2, 1), inbound(3, 0)]) inbox.push(message)
  inbox.take(1)
  inbox.take(1)
  t.equal(throttle.waiting, 1)
  t.strictSame(
    inbox.clear().map(({ tid }) => tid),
    [3, 2],
  )
  t.equal(throttle.waiting, 0)
  t.equal(inbox.length, 0)
  inbox.finished(0)
  t.equal(throttle.messages, 0, 'what ran gives back, also after the end')
  t.end()
})
