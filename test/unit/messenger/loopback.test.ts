/** A messenger's connection to itself keeps the same contract as any other. */
import t from 'tap'
import { Loopback } from '../../../src/messenger/loopback.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { PeerOptions } from '../../../src/policies/peer.ts'
import type { Outcome } from '../../../src/wire/outcome.ts'
import { fakeWorld } from './fakes.ts'

const SELF = { type: 'osd', name: 'osd.0', address: 'loopback', instance: '0'.repeat(32) }

function setUp(options: PeerOptions = {}, dispatch: (tid: number) => unknown = () => undefined) {
  const world = fakeWorld()
  const { connection } = new Loopback(world, peer(options), SELF)
  const got: string[] = []
  const outcomes: Outcome[] = []
  world.dispatchers.use({
    dispatch: (message) => {
      got.push(`${message.tid} ${Buffer.from(message.data).toString()}`)
      return dispatch(message.tid)
    },
    onReset: (_connection, outcome) => outcomes.push(outcome),
  })
  return { world, clock: world.fakeClock, connection, got, outcomes }
}

/** A handler that never finishes. */
const forever = () => new Promise<void>(() => undefined)

t.test('messages arrive in order, in a turn of their own, as copies', async (t) => {
  const { clock, connection, got } = setUp()
  // All of its memory, which might be handed on as it is.
  const data = Uint8Array.of(97)
  t.ok(connection.send({ type: 1, tid: 1, data }))
  data.fill(120)
  t.ok(connection.send({ type: 1, tid: 2, front: 'f', data: 'b' }))
  t.strictSame(got, [], 'never inside send()')
  await clock.settle()
  t.strictSame(got, ['1 a', '2 b'])
  t.match(connection.dump(), { peer: SELF, state: 'open', queuedMessages: 0, counters: { receivedMessages: 2 } })
})

t.test('deliver() waits for the handler', async (t) => {
  let finish = (): void => undefined
  const { clock, connection } = setUp({}, () => new Promise<void>((resolve) => (finish = resolve)))
  let settled = 'no'
  const delivered = connection.deliver({ type: 1 }).then(() => (settled = 'yes'))
  await clock.settle()
  t.equal(settled, 'no')
  finish()
  await delivered
})

t.test('drained() waits for half of the high-water mark, not for nothing to be left', async (t) => {
  const finish: (() => void)[] = []
  const options = { replay: { messages: 8 }, highWater: 0.5 }
  const { clock, connection } = setUp(options, () => new Promise<void>((resolve) => finish.push(resolve)))
  for (const tid of [1, 2, 3, 4]) connection.send({ type: 1, tid })
  let state = 'waiting'
  const drained = connection.drained().then(() => (state = 'drained'))
  await clock.settle()
  finish.shift()?.()
  await clock.settle()
  t.equal(state, 'waiting')
  finish.shift()?.()
  await drained
  t.equal(connection.dump().queuedMessages, 2)
  await connection.drained()
  t.equal(connection.dump().queuedMessages, 2, 'nor does one who asks then wait')
})

t.test('what no handler has yet is taken back', async (t) => {
  const { clock, connection, got } = setUp({ concurrency: 1 }, forever)
  const controller = new AbortController()
  const { signal } = controller
  const fates = ['unknown', 'undelivered'].map((outcome) =>
    t.rejects(connection.deliver({ type: 1 }, { signal }), { code: 'INK_ABORTED', outcome }),
  )
  await clock.settle()
  controller.abort()
  await Promise.all(fates)
  t.equal(got.length, 1)
  t.match(connection.dump(), { queuedMessages: 1, counters: { withdrawnMessages: 1 } })
})

t.test('what was not offered to anybody yet is taken back as well, and what came behind it goes its way', async (t) => {
  const { world, clock, connection, got } = setUp()
  const offered: number[] = []
  world.dispatchers.use({ fastDispatch: ({ tid }) => offered.push(tid) < 0 })
  const controller = new AbortController()
  const delivered = connection.deliver({ type: 1, tid: 1 }, { signal: controller.signal })
  connection.send({ type: 1, tid: 2 })
  controller.abort()
  await t.rejects(delivered, { code: 'INK_ABORTED', outcome: 'undelivered' })
  await clock.settle()
  t.strictSame([offered, got], [[2], ['2 ']])
  t.match(connection.dump(), { queuedMessages: 0, counters: { withdrawnMessages: 1 } })
})

