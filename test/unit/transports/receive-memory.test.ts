/** Where a socket reads: scratch space while it is calm, a block of its own while it is busy; and what is held of it. */
import t from 'tap'
import { ReceiveMemory } from '../../../src/transports/receive-memory.ts'

const KIB = 1024

/** The memory of a socket that has just become busy. */
function busy(): ReceiveMemory {
  const memory = new ReceiveMemory()
  memory.advance(64 * KIB)
  return memory
}

t.test('calm sockets share one scratch space, and nothing in it can be held', (t) => {
  const one = new ReceiveMemory()
  const other = new ReceiveMemory()
  t.equal(one.buffer, other.buffer)
  t.equal(one.lease, undefined)
  one.advance(100)
  t.equal(one.lease, undefined)
  t.equal(one.buffer, other.buffer)
  t.end()
})

t.test('a large read makes a socket busy: what is held is never overwritten, what is not is at once', (t) => {
  const scratch = new ReceiveMemory().buffer
  const memory = busy()
  const first = memory.buffer
  t.not(first.buffer, scratch.buffer)
  memory.advance(100_000)
  t.equal(memory.buffer, first, 'nobody held it')
  const { lease } = memory
  lease?.hold()
  memory.advance(100_000)
  t.equal(memory.buffer.buffer, first.buffer)
  t.equal(memory.buffer.byteOffset, first.byteOffset + 100_000, 'the next read goes behind what is held')
  memory.advance(1000)
  t.equal(memory.buffer.byteOffset, first.byteOffset + 101_000, 'and the one behind that behind it')
  lease?.release()
  memory.advance(1000)
  t.equal(memory.buffer.byteOffset, first.byteOffset, 'all of it is free again')
  memory.close()
  t.end()
})

t.test('a block that is used up while it is held is another socket’s when it is given back, and not before', (t) => {
  const memory = busy()
  const block = memory.buffer.buffer
  const { lease } = memory
  lease?.hold()
  while (memory.buffer.buffer === block) memory.advance(64 * KIB)
  t.ok(memory.buffer.length >= 64 * KIB, 'there is always room for a good read')
  const others = [busy(), busy(), busy(), busy(), busy(), busy()]
  t.notOk(others.some(({ buffer }) => buffer.buffer === block))
  lease?.release()
  const next = busy()
  t.equal(next.buffer.buffer, block)
  for (const each of [memory, next, ...others]) each.close()
  t.end()
})

t.test('what is held outlives its socket', (t) => {
  const memory = busy()
  const block = memory.buffer.buffer
  const { lease } = memory
  lease?.hold()
  lease?.hold()
  memory.advance(1000)
  memory.close()
  lease?.release()
  t.not(busy().buffer.buffer, block, 'one still holds it')
  lease?.release()
  t.equal(busy().buffer.buffer, block)
  t.end()
})

t.test('a socket that calms down gives its block back', (t) => {
  const memory = busy()
  const block = memory.buffer.buffer
  for (let read = 0; read < 15; read++) memory.advance(100)
  t.ok(memory.lease, 'not at the first small read')
  memory.advance(100)
  t.equal(memory.lease, undefined)
  t.equal(memory.buffer, new ReceiveMemory().buffer)
  const next = busy()
  t.equal(next.buffer.buffer, block)
  next.close()
  t.end()
})

t.test('128 blocks are all that there are; who gets none stays with the scratch space', (t) => {
  const all = Array.from({ length: 140 }, () => busy())
  const without = all.filter(({ lease }) => lease === undefined)
  t.ok(without.length >= 12, `${without.length}`)
  t.ok(without.every(({ buffer }) => buffer === new ReceiveMemory().buffer))
  for (const each of all) each.close()
  const again = busy()
  t.ok(again.lease)
  again.close()
  t.end()
})

t.test('nobody can transfer away what sockets read into', (t) => {
  for (const memory of [new ReceiveMemory(), busy()]) {
    const { buffer } = memory.buffer as Uint8Array<ArrayBuffer> & { buffer: { transfer?(): void } }
    const { length } = memory.buffer
    for (const take of [() => structuredClone(0, { transfer: [buffer] }), () => buffer.transfer?.()]) {
      try {
        take()
      } catch {
        // As it should: Node 20 ignores what cannot be transferred, later ones throw.
      }
    }
    t.equal(memory.buffer.length, length)
    memory.close()
  }
  t.end()
})

t.test('blocks that are given back make room for others, however many there were', (t) => {
  for (let round = 0; round < 20; round++) {
    const many = Array.from({ length: 16 }, busy)
    t.ok(many.every(({ lease }) => lease !== undefined))
    for (const memory of many) memory.close()
  }
  t.end()
})

t.test('a socket is calm after small reads in a row, and larger ones between them begin the row anew', (t) => {
  const memory = busy()
  const block = memory.buffer.buffer
  for (let round = 0; round < 3; round++) {
    for (let read = 0; read < 15; read++) memory.advance(100)
    memory.advance(10 * KIB)
  }
  t.equal(memory.buffer.buffer, block)
  for (let read = 0; read < 16; read++) memory.advance(100)
  t.not(memory.buffer.buffer, block)
  memory.close()
  t.end()
})
