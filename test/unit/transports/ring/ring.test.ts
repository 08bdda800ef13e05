/** A ring carries bytes in order whatever the sizes are, tells who must be woken, and survives whatever its peer writes there. */
import t from 'tap'
import { pattern } from '../../../../src/testing/conformance/transport-arena.ts'
import { RingReader } from '../../../../src/transports/ring/ring-reader.ts'
import { RingWriter } from '../../../../src/transports/ring/ring-writer.ts'
import { copyShared } from '../../../../src/transports/copy-shared.ts'
import { MAPPED_HEADER_BYTES, MappedRing, type Copy } from '../../../../src/transports/ring/mapped-ring.ts'
import { isRingSize, WORD, type Ring } from '../../../../src/transports/ring/ring.ts'
import { seededRandom } from '../../../../src/testing/simulator/random.ts'

const BYTES = 4096

function ring(copy?: Copy): Ring {
  return new MappedRing(new SharedArrayBuffer(MAPPED_HEADER_BYTES + BYTES), 0, BYTES, copy)
}

function ends(start = 0, copy?: Copy): { words: Ring; writer: RingWriter; reader: RingReader } {
  const one = ring(copy)
  one.store(WORD.WRITTEN, start | 0)
  one.store(WORD.READ, start | 0)
  return { words: one, writer: new RingWriter(one, start), reader: new RingReader(one, start) }
}

t.test('sizes are powers of two', async (t) => {
  for (const bytes of [4096, 2 ** 20, 2 ** 30]) t.ok(isRingSize(bytes))
  for (const bytes of [0, 2048, 5000, 4096.5, 2 ** 31, NaN]) t.notOk(isRingSize(bytes), String(bytes))
  t.throws(() => new MappedRing(new SharedArrayBuffer(8192), 0, 5000), RangeError)
})

// 2³² − 10,000: the counters wrap on the way.
for (const [start, copy] of [[0], [2 ** 32 - 10_000], [1, copyShared]] as const) {
  t.test(`chunks of any size arrive in order, counted from ${start}`, async (t) => {
    const { writer, reader } = ends(start, copy)
    const random = seededRandom(start)
    const into = new Uint8Array(2 * BYTES)
    let [sent, received] = [0, 0]
    for (let turn = 0; turn < 2000; turn++) {
      const chunk = pattern(3, random.integer(0, 2 * BYTES), sent)
      const taken = writer.write(chunk, 0)
      sent += taken
      if (random.chance(0.7)) writer.tell()
      const count = reader.read(into.subarray(0, random.integer(0, 2 * BYTES)))
      if (!Buffer.from(into.subarray(0, count)).equals(pattern(3, count, received))) throw new Error(`turn ${turn}`)
      received += count
      if (random.chance(0.7)) reader.tell()
    }
    t.ok(received > 100 * BYTES)
    t.strictSame([writer.fault, reader.fault], [null, null])
  })
}

t.test('a full ring takes nothing, and part of a chunk when there is part of the room', async (t) => {
  const { writer, reader } = ends()
  t.equal(writer.write(pattern(0, BYTES + 5)), BYTES)
  t.equal(writer.write(pattern(0, 1)), 0)
  writer.tell()
  t.strictSame([writer.free, writer.used], [0, BYTES])
  t.equal(reader.read(new Uint8Array(10)), 10)
  t.equal(writer.free, 0, 'until it is told')
  reader.tell()
  t.equal(writer.write(pattern(0, BYTES + 5), BYTES), 5)
  t.equal(writer.free, 5)
})

t.test('only who sleeps is woken, and once', async (t) => {
  const { writer, reader } = ends()
  writer.write(pattern(0, 10))
  t.notOk(writer.tell(), 'the reader is awake')
  t.notOk(reader.sleep(), 'there is something to read')
  reader.read(new Uint8Array(10))
  t.ok(reader.sleep())
  writer.write(pattern(0, 10))
  t.ok(writer.tell(), 'it sleeps')
  writer.write(pattern(0, BYTES))
  t.notOk(writer.tell(), 'it was woken already')
  t.ok(writer.sleep(), 'the ring is full')
  reader.read(new Uint8Array(10))
  t.ok(reader.tell(), 'the writer sleeps')
  t.notOk(reader.tell())
  t.notOk(writer.sleep(), 'there is room')
  t.ok(writer.sleep(21), 'but not for so much')
  t.notOk(reader.tell(), 'there is room for 20')
  reader.read(new Uint8Array(1))
  t.ok(reader.tell(), 'there is as much as it waits for')
})

