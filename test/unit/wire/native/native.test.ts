/** Both roles of the native protocol, back to back. */
import t from 'tap'
import { native } from '../../../../src/wire/native/native.ts'
import { ANSWER, encoded, header, message, OFFER, openPair, pair, pattern, queueOf, shake } from './pair.ts'

t.test('a session opens in one round trip, and data follows CONFIRM in the same flight', (t) => {
  const both = pair()
  both.dialler.wire.open(OFFER)
  const flights = shake(both)
  t.equal(flights.length, 3, 'first flight, OPENED, CONFIRM')
  const all = {
    lanes: 3,
    credit: true,
    batchMax: 4096,
    chunks: true,
    extensions: true,
    controlLane: true,
    verdicts: true,
    moves: true,
    expiry: true,
    once: true,
    addresses: true,
  }
  t.strictSame([both.dialler.wire.capabilities, both.acceptor.wire.capabilities], [all, all])
  t.strictSame(both.acceptor.sink.told, [
    ['offer', { name: 'osd.0', instance: '0'.repeat(32), addresses: ['tcp://127.0.0.1:6800'] }, OFFER],
    ['confirmed'],
  ])
  t.strictSame(both.dialler.sink.told, [
    ['opened', { name: 'osd.1', instance: '1'.repeat(32), addresses: ['tcp://127.0.0.1:6801'] }, ANSWER],
  ])
  t.end()
})

t.test('messages, marks, credit, keepalives and goodbye arrive as they were sent', (t) => {
  const { dialler, acceptor } = openPair()
  const queue = queueOf(
    message({ data: pattern(64) }),
    message({
      type: 65535,
      version: 65535,
      priority: 255,
      tid: 2 ** 53 - 1,
      front: pattern(3),
      middle: pattern(4),
      data: pattern(5),
    }),
    message({ type: 0, priority: 0 }),
    message({ front: pattern(5000, 9), middle: pattern(4096, 8), data: pattern(100_000, 7) }),
  )
  const head = header({ lane: 2, firstSeq: 2 ** 40, received: 12, processed: 11, ackNow: true })
  const bytes = encoded((out) => {
    dialler.wire.encodeBatch(out, head, queue, 0, 4)
    dialler.wire.encodeAck(
      out,
      [
        { received: 3, processed: 2 },
        { received: 1, processed: 0 },
      ],
      { messages: 70, bytes: Infinity },
    )
    dialler.wire.encodeKeepalive(out, 2 ** 41)
    dialler.wire.encodeKeepaliveAck(out, 0)
    dialler.wire.encodeGoodbye(out, 'line\nfeed')
  })
  acceptor.wire.receive(bytes)
  const told = acceptor.sink.told
  t.strictSame(told[0], ['batch', { ...head, count: 4 }])
  const messages = acceptor.sink.all('message').map((each) => each[1])
  for (const [index, got] of messages.entries()) {
    const sent = queue.at(index)!
    const hex = [sent.front, sent.middle, sent.data].map((part) => Buffer.from(part ?? []).toString('hex'))
    t.match(got, { type: sent.type, version: sent.version, priority: sent.priority, tid: sent.tid, bytes: sent.bytes })
    t.match(got, { seq: head.firstSeq + index, lane: 2, stampMs: head.stampMs, stampCounter: 5 })
    t.strictSame((got as { segments: string[] }).segments, hex)
  }
  t.equal(messages.length, 4)
  t.strictSame(told.slice(-6), [
    ['marks', 0, 3, 2],
    ['marks', 1, 1, 0],
    ['credit', 70, Infinity],
    ['keepalive', 2 ** 41],
    ['keepaliveAck', 0],
    ['goodbye', 'line feed'],
  ])
  t.end()
})

t.test('nothing is read behind a goodbye', (t) => {
  const { dialler, acceptor } = openPair()
  acceptor.wire.receive(encoded((out) => dialler.wire.encodeGoodbye(out, 'done')))
  acceptor.wire.receive(encoded((out) => dialler.wire.encodeKeepalive(out, 1)))
  t.strictSame(acceptor.sink.told, [['goodbye', 'done']])
  t.end()
})

t.test('a wire is asked for its role only', (t) => {
  const { dialler, acceptor } = pair()
  t.throws(() => acceptor.wire.open(OFFER), { code: 'INK_INTERNAL' })
  t.throws(() => dialler.wire.answer(ANSWER), { code: 'INK_INTERNAL' })
  t.throws(() => native({ checksum: 'md5' as 'none' }), { code: 'INK_BAD_OPTION' })
  t.end()
})
