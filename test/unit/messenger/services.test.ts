/** Layers that ride on sessions: what they are told, which messages are theirs, and what never makes them wait. */
import { AsyncLocalStorage } from 'node:async_hooks'
import t from 'tap'
import type { Connection } from '../../../src/messenger/connection.ts'
import { OpenService } from '../../../src/messenger/service.ts'
import type { Service, ServiceSession } from '../../../src/messenger/service.ts'
import { losslessClient } from '../../../src/policies/lossless-client.ts'
import { losslessServer } from '../../../src/policies/lossless-server.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { Policy } from '../../../src/policies/policy.ts'
import type { OutboundMessage } from '../../../src/wire/message.ts'
import type { ServiceMessage, Verdict } from '../../../src/wire/service.ts'
import { EVERYTHING } from '../../../src/wire/wire.ts'
import { fakeServiceHost } from './fakes.ts'
import { Lab, types, type Subject } from './lab.ts'

const words = (...bytes: number[]): Uint8Array => new Uint8Array(bytes)
const NONE = words()
const SMALL = { window: { messages: 1, bytes: 64 } }

/** A service that notes what it is told. */
class Layer implements Service {
  readonly name: string
  readonly number: number
  readonly told: string[] = []
  readonly sessions: ServiceSession[] = []
  verdict: () => Verdict = () => 'taken'

  constructor(number = 300, name = 'layer') {
    this.number = number
    this.name = name
  }

  adopted(session: ServiceSession, { resumed }: { resumed: boolean }): void {
    this.told.push(resumed ? 'resumed' : 'adopted')
    if (!this.sessions.includes(session)) this.sessions.push(session)
  }

  reset(
    _session: ServiceSession,
    { undelivered, unknown }: { undelivered: readonly unknown[]; unknown: readonly unknown[] },
  ): void {
    this.told.push(`reset ${undelivered.length} ${unknown.length}`)
  }

  ended(
    _session: ServiceSession,
    { undelivered, unknown }: { undelivered: readonly unknown[]; unknown: readonly unknown[] },
  ): void {
    this.told.push(`ended ${undelivered.length} ${unknown.length}`)
  }

  message(_session: ServiceSession, { type, data }: { type: number; data: Uint8Array }, said: Uint8Array): Verdict {
    this.told.push(`${type}:${[...said].join('.')}:${[...data].join('.')}`)
    return this.verdict()
  }

  stop(): void {
    this.told.push('stop')
  }

  get session(): ServiceSession {
    return this.sessions.at(-1)!
  }

  take(): string[] {
    return this.told.splice(0)
  }
}

interface Both {
  readonly lab: Lab
  readonly a: Subject
  readonly b: Subject
  readonly one: Layer
  readonly other: Layer
  readonly connection: Connection
}

/** `osd.0` dials `osd.1`, and both have the layer. */
async function both(policies: readonly [Policy, Policy] = [peer(), peer()]): Promise<Both> {
  const lab = new Lab()
  const [a, b] = ['osd.0', 'osd.1'].map((name, index) =>
    lab.subject(name, { policies: { default: policies[index]! } }),
  ) as [Subject, Subject]
  const [one, other] = [new Layer(), new Layer()]
  a.messenger.useService(one)
  b.messenger.useService(other)
  await b.messenger.bind('memory://b')
  const connection = a.messenger.connect('memory://b')
  await lab.clock.settle()
  return { lab, a, b, one, other, connection }
}

t.test('a service is told of every session, and of its end', async (t) => {
  const { lab, one, other, connection, a, b } = await both()
  t.strictSame([one.take(), other.take()], [['adopted'], ['adopted']])
  t.equal(one.session.connection, connection)
  t.ok(one.session.marks)
  lab.cut()
  connection.send({ type: 1 })
  await lab.clock.advance(2000)
  t.strictSame([one.take(), other.take()], [['resumed'], ['resumed']])
  connection.markDown()
  await lab.clock.settle()
  t.strictSame([one.take(), other.take()], [['ended 0 0'], ['ended 0 0']])
  t.throws(() => one.session.control(words(1)), { code: 'INK_CLOSED' })
  await Promise.all([a.messenger.shutdown(), b.messenger.shutdown()])
  t.strictSame([one.take(), other.take()], [['stop'], ['stop']])
})

