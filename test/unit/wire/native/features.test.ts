/** What the sides say in HELLO that they know, what follows from it, and the extension blocks that hang on it. */
import t from 'tap'
import { concat } from '../../../../src/common/bytes.ts'
import * as frames from '../../../../src/wire/native/control-frames.ts'
import * as session from '../../../../src/wire/native/session-frames.ts'
import { CONTROL_LANE, EXTENSION_BYTES_MAX, LANES } from '../../../../src/wire/message.ts'
import { capabilitiesWith, FEATURE, OFFERED, type Feature } from '../../../../src/wire/native/features.ts'
import { CONTROL_HEADER_BYTES, FEATURE_BYTES_MAX, FEATURES_MAX, TAG } from '../../../../src/wire/native/format.ts'
import { words } from '../../../../src/wire/late/words.ts'
import { ANSWER, context, encoded, header, message, OFFER, openPair, pair, pattern, queueOf, shake } from './pair.ts'
import type { OutBuffer } from '../../../../src/wire/out-buffer.ts'
import type { End } from './pair.ts'
import { frameStarts, seal } from './session-bytes.ts'

const NOTHING = new Uint8Array(0)

function hello(name: string, features: readonly Feature[]): Uint8Array {
  const { self, limits } = context(name)
  const said = { version: 1, identity: self, frameBytesMax: limits.frameBytes, features }
  return frames.controlFrame(TAG.HELLO, frames.encodeHello(said))
}

/** The HELLO in a flight that begins with the banner, replaced. */
function withHello(flight: Uint8Array, replaced: Uint8Array): Uint8Array {
  const [, behind] = frameStarts(flight) as [number, number]
  return concat([flight.subarray(0, 16), replaced, flight.subarray(behind)])
}

/** An open pair whose sides believe that the other one offered these. */
function openWith(dialler: readonly Feature[], acceptor: readonly Feature[]): { dialler: End; acceptor: End } {
  const both = pair()
  both.dialler.wire.open(OFFER)
  both.acceptor.wire.receive(withHello(concat(both.dialler.wire.takeHandshake()), hello('osd.0', dialler)))
  both.dialler.wire.receive(withHello(concat(both.acceptor.wire.takeHandshake()), hello('osd.1', acceptor)))
  shake(both)
  both.dialler.sink.told.length = 0
  both.acceptor.sink.told.length = 0
  return both
}

t.test('what both sides know is on, what one of them does not know is off', (t) => {
  const { dialler, acceptor } = openPair()
  t.match(dialler.wire.capabilities, { extensions: true })
  t.strictSame(acceptor.wire.capabilities, dialler.wire.capabilities)
  const mixed = openWith([], OFFERED)
  t.match(mixed.acceptor.wire.capabilities, { extensions: false })
  t.match(mixed.dialler.wire.capabilities, { extensions: true })
  t.end()
})

t.test('what is not known here is ignored, whatever it says', (t) => {
  const newer: Feature[] = [
    { number: 0, value: NOTHING },
    { number: 77, value: pattern(FEATURE_BYTES_MAX) },
    { number: FEATURE.EXTENSIONS, value: pattern(9) },
    { number: FEATURE.EXTENSIONS, value: NOTHING },
    { number: FEATURE.CONTROL_LANE, value: NOTHING },
    { number: FEATURE.VERDICTS, value: NOTHING },
    { number: FEATURE.MOVES, value: NOTHING },
    { number: FEATURE.EXPIRY, value: NOTHING },
    { number: FEATURE.ONCE, value: NOTHING },
    { number: FEATURE.ADDRESSES, value: NOTHING },
    { number: 2 ** 32 - 1, value: NOTHING },
  ]
  const { dialler, acceptor } = openWith(newer, newer)
  t.strictSame([dialler.sink.faulted, acceptor.sink.faulted], [undefined, undefined])
  t.strictSame(acceptor.wire.capabilities, capabilitiesWith(OFFERED))
  t.strictSame(dialler.wire.capabilities, capabilitiesWith(OFFERED))
  t.end()
})

