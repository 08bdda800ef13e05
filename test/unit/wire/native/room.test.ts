/** Large bodies are read straight into their places, by a link that asks where; nothing else about what arrives changes. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { concat } from '../../../../src/common/bytes.ts'
import type { OutboundMessage } from '../../../../src/wire/message.ts'
import { MESSAGES_HEADER_BYTES } from '../../../../src/wire/native/format.ts'
import { encoded, header, message, openPair, pattern, queueOf, type End } from './pair.ts'

const LARGE = 64 * 1024

/** An open session whose receiver reuses bodies or does not, and the frames of these messages, one or more in each. */
function session(runs: readonly (readonly OutboundMessage[])[], reusesBodies = true): { end: End; stream: Uint8Array } {
  const { dialler, acceptor } = openPair()
  acceptor.sink.reusesBodies = reusesBodies
  let firstSeq = 1
  const frames = runs.map((run) => {
    const head = header({ firstSeq, count: run.length })
    firstSeq += run.length
    return encoded((out) => dialler.wire.encodeBatch(out, head, queueOf(...run), 0, run.length))
  })
  return { end: acceptor, stream: concat(frames) }
}

const alone = (count: number): OutboundMessage[][] =>
  Array.from({ length: count }, (_, index) => [message({ data: pattern(LARGE, index) })])

/** All that was told of messages. Hashed: comparing arrays of this size takes minutes. */
const digest = ({ sink }: End): string =>
  createHash('sha256')
    .update(JSON.stringify(sink.all('message')))
    .digest('hex')

/** Reads as a link does: where it is told, at most so much at a time. Returns how much went straight to its place. */
function read({ wire }: End, stream: Uint8Array, most: number): number {
  let placed = 0
  for (let at = 0; at < stream.length;) {
    const room = wire.room?.() ?? null
    const bytes = stream.subarray(at, at + Math.min(most, room?.length ?? most))
    at += bytes.length
    if (room === null) {
      const chunk = Buffer.from(bytes)
      wire.receive(chunk)
      chunk.fill(0xaa)
    } else {
      room.set(bytes)
      wire.receive(room.subarray(0, bytes.length))
      placed += bytes.length
    }
  }
  return placed
}

t.test(
  'of a stream of large messages those that come whole stay where they lie, and the seams of reads are read to their places',
  (t) => {
    const { end, stream } = session(alone(32))
    const { end: whole } = session(alone(32))
    whole.wire.receive(stream)
    const placed = read(end, stream, 200_000)
    t.equal(digest(end), digest(whole))
    const apart = end.sink.messages.filter(({ memory }) => memory.byteLength === LARGE)
    // A read to a place ends with its message, so each of the others begins with a head: three whole ones, and a beginning.
    t.equal(apart.length, 8)
    t.ok(placed >= apart.length * (4 * LARGE - 200_000), `${placed} of ${stream.length} bytes`)
    t.end()
  },
)

t.test('a body that was read to its place is all of its memory, so that it can be used again', (t) => {
  const { end, stream } = session(alone(1))
  end.wire.receive(stream.subarray(0, 1000))
  const room = end.wire.room!()!
  t.equal(room.length, stream.length - 1000)
  room.set(stream.subarray(1000))
  end.wire.receive(room)
  const [got] = end.sink.messages
  t.ok(got!.memory === room.buffer)
  t.strictSame([got!.offset, got!.memory.byteLength], [0, LARGE])
  t.end()
})

t.test('who keeps bodies has them copied out of warm memory, and reads nowhere else', (t) => {
  const { end, stream } = session(alone(4), false)
  t.equal(read(end, stream, 10_000), 0)
  t.equal(end.sink.messages.length, 4)
  t.end()
})

t.test('whatever is mixed and however it is cut, the same messages arrive', (t) => {
  const small = [1, 2, 3].map((seed) => message({ front: pattern(100, seed) }))
  const odd = message({ front: pattern(7), middle: pattern(20_000), data: pattern(30_001), tid: 9, version: 3 })
  const runs = [...alone(2), small, [odd], [message()], [message({ data: pattern(LARGE) }), ...small], ...alone(2)]
  const { end: whole, stream } = session(runs)
  whole.wire.receive(stream)
  for (const most of [1, 47, 1000, 4096, 65_536, 65_601, 200_000]) {
    const { end } = session(runs)
    read(end, stream, most)
    t.equal(digest(end), digest(whole), `at most ${most} bytes at a time`)
  }
  t.end()
})

t.test('bytes that were altered on the way are found there, too', (t) => {
  const { end, stream } = session(alone(1))
  stream[stream.length - 1]! ^= 1
  read(end, stream, 1000)
  t.match(end.sink.faulted, /^INK_RESET: the checksum/)
  t.equal(end.sink.messages.length, 0)
  t.ok(end.wire.room!() === null)
  t.end()
})

t.test('a message that is here already is counted and thrown away; one without credit ends the link', (t) => {
  const known = session(alone(1))
  known.end.sink.skip = () => 1
  read(known.end, known.stream, 1000)
  t.strictSame(known.end.sink.all('admit'), [['admit', LARGE, true]])
  t.equal(known.end.sink.messages.length, 0)
  const dear = session(alone(1))
  dear.end.sink.admits = () => false
  read(dear.end, dear.stream, 1000)
  t.match(dear.end.sink.faulted, /past its credit/)
  t.end()
})

t.test('memory is taken for what is there, not for what is announced', (t) => {
  const { end, stream } = session([[message({ data: pattern(300 * 1024) })]])
  end.wire.receive(stream.subarray(0, MESSAGES_HEADER_BYTES + 100))
  t.ok(end.wire.room!() === null)
  t.end()
})

t.test('a message that comes as one chunk, which is all of it, is read to its place as any other', (t) => {
  const ends = ['in turns', 'at once'].map(() => {
    const { dialler, acceptor } = openPair()
    acceptor.sink.reusesBodies = true
    const frames = Array.from({ length: 8 }, (_, index) => {
      const one = message({ data: pattern(LARGE + 100, index) })
      const head = header({ firstSeq: index + 1, count: 1 })
      return encoded((out) => dialler.wire.encodeChunk(out, head, one, 0, one.bytes))
    })
    return { end: acceptor, stream: concat(frames) }
  })
  const [{ end, stream }, { end: whole }] = ends as [(typeof ends)[0], (typeof ends)[0]]
  whole.wire.receive(stream)
  t.ok(read(end, stream, 40_000) > 0.3 * stream.length)
  t.equal(digest(end), digest(whole))
  t.equal(end.sink.messages.length, 8)
  t.end()
})