t.test('control words and marked messages reach the other half, and nobody else', async (t) => {
  const { lab, one, other, b } = await both()
  other.take()
  one.session.send(words(4), { type: 9, data: words(5) })
  one.session.control(words(1, 2))
  one.session.control(NONE, { type: 7, data: words(3) })
  await lab.clock.settle()
  t.strictSame(other.take(), ['0:1.2:', '7::3', '9:4:5'], 'control words first')
  other.session.control(words(6))
  await lab.clock.settle()
  t.strictSame(one.take(), ['adopted', '0:6:'])
  t.strictSame(b.got, [], 'no message of the application came')
  t.strictSame(
    types(b.events).filter((type) => type === 'unhandled'),
    [],
  )
})

t.test('control words wait neither for credit nor for a handler that does not end', async (t) => {
  const { lab, other, one, b, connection } = await both([
    losslessClient(),
    losslessServer({ concurrency: 1, ...SMALL }),
  ])
  other.take()
  b.messenger.use({ dispatch: () => new Promise(() => undefined) })
  for (let tid = 1; tid <= 5; tid++) connection.send({ type: 1, tid })
  await lab.clock.settle()
  t.strictSame(connection.dump().creditFree.messages, 0)
  for (let count = 0; count < 100; count++) {
    one.session.control(words(count))
    await lab.clock.settle()
  }
  t.equal(other.take().length, 100, 'as many as there are, one after the other')
  t.equal(connection.dump().queuedMessages, 5, 'the messages still wait')
})

t.test('a promise holds the place of a word; sixteen of them are what a service may have unfinished', async (t) => {
  const { lab, one, other } = await both()
  const open: (() => void)[] = []
  other.verdict = () => new Promise<void>((resolve) => open.push(resolve))
  for (let count = 0; count < 16; count++) one.session.control(words(count))
  t.throws(() => one.session.control(words(99)), { code: 'INK_QUEUE_FULL', message: /^layer: / })
  await lab.clock.settle()
  t.throws(() => one.session.control(words(99)), { code: 'INK_QUEUE_FULL' }, 'also when they are there')
  t.equal(open.length, 16)
  open[0]!()
  await lab.clock.settle()
  one.session.control(words(16))
  t.throws(() => one.session.control(words(99)), { code: 'INK_QUEUE_FULL' })
})

t.test('words arrive once and in order across links, and end with their session', async (t) => {
  const { lab, one, other, a, connection } = await both([losslessClient({ onReset: 'requeue' }), losslessServer()])
  other.take()
  one.session.control(words(1))
  lab.clock.endTurn()
  lab.cut()
  one.session.control(words(2))
  await lab.clock.advance(3000)
  t.strictSame(
    other.take().filter((told) => told !== 'resumed'),
    ['0:1:', '0:2:'],
  )
  const [accepted] = [other.session.connection]
  lab.cut()
  one.session.control(words(3))
  one.session.send(words(4), { type: 5 })
  connection.send({ type: 6 })
  accepted.markDown()
  await lab.clock.advance(3000)
  t.strictSame(
    other.take().filter((told) => /^\d/.test(told)),
    ['5:4:'],
    'what is queued anew is messages, not words',
  )
  t.strictSame(a.outcomes, [{ undelivered: [], unknown: [] }])
})

t.test('marked messages of an outcome are told to their service, and to nobody else', async (t) => {
  const { lab, one, a, b, connection } = await both([losslessClient(), losslessServer()])
  one.take()
  const handled = b.messenger.connections[0]!
  lab.cut()
  one.session.control(words(3))
  one.session.send(words(4), { type: 5 })
  connection.send({ type: 6 })
  handled.markDown()
  await lab.clock.advance(3000)
  t.match(one.take(), ['reset 0 1', 'adopted'])
  t.match(a.outcomes, [{ undelivered: [], unknown: [{ type: 6 }] }])
  t.equal(a.outcomes[0]!.unknown.length, 1)
  one.session.send(words(4), { type: 5 })
  connection.send({ type: 6 })
  const left = connection.markDown().undelivered
  t.strictSame(
    left.map(({ type }) => type),
    [6],
  )
  t.strictSame(one.take(), ['ended 1 0'])
})

