/** Identifiers as text, and arrays as one. */
import t from 'tap'
import { concat, fromHex, toHex, unfilled } from '../../src/common/bytes.ts'

t.test('identifiers are text inside and bytes outside', (t) => {
  t.equal(toHex(Uint8Array.of(0, 15, 16, 255)), '000f10ff')
  t.strictSame(fromHex('000f10ff'), Uint8Array.of(0, 15, 16, 255))
  t.strictSame(concat([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)]), Uint8Array.of(1, 2, 3))
  t.end()
})

t.test('any length has a text', (t) => {
  t.equal(toHex(new Uint8Array(300_000)).length, 600_000)
  t.end()
})

t.test('an array to be filled is of its size, alone in its memory, and refused when there is none', (t) => {
  const bytes = unfilled(5)
  t.equal(bytes.buffer.byteLength, 5)
  t.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype, 'not a Buffer: its slice() would be a view')
  t.throws(() => unfilled(2 ** 53), RangeError)
  t.end()
})
