/** In which order handlers run, for how long, and that nobody starves. */
import t from 'tap'
import { Subject } from 'rxjs'
import { DispatchQueue } from '../../../src/messenger/dispatch-queue.ts'
import { Dispatchers } from '../../../src/messenger/dispatchers.ts'
import { Stamp } from '../../../src/wire/stamp.ts'
import { Inbox } from '../../../src/messenger/inbox.ts'
import type { InboundMessage } from '../../../src/wire/message.ts'
import { FakeClock } from './fake-clock.ts'
import { fakeConnection, inbound } from './fakes.ts'

function setUp(handle: (message: InboundMessage, clock: FakeClock) => unknown = () => undefined) {
  const clock = new FakeClock()
  const got: number[] = []
  const dispatchers = new Dispatchers(
    new Subject(),
    () => undefined,
    () => new Stamp(1, 2),
  )
  dispatchers.use({
    dispatch: (message) => {
      got.push(message.tid)
      return handle(message, clock)
    },
  })
  const queue = new DispatchQueue(dispatchers, clock, 10)
  const inbox = (concurrency = 1000) =>
    new Inbox({ connection: fakeConnection(), stream: null, afterHandler: () => undefined }, concurrency, null, queue)
  return { clock, got, queue, inbox }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

t.test('urgent lanes go first, whoever came first', (t) => {
  const { got, queue, inbox } = setUp()
  const one = inbox()
  queue.add(one, inbound(3, 2))
  queue.add(one, inbound(2, 1))
  queue.add(inbox(), inbound(1, 0))
  queue.run()
  t.strictSame(got, [1, 2, 3])
  t.end()
})

t.test('connections take turns within a lane', (t) => {
  const { got, queue, inbox } = setUp()
  const [busy, quiet] = [inbox(), inbox()]
  for (const tid of range(1, 100)) queue.add(busy, inbound(tid))
  queue.add(quiet, inbound(1000))
  queue.run()
  t.equal(got.indexOf(1000), 64, 'after one quantum of the busy one')
  t.equal(got.length, 101)
  t.end()
})

t.test('a flood of urgent messages does not starve the others', (t) => {
  const { got, queue, inbox } = setUp()
  const one = inbox(1e6)
  for (const tid of range(1, 64 * 40)) queue.add(one, inbound(tid, 0))
  queue.add(one, inbound(9999, 2))
  queue.run()
  t.ok(got.indexOf(9999) < 64 * 16)
  t.end()
})

t.test('handlers have a turn for a bounded time; the rest runs in the next, after I/O', (t) => {
  const { clock, got, queue, inbox } = setUp((_message, clock) => {
    clock.pass(0.2)
  })
  const one = inbox()
  for (const tid of range(1, 200)) queue.add(one, inbound(tid))
  queue.run()
  t.equal(got.length, 64, 'one quantum took 12.8 ms')
  t.equal(clock.pending, 1)
  clock.run()
  t.equal(got.length, 200)
  t.end()
})

t.test('a message counts as running until its promise settles', async (t) => {
  const done: (() => void)[] = []
  const { clock, got, queue, inbox } = setUp(() => new Promise<void>((resolve) => done.push(resolve)))
  const one = inbox(2)
  for (const tid of [1, 2, 3]) queue.add(one, inbound(tid))
  queue.run()
  t.strictSame(got, [1, 2])
  done[1]?.()
  await clock.settle()
  t.strictSame(got, [1, 2, 3])
  t.equal(one.running, 2)
})

t.test('when a connection may go on, what is most urgent goes on first', async (t) => {
  const done: (() => void)[] = []
  const { clock, got, queue, inbox } = setUp(() => new Promise<void>((resolve) => done.push(resolve)))
  const one = inbox(1)
  queue.add(one, inbound(1))
  queue.run()
  queue.add(one, inbound(2))
  queue.add(one, inbound(3, 0))
  queue.run()
  t.strictSame(got, [1], 'one at a time')
  done[0]?.()
  await clock.settle()
  t.strictSame(got, [1, 3])
})

t.test('the owner hears of the end of every message, once', async (t) => {
  let release = (): void => undefined
  const { clock, queue, inbox } = setUp((message) => {
    if (message.tid === 1) message.ack()
    if (message.tid === 3) {
      return new Promise<void>((resolve) => {
        release = resolve
      })
    }
    return undefined
  })
  const finished: number[] = []
  const one = inbox()
  for (const tid of [1, 2, 3]) {
    const message = inbound(tid)
    message.owner = { finished: ({ tid }) => finished.push(tid) }
    queue.add(one, message)
  }
  queue.run()
  t.strictSame(finished, [1, 2])
  release()
  await clock.settle()
  t.strictSame(finished, [1, 2, 3])
})

t.test('at the end the queue says that it is idle when the last handler has ended, not before', async (t) => {
  const finish: (() => void)[] = []
  const { clock, queue, inbox } = setUp(() => new Promise<void>((resolve) => finish.push(resolve)))
  const one = inbox()
  for (const tid of [1, 2]) queue.add(one, inbound(tid))
  queue.run()
  let idle = 0
  queue.end(() => idle++)
  t.ok(queue.keepsAll)
  finish[0]?.()
  await clock.settle()
  t.strictSame([queue.handling, idle, queue.keepsAll], [1, 0, true])
  finish[1]?.()
  await clock.settle()
  t.strictSame([queue.handling, idle, queue.keepsAll], [0, 1, false])
})

t.test('run from inside a handler does nothing: no handler is entered twice', (t) => {
  const { got, queue, inbox } = setUp((message) => {
    if (message.tid > 2) return
    queue.add(one, inbound(message.tid + 1))
    queue.run()
    got.push(-message.tid)
  })
  const one = inbox()
  queue.add(one, inbound(1))
  queue.run()
  t.strictSame(got, [1, -1, 2, -2, 3])
  t.end()
})