t.test('close() waits until the words are finished', async (t) => {
  const { lab, one, other, connection } = await both()
  const open: (() => void)[] = []
  other.verdict = () => new Promise<void>((resolve) => open.push(resolve))
  one.session.control(words(1))
  let closed = false
  const closing = connection.close().then(() => (closed = true))
  one.session.control(words(2))
  await lab.clock.advance(100)
  t.notOk(closed)
  for (const finish of open) finish()
  await lab.clock.advance(100)
  await closing
  t.strictSame(
    other.take().filter((told) => told.startsWith('0:')),
    ['0:1:', '0:2:'],
  )
})

t.test('a message that no service wants is told, and finished', async (t) => {
  const { lab, one, other, a, b, connection } = await both()
  other.verdict = () => 'pass'
  one.session.control(words(1))
  one.session.send(words(2), { type: 5 })
  await lab.clock.settle()
  t.strictSame(types(b.events).filter((type) => type === 'unhandled').length, 2)
  t.match(
    a.events.filter(({ type }) => type === 'failed'),
    [{ message: { type: 5 }, error: { code: 'INK_UNHANDLED' } }],
    'its sender hears that; of a word nobody does',
  )
  connection.send({ type: 1, tid: 7 })
  await lab.clock.advance(100)
  t.strictSame(b.got, [7], 'and only messages of the application are dispatched')
  t.equal(connection.dump().queuedMessages, 0)
})

t.test('what a service throws or rejects with is reported, and breaks nothing', async (t) => {
  const { lab, one, other, b } = await both()
  const failing: Service = {
    name: 'failing',
    number: 400,
    adopted() {
      throw new Error('at once')
    },
  }
  b.messenger.useService(failing)
  other.verdict = () => {
    throw new Error('a word')
  }
  one.session.control(words(1))
  await lab.clock.settle()
  other.verdict = () => Promise.reject(new Error('later'))
  one.session.send(words(1), { type: 1 })
  one.session.control(words(1))
  await lab.clock.settle()
  t.strictSame(
    b.events.flatMap((event) => (event.type === 'dispatchError' ? [event.error.message] : [])),
    ['at once', 'a word', 'later', 'later'],
  )
  other.verdict = () => 'taken'
  other.take()
  one.session.control(words(2))
  await lab.clock.settle()
  t.strictSame(other.take(), ['0:2:'])
})

t.test('without marks only a service of unmarked types can speak', (t) => {
  const queued: OutboundMessage[] = []
  const capabilities = { ...EVERYTHING, controlLane: false }
  const enqueue = (message: OutboundMessage): boolean => queued.push(message) > 0
  const host = fakeServiceHost({ capabilities, enqueue, enqueueControl: enqueue })
  const marked = new OpenService(new Layer(), host)
  t.notOk(marked.marks)
  t.throws(() => marked.control(words(1)), { code: 'INK_INCOMPATIBLE', message: /^layer: the peer knows no services/ })
  t.throws(() => marked.send(words(1), { type: 1 }), { code: 'INK_INCOMPATIBLE' })
  const typed = new OpenService({ name: 'typed', types: [17] }, host)
  const front = new Uint8Array(4096).fill(7)
  typed.control(NONE, { type: 17, front })
  front.fill(0)
  t.match(queued, [{ type: 17, extension: null, bytes: 4096 }])
  t.ok(
    queued[0]!.front!.every((byte) => byte === 7),
    'the bytes are the caller’s again',
  )
  t.throws(() => typed.control(words(1), { type: 17 }), { code: 'INK_BAD_ARGUMENT', message: /has no words/ })
  t.end()
})

