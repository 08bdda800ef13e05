/** Which bodies are used again, and which never. */
import t from 'tap'
import { BodyMemory } from '../../src/messenger/body-memory.ts'
import { InboundMessage } from '../../src/wire/message.ts'

const KIB = 1024

/** A message whose segments are `body[offset, …)`. */
function messageIn(body: Uint8Array, offset = 0, bytes = body.length - offset): InboundMessage {
  return new InboundMessage(1, 0, 127, 0, 1, 1, 0, 0, body.buffer, body.byteOffset + offset, 0, 0, bytes)
}

t.test('a body that was given back is taken again, once, for a message of its size', (t) => {
  const bodies = new BodyMemory()
  const body = bodies.take(100 * KIB)
  t.equal(body.length, 100 * KIB)
  bodies.give(messageIn(body))
  t.not(bodies.take(101 * KIB).buffer, body.buffer)
  t.equal(bodies.take(100 * KIB).buffer, body.buffer)
  t.not(bodies.take(100 * KIB).buffer, body.buffer)
  t.end()
})

t.test('what a message shares with others, and what is small, is left to the collector', (t) => {
  const bodies = new BodyMemory()
  const body = bodies.take(200 * KIB)
  bodies.give(messageIn(body, 0, 100 * KIB))
  bodies.give(messageIn(body, 100 * KIB))
  t.not(bodies.take(200 * KIB).buffer, body.buffer)
  t.not(bodies.take(100 * KIB).buffer, body.buffer)
  const small = bodies.take(31 * KIB)
  bodies.give(messageIn(small))
  t.not(bodies.take(31 * KIB).buffer, small.buffer)
  t.end()
})

t.test('no more than 16 MiB wait, the oldest gives way', (t) => {
  const bodies = new BodyMemory()
  const all = Array.from({ length: 17 }, () => bodies.take(KIB * KIB))
  for (const body of all) bodies.give(messageIn(body))
  const given = all.map(({ buffer }) => buffer)
  const again = all.map(() => bodies.take(KIB * KIB).buffer)
  t.equal(again.filter((memory) => given.includes(memory)).length, 16)
  t.notOk(again.includes(given[0]!))
  const huge = bodies.take(17 * KIB * KIB)
  bodies.give(messageIn(huge))
  t.not(bodies.take(17 * KIB * KIB).buffer, huge.buffer)
  t.end()
})

t.test('a large body moves out of memory that is not its own; a small one need not', (t) => {
  const bodies = new BodyMemory()
  const chunk = new Uint8Array(100 * KIB).fill(7)
  const large = messageIn(chunk, 10, 40 * KIB)
  t.ok(bodies.move(large))
  chunk.fill(9)
  t.strictSame(large.data, new Uint8Array(40 * KIB).fill(7))
  const { memory } = large
  bodies.give(large)
  t.equal(bodies.take(40 * KIB).buffer, memory)
  const small = messageIn(chunk, 0, KIB)
  t.notOk(bodies.move(small))
  t.equal(small.memory, chunk.buffer)
  t.end()
})
