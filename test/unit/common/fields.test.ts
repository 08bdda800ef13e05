/** Fields of words: what is written reads back, and what is no field reads as nothing, for good. */
import t from 'tap'
import { FieldReader, FieldWriter, UINT48_MAX } from '../../../src/common/fields.ts'
import { toHex } from '../../../src/common/bytes.ts'

t.test('numbers are little-endian, and bytes and texts stand behind their length', (t) => {
  const bytes = new FieldWriter().uint8(1).uint16(0x0203).uint32(0x04050607).uint48(0x08090a0b0c0d).take()
  t.equal(toHex(bytes), '010302070605040d0c0b0a0908')
  t.equal(toHex(new FieldWriter().text('é').bytes(Uint8Array.of(7)).raw(Uint8Array.of(8)).take()), '0200c3a901000708')
  t.equal(toHex(new FieldWriter().uint48(UINT48_MAX).take()), 'ffffffffffff')
  const large = new FieldWriter().uint8(1).bytes(new Uint8Array(1000).fill(9)).uint8(2).take()
  t.same([large.length, large[0], large[1002], large[1003]], [1004, 1, 9, 2], 'it grows')
  t.end()
})

t.test('what was written reads back', (t) => {
  const writer = new FieldWriter()
    .uint8(255)
    .uint16(65_535)
    .uint32(2 ** 32 - 1)
    .uint48(UINT48_MAX)
  const reader = new FieldReader(writer.text('').text('osd.3').bytes(Uint8Array.of(1, 2)).raw(Uint8Array.of(3)).take())
  t.same([reader.uint8(), reader.uint16(), reader.uint32()], [255, 65_535, 2 ** 32 - 1])
  t.equal(reader.uint48(), UINT48_MAX)
  t.same([reader.text(), reader.strictText(5)], ['', 'osd.3'])
  t.same([...reader.bytes(2)], [1, 2])
  t.same([reader.left, reader.isAtEnd], [1, false])
  t.same([...reader.raw(1)], [3])
  t.same([reader.left, reader.isAtEnd, reader.isBad], [0, true, false])
  t.end()
})

t.test('what is not there reads as nothing, and so does all that follows', (t) => {
  const reader = new FieldReader(Uint8Array.of(1, 2, 3))
  t.equal(reader.uint32(), 0)
  t.same([reader.isBad, reader.isAtEnd, reader.uint8(), reader.raw(1).length], [true, false, 0, 0])
  t.same(
    [new FieldReader(Uint8Array.of(2, 0, 9)).bytes(8).length, new FieldReader(Uint8Array.of(2, 0)).text()],
    [0, ''],
  )
  const long = new FieldReader(Uint8Array.of(2, 0, 9, 9))
  t.same([long.bytes(1).length, long.isBad], [0, true], 'longer than it may be')
  t.end()
})

t.test('lists end where the bytes do, whatever their count says', (t) => {
  const reader = new FieldReader(Uint8Array.of(0xff, 0xff, 1, 2))
  t.same(
    reader.list(() => reader.uint8()),
    [1, 2, 0],
  )
  t.equal(reader.isBad, true)
  t.end()
})

t.test('a strict text has one form; another one is for people', (t) => {
  const text = (...octets: number[]): FieldReader => new FieldReader(Uint8Array.of(octets.length, 0, ...octets))
  for (const [why, octets] of [
    ['empty', []],
    ['too long', [97, 97, 97]],
    ['no UTF-8', [0xff]],
    ['cut short', [0xc3]],
  ] as const) {
    const reader = text(...octets)
    t.same([reader.strictText(2), reader.isBad], ['', true], why)
  }
  const mark = [0xef, 0xbb, 0xbf, 97]
  t.equal(text(...mark).strictText(4), '\ufeffa', 'a mark of order is part of it: two forms are two texts')
  t.equal(text(...mark).text(), '\ufeffa', 'and reads back')
  const reader = text(0xff, 97)
  t.same([reader.text(), reader.isAtEnd], ['\ufffda', true])
  t.end()
})
