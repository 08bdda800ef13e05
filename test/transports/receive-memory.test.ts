/** Where a socket reads: scratch space while it is calm, a block of its own while it is busy. */
import t from 'tap'
import { ReceiveMemory } from '../../src/transports/receive-memory.ts'

t.test('calm sockets share one scratch space, and nothing in it can be kept', (t) => {
  const one = new ReceiveMemory()
  const other = new ReceiveMemory()
  t.equal(one.buffer, other.buffer)
  one.advance(100, false)
  t.equal(one.keepable, false)
  t.equal(one.buffer, other.buffer)
  t.end()
})

t.test('a large read makes a socket busy: what is kept is never overwritten', (t) => {
  const memory = new ReceiveMemory()
  const scratch = memory.buffer
  memory.advance(64 * 1024, false)
  t.equal(memory.keepable, true)
  t.not(memory.buffer.buffer, scratch.buffer)
  const first = memory.buffer
  memory.advance(100_000, true)
  t.equal(memory.buffer.buffer, first.buffer)
  t.equal(memory.buffer.byteOffset, first.byteOffset + 100_000, 'the next read goes behind what is kept')
  memory.advance(100_000, false)
  t.equal(memory.buffer.byteOffset, first.byteOffset + 100_000, 'what nobody keeps is overwritten')
  t.end()
})

t.test('a block that is used up is left alone, and another one begins', (t) => {
  const memory = new ReceiveMemory()
  memory.advance(64 * 1024, false)
  const block = memory.buffer.buffer
  while (memory.buffer.buffer === block) memory.advance(64 * 1024, true)
  t.ok(memory.buffer.length >= 64 * 1024, 'there is always room for a good read')
  t.end()
})

t.test('a socket that calms down gives its block back', (t) => {
  const memory = new ReceiveMemory()
  const scratch = memory.buffer
  memory.advance(64 * 1024, false)
  for (let read = 0; read < 15; read++) memory.advance(100, true)
  t.equal(memory.keepable, true, 'not at the first small read')
  memory.advance(100, true)
  t.equal(memory.keepable, false)
  t.equal(memory.buffer, scratch)
  t.end()
})
