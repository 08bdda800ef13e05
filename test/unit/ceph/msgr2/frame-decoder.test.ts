/** A message that is read where it lies is what it is when it comes in pieces, and what is wrong with it has one name. */
import t from 'tap'
import { concat } from '../../../../src/common/bytes.ts'
import { NODE_CRYPTO } from '../../../../src/ceph/cephx/node-crypto.ts'
import { SecureChannel } from '../../../../src/ceph/msgr2/crypto.ts'
import { TAG } from '../../../../src/ceph/msgr2/format.ts'
import { FrameDecoder } from '../../../../src/ceph/msgr2/frame-decoder.ts'
import { FrameEncoder } from '../../../../src/ceph/msgr2/frame-encoder.ts'
import { emptyHeader } from '../../../../src/ceph/msgr2/message-header.ts'
import { OUR_BANNER, writeBanner } from '../../../../src/ceph/msgr2/banner.ts'
import { OutBuffer } from '../../../../src/wire/out-buffer.ts'
import { CONTEXT } from '../../../support/ceph/captures.ts'

/** What a decoder told, as text; bodies where they lay are marked. */
function read(
  chunks: Iterable<Uint8Array>,
  allocate: (bytes: number) => Uint8Array = CONTEXT.allocate,
  stopAt = Infinity,
  channel: SecureChannel | null = null,
): string[] {
  const told: string[] = []
  const decoder = new FrameDecoder(
    {
      banner: () => {},
      refuses: () => null,
      control: () => {},
      header: ({ seq }, bytes) => (bytes === 666 ? `no ${seq}` : null),
      message: (header, body, offset, lengths, stable) => {
        const bytes = lengths.slice(1).reduce((sum, length) => sum + length, 0)
        const inside = Buffer.from(body.subarray(offset, offset + bytes)).toString('hex')
        told.push(`${JSON.stringify(header)} ${lengths.join()} ${inside}`, stable ? 'its own' : 'where it lay')
        if (header.seq === stopAt) decoder.stop()
      },
      fault: (code, reason) => told.push(`${code} ${reason}`),
    },
    { ...CONTEXT, allocate },
  )
  decoder.receive(writeBanner(OUR_BANNER))
  decoder.takeTranscript()
  decoder.authenticated()
  if (channel !== null) decoder.secure(channel)
  for (const chunk of chunks) decoder.receive(chunk)
  return told
}

function message(seq: number, shape: readonly number[], encoder = new FrameEncoder()): Uint8Array {
  const [a, b, c] = shape.map((length) => new Uint8Array(length).fill(seq + length))
  const out = new OutBuffer()
  const header = { ...emptyHeader(), seq, tid: seq * 3, type: 42, version: 1, compatVersion: 1, flags: 3 }
  encoder.message(out, header, a!, b!, c!)
  return concat(out.take())
}

const SHAPES = [
  [0, 0, 0],
  [9, 0, 0],
  [0, 9, 0],
  [0, 0, 9],
  [30, 20, 10],
  [30, 1, 1],
  [0, 5, 5000],
] as const
const STREAM = concat(SHAPES.map((shape, index) => message(index + 1, shape)))
const places = new Set(['its own', 'where it lay'])
const content = (told: readonly string[]): string[] => told.filter((line) => !places.has(line))

t.test('messages that are all there are read where they lie; in pieces they are the same', (t) => {
  const whole = read([STREAM])
  t.equal(whole.filter((line) => line === 'where it lay').length, SHAPES.length)
  const differing: number[] = []
  for (let at = 1; at < STREAM.length; at += at < 700 ? 1 : 97) {
    const told = read([STREAM.subarray(0, at), STREAM.subarray(at)])
    if (content(told).join() !== content(whole).join()) differing.push(at)
  }
  t.strictSame(differing, [])
  const bytewise = read(Array.from(STREAM, (byte) => Uint8Array.of(byte)))
  t.strictSame(content(bytewise), content(whole))
  t.notOk(bytewise.includes('where it lay'))
  t.end()
})

t.test('a flipped bit anywhere is the same fault, read where it lies or in pieces', (t) => {
  const stream = concat([message(1, [3, 0, 2]), message(2, [1, 4, 6])])
  const differing: string[] = []
  const unseen: number[] = []
  for (let bit = 0; bit < stream.length * 8; bit++) {
    const altered = stream.slice()
    altered[bit >> 3]! ^= 1 << (bit & 7)
    const there = content(read([altered]))
    const pieces = content(
      read([altered.subarray(0, 5), ...Array.from(altered.subarray(5), (byte) => Uint8Array.of(byte))]),
    )
    if (there.join() !== pieces.join()) differing.push(`bit ${bit}: ${there.join()} / ${pieces.join()}`)
    if (!there.some((line) => line.startsWith('INK_')) && there.length === 2) unseen.push(bit)
  }
  t.strictSame(differing, [])
  // Of the byte that says how a frame ended, the upper half means nothing; there are two of them.
  t.strictSame(
    unseen.map((bit) => bit & 7),
    [4, 5, 6, 7, 4, 5, 6, 7],
  )
  t.end()
})

