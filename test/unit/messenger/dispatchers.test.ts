/** Who takes a message, in which order, and that no handler can break the messenger. */
import { Subject } from 'rxjs'
import t from 'tap'
import { Dispatchers } from '../../../src/messenger/dispatchers.ts'
import type { Dispatcher } from '../../../src/messenger/dispatcher.ts'
import type { MessengerEvent } from '../../../src/messenger/events.ts'
import { defineMessage } from '../../../src/messenger/typed-message.ts'
import { InkwireError } from '../../../src/common/errors.ts'
import { Stamp } from '../../../src/wire/stamp.ts'
import { InboundMessage } from '../../../src/wire/message.ts'
import { fakeConnection, inbound } from './fakes.ts'
import { hostileValues } from '../../support/hostile-values.ts'

const connection = fakeConnection()
const codec = {
  encode: (body: string) => Buffer.from(body),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
}
const Put = defineMessage({ type: 7, name: 'Put', codec })

function setUp() {
  const messages = new Subject<InboundMessage>()
  const events: MessengerEvent[] = []
  const dispatchers = new Dispatchers(
    messages,
    (event) => events.push(event),
    () => new Stamp(1, 2),
  )
  return { dispatchers, messages, events }
}

function typed(body: string): InboundMessage {
  const { buffer, byteOffset, length } = Buffer.from(body)
  return new InboundMessage(7, 0, 127, 0, 1, 1, 0, 0, buffer, byteOffset, length, 0, 0)
}

t.test('the first dispatcher that does not return false takes the message', (t) => {
  const { dispatchers } = setUp()
  const calls: string[] = []
  dispatchers.use({})
  dispatchers.use({
    dispatch: () => {
      calls.push('a')
      return false
    },
  })
  const remove = dispatchers.use({ dispatch: () => void calls.push('b') })
  dispatchers.use({ dispatch: () => void calls.push('c') })
  t.equal(dispatchers.dispatch(inbound(1), connection, null), null)
  remove()
  remove()
  void dispatchers.dispatch(inbound(2), connection, null)
  t.strictSame(calls, ['a', 'b', 'a', 'c'])
  t.end()
})

t.test('a promise says that the message is not finished yet', async (t) => {
  const { dispatchers, events } = setUp()
  let finish = (): void => undefined
  dispatchers.use({
    dispatch: () =>
      new Promise<void>((resolve) => {
        finish = resolve
      }),
  })
  const pending = dispatchers.dispatch(inbound(1), connection, null)
  t.type(pending, Promise)
  finish()
  t.equal(await pending, undefined)
  t.strictSame(events, [])
})

t.test('streams see every message, also one that somebody takes', (t) => {
  const { dispatchers, messages, events } = setUp()
  const seen: string[] = []
  const stream = new Subject<InboundMessage>()
  messages.subscribe((message) => seen.push(`all ${message.tid}`))
  stream.subscribe((message) => seen.push(`one ${message.tid}`))
  dispatchers.use({ dispatch: () => void seen.push('taken') })
  void dispatchers.dispatch(inbound(1), connection, stream)
  t.strictSame(seen, ['all 1', 'one 1', 'taken'])
  t.strictSame(events, [])
  t.end()
})

t.test('a message that nobody takes is reported', (t) => {
  const { dispatchers, events } = setUp()
  dispatchers.use({ dispatch: () => false })
  const message = inbound(1)
  t.equal(dispatchers.dispatch(message, connection, null), null)
  t.match(events, [{ type: 'unhandled', message }])
  t.end()
})

t.test('a typed handler gets the body, and goes before the chain', (t) => {
  const { dispatchers } = setUp()
  const got: unknown[] = []
  dispatchers.use({ dispatch: () => t.fail('taken already') })
  dispatchers.on(Put, (body, context) => got.push(body, context.connection, context.message.type))
  void dispatchers.dispatch(typed('a'), connection, null)
  t.strictSame(got, ['a', connection, 7])
  t.end()
})

t.test('a body that does not decode is reported, and counts as handled', (t) => {
  const { dispatchers, events } = setUp()
  const cause = new RangeError('index out of range')
  const Picky = defineMessage<string>({
    ...{ type: 7, name: 'Picky' },
    codec: {
      encode: codec.encode,
      decode: () => {
        throw cause
      },
    },
  })
  dispatchers.on(Picky, () => t.fail('there is no body'))
  t.equal(dispatchers.dispatch(typed('a'), connection, null), null)
  t.match(events, [{ type: 'dispatchError', error: { code: 'INK_DECODE_FAILED', message: /Picky/, cause } }])
  t.end()
})

t.test('a body that is only promised does not decode', async (t) => {
  const { dispatchers, events } = setUp()
  const decode = (): never => Promise.reject(new Error('nobody waits')) as never
  const Late = defineMessage<string>({ type: 7, name: 'Late', codec: { encode: codec.encode, decode } })
  dispatchers.on(Late, () => t.fail('there is no body'))
  t.equal(dispatchers.dispatch(typed('a'), connection, null), null)
  t.match(events, [{ type: 'dispatchError', error: { code: 'INK_DECODE_FAILED', message: /must answer at once/ } }])
  await new Promise(setImmediate)
})

