/** A message that is written straight into the buffer has the bytes that its frame has, in every layout and shape. */
import t from 'tap'
import { NODE_CRYPTO } from '../../../../src/ceph/cephx/node-crypto.ts'
import { concat } from '../../../../src/common/bytes.ts'
import { SecureChannel } from '../../../../src/ceph/msgr2/crypto.ts'
import { HEADER_BYTES, TAG } from '../../../../src/ceph/msgr2/format.ts'
import { FrameEncoder } from '../../../../src/ceph/msgr2/frame-encoder.ts'
import { writeMessageHeader } from '../../../../src/ceph/msgr2/message-header.ts'
import { OutBuffer } from '../../../../src/wire/out-buffer.ts'

const HEADER = {
  ...{ seq: 2 ** 40 + 1, tid: 2 ** 33 + 5, type: 42, priority: 63, version: 8, dataPrePaddingBytes: 0, dataOff: 0 },
  ...{ ackSeq: 7, flags: 3, compatVersion: 1, reserved: 0 },
}
const SIZES = [0, 1, 47, 48, 4096, 40_000]
const LAYOUTS = ['2.0', '2.1', '2.1 secure'] as const

function encoderOf(layout: (typeof LAYOUTS)[number]): FrameEncoder {
  const encoder = new FrameEncoder()
  encoder.use(layout === '2.0' ? 0 : 1)
  if (layout === '2.1 secure') encoder.secure(new SecureChannel(NODE_CRYPTO, new Uint8Array(64).fill(5), 'client'))
  return encoder
}

const filled = (length: number): Uint8Array => new Uint8Array(length).map((_, index) => (index * 7 + length) & 0xff)

for (const layout of LAYOUTS) {
  t.test(`${layout}: every shape of a message`, (t) => {
    const [straight, framed] = [encoderOf(layout), encoderOf(layout)]
    const header = new Uint8Array(HEADER_BYTES)
    writeMessageHeader(header, 0, HEADER)
    const differing: string[] = []
    const out = new OutBuffer()
    for (const shape of SIZES.flatMap((a) => SIZES.flatMap((b) => SIZES.map((c) => [a, b, c])))) {
      const [front, middle, data] = shape.map(filled) as [Uint8Array, Uint8Array, Uint8Array]
      t.ok(straight.message(out, HEADER, front, middle, data))
      const written = concat(out.take())
      const parts = framed.frame(TAG.MESSAGE, [header, front, middle, data])
      if (!Buffer.from(written).equals(concat(parts!))) differing.push(shape.join())
    }
    t.strictSame(differing, [])
    t.end()
  })
}

t.test('small segments are copied behind their header, large ones are referenced', (t) => {
  const out = new OutBuffer()
  const small = filled(4096)
  const large = filled(64 * 1024)
  const encoder = encoderOf('2.1')
  encoder.message(out, HEADER, small, small, small)
  t.equal(out.take().length, 1)
  encoder.message(out, HEADER, small, small, large)
  const view = out.take()[1]!
  t.equal(view.buffer, large.buffer)
  t.same([view.byteOffset, view.byteLength], [large.byteOffset, large.byteLength])
  t.end()
})
