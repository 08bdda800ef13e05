/** The 32 bytes before every frame of Ceph: what is written is read, and each thing that cannot be has its reason. */
import t from 'tap'
import { writeUint32 } from '../../../../src/wire/native/bytes.ts'
import {
  cephCrc,
  emptyPreamble,
  othersBytes,
  readPreamble,
  writePreamble,
} from '../../../../src/ceph/msgr2/preamble.ts'

/** A preamble of three segments, with `bytes` put at `at`, under a checksum that is right. */
function altered(at = 0, ...bytes: number[]): Uint8Array {
  const preamble = new Uint8Array(32)
  writePreamble(preamble, 0, 17, 3, 41, 5, 6)
  if (bytes.length > 0) preamble.set(bytes, at)
  writeUint32(preamble, 28, cephCrc(0, preamble, 0, 28))
  return preamble
}

const refused = (bytes: Uint8Array): string | null => readPreamble(bytes, 0, emptyPreamble())

t.test('what was written is read, wherever it lies', (t) => {
  const bytes = new Uint8Array(40).fill(0xaa)
  writePreamble(bytes, 4, 17, 4, 41, 1, 70_000, 3)
  const read = emptyPreamble()
  t.equal(readPreamble(bytes, 4, read), null)
  t.strictSame(read, { tag: 17, count: 4, lengths: [41, 1, 70_000, 3] })
  t.equal(othersBytes(read), 70_004)
  t.strictSame([bytes[3], bytes[36]], [0xaa, 0xaa])
  t.end()
})

t.test('segments are aligned to 8 bytes, data to 4096, and what is not there to nothing', (t) => {
  const bytes = new Uint8Array(32)
  writePreamble(bytes, 0, 17, 4, 41, 1, 2, 3)
  t.strictSame(
    [6, 12, 18, 24].map((at) => bytes[at]! + 256 * bytes[at + 1]!),
    [8, 8, 8, 4096],
  )
  writePreamble(bytes, 0, 17, 2, 41, 1)
  t.strictSame(
    [6, 12, 18, 24].map((at) => bytes[at]! + 256 * bytes[at + 1]!),
    [8, 8, 0, 0],
  )
  t.end()
})

t.test('what cannot be is refused, also under a checksum that is right', (t) => {
  t.equal(refused(altered()), null)
  const cases: [Uint8Array, RegExp][] = [
    [altered(1, 0), /a frame of 0 segments/],
    [altered(1, 5), /a frame of 5 segments/],
    [altered(20, 1), /not there has a length/],
    [altered(24, 8), /not there has a length/],
    [altered(14, 0), /the last segment of a frame is empty/],
    [altered(26, 1), /compressed/],
    [altered(26, 2), /reserved bits/],
    [altered(27, 1), /reserved bits/],
  ]
  for (const [bytes, reason] of cases) t.match(refused(bytes), reason)
  const wrong = altered()
  wrong[28]! ^= 1
  t.match(refused(wrong), /the checksum of a preamble/)
  t.end()
})
