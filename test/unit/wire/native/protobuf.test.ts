/** The protobuf of control frames, against protobufjs as the standard: what one writes the other reads, and any bytes are taken alike. */
import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs'
import t from 'tap'
import * as control from '../../../../src/wire/native/gen/control.ts'
import { countField, message } from '../../../../src/wire/native/protobuf.ts'
import type { Field, Message } from '../../../../src/wire/native/protobuf.ts'
import { seededRandom } from '../../../../src/testing/index.ts'

const { root } = protobuf.parse(readFileSync(new URL('../../../../proto/control.proto', import.meta.url), 'utf8'))
const messages = Object.entries(control).filter((entry): entry is [string, Message<object>] => 'fields' in entry[1])
const random = seededRandom(1)
const below = (bound: number): number => Math.floor(random.next() * bound)
const UINT32 = [0, 1, 127, 128, 2 ** 14, 2 ** 21 + 5, 2 ** 28, 2 ** 31, 2 ** 32 - 1]

function valueOf(field: Field): unknown {
  switch (field.kind) {
    case 'message':
      return valuesOf(field.fields)
    case 'uint32':
    case 'fixed32':
      return UINT32[below(UINT32.length)]
    case 'enum':
      return below(5)
    case 'bool':
      return random.next() < 0.5
    case 'string':
      return ['', 'osd.3', 'grün ✓ 🦊', '\uFEFFmark', 'x'.repeat(200)][below(5)]
    case 'bytes':
      return random.bytes([0, 1, 16, 200][below(4)]!)
  }
}

function valuesOf(fields: readonly Field[]): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const field of fields) {
    if (random.next() < 0.3) continue
    const many = Array.from({ length: 1 + below(3) }, () => valueOf(field))
    values[field.name] = field.times === 'many' ? many : valueOf(field)
  }
  return values
}

/** As protobufjs sees what was read, defaults left out. */
const plain = (type: protobuf.Type, value: object): object =>
  JSON.parse(JSON.stringify(type.toObject(type.fromObject(value), { bytes: String }))) as object

t.test('every message is written as protobufjs writes it, byte for byte, and read as it reads it', (t) => {
  t.equal(messages.length, root.nestedArray.filter((one) => one instanceof protobuf.Type).length)
  for (const [name, ours] of messages) {
    const type = root.lookupType(name)
    for (let round = 0; round < 60; round++) {
      const values = valuesOf(ours.fields)
      const bytes = ours.encode(values)
      const theirs = type.encode(type.fromObject(values)).finish()
      if (Buffer.compare(bytes, theirs) !== 0) t.fail(`${name}: ${JSON.stringify(values)}`)
      if (JSON.stringify(plain(type, ours.decode(theirs))) !== JSON.stringify(plain(type, type.decode(theirs)))) {
        t.fail(`${name} is read otherwise: ${Buffer.from(theirs).toString('hex')}`)
      }
    }
  }
  t.end()
})

t.test('bytes with any damage are read as protobufjs reads them, or refused by both', (t) => {
  let [taken, refused] = [0, 0]
  for (const [name, ours] of messages) {
    const type = root.lookupType(name)
    for (let round = 0; round < 120; round++) {
      const bytes = Uint8Array.from(round % 4 === 0 ? random.bytes(below(24)) : ours.encode(valuesOf(ours.fields)))
      for (let hits = below(3); hits > 0 && bytes.length > 0; hits--) bytes[below(bytes.length)] = below(256)
      const cut = random.next() < 0.2 ? bytes.subarray(0, below(bytes.length)) : bytes
      const [here, there] = [ours, type].map((one) => attempt(() => plain(type, one.decode(cut))))
      // Groups, and tags longer than 32 bits: we refuse the first, they the second.
      if (here === there) {
        if (here === null) refused++
        else taken++
      } else if (here !== null && there !== null)
        t.fail(`${name} is read otherwise: ${Buffer.from(cut).toString('hex')}`)
    }
  }
  t.ok(taken > 300 && refused > 300, `${taken} were taken, ${refused} refused`)
  t.end()
})

function attempt(read: () => object): string | null {
  try {
    return JSON.stringify(read())
  } catch {
    return null
  }
}

t.test('what a later version adds is passed over, and the parts of one message become one', (t) => {
  const Inner = message<{ a?: number; b?: number }>({ a: [1, 'uint32'], b: [2, 'uint32'] })
  const Outer = message<{ inner?: object; names?: string[] }>({ inner: [1, Inner], names: [3, 'string', 'many'] })
  const later = [0x20, 0x96, 0x01, 0x29, 1, 2, 3, 4, 5, 6, 7, 8, 0x35, 1, 2, 3, 4, 0x3a, 2, 9, 9]
  const bytes = Uint8Array.of(0x0a, 2, 0x08, 7, ...later, 0x0a, 2, 0x10, 9, 0x1a, 1, 0x78, 0x1a, 0)
  t.strictSame(Outer.decode(bytes), { inner: { a: 7, b: 9 }, names: ['x', ''] })
  t.equal(countField(bytes, 3), 2)
  t.equal(countField(bytes, 9), 0)
  t.end()
})

t.test('what is no message is refused, with a reason', (t) => {
  const One = message<{ n?: number; s?: string; m?: object }>({
    n: [1, 'uint32'],
    s: [2, 'string'],
    m: [3, message({})],
  })
  const refused = (bytes: number[], reason: RegExp): void =>
    void t.throws(() => One.decode(Uint8Array.from(bytes)), reason)
  refused([0x08], /end inside a field/)
  refused([0x08, ...Array<number>(10).fill(0x80), 1], /more than 10 bytes/)
  refused([0x12, 0xff, 0xff, 0xff, 0xff, 0x0f], /end inside a field/)
  refused([0x12, 1, 0xff], /encoded data was not valid/)
  refused([0x00, 0x00], /no field 0/)
  refused([0x23, 0x24], /no wire type 3/)
  refused([0x1a, 1, 0x12, 1], /longer than its message|end inside/)
  refused([0x29, 1, 2, 3], /end inside a field/)
  t.end()
})
