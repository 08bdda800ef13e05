/** Ceph's plain values: the bytes that they are, and that what ends too early or goes on too long is malformed. */
import t from 'tap'
import { toHex } from '../../../../src/common/bytes.ts'
import { Malformed, Reader, sameBytes, Writer } from '../../../../src/ceph/msgr2/codec.ts'

function thrownBy(act: () => unknown): unknown {
  try {
    act()
    return null
  } catch (thrown) {
    return thrown
  }
}

t.test('every value has its bytes, the low ones first, and is read from them', (t) => {
  const bytes = new Writer()
    .u8(0xfe)
    .u16(0x1234)
    .u32(0xfedcba98)
    .u64(0xfedcba9876543210n)
    .bool(true)
    .bool(false)
    .blob(Uint8Array.of(7, 8))
    .text('añ')
    .list([5, 6], (value) => value)
    .done()
  const text = '03000000' + '61c3b1'
  t.equal(toHex(bytes), `fe341298badcfe1032547698badcfe0100020000000708${text}02000000`)
  const reader = new Reader(bytes)
  t.strictSame([reader.u8(), reader.u16(), reader.u32()], [0xfe, 0x1234, 0xfedcba98])
  t.strictSame([reader.u64(), reader.bool(), reader.bool()], [0xfedcba9876543210n, true, false])
  t.strictSame([[...reader.blob()], reader.text()], [[7, 8], 'añ'])
  t.equal(reader.left, 4)
  t.strictSame(
    new Reader(Uint8Array.of(2, 0, 0, 0, 5, 6)).list(2, () => 0),
    [0, 0],
  )
  t.end()
})

t.test('numbers below zero', (t) => {
  const bytes = new Writer().u64(-2n).u32(0xfffffffe).done()
  const reader = new Reader(bytes)
  t.strictSame([reader.i64(), reader.i32()], [-2n, -2])
  t.end()
})

t.test('what is longer than the room that there was is written whole', (t) => {
  for (const length of [255, 300, 700]) {
    const bytes = new Writer().u8(1).raw(new Uint8Array(length).fill(2)).u32(3).done()
    t.strictSame([...bytes], [1, ...new Array<number>(length).fill(2), 3, 0, 0, 0])
  }
  t.end()
})

t.test('a reader keeps within its part of the bytes', (t) => {
  const reader = new Reader(Uint8Array.of(1, 2, 3, 4), 1, 3)
  t.equal(reader.u16(), 0x0302)
  t.equal(reader.left, 0)
  reader.finish()
  t.ok(thrownBy(() => reader.u8()) instanceof Malformed)
  t.end()
})

t.test('what ends too early, goes on too long, or is no text is malformed', (t) => {
  const of = (...bytes: number[]) => new Reader(Uint8Array.from(bytes))
  const cases: [() => unknown, RegExp][] = [
    [() => of(1).u16(), /ends 1 bytes too early/],
    [() => of(9, 0, 0, 0, 1).blob(), /ends 8 bytes too early/],
    [() => of(9, 0, 0, 0, 1).text(), /ends 8 bytes too early/],
    [() => of(1, 0, 0, 0, 0xff).text(), /not UTF-8/],
    [() => of(3, 0, 0, 0).list(2, () => 0), /3 items of at most 2/],
    [
      () => {
        of(1, 2).finish()
      },
      /2 bytes too many/,
    ],
  ]
  for (const [act, message] of cases) {
    const thrown = thrownBy(act)
    t.ok(thrown instanceof Malformed)
    t.match(thrown, { message })
  }
  t.end()
})

t.test('bytes are the same in length and value', (t) => {
  const same = (a: number[], b: number[]) => sameBytes(Uint8Array.from(a), Uint8Array.from(b))
  t.ok(same([1, 2], [1, 2]))
  t.ok(same([], []))
  for (const other of [[1], [1, 2, 3], [3, 2], [1, 3]]) t.notOk(same([1, 2], other))
  t.end()
})