t.test('a type has one handler, until that one is removed', (t) => {
  const { dispatchers } = setUp()
  const remove = dispatchers.on(Put, () => undefined)
  t.throws(() => dispatchers.on(Put, () => undefined), { code: 'INK_BAD_ARGUMENT', message: /has a handler already/ })
  remove()
  const got: string[] = []
  dispatchers.on(Put, (body) => got.push(body))
  remove()
  void dispatchers.dispatch(typed('a'), connection, null)
  t.strictSame(got, ['a'], 'removing again does not remove the successor')
  t.end()
})

t.test('whatever a handler throws is reported and goes no further', async (t) => {
  const { dispatchers, events } = setUp()
  const remove = dispatchers.use({
    dispatch: () => {
      throw new Error('at once')
    },
  })
  t.equal(dispatchers.dispatch(inbound(1), connection, null), null)
  remove()
  dispatchers.use({ dispatch: () => Promise.reject(new Error('later')) })
  await dispatchers.dispatch(inbound(2), connection, null)
  t.match(events, [
    { type: 'dispatchError', message: { tid: 1 }, error: { message: 'at once' } },
    { type: 'dispatchError', message: { tid: 2 }, error: { message: 'later' } },
  ])
})

t.test('a fast dispatcher may take a message; one that throws has taken it', (t) => {
  const { dispatchers, events } = setUp()
  t.notOk(dispatchers.hasFast)
  dispatchers.use({ fastDispatch: (message) => message.tid === 1 })
  const remove = dispatchers.use({
    fastDispatch: () => {
      throw new Error('fast')
    },
  })
  t.ok(dispatchers.hasFast)
  t.ok(dispatchers.fast(inbound(1), connection))
  t.strictSame(events, [])
  t.ok(dispatchers.fast(inbound(2), connection))
  t.match(events, [{ type: 'dispatchError', error: { message: 'fast' } }])
  remove()
  t.notOk(dispatchers.fast(inbound(2), connection))
  t.end()
})

t.test('one use is removed by what it returned, also of a dispatcher that is used twice', (t) => {
  const { dispatchers } = setUp()
  const calls: string[] = []
  const twice: Dispatcher = {
    dispatch: () => {
      calls.push('twice')
      return false
    },
    fastDispatch: () => {
      calls.push('fast')
      return false
    },
  }
  const first = dispatchers.use(twice)
  const second = dispatchers.use(twice)
  first()
  first()
  dispatchers.fast(inbound(1), connection)
  void dispatchers.dispatch(inbound(1), connection, null)
  t.strictSame(calls, ['fast', 'twice'], 'the other one is left')
  second()
  t.notOk(dispatchers.hasFast)
  void dispatchers.dispatch(inbound(2), connection, null)
  t.equal(calls.length, 2)
  t.end()
})

t.test('a method that is misspelled is found at once, and an object of a class may have its own', (t) => {
  const { dispatchers } = setUp()
  const use = (dispatcher: object) => () => dispatchers.use(dispatcher)
  const wrong: [dispatcher: object, message: RegExp][] = [
    [{ dispach: () => 0 }, /use\(\) has no "dispach"; did you mean "dispatch"\?/],
    [{ dispatch: () => 0, onconnect: () => 0 }, /did you mean "onConnect"/],
    [{ dispatch: () => 0, onClose: () => 0 }, /has no "onClose"; there are: dispatch, fastDispatch/],
    [{ fastdispatch: true }, /did you mean "fastDispatch"/],
    [
      new (class {
        onRemotReset(): void {}
      })(),
      /did you mean "onRemoteReset"/,
    ],
    [
      new (class Late extends class {
        dispatchh(): void {}
      } {})(),
      /did you mean "dispatch"/,
    ],
  ]
  for (const [dispatcher, message] of wrong) t.throws(use(dispatcher), { code: 'INK_BAD_ARGUMENT', message })
  class Store {
    readonly objects = new Map<string, number>()
    helper(): void {}
    dispatch(): void {}
  }
  t.doesNotThrow(use(new Store()))
  t.doesNotThrow(use({ calls: 0, dispatch: () => 0 }), "and data beside them is nobody else's business")
  t.end()
})

t.test('a promise of false passes a message on, when it settles', async (t) => {
  const { dispatchers, events } = setUp()
  const calls: string[] = []
  let decide = (_answer: boolean): void => undefined
  dispatchers.use({ dispatch: () => new Promise<boolean>((resolve) => (decide = resolve)) })
  dispatchers.use({ dispatch: async () => void calls.push(await Promise.resolve('second')) })
  const remove = dispatchers.use({ dispatch: () => void calls.push('third') })
  const pending = dispatchers.dispatch(inbound(1), connection, null)
  remove()
  t.strictSame(calls, [], 'not before')
  decide(false)
  await pending
  t.strictSame(calls, ['second'], 'finished only when the one that took it is')
  const other = setUp()
  other.dispatchers.use({ dispatch: () => Promise.resolve(false) })
  const message = inbound(2)
  await other.dispatchers.dispatch(message, connection, null)
  t.match(other.events, [{ type: 'unhandled', message }], 'nobody took it')
  t.strictSame(events, [])
})