t.test('the limits and their reactions are those of any connection', async (t) => {
  const { clock, connection } = setUp({ replay: { messages: 4, bytes: 10 }, highWater: 0.5 })
  t.throws(() => connection.send({ type: 1, data: 'x'.repeat(11) }), { code: 'INK_MESSAGE_TOO_LARGE' })
  t.strictSame(
    [1, 2, 3, 4].map((tid) => connection.send({ type: 1, tid })),
    [true, false, false, false],
  )
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_QUEUE_FULL' })
  t.throws(() => connection.send({ type: -1 }), { code: 'INK_BAD_ARGUMENT' })
  const drained = connection.drained()
  await clock.settle()
  await drained
  await connection.drained()
  t.ok(connection.send({ type: 1 }))
  t.notOk(connection.send({ type: 1, data: 'x'.repeat(6) }))
  t.throws(() => connection.send({ type: 1, data: 'x'.repeat(5) }), { code: 'INK_QUEUE_FULL' }, 'by bytes, too')
  await clock.settle()
})

t.test('while it closes, a handler that still runs may send, and nobody after it', async (t) => {
  let finish = (): void => undefined
  const { clock, connection, got } = setUp({}, async (tid) => {
    if (tid !== 1) return
    await new Promise<void>((resolve) => (finish = resolve))
    connection.send({ type: 1, tid: 2 })
  })
  connection.send({ type: 1, tid: 1 })
  await clock.settle()
  const closed = connection.close()
  finish()
  await clock.settle()
  await closed
  t.strictSame(got, ['1 ', '2 '])
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_CLOSED' })
})

t.test('close() waits for the handlers, takes nothing more, and completes the streams', async (t) => {
  const { clock, connection, got } = setUp()
  const states: string[] = []
  connection.state$.subscribe({ next: (state) => states.push(state), complete: () => states.push('|') })
  connection.messages$.subscribe({ complete: () => states.push('no more messages') })
  connection.send({ type: 1, tid: 1 })
  const closed = connection.close()
  t.throws(() => connection.send({ type: 1 }), { code: 'INK_CLOSED' })
  await t.rejects(connection.drained(), { code: 'INK_CLOSED' })
  await clock.settle()
  await closed
  t.equal(got.length, 1)
  t.strictSame(states, ['open', 'draining', 'closed', '|', 'no more messages'])
  await connection.close()
  t.equal(clock.timers, 0)
})

t.test('a handler that never finishes holds close() up until its deadline, and no longer', async (t) => {
  const { clock, connection, outcomes } = setUp({ concurrency: 1 }, forever)
  connection.send({ type: 1, tid: 1 })
  connection.send({ type: 1, tid: 2 })
  await clock.settle()
  const closed = t.rejects(connection.close({ timeoutMs: 500 }), { code: 'INK_DRAIN_TIMEOUT' })
  await clock.advance(500)
  await closed
  t.match(outcomes, [{ undelivered: [{ tid: 2 }], unknown: [{ tid: 1 }] }])
})

t.test('close() that is aborted closes at once', async (t) => {
  const { clock, connection } = setUp({}, forever)
  connection.send({ type: 1 })
  await clock.settle()
  const controller = new AbortController()
  const closed = t.rejects(connection.close({ signal: controller.signal }), { code: 'INK_ABORTED' })
  controller.abort()
  await closed
  t.equal(connection.state, 'closed')
  await t.rejects(
    connection.close({ timeoutMs: -1 }).then(() => connection.deliver({ type: 1 })),
    { code: 'INK_CLOSED' },
  )
})

t.test('markDown() hands back what was not handled, and dispatches nothing more', async (t) => {
  const { clock, connection, got } = setUp({ concurrency: 1, replay: { messages: 4 }, highWater: 0.5 }, forever)
  const first = connection.deliver({ type: 1, tid: 1 })
  const second = connection.deliver({ type: 1, tid: 2 })
  const drained = connection.drained()
  await clock.settle()
  const rejected = [
    t.rejects(drained, { code: 'INK_MARKED_DOWN' }),
    t.rejects(first, { code: 'INK_MARKED_DOWN', outcome: 'unknown' }),
    t.rejects(second, { code: 'INK_MARKED_DOWN', outcome: 'undelivered' }),
  ]
  t.match(connection.markDown(), { undelivered: [{ tid: 2 }], unknown: [{ tid: 1 }] })
  await Promise.all(rejected)
  await clock.settle()
  t.equal(got.length, 1)
  t.strictSame(connection.markDown(), { undelivered: [], unknown: [] })
})

