/** Which bodies are used again, and which never. */
import t from 'tap'
import { BodyMemory } from '../../../src/messenger/body-memory.ts'
import { InboundMessage } from '../../../src/wire/message.ts'

const KIB = 1024

/** A message whose segments are `body[offset, …)`. */
function messageIn(body: Uint8Array, offset = 0, bytes = body.length - offset): InboundMessage {
  return new InboundMessage(1, 0, 127, 0, 1, 1, 0, 0, body.buffer, body.byteOffset + offset, 0, 0, bytes)
}

/** A body whose bytes say which it is: what is used again is the same memory, not the same ArrayBuffer. */
function marked(bodies: BodyMemory, bytes: number, mark: number): Uint8Array {
  return bodies.take(bytes).fill(mark)
}

function isMarked(body: Uint8Array, mark: number): boolean {
  return body.every((byte) => byte === mark)
}

t.test('a body that was given back is taken again, once, for a message of its size', (t) => {
  const bodies = new BodyMemory()
  const body = marked(bodies, 100 * KIB, 201)
  t.equal(body.length, 100 * KIB)
  bodies.give(messageIn(body))
  t.notOk(isMarked(bodies.take(101 * KIB), 201))
  const again = bodies.take(100 * KIB)
  t.ok(isMarked(again, 201))
  again.fill(0)
  t.notOk(isMarked(bodies.take(100 * KIB), 201))
  t.end()
})

t.test('what a message shares with others, and what is small, is left to the collector', (t) => {
  const bodies = new BodyMemory()
  const body = marked(bodies, 200 * KIB, 202)
  bodies.give(messageIn(body, 0, 100 * KIB))
  bodies.give(messageIn(body, 100 * KIB))
  t.notOk(isMarked(bodies.take(200 * KIB), 202))
  t.notOk(isMarked(bodies.take(100 * KIB), 202))
  const small = marked(bodies, 31 * KIB, 203)
  bodies.give(messageIn(small))
  t.notOk(isMarked(bodies.take(31 * KIB), 203))
  t.end()
})

t.test('no more than 16 MiB wait, the oldest gives way', (t) => {
  const bodies = new BodyMemory()
  const all = Array.from({ length: 17 }, (_, index) => marked(bodies, KIB * KIB, 101 + index))
  for (const body of all) bodies.give(messageIn(body))
  const again = all.map(() => bodies.take(KIB * KIB)[0]!)
  // What is not one of them is memory as it was found, and may have been one of them once.
  t.equal(new Set(again.filter((mark) => mark > 101 && mark <= 117)).size, 16)
  t.notOk(again.includes(101))
  const huge = marked(bodies, 17 * KIB * KIB, 204)
  bodies.give(messageIn(huge))
  t.notOk(isMarked(bodies.take(17 * KIB * KIB), 204))
  t.end()
})

t.test(
  'a body that was transferred away, before or after it was given back, is not used again and harms nobody',
  (t) => {
    const bodies = new BodyMemory()
    const [before, after] = [marked(bodies, 64 * KIB, 205), marked(bodies, 96 * KIB, 206)]
    const transfer = (body: Uint8Array): void => {
      try {
        structuredClone(0, { transfer: [body.buffer as ArrayBuffer] })
      } catch {
        // Detached already, or marked.
      }
    }
    const message = messageIn(before)
    transfer(before)
    bodies.give(message)
    bodies.give(messageIn(after))
    transfer(after)
    t.equal(bodies.take(64 * KIB).length, 64 * KIB)
    t.equal(bodies.take(96 * KIB).length, 96 * KIB)
    t.end()
  },
)