t.test('a service without a number sees the types that it watches before anybody else', async (t) => {
  const { lab, b, connection } = await both()
  const seen: string[] = []
  const watching: Service = {
    name: 'watching',
    types: [17],
    message: (_session, { tid }, said) => {
      seen.push(`${tid} ${said.length}`)
      return tid === 1 ? 'taken' : 'pass'
    },
  }
  b.messenger.use({ fastDispatch: ({ type }) => type === 18 })
  b.messenger.useService(watching)
  for (const [tid, type] of [1, 2, 3].map((tid) => [tid, tid === 3 ? 16 : 17]))
    connection.send({ type: type!, tid: tid! })
  await lab.clock.settle()
  t.strictSame(seen, ['1 0', '2 0'])
  t.strictSame(b.got, [2, 3], 'what it passed, and what it never saw')
})

t.test('a caller hears at once what is wrong', async (t) => {
  const { one, a } = await both()
  const wrong: readonly unknown[] = [
    null,
    {},
    { name: 'x' },
    { name: 'x', number: 0 },
    { name: 'x', number: 65536 },
    { name: 'x', types: [] },
    { name: 'x', number: 300 },
    { name: 'x', number: 5, message: 7 },
  ]
  for (const service of wrong) {
    t.throws(() => a.messenger.useService(service as Service), { code: 'INK_BAD_ARGUMENT' }, JSON.stringify(service))
  }
  t.throws(() => one.session.control('x' as unknown as Uint8Array), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => one.session.control(NONE, null as unknown as ServiceMessage), { code: 'INK_BAD_ARGUMENT' })
  t.throws(() => one.session.control(new Uint8Array(1023)), { code: 'INK_MESSAGE_TOO_LARGE' })
  t.throws(() => one.session.control(NONE, { type: 0, data: new Uint8Array(2047) }), { code: 'INK_MESSAGE_TOO_LARGE' })
  one.session.control(new Uint8Array(1022), { type: 0, data: new Uint8Array(1024) })
  // The endpoints of the messenger and one layer are there already.
  for (let number = 1002; number < 1063; number++) a.messenger.useService(new Layer(number))
  t.throws(() => a.messenger.useService(new Layer(500)), { code: 'INK_BAD_ARGUMENT', message: /64 services/ })
})

t.test(
  'a service that is misspelled, used twice or after a type of another is refused, and called where it was added',
  async (t) => {
    const lab = new Lab()
    const messenger = lab.messenger('osd.0')
    const code = 'INK_BAD_ARGUMENT'
    const use = (service: object) => () => messenger.useService(service as Service)
    t.throws(use({ name: 'a', number: 300, adoptd: () => 0 }), { code, message: /"adoptd"; did you mean "adopted"/ })
    t.throws(use({ name: 'a', numbr: 300, types: [1] }), { code, message: /"numbr"; did you mean "number"/ })
    const watcher: Service = { name: 'watcher', types: [7] }
    messenger.useService(watcher)
    t.throws(use(watcher), { code, message: /watcher is used already/ })
    t.throws(use({ name: 'other', types: [7] }), { code, message: /type 7, which is that of watcher already/ })
    const storage = new AsyncLocalStorage<string>()
    const where: unknown[] = []
    const note = (): void => void where.push(storage.getStore())
    const message = (): Verdict => {
      note()
      return 'taken'
    }
    const osd = lab.messenger('osd.1')
    storage.run('added', () => osd.useService({ name: 'layer', types: [7], adopted: note, ended: note, message }))
    await osd.bind('memory://osd.1')
    const connection = storage.run('a request', () => messenger.connect('memory://osd.1'))
    storage.run('another', () => connection.send({ type: 7 }))
    await lab.clock.settle()
    storage.run('the end', () => osd.connections[0]?.markDown())
    t.strictSame(where, ['added', 'added', 'added'])
  },
)

t.test('who comes late is told of the sessions that there are', async (t) => {
  const { lab, a } = await both()
  const late = new Layer(301, 'late')
  const remove = a.messenger.useService(late)
  t.strictSame(late.take(), ['adopted'])
  remove()
  lab.cut()
  await lab.clock.advance(2000)
  t.strictSame(late.take(), [], 'and of nothing once it is removed')
})
