/** The decoder of MESSAGES frames: who is asked what, when memory is taken, and every way to break the rules. */
import t, { type Test } from 'tap'
import { concat, fromHex, toHex } from '../../../../src/common/bytes.ts'
import { BatchDecoder } from '../../../../src/wire/native/batch-decoder.ts'
import { capabilitiesWith } from '../../../../src/wire/native/features.ts'
import { writeUint16, writeUint32 } from '../../../../src/wire/native/bytes.ts'
import type { InboundMessage, Standing } from '../../../../src/wire/message.ts'
import { context, encoded, header, message, openPair, pattern, queueOf } from './pair.ts'
import { seal } from './session-bytes.ts'

const { wire: sender } = openPair().dialler

/** A frame with any payload, its length and checksum right. */
function frame(payload: Uint8Array | string, count = 1, firstSeq = 1, lane = 1): Uint8Array {
  const head = encoded((out) => sender.encodeBatch(out, header({ lane, firstSeq }), queueOf(message()), 0, 1)).subarray(
    0,
    48,
  )
  const bytes = concat([head, typeof payload === 'string' ? fromHex(payload.replaceAll(' ', '')) : payload])
  writeUint32(bytes, 4, bytes.length - 48)
  writeUint16(bytes, 12, count)
  return seal(bytes)
}

function faults(t: Test, reason: RegExp, ...received: Uint8Array[]) {
  const { wire, sink } = openPair().acceptor
  for (const each of received) wire.receive(each)
  t.match(sink.faulted, reason)
  return sink
}

t.test('records are held to their bounds', (t) => {
  faults(t, /a record runs past the end/, frame(''))
  faults(t, /a record runs past the end/, frame('1100 7f'))
  faults(t, /a record runs past the end/, frame('1100 7f 40 010000'))
  faults(t, /a message runs past the end/, frame('1100 7f 40 02000000 01'))
  faults(t, /a message runs past the end/, frame('1100 7f 70 ffffffff ffffffff ffffffff 01'))
  faults(t, /a record runs past the end/, frame('1100 7f 00', 2))
  faults(t, /bytes are left over/, frame('1100 7f 00 00'))
  faults(t, /a record runs past the end/, frame('1100 7f 80'))
  faults(t, /reserved bits of a record/, frame('1100 7f 08 01000200'))
  faults(t, /a record runs past the end/, frame('1100 7f 08 01000100'))
  faults(t, /a tid is above/, frame('1100 7f 04 00000000 00002000'))
  faults(t, /a run of no messages/, frame('', 0))
  faults(t, /a continuation is not a chunk/, frame('1100 7f 02'))
  faults(t, /a chunk inside a run/, frame('1100 7f 00 1100 7f 41 01000000 01000000 00', 2))
  faults(t, /a chunk inside a run/, frame('1100 7f 41 01000000 01000000 00', 2))
  t.end()
})

t.test('sequence numbers and marks are held to their bounds', (t) => {
  const whole = frame('1100 7f 00')
  const change = (at: number, ...values: number[]) => {
    const bytes = whole.slice()
    bytes.set(values, at)
    return seal(bytes)
  }
  faults(t, /a sequence number is outside/, change(16, 0))
  faults(t, /a sequence number is outside/, change(16, 255, 255, 255, 255, 255, 255, 31))
  faults(t, /a received mark is above/, change(24, 0, 0, 0, 0, 0, 0, 32))
  faults(t, /a processed mark is above the received/, change(32, 1))
  t.end()
})

t.test('leading duplicates are admitted, not built', (t) => {
  const { wire, sink } = openPair().acceptor
  sink.skip = () => 2
  const queue = queueOf(...[10, 20, 30, 40].map((size) => message({ data: pattern(size) })))
  wire.receive(encoded((out) => sender.encodeBatch(out, header({ firstSeq: 8 }), queue, 0, 4)))
  t.strictSame(sink.all('admit'), [
    ['admit', 10, true],
    ['admit', 20, true],
    ['admit', 30, false],
    ['admit', 40, false],
  ])
  t.strictSame(
    sink.all('message').map((each) => (each[1] as InboundMessage).seq),
    [10, 11],
  )
  t.end()
})

