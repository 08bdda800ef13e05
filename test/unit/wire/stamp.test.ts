/** Stamps as values: their order, their bytes, and what is no stamp. */
import t from 'tap'
import { STAMP_MS_MAX, Stamp } from '../../../src/wire/stamp.ts'

const ASCENDING = [
  new Stamp(0, 0),
  new Stamp(0, 65_535),
  new Stamp(255, 256),
  new Stamp(256, 255),
  new Stamp(2 ** 32 - 1, 7),
  new Stamp(2 ** 32, 0),
  new Stamp(1_767_225_600_000, 3),
  new Stamp(STAMP_MS_MAX, 65_535),
]

t.test('stamps order alike as values and as bytes', (t) => {
  for (const [left, a] of ASCENDING.entries()) {
    for (const [right, b] of ASCENDING.entries()) {
      t.equal(Math.sign(a.compare(b)), Math.sign(left - right), `${String(a)} beside ${String(b)}`)
      t.equal(
        Buffer.compare(a.toBytes(), b.toBytes()),
        Math.sign(left - right),
        `bytes of ${String(a)} beside ${String(b)}`,
      )
    }
  }
  t.end()
})

t.test('a stamp comes back from its bytes', (t) => {
  for (const stamp of ASCENDING) t.strictSame(Stamp.fromBytes(stamp.toBytes()), stamp)
  t.strictSame([...new Stamp(1_700_000_000_000, 1).toBytes()], [0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00, 0x00, 0x01])
  t.equal(String(new Stamp(12, 3)), '12.3')
  t.end()
})

t.test('what is no stamp is refused', (t) => {
  const wrong = { code: 'INK_BAD_ARGUMENT' }
  for (const [ms, counter] of [
    [-1, 0],
    [0.5, 0],
    [STAMP_MS_MAX + 1, 0],
    [0, 65_536],
    [NaN, 0],
  ] as const)
    t.throws(() => new Stamp(ms, counter), wrong)
  t.throws(() => Stamp.fromBytes(new Uint8Array(7)), wrong)
  t.throws(() => Stamp.fromBytes('12345678' as unknown as Uint8Array), wrong)
  t.end()
})
