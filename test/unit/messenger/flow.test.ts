/** The data path of one connection: what leaves when, what arrives where, and when a link is called dead. */
import t from 'tap'
import { Flow } from '../../../src/messenger/flow.ts'
import { Inbox } from '../../../src/messenger/inbox.ts'
import { LinkPort } from '../../../src/messenger/link-port.ts'
import { outboundMessage } from '../../../src/messenger/message-init.ts'
import { Acceptor } from '../../../src/messenger/acceptor.ts'
import { LIMITS } from '../../../src/policies/limits.ts'
import { peer } from '../../../src/policies/peer.ts'
import type { PeerOptions } from '../../../src/policies/peer.ts'
import { Session } from '../../../src/session/session.ts'
import type { Lease } from '../../../src/transports/transport.ts'
import type { Message } from '../../../src/index.ts'
import type { WireCapabilities } from '../../../src/wire/wire.ts'
import { fakeConnection, answer, FakeLink, fakeWorld, inbound } from './fakes.ts'

const HEADER = { received: 0, processed: 0, stampMs: 0, stampCounter: 0, ackNow: false }

/** An open session on a fake link, without a driver. */
function setUp(options: PeerOptions = {}, less: Partial<WireCapabilities> = {}) {
  const world = fakeWorld()
  const { fakeClock } = world
  const policy = peer(options)
  const config = { policy, role: 'initiator', channel: 0, self: 'aa', runs: LIMITS, acks: LIMITS } as const
  const session = new Session({ ...config, ...LIMITS }, world.stamps.clock)
  const connection = fakeConnection()
  const inbox = new Inbox(
    { connection, stream: null, afterHandler: () => undefined },
    policy.concurrency,
    null,
    world.queue,
  )
  const told: string[] = []
  const flow = new Flow(world, session, inbox, {
    turn: () => undefined,
    afterFinish: () => undefined,
    silent: (reason) => told.push(reason),
    skewed: (aheadMs) => told.push(`skewed ${aheadMs}`),
  })
  const link = new FakeLink()
  const owner = new Acceptor(world, () => undefined)
  const port = new LinkPort(1, link, world.wire, 'dialler', world.context(), owner)
  const input = { nowMs: fakeClock.nowMs(), random: 0, freshId: 'f'.repeat(32), freshLink: 1, canDial: true }
  session.handle({ type: 'connect' }, input)
  const capabilities = Object.assign(port.wire.capabilities, less)
  session.handle({ type: 'opened', link: 1, instance: '1'.repeat(32), answer: answer(), capabilities }, input)
  flow.attach(port)
  fakeClock.endTurn()
  link.calls.length = 0
  /** The link brings these messages of lane 1. */
  const receive = (firstSeq: number, ...sizes: number[]): void => {
    world.wire.wires[0]!.onReceive = () => {
      flow.batch({ ...HEADER, lane: 1, firstSeq, count: sizes.length })
      sizes.forEach((size, index) => {
        flow.admit(size, false)
        flow.message(inbound(firstSeq + index, 1, new Uint8Array(size)), 'own')
      })
    }
    link.handlers.data(new Uint8Array(1))
  }
  const send = (bytes = 0, priority = 127): void => {
    session.outbound.enqueue(outboundMessage({ type: 1, priority, data: new Uint8Array(bytes) }, null))
    flow.queued()
  }
  const markDown = (): void => {
    session.handle({ type: 'markDown', cause: 'local', code: 'INK_MARKED_DOWN', reason: 'down' }, input)
  }
  return { world, fakeClock, session, flow, link, port, told, receive, send, inbox, owner, markDown }
}

t.test('what is sent in one turn leaves in one write, the urgent first', (t) => {
  const { fakeClock, link, send } = setUp()
  send()
  send()
  send(0, 255)
  t.strictSame(link.calls, [])
  fakeClock.endTurn()
  t.strictSame(link.calls, ['write [batch 0:1+1][batch 1:1+2]'])
  t.end()
})