/** One end of a sealed link; the other one writes as the client. */
const channel = (role: 'client' | 'server') => new SecureChannel(NODE_CRYPTO, new Uint8Array(64).fill(5), role)

function sealing(): FrameEncoder {
  const encoder = new FrameEncoder()
  encoder.secure(channel('client'))
  return encoder
}

t.test('sealed messages are what they are in the clear, in one piece or in many', (t) => {
  const encoder = sealing()
  const sealed = concat(SHAPES.map((shape, index) => message(index + 1, shape, encoder)))
  const expected = content(read([STREAM]))
  t.equal(expected.length, SHAPES.length)
  const bytes = Array.from(sealed, (byte) => Uint8Array.of(byte))
  for (const chunks of [[sealed], bytes])
    t.strictSame(content(read(chunks, CONTEXT.allocate, Infinity, channel('server'))), expected)
  t.end()
})

t.test('where frames are sealed, a message in the clear is not believed: anybody could have put it there', (t) => {
  const stream = [message(1, [0, 0, 0], sealing()), message(2, [300, 0, 2])]
  const told = content(read(stream, CONTEXT.allocate, Infinity, channel('server')))
  t.match(told, [/"seq":1,/, /^INK_RESET .*seal of a frame/])
  t.equal(told.length, 2)
  t.end()
})

t.test('what the session refuses, or a receiver that stops, ends it in the middle of a chunk', (t) => {
  const refused = concat([message(1, [1, 0, 0]), message(2, [666, 0, 0]), message(3, [1, 0, 0])])
  const told = content(read([refused]))
  t.equal(told.length, 2)
  t.equal(told[1], 'INK_INCOMPATIBLE no 2')
  t.equal(content(read([STREAM], CONTEXT.allocate, 2)).length, 2)
  t.end()
})

t.test('a message takes memory as its bytes come, eight times as much at most, and is whole in the end', (t) => {
  const KIB = 1024
  const shape = [300, 0, 5000 * KIB]
  for (const sealed of [false, true]) {
    const stream = message(1, shape, sealed ? sealing() : new FrameEncoder())
    let came = 0
    const greedy: string[] = []
    const allocate = (bytes: number): Uint8Array => {
      if (bytes > Math.max(128 * KIB, 8 * came)) greedy.push(`${bytes} after ${came}`)
      return CONTEXT.allocate(bytes)
    }
    function* chunks(): Iterable<Uint8Array> {
      for (const length of [100, 60 * KIB, 5 * KIB, 200 * KIB, KIB, 3000 * KIB, stream.length]) {
        const chunk = stream.subarray(came, came + length)
        came += chunk.length
        yield chunk
      }
    }
    const told = content(read(chunks(), allocate, Infinity, sealed ? channel('server') : null))
    t.strictSame(told, content(read([message(1, shape)])))
    t.strictSame(greedy, [])
  }
  t.end()
})

t.test('a peer whose checksums are switched off is told apart from one whose bytes were altered', (t) => {
  const NO_CHECKSUMS = /^INK_RESET the peer sends no checksums \(its ms_crc_data is false\)/
  const zeroed = (bytes: Uint8Array, ...places: readonly number[]): Uint8Array => {
    const copy = bytes.slice()
    for (const at of places) copy.fill(0, at, at + 4)
    return copy
  }
  const hello = new FrameEncoder().control(TAG.HELLO, Uint8Array.of(1, 2, 3))!
  const one = message(1, [9, 0, 9])
  const headerAt = 32 + 41
  const cases = {
    hello: zeroed(hello, hello.length - 4),
    header: zeroed(one, headerAt, one.length - 12, one.length - 8, one.length - 4),
    front: zeroed(one, one.length - 12),
    'an empty middle': zeroed(one, one.length - 8),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    for (const chunks of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))])
      t.match(read(chunks).at(-1), NO_CHECKSUMS, name)
  }
  const altered = one.slice()
  altered[40]! ^= 1
  t.match(read([altered]).at(-1), /altered on the way/)
  t.end()
})

t.test('no memory for what was admitted is a fault, not a crash', (t) => {
  const stream = message(1, [0, 0, 20_000])
  const none = (): Uint8Array => {
    throw new RangeError('Array buffer allocation failed')
  }
  t.strictSame(read([stream.subarray(0, 100), stream.subarray(100)], none), [
    'INK_RESET there is no memory for a message of 20000 bytes',
  ])
  t.end()
})