t.test('a gap and an overdraft end the link', (t) => {
  const gap = openPair().acceptor
  gap.sink.skip = () => -1
  gap.wire.receive(frame('1100 7f 00', 1, 5))
  t.equal(gap.sink.faulted, 'INK_INCOMPATIBLE: sequence gap: lane 1 goes on at 5')
  for (const skipped of [false, true]) {
    const { wire, sink } = openPair().acceptor
    sink.skip = () => (skipped ? 1 : 0)
    sink.admits = () => false
    wire.receive(frame('1100 7f 00'))
    t.equal(sink.faulted, 'INK_INCOMPATIBLE: the peer sent past its credit')
    t.strictSame(sink.all('message'), [])
  }
  t.end()
})

const FIRST = '1100 7f 71 02000000 01000000 03000000 04000000 01020304'
const NEXT = '1100 7f 03 02000000 0506'

t.test('chunks are asked for once and told once', (t) => {
  const { wire, sink } = openPair().acceptor
  wire.receive(frame(FIRST))
  wire.receive(frame(NEXT))
  t.strictSame(
    sink.told.map(([name]) => name),
    ['batch', 'admit', 'batch', 'message'],
  )
  t.match(sink.told[1], ['admit', 6, false])
  t.match(sink.told[3]![1], { segments: ['0102', '03', '040506'], seq: 1 })
  wire.receive(frame('1100 7f 41 02000000 02000000 0708', 1, 2))
  t.match(sink.told.at(-1)![1], { segments: ['', '', '0708'], seq: 2 }, 'one chunk can be all')
  t.end()
})

t.test('chunks of a message that is here already are thrown away', (t) => {
  const { wire, sink } = openPair().acceptor
  sink.skip = () => 1
  wire.receive(frame(FIRST))
  wire.receive(frame(NEXT))
  t.strictSame(
    sink.told.map(([name]) => name),
    ['batch', 'admit', 'batch'],
  )
  t.match(sink.told[1], ['admit', 6, true])
  sink.skip = () => 0
  wire.receive(frame('1100 7f 00', 1, 2))
  t.equal(sink.all('message').length, 1)
  t.end()
})

t.test('a message that is here already may be left unfinished: the next one begins', (t) => {
  for (const next of [frame('1100 7f 00', 1, 2), frame('1100 7f 41 04000000 02000000 0708', 1, 2)]) {
    const { wire, sink } = openPair().acceptor
    sink.skip = ({ firstSeq }) => (firstSeq === 1 ? 1 : 0)
    wire.receive(frame(FIRST))
    wire.receive(next)
    wire.receive(frame('1100 7f 03 02000000 090a', 1, 2))
    t.match(sink.faulted, next.length > 52 ? undefined : /continues a message that did not begin/)
    t.equal(sink.all('message').length, 1)
  }
  const { wire, sink } = openPair().acceptor
  sink.skip = () => 1
  wire.receive(frame(FIRST))
  wire.receive(frame('1100 7f 00', 1, 2, 2))
  wire.receive(frame(NEXT))
  t.equal(sink.faulted, undefined, 'in its own lane only')
  wire.receive(frame(FIRST))
  wire.receive(frame(FIRST))
  t.match(sink.faulted, /a message begins inside a chunked one/, 'not by itself')
  t.end()
})