t.test('features are bounded in number and in size, known ones and others', (t) => {
  const wide = { limits: { handshakeBytes: 65_536, frameBytes: 512 * 1024 } }
  const refusal = (features: readonly Feature[]): string | undefined => {
    const both = pair({ acceptor: wide })
    both.dialler.wire.open(OFFER)
    both.acceptor.wire.receive(withHello(concat(both.dialler.wire.takeHandshake()), hello('osd.0', features)))
    return both.acceptor.sink.faulted
  }
  const many = (count: number): Feature[] =>
    Array.from({ length: count }, (_, index) => ({ number: index + 100, value: NOTHING }))
  t.equal(refusal(many(FEATURES_MAX)), undefined)
  t.match(refusal(many(FEATURES_MAX + 1)), /^INK_INCOMPATIBLE: HELLO: more than 64 features/)
  t.equal(refusal([{ number: 100, value: pattern(FEATURE_BYTES_MAX) }]), undefined)
  t.match(refusal([{ number: 100, value: pattern(FEATURE_BYTES_MAX + 1) }]), /^INK_INCOMPATIBLE: HELLO: a feature says/)
  t.end()
})

t.test('an extension travels before the segments, in runs and over chunks', (t) => {
  const { dialler, acceptor } = openPair()
  const extension = pattern(EXTENSION_BYTES_MAX, 3)
  const queue = queueOf(
    message({ extension: pattern(7), front: pattern(2), data: pattern(5, 2) }),
    message({ extension: pattern(1), tid: 3, version: 2 }),
    message({ middle: pattern(4) }),
    message({ extension, front: pattern(3), data: pattern(600, 4) }),
  )
  acceptor.wire.receive(encoded((out) => dialler.wire.encodeBatch(out, header({ count: 4 }), queue, 0, 4)))
  const large = queue.at(3)!
  for (let at = 0; at < large.bytes; at += 1000)
    acceptor.wire.receive(
      encoded((out) =>
        dialler.wire.encodeChunk(out, header({ firstSeq: 5 }), large, at, Math.min(1000, large.bytes - at)),
      ),
    )
  t.equal(acceptor.sink.faulted, undefined)
  const got = acceptor.sink.messages.map(({ extension, front, middle, data, bytes }) => ({
    parts: [extension, front, middle, data].map((part) => [...part]),
    bytes,
  }))
  const sent = [...queue, large].map(({ extension, front, middle, data, bytes }) => ({
    parts: [extension, front, middle, data].map((part) => [...(part ?? [])]),
    bytes,
  }))
  t.strictSame(got, sent)
  const admitted = acceptor.sink.all('admit').map(([, bytes]) => bytes)
  t.strictSame(
    admitted,
    sent.map(({ bytes }) => bytes),
    'it takes credit as segments do',
  )
  t.end()
})

t.test('an extension from a peer that does not know of them, or a too long one, breaks the protocol', (t) => {
  const run = (extension: Uint8Array) => (out: Parameters<Parameters<typeof encoded>[0]>[0]) =>
    openPair().dialler.wire.encodeBatch(out, header(), queueOf(message({ extension })), 0, 1)
  const older = openWith([], []).acceptor
  older.wire.receive(encoded(run(pattern(1))))
  t.match(older.sink.faulted, /INK_INCOMPATIBLE: a record has an extension block, which this peer does not know/)
  const { acceptor } = openPair()
  acceptor.wire.receive(encoded(run(pattern(EXTENSION_BYTES_MAX + 1))))
  t.match(acceptor.sink.faulted, /INK_INCOMPATIBLE: an extension block is too long/)
  t.strictSame(acceptor.sink.all('admit'), [], 'before memory is taken')
  const cut = encoded(run(pattern(8)))
  cut[48 + 4] = 200
  const short = openPair().acceptor
  short.wire.receive(seal(cut))
  t.match(short.sink.faulted, /a message runs past the end of its frame/)
  t.end()
})