t.test('the end comes behind what was written before it', async (t) => {
  const { writer, reader } = ends()
  t.ok(reader.sleep())
  writer.write(pattern(0, 10))
  t.ok(writer.end())
  t.notOk(reader.isAtEnd)
  t.equal(reader.read(new Uint8Array(100)), 10)
  t.ok(reader.isAtEnd)
  t.notOk(reader.sleep(), 'nothing will wake it')
})

t.test('a reader that leaves wakes a writer that waits for room', async (t) => {
  const { writer, reader } = ends()
  writer.write(pattern(0, BYTES))
  writer.tell()
  t.ok(writer.sleep())
  t.notOk(writer.isReaderGone)
  t.ok(reader.leave())
  t.ok(writer.isReaderGone)
  t.notOk(writer.sleep())
})

t.test('a writer that tells too much, or takes back what it told, is a fault', async (t) => {
  for (const lie of [BYTES + 61, -1, 50, 2 ** 31]) {
    const { words, writer, reader } = ends()
    writer.write(pattern(0, 100))
    writer.tell()
    t.equal(reader.read(new Uint8Array(60)), 60)
    t.equal(reader.available, 40)
    words.store(WORD.WRITTEN, lie)
    t.equal(reader.available, 0, String(lie))
    t.match(reader.fault, /cannot be there/)
    t.equal(reader.read(new Uint8Array(60)), 0)
    t.notOk(reader.isAtEnd)
    t.notOk(reader.sleep())
  }
})

t.test('a reader that tells what it cannot have read is a fault', async (t) => {
  for (const lie of [101, -1, 2 ** 31]) {
    const { words, writer } = ends()
    writer.write(pattern(0, 100))
    writer.tell()
    words.store(WORD.READ, lie)
    t.equal(writer.free, 0, String(lie))
    t.match(writer.fault, /never written/)
    t.equal(writer.write(pattern(0, 10)), 0)
    t.notOk(writer.sleep())
  }
})

t.test('a replayed word of the reader is a fault', async (t) => {
  const { words, writer, reader } = ends()
  writer.write(pattern(0, 100))
  writer.tell()
  reader.read(new Uint8Array(80))
  reader.tell()
  t.equal(writer.free, BYTES - 20)
  words.store(WORD.READ, 10)
  t.equal(writer.free, 0)
  t.match(writer.fault, /never written/)
})

t.test('an end that means nothing is a fault, not a loop', async (t) => {
  const { words, reader } = ends()
  words.store(WORD.END, 7)
  t.notOk(reader.sleep())
  t.match(reader.fault, /means nothing/)
})

t.test('whatever is scribbled there, both ends stay within their memory and say what is wrong', async (t) => {
  const into = new Uint8Array(BYTES)
  let faults = 0
  for (let seed = 0; seed < 200; seed++) {
    const { words, writer, reader } = ends()
    const random = seededRandom(seed)
    for (let turn = 0; turn < 50; turn++) {
      const word = random.pick(Object.values(WORD))
      if (turn > 10 && random.chance(0.2)) words.store(word, random.integer(0, 2 ** 32 - 1) | 0)
      const taken = writer.write(pattern(0, random.integer(0, BYTES)))
      writer.tell()
      writer.sleep()
      const count = reader.read(into.subarray(0, random.integer(0, BYTES)))
      reader.tell()
      if (!reader.isAtEnd) reader.sleep()
      if (taken > BYTES || count > BYTES || writer.free > BYTES || reader.available > BYTES) t.fail(`seed ${seed}`)
    }
    if (writer.fault !== null || reader.fault !== null) faults++
  }
  t.ok(faults > 150, `${faults} of 200 were found out`)
})
