/** Where transport and wire meet: who hears what, and who hears nothing any more. */
import t from 'tap'
import { LinkPort } from '../../../src/messenger/link-port.ts'
import type { PortOwner } from '../../../src/messenger/link-port.ts'
import type { DataSink } from '../../../src/messenger/port-terms.ts'
import { FakeLink, answer, fakeWorld, inbound, offer, PEER } from './fakes.ts'

/** Writes down what it is told. */
function setUp(role: 'dialler' | 'acceptor' = 'acceptor') {
  const world = fakeWorld()
  const told: string[] = []
  const owner: PortOwner = {
    onOffer: () => told.push('offer'),
    onOpened: () => told.push('opened'),
    onYielded: (_port, _peer, epoch) => told.push(`yielded ${epoch}`),
    onRejected: (_port, _peer, code) => told.push(`rejected ${code}`),
    onConfirmed: () => told.push('confirmed'),
    onParted: () => told.push('parted'),
    onGoodbye: (_port, reason) => told.push(`goodbye ${reason}`),
    onFault: (_port, code, reason) => told.push(`fault ${code} ${reason}`),
    onClosed: (_port, end) => told.push(`closed ${end.end}`),
  }
  const sink: DataSink = {
    reusesBodies: false,
    heard: () => told.push('heard'),
    dueMs: (remainingMs) => remainingMs,
    batch: () => 3,
    admit: () => false,
    message: (message) => told.push(`message ${message.tid}`),
    marks: (lane) => lane < 3,
    credit: () => told.push('credit'),
    verdicts: (first) => first === 1,
    keepaliveAck: (token: number) => told.push(`ack ${token}`),
    keepalive: (token) => told.push(`keepalive ${token}`),
    turn: () => told.push('turn'),
    writable: () => told.push('writable'),
  }
  const link = new FakeLink()
  const port = new LinkPort(1, link, world.wire, role, world.context(), owner)
  const wire = world.wire.wires[0]!
  return { told, sink, link, port, wire }
}

const HEADER = {
  ...{ lane: 1, firstSeq: 1, count: 5, received: 0, processed: 0 },
  ...{ stampMs: 0, stampCounter: 0, ackNow: false },
}

t.test('control goes to the owner, with or without a session', (t) => {
  const { told, wire } = setUp()
  wire.sink.offer(PEER, offer())
  wire.sink.opened(PEER, answer())
  wire.sink.yielded(PEER, 4)
  wire.sink.rejected(PEER, 'INK_REFUSED', 'full')
  wire.sink.confirmed()
  wire.sink.goodbye('closed')
  wire.sink.fault('INK_RESET', 'altered')
  const all = ['offer', 'opened', 'yielded 4', 'rejected INK_REFUSED', 'confirmed', 'goodbye closed']
  t.strictSame(told, [...all, 'fault INK_RESET altered'])
  t.end()
})

t.test('data on a port that was not adopted changes nothing', (t) => {
  const { told, wire } = setUp()
  t.equal(wire.sink.batch(HEADER), 5, 'all of it is skipped')
  t.equal(wire.sink.admit(10, true), true)
  wire.sink.message(inbound(1), 'own')
  wire.sink.marks(0, 9, 9)
  wire.sink.credit(9, 9)
  wire.sink.keepalive(1)
  t.strictSame(told, [])
  t.end()
})

t.test('data on the adopted port goes to the session, and ends with a turn', (t) => {
  const { told, sink, link, port, wire } = setUp()
  port.sink = sink
  wire.onReceive = () => {
    t.equal(wire.sink.batch(HEADER), 3)
    t.equal(wire.sink.admit(10, false), false)
    wire.sink.message(inbound(1), 'own')
    wire.sink.marks(0, 1, 1)
    wire.sink.credit(9, 9)
    wire.sink.keepalive(1)
    wire.sink.keepaliveAck(1)
  }
  link.handlers.data(new Uint8Array(1))
  t.strictSame(told, ['heard', 'message 1', 'credit', 'keepalive 1', 'ack 1', 'turn'])
  t.strictSame(link.calls, [], 'the handshake is over')
  t.end()
})

t.test('acks of what was never sent are a fault', (t) => {
  const { told, sink, port, wire } = setUp()
  port.sink = sink
  wire.sink.marks(7, 1, 1)
  t.match(told, [/^fault INK_INCOMPATIBLE the peer acked messages of lane 7/])
  t.end()
})

t.test('verdicts that cannot be are a fault', (t) => {
  const { told, sink, port, wire } = setUp()
  port.sink = sink
  wire.sink.verdicts(1, [], 0)
  t.strictSame(told, [])
  wire.sink.verdicts(2, [], 0)
  t.match(told, [/^fault INK_INCOMPATIBLE the peer says of messages that failed which it cannot have/])
  t.end()
})

t.test('what the handshake says goes out after every read', (t) => {
  const { link, wire } = setUp()
  wire.onReceive = () => wire.answer()
  link.handlers.data(new Uint8Array(1))
  t.strictSame(link.calls, ['write [answer]'])
  t.end()
})

t.test('a port that was closed is deaf and writes no more', (t) => {
  const { told, sink, link, port, wire } = setUp()
  port.sink = sink
  wire.reject('INK_REFUSED')
  port.close()
  link.handlers.data(new Uint8Array(1))
  wire.sink.offer(PEER, offer())
  wire.sink.fault('INK_RESET', 'x')
  port.write([new Uint8Array(1)])
  port.abandon()
  t.strictSame(link.calls, ['write [reject INK_REFUSED]', 'close'])
  t.equal(port.sink, null)
  link.ends('local')
  t.strictSame(told, ['closed local'])
  t.end()
})

t.test('a sink that gives the port up hears nothing more of that read; what it got has its turn', (t) => {
  const { told, sink, link, port, wire } = setUp()
  port.sink = sink
  wire.onReceive = () => {
    wire.sink.keepalive(1)
    port.reset()
    wire.sink.keepalive(2)
    wire.sink.goodbye('late')
  }
  link.handlers.data(new Uint8Array(1))
  t.strictSame(told, ['heard', 'keepalive 1', 'turn'])
  t.strictSame(link.calls, ['reset'])
  t.end()
})

t.test('what came whole ahead of a fault of the same read is handed over, though its link is gone', (t) => {
  const { told, sink, link, port, wire } = setUp()
  port.owner = { ...port.owner, onFault: () => port.reset() }
  wire.onReceive = () => {
    wire.sink.confirmed()
    port.sink = sink
    wire.sink.batch(HEADER)
    wire.sink.message(inbound(1), 'own')
    wire.sink.fault('INK_RESET', 'altered')
    wire.sink.message(inbound(2), 'own')
  }
  link.handlers.data(new Uint8Array(1))
  t.strictSame(told, ['confirmed', 'message 1', 'turn'])
  link.handlers.data(new Uint8Array(1))
  t.equal(told.length, 3, 'nothing is read from it any more')
  t.end()
})

t.test('a link with a last word to say is closed behind it, not reset', (t) => {
  const { link, port, wire } = setUp()
  wire.reject('INK_REFUSED')
  port.reset()
  t.strictSame(link.calls, ['write [reject INK_REFUSED]', 'close'])
  t.end()
})

t.test('a full link is blocked until it says writable', (t) => {
  const { told, sink, link, port } = setUp('dialler')
  port.sink = sink
  link.hasRoom = false
  port.write([Buffer.from('x')])
  t.ok(port.blocked)
  link.handlers.opened()
  link.handlers.writable()
  t.notOk(port.blocked)
  t.strictSame(told, ['writable'])
  t.end()
})
