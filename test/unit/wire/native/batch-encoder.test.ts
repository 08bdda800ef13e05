/** The encoder of MESSAGES frames: layout, references, slabs, and peers with smaller limits. */
import t, { type Test } from 'tap'
import type { OutboundMessage } from '../../../../src/wire/message.ts'
import { concat, toHex } from '../../../../src/common/bytes.ts'
import { readUint16, readUint32 } from '../../../../src/wire/native/bytes.ts'
import { ATTACH_BYTES_MIN, OutBuffer } from '../../../../src/wire/out-buffer.ts'
import type { BatchHeader } from '../../../../src/wire/wire.ts'
import { encoded, encoderFor, header, message, openPair, pattern, queueOf } from './pair.ts'
import { frameStarts } from './session-bytes.ts'

/** Sends bytes of a dialler to its acceptor and compares what comes out with what was put in. */
function arrives(t: Test, bytes: Uint8Array, firstSeq: number, sent: readonly OutboundMessage[]) {
  const { sink, wire } = openPair().acceptor
  wire.receive(bytes)
  t.equal(sink.faulted, undefined)
  const got = sink.all('message').map((each) => each[1] as { seq: number; segments: string[] })
  const hex = sent.map((each) => [each.front, each.middle, each.data].map((part) => toHex(part ?? new Uint8Array(0))))
  t.strictSame(
    got.map((each) => each.segments),
    hex,
  )
  t.strictSame(
    got.map((each) => each.seq),
    sent.map((_, index) => firstSeq + index),
  )
}

t.test('a message of a type and some data costs eight bytes', (t) => {
  const queue = queueOf(message({ type: 0x1234, data: Uint8Array.of(9, 8) }), message())
  const bytes = encoded((out) => encoderFor().encodeBatch(out, header(), queue, 0, 2))
  t.equal(bytes.length, 48 + 8 + 2 + 4)
  t.equal(toHex(bytes.subarray(48)), '34127f40' + '02000000' + '0908' + '11007f00')
  t.end()
})

t.test('a segment without bytes costs nothing', (t) => {
  const bytes = (sent: OutboundMessage) =>
    toHex(encoded((out) => encoderFor().encodeBatch(out, header(), queueOf(sent), 0, 1)))
  const none = new Uint8Array(0)
  for (const segment of ['front', 'middle', 'data']) t.equal(bytes(message({ [segment]: none })), bytes(message()))
  t.end()
})

t.test('only a part of the queue is taken', (t) => {
  const all = [1, 2, 3, 4, 5].map((seed) => message({ data: pattern(seed, seed) }))
  const bytes = encoded((out) => encoderFor().encodeBatch(out, header({ firstSeq: 7 }), queueOf(...all), 1, 3))
  arrives(t, bytes, 7, all.slice(1, 4))
  t.end()
})

t.test('large segments go by reference, small ones by value', (t) => {
  const large = pattern(ATTACH_BYTES_MIN)
  const small = pattern(ATTACH_BYTES_MIN - 1)
  const out = new OutBuffer()
  encoderFor().encodeBatch(out, header(), queueOf(message({ front: small, middle: large, data: small })), 0, 1)
  const chunks = out.take()
  t.equal(chunks.length, 3)
  t.ok(isView(chunks[1], large))
  arrives(t, concat(chunks), 1, [message({ front: small, middle: large, data: small })])
  encoderFor().encodeBatch(out, header(), queueOf(message({ data: large })), 0, 1)
  t.ok(isView(out.take()[1], large), 'also when there is nothing else')
  t.end()
})

t.test('a frame goes on in the next slab, with one checksum over both', (t) => {
  const sent = Array.from({ length: 40 }, (_, index) => message({ tid: index, data: pattern(3000 + index, index) }))
  sent[20] = message({ data: pattern(9000) })
  const out = new OutBuffer()
  const encoder = encoderFor()
  // Fills most of the first slab.
  for (let i = 0; i < 4; i++) encoder.encodeBatch(out, header(), queueOf(message({ data: pattern(4000) })), 0, 1)
  out.reserve(100_000)
  const before = out.length
  encoder.encodeBatch(out, header({ firstSeq: 3 }), queueOf(...sent), 0, 40)
  arrives(t, concat(out.take()).subarray(before), 3, sent)
  t.end()
})

t.test('chunks cut across segments and come back whole', (t) => {
  const sent = message({
    tid: 3,
    version: 4,
    front: pattern(5000, 1),
    middle: pattern(10, 2),
    data: pattern(20_000, 3),
  })
  for (const size of [1000, 4999, 5000, 5001, 5010, 25_010, 99_999]) {
    const bytes = encoded((out) => {
      const encoder = encoderFor()
      for (let at = 0; at < sent.bytes; at += size) {
        encoder.encodeChunk(out, header({ firstSeq: 9 }), sent, at, Math.min(size, sent.bytes - at))
      }
    })
    arrives(t, bytes, 9, [sent])
  }
  t.end()
})

t.test('a peer that takes small frames only gets small frames only', (t) => {
  const encoder = encoderFor(4096)
  const sizes = [100, 4000, 88, 4088, 4089, 0, 20_000, 50, 60]
  const sent = sizes.map((size, index) => message({ data: pattern(size, index) }))
  const bytes = encoded((out) => {
    encoder.encodeBatch(out, header({ firstSeq: 5 }), queueOf(...sent), 0, sent.length)
    encoder.encodeChunk(out, header({ firstSeq: 14 }), message({ data: pattern(10_000) }), 0, 10_000)
  })
  const starts = frameStarts(concat([new Uint8Array(16), bytes])).map((at) => at - 16)
  starts.pop()
  for (const at of starts) t.ok(readUint32(bytes, at + 4) <= 4096)
  // Four that fill a frame with the next, one in 2 chunks, the empty one, one in 5 chunks, two together, 3 chunks.
  t.strictSame(
    starts.map((at) => readUint16(bytes, at + 12)),
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1],
  )
  arrives(t, bytes, 5, [...sent, message({ data: pattern(10_000) })])
  const part = encoded((out) => encoder.encodeBatch(out, header({ firstSeq: 40 }), queueOf(...sent), 5, 4))
  arrives(t, part, 40, sent.slice(5))
  t.end()
})

t.test('nothing of the header is lost', (t) => {
  const sent: BatchHeader = header({
    lane: 2,
    firstSeq: 2 ** 52,
    received: 2 ** 45,
    processed: 2 ** 33,
    ackNow: true,
    stampMs: 2 ** 47,
    stampCounter: 65535,
  })
  const { sink, wire } = openPair().acceptor
  wire.receive(encoded((out) => encoderFor().encodeBatch(out, sent, queueOf(message()), 0, 1)))
  t.strictSame(sink.all('batch'), [['batch', sent]])
  t.end()
})

/** The same memory, whose length can not change. */
function isView(chunk: Uint8Array | undefined, { buffer, byteOffset, byteLength }: Uint8Array): boolean {
  return chunk?.buffer === buffer && chunk.byteOffset === byteOffset && chunk.byteLength === byteLength
}