t.test('a promise from fastDispatch takes nothing, is reported, and is not left alone', async (t) => {
  const { dispatchers, events } = setUp()
  dispatchers.use({ fastDispatch: (() => Promise.reject(new Error('much later'))) as never })
  t.notOk(dispatchers.fast(inbound(1), connection))
  await new Promise((resolve) => setImmediate(resolve))
  t.match(events, [
    { type: 'dispatchError', message: { tid: 1 }, error: { code: 'INK_BAD_ARGUMENT', message: /not a promise/ } },
    { type: 'dispatchError', message: { tid: 1 }, error: { message: 'much later' } },
  ])
})

t.test('whatever is thrown, anywhere: it is reported, and the next message is handled', async (t) => {
  for (const [what, value] of hostileValues()) {
    const { dispatchers, events } = setUp()
    let thrown = 0
    const raise = (): never => {
      thrown++
      throw value
    }
    const remove = dispatchers.use({ dispatch: raise, fastDispatch: raise, onAccept: raise })
    dispatchers.on(Put, (): unknown => Promise.resolve().then(raise))
    t.ok(dispatchers.fast(inbound(1), connection))
    void dispatchers.dispatch(
      new InboundMessage(8, 0, 127, 2, 1, 1, 0, 0, new ArrayBuffer(0), 0, 0, 0, 0),
      connection,
      null,
    )
    await dispatchers.dispatch(typed('a'), connection, null)
    dispatchers.notify('onAccept', connection)
    t.strictSame([thrown, events.length], [4, 4], what)
    remove()
    const handled: number[] = []
    dispatchers.use({ dispatch: ({ type }) => void handled.push(type) })
    void dispatchers.dispatch(
      new InboundMessage(8, 0, 127, 2, 1, 1, 0, 0, new ArrayBuffer(0), 0, 0, 0, 0),
      connection,
      null,
    )
    t.strictSame(handled, [8], what)
  }
})

t.test('a notice that rejects is reported', async (t) => {
  const { dispatchers, events } = setUp()
  dispatchers.use({ onReset: () => Promise.reject(new Error('later')) })
  dispatchers.notify('onReset', connection, { undelivered: [], unknown: [] })
  await new Promise((resolve) => setImmediate(resolve))
  t.match(events, [{ type: 'dispatchError', message: null, error: { message: 'later' } }])
})

t.test('every dispatcher is told, also after one that throws', (t) => {
  const { dispatchers, events } = setUp()
  const told: unknown[] = []
  dispatchers.use({
    onReset: () => {
      throw new Error('careless')
    },
  })
  dispatchers.use({
    onConnect: () => told.push('connect'),
    onReset: (_connection, outcome) => told.push(outcome),
    onRefused: (_connection, error) => told.push(error.code),
  })
  const outcome = { undelivered: [], unknown: [] }
  dispatchers.notify('onConnect', connection)
  dispatchers.notify('onReset', connection, outcome)
  dispatchers.notify('onRefused', connection, new InkwireError('INK_REFUSED', 'full'))
  t.strictSame(told, ['connect', outcome, 'INK_REFUSED'])
  t.match(events, [{ type: 'dispatchError', message: null, error: { message: 'careless' } }])
  t.end()
})

t.test('a chain that changes while a message passes is the old one for that message', (t) => {
  const { dispatchers } = setUp()
  dispatchers.use({
    dispatch: () => {
      dispatchers.use({ dispatch: () => t.fail('too late for this message') })
      return false
    },
  })
  void dispatchers.dispatch(inbound(1), connection, null)
  t.end()
})

t.test('what is no dispatcher, definition or handler throws at once', (t) => {
  const { dispatchers } = setUp()
  const wrong: [act: () => unknown, message: RegExp][] = [
    [() => dispatchers.use(undefined as never), /use\(\) takes an object/],
    [() => dispatchers.use((() => true) as Dispatcher), /use\(\) takes an object/],
    [() => dispatchers.use({ dispatch: 5 } as never), /use\(\): dispatch must be a function, not 5/],
    [() => dispatchers.use({ onReset: 'x' } as never), /use\(\): onReset must be a function/],
    [() => dispatchers.on({ type: 1 } as never, () => 0), /what defineMessage\(\) returned/],
    [
      () => dispatchers.on(Object.assign(() => 0, { codec: null }) as never, () => 0),
      /what defineMessage\(\) returned/,
    ],
    [() => dispatchers.on(Put, undefined as never), /on\(Put\): the handler must be a function, not undefined/],
  ]
  for (const [act, message] of wrong) t.throws(act, { code: 'INK_BAD_ARGUMENT', message }, String(message))
  const odd = Object.assign(() => ({ type: 1 }), { type: 1, messageName: 'Odd', codec })
  t.doesNotThrow(() => dispatchers.on(odd, () => 0))
  t.end()
})