t.test('every segment is a copy: what the sender does with its bytes afterwards changes nothing', async (t) => {
  const { clock, connection, world } = setUp()
  const got: string[] = []
  world.dispatchers.use({
    fastDispatch: ({ front, middle, data }) => {
      got.push([front, middle, data].map((segment) => Buffer.from(segment).toString()).join())
      return true
    },
  })
  for (const names of [['front'], ['middle'], ['data'], ['front', 'data'], ['front', 'middle', 'data']]) {
    const segments = Object.fromEntries(names.map((name) => [name, Buffer.from(name)]))
    connection.send({ type: 1, ...segments })
    for (const segment of Object.values(segments)) segment.fill('x')
  }
  await clock.settle()
  t.strictSame(got, ['front,,', ',middle,', ',,data', 'front,,data', 'front,middle,data'])
})

t.test('fastDispatch is offered every message, in order, and what it leaves goes to the queue', async (t) => {
  const { clock, connection, world, got } = setUp()
  const fast: number[] = []
  const remove = world.dispatchers.use({
    fastDispatch: ({ tid }) => {
      fast.push(tid)
      return true
    },
  })
  const delivered = connection.deliver({ type: 1, tid: 1 })
  connection.send({ type: 1, tid: 2, data: 'b' })
  connection.send({ type: 1, tid: 3 })
  t.strictSame(fast, [], 'never inside send()')
  remove()
  connection.send({ type: 1, tid: 5, data: 'e' })
  world.dispatchers.use({
    fastDispatch: ({ tid }) => {
      fast.push(tid)
      if (tid === 1) connection.send({ type: 1, tid: 4, data: 'd' })
      return tid % 2 === 1
    },
  })
  await clock.settle()
  await delivered
  t.strictSame(fast, [1, 2, 3, 5, 4])
  t.strictSame(got, ['2 b', '4 d'])
  t.match(connection.dump(), { queuedMessages: 0, queuedBytes: 0 })
})

t.test('a fast handler that ends the loopback gets nothing more, and the outcome has the rest', async (t) => {
  const { clock, connection, world, got } = setUp()
  let outcome: Outcome | null = null
  const fast: number[] = []
  world.dispatchers.use({
    fastDispatch: ({ tid }) => {
      fast.push(tid)
      outcome = connection.markDown()
      return false
    },
  })
  for (const tid of [1, 2, 3]) connection.send({ type: 1, tid })
  await clock.settle()
  t.strictSame([fast, got], [[1], []])
  t.match(outcome, { unknown: [{ tid: 1 }], undelivered: [{ tid: 2 }, { tid: 3 }] })
})

t.test('state$ gives the last state to whoever asks after the end', async (t) => {
  const { clock, connection } = setUp()
  const early = connection.state$
  connection.markDown()
  await clock.settle()
  for (const state$ of [early, connection.state$]) {
    const seen: string[] = []
    state$.subscribe({ next: (state) => void seen.push(state), complete: () => void seen.push('complete') })
    t.strictSame(seen, ['closed', 'complete'])
  }
})

t.test('a handler that fails is counted, and its sender is told', async (t) => {
  const { clock, connection } = setUp({}, () => {
    throw new Error('no')
  })
  const failed = t.rejects(connection.deliver({ type: 1 }), { code: 'INK_HANDLER_FAILED', outcome: 'failed' })
  await clock.settle()
  await failed
  t.match(connection.dump(), { queuedMessages: 0, counters: { failedMessages: 1, withdrawnMessages: 0 } })
})

t.test('messages of one moment have stamps that rise, as on any connection', async (t) => {
  const { clock, connection } = setUp()
  const stamps: string[] = []
  connection.messages$.subscribe(({ stamp }) => stamps.push(stamp.toString()))
  for (let tid = 0; tid < 3; tid++) connection.send({ type: 1, tid })
  await clock.settle()
  t.equal(stamps.length, 3)
  t.strictSame(stamps, [...new Set(stamps)].sort())
})

t.test('who waits for room hears that there will be none', async (t) => {
  const { connection } = setUp({ replay: { messages: 2 } }, forever)
  for (const tid of [1, 2]) connection.send({ type: 1, tid })
  const drained = t.rejects(connection.drained(), { code: 'INK_MARKED_DOWN' })
  connection.markDown()
  await drained
})
