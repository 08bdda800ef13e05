/** Ceph's structs, lists, maps, times and ids: read as written, and never larger than the bytes that are there. */
import t from 'tap'
import * as encoding from '../../../src/ceph/encoding.ts'
import { Malformed, Reader, Writer } from '../../../src/ceph/msgr2/codec.ts'

t.test('a struct of a newer writer is read as far as it is known', (t) => {
  const writer = new Writer()
  encoding.writeStruct(writer, 9, 2, Uint8Array.of(1, 2, 3))
  const reader = new Reader(writer.u8(77).done())
  t.strictSame(
    encoding.readStruct(reader, 2, 'x', (body, version) => [version, body.u8()]),
    [9, 1],
  )
  t.equal(reader.u8(), 77, 'what follows it is not touched')
  const newer = new Reader(writer.done())
  t.throws(
    () => encoding.readStruct(newer, 1, 'a thing', () => 0),
    new Malformed('a thing of version 2, of which 1 is known here'),
  )
  t.end()
})

t.test('a count above what the bytes can hold is refused before anything is read', (t) => {
  const bytes = new Writer().u32(3).u32(1).u32(2).done()
  const reader = () => new Reader(bytes)
  t.throws(() => encoding.readList(reader(), 4, () => t.fail('was read')), new Malformed('3 items in 8 bytes'))
  t.throws(
    () =>
      encoding.readMap(
        reader(),
        4,
        () => 1,
        () => 2,
      ),
    new Malformed('3 items in 8 bytes'),
  )
  const all = new Reader(new Writer().u32(0xffffffff).done())
  t.throws(() => encoding.readList(all, 1, () => 0), { message: /4294967295 items/ })
  t.end()
})

t.test('times, ids and texts', (t) => {
  const time = encoding.cephTime(1_800_000_000_123.9)
  t.strictSame(time, { seconds: 1_800_000_000, nanoseconds: 123_000_000 })
  t.equal(encoding.timeMs({ seconds: 2, nanoseconds: 500_000 }), 2000.5)
  const uuid = '3b4aefbb-25ce-4c36-a3df-6c23122791c2'
  const writer = new Writer()
  encoding.writeUuid(writer, uuid)
  encoding.writeTime(writer, time)
  const reader = new Reader(writer.blob(Uint8Array.of(0x61, 0xff)).u64(7n).u64(-7n).done())
  t.equal(encoding.readUuid(reader), uuid)
  t.strictSame(encoding.readTime(reader), time)
  t.equal(encoding.readLooseText(reader), 'a\ufffd', 'a name that is not UTF-8 spoils nothing')
  t.equal(encoding.readSize(reader), 7)
  t.equal(encoding.readId(reader), -7)
  const large = () => new Reader(new Writer().u64(1n << 60n).done())
  t.throws(() => encoding.readSize(large()), { message: /a number of/ })
  t.throws(() => encoding.readId(large()), { message: /an id of/ })
  t.end()
})