t.test('the lane of control words has marks of its own, which who does not know of it never sees', (t) => {
  const { dialler, acceptor } = openPair()
  const word = message({ extension: pattern(7) })
  const run = (out: Parameters<Parameters<typeof encoded>[0]>[0]) =>
    dialler.wire.encodeBatch(out, header({ lane: CONTROL_LANE }), queueOf(word), 0, 1)
  acceptor.wire.receive(encoded(run))
  t.strictSame(
    acceptor.sink.messages.map(({ lane }) => lane),
    [CONTROL_LANE],
  )
  const none = { received: 0, processed: 0 }
  const lanes = [none, none, none]
  const ack = (marks: typeof lanes) => encoded((out) => acceptor.wire.encodeAck(out, marks, { messages: 1, bytes: 1 }))
  const [three, four] = [ack(lanes), ack([...lanes, { received: 3, processed: 2 }])]
  t.strictSame(session.decodeAck(three.subarray(CONTROL_HEADER_BYTES)).marks, lanes)
  t.match(session.decodeAck(four.subarray(CONTROL_HEADER_BYTES)).marks[CONTROL_LANE], { received: 3, processed: 2 })
  t.match(words().Ack.decode(four.subarray(CONTROL_HEADER_BYTES)).marks, { length: LANES }, 'in a field of its own')
  const marks = [...lanes, { received: 1, processed: 1 }]
  const offered = frames.decodeOpen(frames.encodeOpen({ ...OFFER, resume: [{ id: OFFER.fresh, marks }] }))
  t.strictSame(offered.resume[0]!.marks, marks)
  t.strictSame(
    frames.decodeOpened(frames.encodeOpened({ answer: { ...ANSWER, marks }, checksum: 0 })).answer.marks,
    marks,
  )

  const older = openWith([], []).acceptor
  older.wire.receive(encoded(run))
  t.match(older.sink.faulted, /INK_INCOMPATIBLE: lane 3 is none that this peer knows/)
  t.strictSame(older.sink.all('batch'), [], 'before the session is asked')
  t.end()
})

t.test('a message says how long it is wanted, beside its version, on a run and on a first chunk', (t) => {
  const { dialler, acceptor } = openPair()
  acceptor.sink.nowMs = 5000
  const queue = queueOf(
    message({ dueMs: 1000.2, data: pattern(3) }),
    message({ dueMs: 1001, version: 0xffff, tid: 4, extension: pattern(2), front: pattern(1) }),
    message({ dueMs: 900, data: pattern(1) }),
    message({ data: pattern(2) }),
    message({ dueMs: 2 ** 40 }),
  )
  const run = (out: OutBuffer) => {
    dialler.wire.encodeBatch(out, header({ count: 5, nowMs: 1000 }), queue, 0, 5)
  }
  acceptor.wire.receive(encoded(run))
  const large = message({ dueMs: 1200, version: 2, data: pattern(100) })
  for (const at of [0, 60]) {
    const chunk = (out: OutBuffer) => {
      const length = at === 0 ? 60 : 40
      dialler.wire.encodeChunk(out, header({ firstSeq: 6, nowMs: 1000 + at }), large, at, length)
    }
    acceptor.wire.receive(encoded(chunk))
  }
  t.equal(acceptor.sink.faulted, undefined)
  const due = acceptor.sink.messages.map(({ dueMs }) => dueMs)
  t.strictSame(due, [5001, 5001, 5000, null, 5000 + 0xffff_ffff, 5200], 'rounded up, and counted from the first chunk')
  const versions = acceptor.sink.messages.map(({ version }) => version)
  t.strictSame(versions, [0, 0xffff, 0, 0, 0, 2])
  const [first, second] = acceptor.sink.messages
  t.strictSame([...first!.data, ...second!.extension, ...second!.front], [...pattern(3), ...pattern(2), ...pattern(1)])
  t.end()
})

t.test('who does not know that messages expire is told nothing of it, and may not say so', (t) => {
  const plain = (out: OutBuffer) => {
    openPair().dialler.wire.encodeBatch(out, header(), queueOf(message({ data: pattern(3) })), 0, 1)
  }
  const expiring = message({ dueMs: 1000, data: pattern(3) })
  const said = (wire: End['wire']) => (out: OutBuffer) => {
    wire.encodeBatch(out, header({ nowMs: 10 }), queueOf(expiring), 0, 1)
  }
  const withoutExpiry = OFFERED.filter(({ number }) => number !== FEATURE.EXPIRY)
  const older = openWith(withoutExpiry, withoutExpiry)
  t.strictSame(encoded(said(older.dialler.wire)), encoded(plain), 'as if it did not expire')
  older.acceptor.wire.receive(encoded(said(openPair().dialler.wire)))
  t.match(older.acceptor.sink.faulted, /INK_INCOMPATIBLE: reserved bits of a record are set/)

  const { acceptor } = openPair()
  const cut = encoded(said(openPair().dialler.wire))
  const short = cut.subarray(0, 48 + 12)
  short[4] = 12
  acceptor.wire.receive(seal(short))
  t.match(acceptor.sink.faulted, /INK_INCOMPATIBLE: a record runs past the end of its frame/)
  t.end()
})
