/** Whose the memory of received bodies is: given for good, lent until they are finished, or shown for a turn. */
import t from 'tap'
import { Chunk, lasting } from '../../../src/messenger/chunk.ts'
import type { Lease } from '../../../src/transports/transport.ts'
import type { InboundMessage } from '../../../src/wire/message.ts'
import { inbound } from './fakes.ts'

const KIB = 1024

class CountedLease implements Lease {
  held = 0
  released = 0

  hold(): void {
    this.held++
  }

  release(): void {
    this.released++
  }
}

/** A chunk with bodies of these sizes behind each other, ten bytes apart. */
function setUp(sizes: readonly number[], lease?: Lease) {
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size + 10, 0)).map((_, index) => index)
  const chunk = new Chunk()
  chunk.begin(bytes, lease)
  let at = 0
  const messages = sizes.map((size, index) => {
    at += 10 + size
    return inbound(index, 1, bytes.subarray(at - size, at))
  })
  const expected = messages.map(({ data }) => [...data])
  /** True when every body still is what came, although the transport has used its memory again. */
  const areRight = (): boolean => {
    bytes.fill(0xdb)
    return messages.every(({ data }, index) => data.every((byte, place) => byte === expected[index]![place]))
  }
  return { bytes, chunk, messages, areRight }
}

/** How many bytes each message keeps from the collector. */
function held(messages: readonly InboundMessage[]): number[] {
  return messages.map(({ memory }) => memory.byteLength)
}

t.test('what is given outlives its chunk: small bodies a few together, larger ones alone', (t) => {
  const { chunk, messages, areRight } = setUp([...new Array<number>(100).fill(100), 1023, 1024, 70_000, 0, 1])
  for (const message of messages) chunk.give(message, 'borrowed')
  chunk.end()
  t.ok(areRight())
  t.ok(Math.max(...held(messages.slice(0, 101))) <= 2 * KIB, 'a small one that is kept holds little')
  t.strictSame(held(messages).slice(101, 104), [1024, 70_000, 0])
  t.ok(new Set(messages.slice(0, 100).map(({ memory }) => memory)).size <= 7, 'and they share')
  t.end()
})

t.test('a body that has its memory for itself stays there; one of many leaves it, unless that is small', (t) => {
  const chunk = new Chunk()
  chunk.begin(new Uint8Array(1), undefined)
  const [small, large] = [new Uint8Array(2 * KIB), new Uint8Array(64 * KIB)]
  const messages = [large, large, small].map((memory) => inbound(1, 1, memory.subarray(84, 984)))
  const [own, shared, near] = messages as [InboundMessage, InboundMessage, InboundMessage]
  chunk.give(own, 'own')
  chunk.give(shared, 'shared')
  chunk.give(near, 'shared')
  t.strictSame(
    [own.memory === large.buffer, held([shared])[0]! <= 2 * KIB, near.memory === small.buffer],
    [true, true, true],
  )
  t.end()
})

t.test('who transfers a body away takes no neighbour along', (t) => {
  const { chunk, messages } = setUp([100, 100, 5000, 5000])
  for (const message of messages) chunk.give(message, 'borrowed')
  for (const message of [messages[0]!, messages[2]!]) {
    try {
      structuredClone(0, { transfer: [message.data.buffer as ArrayBuffer] })
    } catch {
      // What is shared cannot be transferred: Node 20 ignores that, later ones throw.
    }
  }
  t.strictSame([messages[1]!.data.length, messages[2]!.memory.byteLength, messages[3]!.data.length], [100, 0, 5000])
  t.end()
})

t.test('nor takes it what others of the same frame see, whether it was given, lent or shown', (t) => {
  for (const how of ['give', 'lend', 'show'] as const) {
    const chunk = new Chunk()
    chunk.begin(new Uint8Array(1), new CountedLease())
    const frame = new Uint8Array(KIB)
    const [one, other] = [inbound(1, 1, frame.subarray(0, 100)), inbound(2, 1, frame.subarray(100, 200))]
    chunk[how](one, 'shared')
    try {
      structuredClone(0, { transfer: [one.memory as ArrayBuffer] })
    } catch {
      // Later versions of Node throw where 20 leaves it where it is.
    }
    t.equal(other.data.length, 100, how)
    if (how === 'show') chunk.hide()
    chunk.end()
  }
  t.end()
})

