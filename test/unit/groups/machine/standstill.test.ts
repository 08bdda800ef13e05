/** A member at rest as bytes: what goes along is all that there is, and nothing else is one. */
import t from 'tap'
import { FieldReader, FieldWriter } from '../../../../src/common/fields.ts'
import { readStandstill, writeStandstill, type Standstill } from '../../../../src/groups/machine/standstill.ts'
import { seededRandom } from '../../../../src/testing/simulator/random.ts'

const entry = (number: number, data: Uint8Array, total = data.length) => ({
  from: 'osd.0/aa.1',
  number,
  offset: 0,
  total,
  isSafe: number === 2,
  type: 7,
  origin: '',
  data,
})

const STAND: Standstill = {
  self: 'osd.1/bb.1',
  view: { id: { number: 4, installer: 'osd.0/aa.1' }, members: ['osd.0/aa.1', 'osd.1/bb.1'] },
  highest: 9,
  isFresh: false,
  up: ['osd.0/aa.1', 'osd.2/cc.1'],
  stream: {
    base: 2 ** 33,
    entries: [entry(1, Uint8Array.of(1, 2), 5), entry(2, new Uint8Array(0))],
    stable: 2 ** 33 + 1,
    next: 2 ** 33 + 2,
    assemblies: [['1 osd.0/aa.1', Uint8Array.of(1, 2)]],
  },
}

const bytesOf = (stand: Standstill): Uint8Array => {
  const out = new FieldWriter()
  writeStandstill(out, stand)
  return out.take()
}

t.test('it is read as it was written', (t) => {
  const from = new FieldReader(bytesOf(STAND))
  t.strictSame(readStandstill(from), STAND)
  t.equal(from.isAtEnd, true)
  t.end()
})

t.test('what is cut short is none, nor is what stands beyond what it holds, or is of no member', (t) => {
  const isOne = (bytes: Uint8Array): boolean => {
    const from = new FieldReader(bytes)
    readStandstill(from)
    return from.isAtEnd
  }
  const bytes = bytesOf(STAND)
  for (let length = 0; length < bytes.length; length++) {
    if (isOne(bytes.subarray(0, length))) t.fail(`it is one with ${length} of ${bytes.length} bytes`)
  }
  const { stream } = STAND
  for (const wrong of [
    { ...STAND, self: 'osd.7/x.1' },
    { ...STAND, stream: { ...stream, stable: stream.base + 3 } },
    { ...STAND, stream: { ...stream, next: stream.base + 3 } },
    { ...STAND, stream: { ...stream, next: stream.base - 1 } },
  ])
    t.equal(isOne(bytesOf(wrong)), false)
  const random = seededRandom('standstill')
  for (let count = 0; count < 2000; count++) isOne(random.bytes(random.integer(0, 80)))
  t.end()
})