/** How many messages each write carried. */
function messagesOf(calls: readonly string[]): number[] {
  return calls.map((call) =>
    [...call.matchAll(/batch \d+:\d+\+(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0),
  )
}

t.test('answers leave before the end of a long read; other messages wait for the end of their turn', (t) => {
  const { world, fakeClock, link, receive, send } = setUp()
  const stop = world.dispatchers.use({ dispatch: () => send() })
  receive(1, ...new Array<number>(60).fill(1))
  t.strictSame(messagesOf(link.calls), [16, 32])
  fakeClock.endTurn()
  t.strictSame(messagesOf(link.calls), [16, 32, 12])
  stop()
  for (let index = 0; index < 30; index++) send()
  t.equal(link.calls.length, 3)
  fakeClock.endTurn()
  t.strictSame(messagesOf(link.calls.slice(3)), [30])
  t.end()
})

t.test('an early answer does not leave on a link that is blocked', (t) => {
  const { world, fakeClock, link, receive, send } = setUp()
  world.dispatchers.use({ dispatch: () => send() })
  link.hasRoom = false
  receive(1, ...new Array<number>(60).fill(1))
  fakeClock.endTurn()
  t.strictSame(messagesOf(link.calls), [16])
  link.hasRoom = true
  link.handlers.writable()
  t.strictSame(messagesOf(link.calls), [16, 44])
  t.end()
})

t.test('a blocked link is not written to until it is writable', (t) => {
  const { fakeClock, link, send } = setUp()
  link.hasRoom = false
  send()
  fakeClock.endTurn()
  send()
  fakeClock.endTurn()
  t.strictSame(link.calls, ['write [batch 1:1+1]'])
  link.hasRoom = true
  link.handlers.writable()
  t.strictSame(link.calls.slice(1), ['write [batch 1:2+1]'])
  t.end()
})

t.test("sending stops where the peer's credit ends, and goes on when it comes", (t) => {
  const { fakeClock, flow, link, send } = setUp()
  send(900)
  send(200)
  fakeClock.endTurn()
  t.strictSame(link.calls, ['write [batch 1:1+1]'])
  flow.credit(100, 2000)
  flow.turn()
  fakeClock.endTurn()
  t.strictSame(link.calls.slice(1), ['write [batch 1:2+1]'])
  t.end()
})

t.test('credit that comes in a read lets the one message go that waits for it', (t) => {
  const { fakeClock, flow, link, send } = setUp()
  send(900)
  send(200)
  fakeClock.endTurn()
  t.ok(flow.marks(1, 1, 1), 'the first one is handled')
  flow.credit(100, 2000)
  flow.turn()
  fakeClock.endTurn()
  t.strictSame(link.calls, ['write [batch 1:1+1]', 'write [batch 1:2+1]'])
  t.end()
})

t.test('a link that becomes full ends the flush, however much waits', (t) => {
  const { world, fakeClock, link, send } = setUp()
  const wire = world.wire.wires[0]!
  wire.encodeBatch = (out) => {
    out.attach(new Uint8Array(1024 * 1024))
  }
  for (let index = 0; index < 3 * wire.capabilities.batchMax; index++) send()
  link.hasRoom = false
  fakeClock.endTurn()
  t.equal(link.calls.length, 1)
  link.handlers.writable()
  t.equal(link.calls.length, 2)
  link.hasRoom = true
  link.handlers.writable()
  t.equal(link.calls.length, 3)
  t.end()
})

t.test('beside urgent messages a large one asks for echoes, and waits for them', (t) => {
  const { world, fakeClock, flow, link, send } = setUp()
  const wire = world.wire.wires[0]!
  let chunkBytes = 0
  wire.encodeChunk = (out, _header, _message, _offset, length) => {
    chunkBytes += length
    out.attach(new Uint8Array(length))
  }
  const asked: number[] = []
  wire.encodeKeepalive = (_out, token) => {
    asked.push(token)
  }
  flow.credit(100, 2 ** 30)
  send(8 * 2 ** 20)
  fakeClock.endTurn()
  t.strictSame([chunkBytes, asked], [8 * 2 ** 20, []], 'alone it goes at once')
  send(0, 255)
  send(8 * 2 ** 20)
  fakeClock.endTurn()
  const before = chunkBytes
  t.ok(before < 12 * 2 ** 20, `${before} bytes`)
  flow.keepaliveAck(asked.at(-1) ?? 0)
  flow.turn()
  fakeClock.endTurn()
  t.ok(chunkBytes > before)
  t.ok(link.calls.length > 0)
  t.end()
})

t.test('credit that is worth telling goes before our own data', (t) => {
  const { world, fakeClock, link, receive, send } = setUp({ window: { messages: 8, bytes: 1000 } })
  world.dispatchers.use({ dispatch: () => undefined })
  receive(1, 1, 1, 1)
  send()
  fakeClock.endTurn()
  t.strictSame(link.calls, ['write [ack 0/0,3/3,0/0 11][batch 1:1+1]'])
  t.end()
})

t.test('an ack waits a moment for data to ride on, and then goes alone', async (t) => {
  const { world, fakeClock, flow, link, receive } = setUp()
  world.dispatchers.use({ dispatch: () => undefined })
  receive(1, 10, 10)
  fakeClock.endTurn()
  t.strictSame(link.calls, [])
  t.equal(flow.deadlineMs, fakeClock.nowMs() + LIMITS.ackDelayMs)
  await fakeClock.advance(LIMITS.ackDelayMs)
  flow.tick(fakeClock.nowMs())
  t.match(link.calls, [/^write \[ack 0\/0,2\/2,0\/0 /])
  t.ok(flow.deadlineMs > fakeClock.nowMs() + 1000, 'nothing is left to tell')
})

t.test('an ack that is due in this turn leaves at its end and needs no timer', (t) => {
  const { world, fakeClock, flow, link } = setUp()
  world.dispatchers.use({ dispatch: () => undefined })
  world.wire.wires[0]!.onReceive = () => {
    flow.batch({ ...HEADER, lane: 1, firstSeq: 1, count: 1, ackNow: true })
    flow.admit(1, false)
    flow.message(inbound(1, 1, new Uint8Array(1)), 'own')
  }
  link.handlers.data(new Uint8Array(1))
  t.ok(flow.deadlineMs > fakeClock.nowMs() + 1000)
  fakeClock.endTurn()
  t.match(link.calls, [/^write \[ack 0\/0,1\/1,0\/0 /])
  t.end()
})

t.test('a handler that has not finished is not acked as processed', async (t) => {
  const { world, fakeClock, flow, link, receive } = setUp()
  const done: (() => void)[] = []
  world.dispatchers.use({ dispatch: () => new Promise<void>((resolve) => done.push(resolve)) })
  receive(1, 10, 10)
  done[1]?.()
  await fakeClock.advance(LIMITS.ackDelayMs)
  flow.tick(fakeClock.nowMs())
  t.match(link.calls, [/^write \[ack 0\/0,2\/0,0\/0 /], 'marks are cumulative: the first one runs still')
})

t.test(
  'a peer without credit is not read while the window is full, and read again when a handler is done',
  async (t) => {
    const window = { messages: 2, bytes: 1000 }
    const { world, fakeClock, flow, link, receive } = setUp({ window }, { credit: false })
    const done: (() => void)[] = []
    world.dispatchers.use({ dispatch: () => new Promise<void>((resolve) => done.push(resolve)) })
    receive(1, 1)
    t.strictSame(link.calls, [])
    receive(2, 1)
    t.strictSame(link.calls, ['pause'])
    await fakeClock.advance(3_600_000)
    t.ok(flow.deadlineMs === Infinity || flow.deadlineMs < fakeClock.nowMs(), 'its silence is our own doing')
    done[0]?.()
    await fakeClock.settle()
    t.strictSame(link.calls.slice(0, 2), ['pause', 'resume'])
    t.end()
  },
)

t.test('what was dropped with its session is finished: an ack for it later gives nothing back again', (t) => {
  const { world, flow, session, receive } = setUp()
  const kept: Message[] = []
  world.dispatchers.use({
    fastDispatch(message) {
      kept.push(message)
      flow.detach()
      return false
    },
  })
  receive(1, 10)
  t.strictSame([session.inbound.held.messages, session.inbound.held.bytes], [0, 0])
  kept[0]?.ack()
  t.strictSame([session.inbound.held.messages, session.inbound.held.bytes], [0, 0])
  t.match(session.inbound.marks()[1], { received: 1, processed: 0 })
  t.end()
})

t.test('when there is memory again the peer is told of its credit at once, not when an ack is due', (t) => {
  const { world, fakeClock, flow, link, receive } = setUp()
  world.dispatchers.use({ dispatch: () => undefined })
  receive(1, 10)
  fakeClock.endTurn()
  t.strictSame(link.calls, [])
  flow.easier()
  fakeClock.endTurn()
  t.match(link.calls, [/^write \[ack/])
  t.end()
})

t.test("the peer's keepalive is answered at the end of the turn", (t) => {
  const { world, fakeClock, flow, link } = setUp()
  world.wire.wires[0]!.onReceive = () => {
    flow.keepalive(42)
  }
  link.handlers.data(new Uint8Array(1))
  fakeClock.endTurn()
  t.strictSame(link.calls, ['write [alive 42]'])
  t.end()
})

t.test('a question that a full link left unanswered is not answered on the next one', (t) => {
  const { world, fakeClock, session, flow, port, owner } = setUp()
  port.blocked = true
  flow.keepalive(42)
  const link = new FakeLink()
  const input = { nowMs: fakeClock.nowMs(), random: 0, freshId: 'e'.repeat(32), freshLink: 2, canDial: true }
  session.handle({ type: 'fault', link: 1, reason: 'cut' }, input)
  session.handle({ type: 'work' }, input)
  const fresh = { ...answer(), id: input.freshId }
  session.handle({ type: 'opened', link: 2, instance: '1'.repeat(32), answer: fresh }, input)
  t.equal(session.path?.link, 2)
  flow.attach(new LinkPort(2, link, world.wire, 'dialler', world.context(), owner))
  fakeClock.endTurn()
  t.notMatch(link.calls.join(), /alive 42/)
  t.end()
})

t.test('a silent peer is asked once and then given up; any byte is a sign of life', async (t) => {
  const { fakeClock, flow, link, told } = setUp({ keepalive: { intervalMs: 100, timeoutMs: 300 } })
  const startMs = fakeClock.nowMs()
  t.equal(flow.deadlineMs, startMs + 100)
  await fakeClock.advance(100)
  flow.tick(fakeClock.nowMs())
  t.strictSame(link.calls, ['write [keepalive]'])
  t.equal(flow.deadlineMs, startMs + 300)
  link.handlers.data(new Uint8Array(1))
  t.equal(flow.deadlineMs, fakeClock.nowMs() + 100)
  await fakeClock.advance(100)
  flow.tick(fakeClock.nowMs())
  await fakeClock.advance(199)
  flow.tick(fakeClock.nowMs())
  t.strictSame(told, [])
  await fakeClock.advance(1)
  flow.tick(fakeClock.nowMs())
  t.strictSame(told, ['nothing came from the peer for 300 ms'])
})

t.test('a full link that is taken from has a living peer; one that stands still has not', async (t) => {
  const { fakeClock, flow, link, port, told } = setUp({ keepalive: { intervalMs: 100, timeoutMs: 300 } })
  const look = async (ms: number, passedBytes: number): Promise<void> => {
    link.bufferedBytes = port.traffic.takenBytes - passedBytes
    await fakeClock.advance(ms)
    flow.tick(fakeClock.nowMs())
  }
  port.traffic.takenBytes = 1_000_000
  await look(100, 100_000)
  await look(200, 400_000)
  t.strictSame(told, [], 'it said nothing for 300 ms, and read')
  await look(100, 500_000)
  await look(100, 500_000)
  t.strictSame(told, [], 'it is asked again')
  await look(200, 500_000)
  t.strictSame(told, ['nothing came from the peer for 300 ms'])
})

t.test('what the system takes at once proves nothing about the peer', async (t) => {
  const { fakeClock, flow, port, told } = setUp({ keepalive: { intervalMs: 100, timeoutMs: 300 } })
  for (let look = 0; look < 3; look++) {
    port.traffic.takenBytes += 1000
    await fakeClock.advance(100)
    flow.tick(fakeClock.nowMs())
  }
  t.strictSame(told, ['nothing came from the peer for 300 ms'])
})

t.test('a keepalive carries the bytes that were given to the link, or the time where nothing is paced', async (t) => {
  for (const chunks of [true, false]) {
    const { world, fakeClock, flow, port } = setUp({ keepalive: { intervalMs: 100, timeoutMs: 300 } })
    const wire = world.wire.wires[0]!
    wire.capabilities.chunks = chunks
    const tokens: number[] = []
    wire.encodeKeepalive = (_out, token) => {
      tokens.push(token)
    }
    port.write([new Uint8Array(1234)])
    await fakeClock.advance(100)
    flow.tick(fakeClock.nowMs())
    t.strictSame(tokens, [chunks ? port.traffic.takenBytes : Math.floor(fakeClock.nowMs())])
  }
})

t.test('without a link nothing is due and nothing is sent', (t) => {
  const { fakeClock, flow, link, port, send } = setUp()
  send()
  flow.detach()
  fakeClock.endTurn()
  flow.tick(fakeClock.nowMs() + 1e9)
  t.strictSame(link.calls, [])
  t.equal(flow.deadlineMs, Infinity)
  t.equal(port.sink, null)
  t.end()
})

t.test('an orderly end says the marks, then goodbye, then closes', async (t) => {
  const { world, fakeClock, session, flow, link, port, receive } = setUp()
  world.dispatchers.use({ dispatch: () => undefined })
  receive(1, 10)
  await fakeClock.settle()
  flow.goodbye(port, 'closed', session.path)
  t.match(link.calls, [/^write \[ack 0\/0,1\/1,0\/0 \d+\]\[goodbye closed\]$/, 'close'])
  t.equal(flow.port, null)
})

t.test('a link that was adopted in this turn says CONFIRM before the marks and goodbye', async (t) => {
  const { session, flow, link, port } = setUp()
  const waiting = [new TextEncoder().encode('[confirm]')]
  port.wire.takeHandshake = () => waiting.splice(0)
  flow.goodbye(port, 'closed', session.path)
  t.match(link.calls, [/^write \[confirm\]\[ack .*\]\[goodbye closed\]$/, 'close'])
})

t.test('a message that a fast dispatcher took is finished; the others are queued', (t) => {
  const { world, session, receive } = setUp()
  const queued: number[] = []
  world.dispatchers.use({
    fastDispatch: (message) => message.tid === 1,
    dispatch: (message) => void queued.push(message.tid),
  })
  receive(1, 10, 10)
  t.strictSame(queued, [2])
  t.equal(session.inbound.held.messages, 0)
  t.strictSame(session.inbound.marks()[1], { received: 2, processed: 2 })
  t.end()
})

/** What was in the memory of two bodies of 40,000 bytes that are taken now. */
function marksOfNext(world: ReturnType<typeof setUp>['world']): boolean[] {
  return [world.bodies.take(40_000), world.bodies.take(40_000)].map((body) => body.every((byte) => byte === 211))
}

t.test('a large body that was lent serves the next message, one that is kept does not', (t) => {
  for (const bodies of ['keep', 'lend'] as const) {
    const { flow, receive, world, fakeClock } = setUp({ bodies })
    const taken: Uint8Array[] = []
    world.dispatchers.use({ dispatch: ({ data }) => void taken.push(data.fill(211)) })
    receive(1, 40_000)
    fakeClock.endTurn()
    t.strictSame(marksOfNext(world), [bodies === 'lend', false])
    flow.detach()
  }
  t.end()
})

t.test('a large body that a fast dispatcher took serves one next message, not two', (t) => {
  for (const bodies of ['keep', 'lend'] as const) {
    const { flow, receive, world } = setUp({ bodies })
    world.dispatchers.use({
      fastDispatch: ({ data }) => {
        data.fill(211)
        return true
      },
    })
    receive(1, 40_000)
    const [first, second] = marksOfNext(world)
    t.strictSame([first, second], [true, false], bodies)
    flow.detach()
  }
  t.end()
})

/** A chunk of three messages that lend its memory, of which handlers finish as `finish[tid]` is called. */
function lendThree() {
  const made = setUp({ bodies: 'lend' })
  const { flow, world, link } = made
  const chunk = new Uint8Array(150).fill(7)
  const views: Uint8Array[] = []
  const finish: (() => void)[] = []
  world.dispatchers.use({
    dispatch: ({ tid, data }) => {
      views[tid] = data
      return tid === 0 ? undefined : new Promise<void>((resolve) => (finish[tid] = resolve))
    },
  })
  world.wire.wires[0]!.onReceive = () => {
    flow.batch({ ...HEADER, lane: 1, firstSeq: 1, count: 3 })
    for (const tid of [0, 1, 2]) {
      flow.admit(50, false)
      const message = inbound(tid, 1, chunk.subarray(tid * 50, tid * 50 + 50))
      flow.message(Object.assign(message, { seq: tid + 1 }), 'borrowed')
    }
  }
  const told: string[] = []
  const lease: Lease = { hold: () => void told.push('hold'), release: () => void told.push('release') }
  return {
    ...made,
    chunk,
    views,
    finish,
    told,
    hear: (leased: boolean) => link.handlers.data(chunk, leased ? lease : undefined),
  }
}

t.test(
  'a view that was taken before a wait stays right: what is lent is held until the last handler has finished',
  async (t) => {
    const { flow, port, chunk, views, finish, told, hear } = lendThree()
    hear(true)
    t.ok(
      views.every(({ buffer }) => buffer === chunk.buffer),
      'where it lies',
    )
    // Also when the link goes meanwhile.
    flow.detach()
    port.reset()
    finish[2]!()
    await new Promise(setImmediate)
    t.strictSame(told, ['hold'])
    finish[1]!()
    await new Promise(setImmediate)
    t.strictSame(told, ['hold', 'release'])
  },
)

t.test('a chunk that cannot be held is copied before a handler sees it', async (t) => {
  const { chunk, views, finish, hear } = lendThree()
  hear(false)
  chunk.fill(9)
  t.ok(views.every((data) => data.every((byte) => byte === 7)))
  finish[1]!()
  finish[2]!()
  await new Promise(setImmediate)
})

t.test('what is dropped with its session is given back', (t) => {
  const { flow, world, inbox, told, hear } = lendThree()
  world.queue.run = () => undefined
  hear(true)
  for (const message of inbox.clear()) flow.drop(message)
  t.strictSame(told, ['hold', 'release'])
  t.end()
})

t.test('a fast dispatcher that ends the connection leaves nothing to dispatch', (t) => {
  const { world, fakeClock, flow, session, port, receive, inbox, markDown } = setUp()
  world.dispatchers.use({
    fastDispatch: () => {
      markDown()
      port.reset()
      flow.detach()
      return false
    },
    dispatch: () => t.fail('the session is over'),
  })
  receive(1, 10)
  fakeClock.run()
  t.equal(inbox.length, 0)
  t.equal(session.inbound.held.messages, 0, 'its credit is not lost')
  t.end()
})

t.test('a clock that is far ahead is told once', (t) => {
  const { world, flow, told } = setUp()
  const stampMs = world.fakeClock.wallMs() + LIMITS.maxDriftMs + 1
  for (const firstSeq of [1, 2]) flow.batch({ ...HEADER, lane: 1, firstSeq, count: 1, stampMs })
  t.strictSame(told, [`skewed ${LIMITS.maxDriftMs + 1}`])
  t.end()
})

t.test('stamps follow the wall clock both ways for as long as the link is there', (t) => {
  const { world, fakeClock, flow, link, told, send } = setUp()
  for (let firstSeq = 1; firstSeq <= 3; firstSeq++) {
    fakeClock.pass(2 * LIMITS.maxDriftMs)
    const heardMs = fakeClock.wallMs()
    world.wire.wires[0]!.onReceive = () => void flow.batch({ ...HEADER, lane: 1, firstSeq, count: 1, stampMs: heardMs })
    link.handlers.data(new Uint8Array(1))
    t.equal(world.stamps.clock.ms, heardMs, 'what the peer stamped now is followed')
    fakeClock.pass(2 * LIMITS.maxDriftMs)
    send()
    fakeClock.endTurn()
    t.equal(world.stamps.clock.ms, fakeClock.wallMs(), 'and what leaves is stamped with the time at which it leaves')
  }
  t.strictSame(told, [], 'a peer whose clock is right is not called ahead')
  t.end()
})