t.test('chunks are held to their message', (t) => {
  faults(t, /continues a message that did not begin/, frame(NEXT))
  faults(t, /continues a message that did not begin/, frame(FIRST), frame(NEXT), frame(NEXT))
  faults(t, /a message begins inside a chunked one/, frame(FIRST), frame('1100 7f 00', 1, 2))
  faults(t, /a message begins inside a chunked one/, frame(FIRST), frame(FIRST))
  faults(t, /continues another message/, frame(FIRST), frame(NEXT, 1, 2))
  faults(t, /continues another message/, frame(FIRST), frame('1200 7f 03 02000000 0506'))
  faults(t, /continues another message/, frame(FIRST), frame('1100 7e 03 02000000 0506'))
  faults(t, /repeats fields/, frame(FIRST), frame('1100 7f 43 01000000 02000000 0506'))
  faults(t, /exceed its length/, frame(FIRST), frame('1100 7f 03 03000000 050607'))
  faults(t, /exceed its length/, frame('1100 7f 41 01000000 02000000 0506'))
  faults(t, /not that of its frame/, frame('1100 7f 41 09000000 01000000 0506'))
  faults(t, /not that of its frame/, frame('1100 7f 41 09000000 03000000 0506'))
  faults(t, /not that of its frame/, frame('1100 7f 41 00000000 00000000'))
  faults(t, /continues a message that did not begin/, frame(FIRST), frame(NEXT, 1, 1, 2))
  t.end()
})

t.test('memory for a large message is taken after it was admitted, and never without bound', (t) => {
  const refused = openPair().acceptor
  refused.sink.admits = (bytes) => bytes < 2 ** 30
  refused.wire.receive(frame('1100 7f 41 00000040 01000000 00'))
  t.equal(refused.sink.faulted, 'INK_INCOMPATIBLE: the peer sent past its credit')
  const sink = faults(
    t,
    /a message of 12884901885 bytes; the limit is 2147483647/,
    frame('1100 7f 71 ffffffff ffffffff ffffffff 01000000 00'),
  )
  t.strictSame(sink.all('admit'), [])
  t.end()
})

t.test('a message that no memory can hold is the fault of its sender', (t) => {
  const { sink } = openPair().acceptor
  const decoder = new BatchDecoder(
    sink,
    () => {
      throw new RangeError('Array buffer allocation failed')
    },
    capabilitiesWith([]),
  )
  const first = frame('1100 7f 41 00000040 01000000 00')
  t.match(decoder.decode(first, 0, first.length, false), /no memory for a message of 1073741824 bytes/)
  t.end()
})

t.test('a body lies in the chunk, in a frame of its own, or beside others in one; the sink is told', (t) => {
  const whole = encoded((out) => sender.encodeBatch(out, header(), queueOf(message({ data: pattern(100) })), 0, 1))
  const bodies: [InboundMessage, Standing][] = []
  const { wire, sink } = openPair().acceptor
  sink.message = (message, standing) => void bodies.push([message, standing])
  wire.receive(whole)
  wire.receive(whole.subarray(0, 60))
  wire.receive(whole.subarray(60))
  wire.receive(frame('1100 7f 41 02000000 02000000 0708', 1, 2))
  const two = encoded((out) =>
    sender.encodeBatch(out, header({ firstSeq: 4 }), queueOf(message({ data: pattern(50) }), message()), 0, 2),
  )
  wire.receive(two.subarray(0, 60))
  wire.receive(two.subarray(60))
  t.strictSame(
    bodies.map(([, standing]) => standing),
    ['borrowed', 'own', 'borrowed', 'shared', 'shared'],
  )
  t.equal(bodies[0]![0].memory, whole.buffer, 'the very chunk, so that its owner can tell')
  whole.fill(0)
  t.equal(toHex(bodies[1]![0].data), toHex(pattern(100)))
  t.end()
})

t.test('a place is given only to the continuation of an unfinished message, and within it', (t) => {
  const { sink } = openPair().acceptor
  const decoder = new BatchDecoder(sink, context('osd.1').allocate, capabilitiesWith([]))
  const large = message({ data: pattern(1000) })
  const chunk = (offset: number, length: number, lane = 1) =>
    encoded((out) => sender.encodeChunk(out, header({ lane }), large, offset, length))
  const place = (bytes: Uint8Array, have = bytes.length) => decoder.place(bytes, 0, have, bytes.length)
  const second = chunk(400, 300)
  t.equal(place(second), null, 'there is nothing to continue')
  t.equal(decoder.decode(chunk(0, 400), 0, chunk(0, 400).length, false), null)
  t.equal(place(chunk(400, 300, 2)), null, 'another lane')
  t.equal(place(chunk(0, 400)), null, 'a first chunk')
  t.equal(place(second, 50), null, 'the record is not here yet')
  const longer = encoded((out) => sender.encodeChunk(out, header(), message({ data: pattern(2000) }), 400, 601))
  t.equal(place(longer), null, 'it would end outside')
  t.equal(place(chunk(400, 600))?.offset, 400, 'it ends just inside')
  const whole = encoded((out) => sender.encodeBatch(out, header(), queueOf(message()), 0, 1))
  t.equal(place(whole), null, 'a run')
  const given = place(second, 60)
  t.equal(given?.offset, 400)
  t.equal(given?.headBytes, second.length - 300)
  t.notOk(sink.faulted)
  t.end()
})

