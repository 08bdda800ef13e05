/**
 * Bytes that other protocols fell over (docs/FAULTS-OF-OTHERS.md): pieces of one byte, counts that lie, sums that wrap,
 * numbers with more digits than they need.
 */
import t from 'tap'
import { decodeReject, decodeYield } from '../../../../src/wire/native/control-frames.ts'
import { words } from '../../../../src/wire/late/words.ts'
import { crc32c } from '../../../../src/wire/crc32c.ts'
import { encoded, header, message, openPair, pattern } from './pair.ts'

/** A MESSAGES frame of lane 1 with these records, whatever they say. */
function frame(count: number, records: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(48 + records.length)
  const view = new DataView(bytes.buffer)
  bytes[0] = 32
  bytes[2] = 1
  view.setUint32(4, records.length, true)
  view.setUint16(12, count, true)
  view.setUint32(16, 1, true)
  bytes.set(records, 48)
  view.setUint32(8, crc32c(bytes, 12, bytes.length, crc32c(bytes, 0, 8)), true)
  return bytes
}

/** A record with front and data of these lengths, of which nothing follows. */
function record(frontBytes: number, dataBytes: number, chunkBytes?: number): Uint8Array {
  const words = [frontBytes, dataBytes, ...(chunkBytes === undefined ? [] : [chunkBytes])]
  const bytes = new Uint8Array(4 + 4 * words.length)
  const view = new DataView(bytes.buffer)
  bytes.set([17, 0, 127, 16 | 64 | (chunkBytes === undefined ? 0 : 1)])
  words.forEach((word, index) => {
    view.setUint32(4 + 4 * index, word, true)
  })
  return bytes
}

t.test('a message in pieces of one byte costs its bytes, and nothing per piece', (t) => {
  let taken = 0
  const { dialler, acceptor } = openPair({
    acceptor: {
      allocate: (bytes) => {
        taken += bytes
        return new Uint8Array(bytes)
      },
    },
  })
  const data = pattern(5000)
  const whole = message({ data })
  const pieces = Array.from({ length: data.length }, (_, at) =>
    encoded((out) => {
      dialler.wire.encodeChunk(out, header(), whole, at, 1)
    }),
  )
  for (const piece of pieces) acceptor.wire.receive(piece)
  const told = acceptor.sink.all('message')
  t.equal(told.length, 1)
  // Memory that grows as bytes come is taken several times; each time is bounded by what is there.
  t.ok(taken <= 16 * data.length, `${taken} bytes were taken for ${data.length}`)
  t.end()
})

t.test('lengths are added, never wrapped', (t) => {
  const all = 0xffffffff
  for (const records of [record(all, 1), record(all, all), record(1, all, 1), record(all, all, 4)]) {
    const { acceptor } = openPair()
    let taken = 0
    acceptor.sink.admits = (bytes) => {
      taken += bytes
      return bytes < 2 ** 20
    }
    acceptor.wire.receive(frame(1, records))
    t.ok(acceptor.sink.faulted, 'refused')
    t.equal(acceptor.sink.all('message').length, 0)
    t.ok(taken === 0 || taken > 2 ** 31, `it was asked for ${taken} bytes, and not for what is left of a wrapped sum`)
  }
  t.end()
})

t.test('nothing is reserved for a count, and none is a fault', (t) => {
  for (const [count, records] of [
    [65_535, new Uint8Array(0)],
    [65_535, record(0, 0).subarray(0, 4)],
    [0, record(0, 0)],
    [0, new Uint8Array(0)],
  ] as const) {
    const { acceptor } = openPair()
    acceptor.wire.receive(frame(count, records))
    t.ok(acceptor.sink.faulted)
    t.equal(acceptor.sink.all('message').length, 0)
  }
  t.end()
})

t.test('a number with more digits than it needs is the same number, or none', (t) => {
  const yieldOf = (...varint: number[]): Uint8Array => Uint8Array.of(8, ...varint)
  t.equal(decodeYield(yieldOf(7)), 7)
  t.equal(decodeYield(yieldOf(0x87, 0x80, 0x80, 0x80, 0x00)), 7)
  t.throws(
    () => decodeYield(yieldOf(0x80, 0x80, 0x80, 0x80, 0x00)),
    { message: /out of range/ },
    'a long zero is a zero',
  )
  t.throws(() => decodeYield(yieldOf(...new Array<number>(11).fill(0x80), 1)), { message: /does not decode/ })
  t.throws(() => decodeYield(yieldOf(0x80, 0x80)), { message: /does not decode/ })
  t.end()
})

t.test('a code that is the name of what every object has is a refusal like any other', (t) => {
  for (const code of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']) {
    const { code: read } = decodeReject(words().Reject.encode({ code, reason: 'x' }).finish())
    t.equal(read, 'INK_REFUSED')
  }
  t.end()
})