t.test('what is lent stays where it is, held until the last of its chunk is finished', (t) => {
  const lease = new CountedLease()
  const { bytes, chunk, messages } = setUp([100, 5000], lease)
  for (const message of messages) chunk.lend(message, 'borrowed')
  t.ok(messages.every(({ memory }) => memory === bytes.buffer))
  messages[1]!.loan?.done()
  chunk.end()
  t.strictSame([lease.held, lease.released], [1, 0])
  messages[0]!.loan?.done()
  t.strictSame([lease.held, lease.released], [1, 1])
  t.end()
})

t.test('what all handlers have finished in the turn is given back at its end', (t) => {
  const lease = new CountedLease()
  const { chunk, messages } = setUp([100, 100], lease)
  for (const message of messages) {
    chunk.lend(message, 'borrowed')
    message.loan?.done()
  }
  t.equal(lease.released, 0, 'there may be more')
  chunk.end()
  t.strictSame([lease.held, lease.released], [1, 1])
  t.end()
})

t.test('without a lease a body is copied before anybody sees it', (t) => {
  const { chunk, messages, areRight } = setUp([100, 5000])
  chunk.lend(messages[0]!, 'borrowed')
  t.equal(chunk.show(messages[1]!, 'borrowed'), true, 'and need not be copied again')
  chunk.hide()
  t.equal(messages[0]!.loan, null)
  chunk.end()
  t.ok(areRight())
  t.end()
})

t.test('with a lease it is shown where it lies', (t) => {
  const { bytes, chunk, messages } = setUp([100], new CountedLease())
  t.equal(chunk.show(messages[0]!, 'borrowed'), false)
  t.equal(messages[0]!.memory, bytes.buffer)
  chunk.hide()
  chunk.end()
  t.end()
})

t.test('bytes that are sent on are copied while their memory is lent or shown, and only then', (t) => {
  const { chunk, messages } = setUp([100, 100, 100], new CountedLease())
  const [given, lent, shown] = messages as [InboundMessage, InboundMessage, InboundMessage]
  const isCopied = ({ data }: InboundMessage): boolean =>
    lasting(data) !== data && Buffer.from(data).equals(lasting(data))
  chunk.give(given, 'borrowed')
  chunk.lend(lent, 'borrowed')
  t.strictSame([isCopied(given), isCopied(lent)], [false, true])
  lent.loan?.done()
  chunk.show(shown, 'borrowed')
  t.equal(isCopied(shown), true)
  chunk.hide()
  t.equal(isCopied(shown), false)
  const body = new Uint8Array(40_000)
  const alone = inbound(9, 1, body)
  chunk.lend(alone, 'own')
  t.equal(isCopied(alone), true, 'a body with memory of its own that is used again')
  alone.loan?.done()
  t.equal(isCopied(alone), false)
  const other = inbound(10, 1, new Uint8Array(40_000))
  chunk.show(other, 'own')
  t.equal(isCopied(other), true, 'also while it is shown')
  chunk.hide()
  t.equal(isCopied(other), false)
  chunk.end()
  t.end()
})

t.test('small bodies of two frames are two frames’ bytes, although they lie at the same place of each', (t) => {
  const chunk = new Chunk()
  chunk.begin(new Uint8Array(1), undefined)
  const frames = [1, 2].map((byte) => new Uint8Array(4 * KIB).fill(byte))
  const messages = frames.map((frame) => inbound(1, 1, frame.subarray(500, 600)))
  for (const message of messages) chunk.give(message, 'shared')
  chunk.end()
  t.strictSame(
    messages.map(({ data }) => [data[0], data.at(-1)]),
    [
      [1, 1],
      [2, 2],
    ],
  )
  t.end()
})

t.test('small bodies of two reads into the same memory are each read’s bytes', (t) => {
  const memory = new Uint8Array(4 * KIB)
  const chunk = new Chunk()
  const messages = [1, 2].map((byte) => {
    memory.fill(byte)
    chunk.begin(memory, undefined)
    const message = inbound(1, 1, memory.subarray(500, 600))
    chunk.give(message, 'borrowed')
    chunk.end()
    return message
  })
  t.strictSame(
    messages.map(({ data }) => data[0]),
    [1, 2],
  )
  t.end()
})