t.test('a message of one chunk stays where it is', (t) => {
  const { sink } = openPair().acceptor
  const taken: [InboundMessage, Standing][] = []
  sink.message = (message, standing) => void taken.push([message, standing])
  const decoder = new BatchDecoder(sink, context('osd.1').allocate, capabilitiesWith([]))
  const bytes = encoded((out) => sender.encodeChunk(out, header(), message({ data: pattern(500) }), 0, 500))
  for (const stable of [false, true]) {
    t.equal(decoder.decode(bytes, 0, bytes.length, stable), null)
    const [received, said] = taken.pop()!
    t.equal(received.memory, bytes.buffer)
    t.equal(said, stable ? 'own' : 'borrowed')
    t.equal(toHex(received.data), toHex(pattern(500)))
  }
  t.end()
})

/** Feeds the chunks of a message of `total` bytes that are this long, as whole frames or byte by byte, and counts memory. */
function assemble(total: number, lengths: readonly number[], pieceBytes: number) {
  const data = total > 4_000_000 ? new Uint8Array(total) : pattern(total)
  const taken: number[] = []
  const { wire, sink } = openPair({
    acceptor: {
      allocate: (bytes) => {
        taken.push(bytes)
        return new Uint8Array(bytes)
      },
    },
  }).acceptor
  sink.admit = () => true
  const bodies: Uint8Array[] = []
  sink.message = (received, standing) => void bodies.push(standing === 'own' ? received.data : new Uint8Array(0))
  let offset = 0
  for (const length of lengths) {
    const frame = encoded((out) => sender.encodeChunk(out, header(), message({ data }), offset, length))
    for (let at = 0; at < frame.length; at += pieceBytes) wire.receive(frame.subarray(at, at + pieceBytes))
    offset += length
  }
  return { sink, taken, isWhole: bodies.length === 1 && Buffer.from(bodies[0]!).equals(data) }
}

t.test('the beginning of a large message takes memory for what is there, not for what is announced', (t) => {
  const { sink, taken } = assemble(64 * 1024 * 1024, [65], Infinity)
  t.notOk(sink.faulted)
  t.strictSame(taken, [65_536])
  const { taken: later } = assemble(64 * 1024 * 1024, [65, 131_072], 200)
  t.ok(
    later.reduce((sum, bytes) => sum + bytes, 0) < 131_072 * 16,
    `${later.join()}: a chunk that continues it is announced, too`,
  )
  t.end()
})

t.test('a message is whole, in memory of exactly its size, however its chunks are cut and arrive', (t) => {
  for (const pieceBytes of [Infinity, 50_000, 1001]) {
    for (const lengths of [
      [131_072, 131_072, 131_072, 131_072, 131_072, 131_072, 131_072, 131_072],
      [1, 131_072, 7, 300_000, 300_000, 200_001],
      [400_000, 400_000, 1],
      [65_535, 1, 1, 400_000, 1],
    ]) {
      const total = lengths.reduce((sum, length) => sum + length, 0)
      const { sink, taken, isWhole } = assemble(total, lengths, pieceBytes)
      t.notOk(sink.faulted)
      t.ok(isWhole, `${lengths.join()} by ${pieceBytes}`)
      t.ok(taken.includes(total))
    }
  }
  t.end()
})
