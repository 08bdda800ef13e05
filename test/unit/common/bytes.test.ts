/** Identifiers as text, and arrays as one. */
import t from 'tap'
import { concat, fromHex, toHex } from '../../../src/common/bytes.ts'

t.test('identifiers are text inside and bytes outside', (t) => {
  t.equal(toHex(Uint8Array.of(0, 15, 16, 255)), '000f10ff')
  t.strictSame(fromHex('000f10ff'), Uint8Array.of(0, 15, 16, 255))
  t.strictSame(fromHex('0123456789abcdefABCDEF'), Uint8Array.from(Buffer.from('0123456789abcdefABCDEF', 'hex')))
  t.strictSame(concat([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)]), Uint8Array.of(1, 2, 3))
  t.end()
})

t.test('any length has a text', (t) => {
  t.equal(toHex(new Uint8Array(300_000)).length, 600_000)
  t.end()
})
