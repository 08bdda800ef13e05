/** What a link still holds is never overwritten, whoever writes next. */
import t from 'tap'
import { OutBuffer } from '../../src/wire/out-buffer.ts'

function write(out: OutBuffer, value: number, count: number): Uint8Array[] {
  const offset = out.reserve(count)
  out.bytes.fill(value, offset, offset + count)
  return out.take()
}

t.test('a slab is used again when its link has passed everything on', (t) => {
  const out = new OutBuffer()
  const [first] = write(out, 1, 100)
  out.recycle(true)
  const [second] = write(out, 2, 100)
  t.equal(second?.byteOffset, first?.byteOffset)
  t.equal(second?.buffer, first?.buffer)
  t.end()
})

t.test('what one link still holds survives that another one has passed everything on', (t) => {
  const out = new OutBuffer()
  const [held] = write(out, 1, 100)
  out.recycle(false)
  for (let round = 2; round < 20; round++) {
    const [passed] = write(out, round, 100)
    t.ok(passed?.every((byte) => byte === round))
    out.recycle(true)
  }
  t.ok(held?.every((byte) => byte === 1))
  t.end()
})

t.test('a slab that is lent for long is left when half of it is used, and the next one is used again', (t) => {
  const out = new OutBuffer()
  const [held] = write(out, 1, 1000)
  out.recycle(false)
  let chunk = held
  for (let round = 0; round < 1000 && chunk?.buffer === held?.buffer; round++) {
    chunk = write(out, 2, 1000)[0]
    out.recycle(true)
  }
  t.not(chunk?.buffer, held?.buffer, 'a fresh slab')
  const [next] = write(out, 3, 1000)
  t.equal(next?.byteOffset, chunk?.byteOffset, 'it is rewound again')
  t.ok(held?.every((byte) => byte === 1))
  t.end()
})

t.test('chunks keep the order of what was written and attached, across slabs', (t) => {
  const out = new OutBuffer()
  const offset = out.reserve(2)
  out.bytes.set([1, 2], offset)
  out.attach(Uint8Array.of(3))
  const large = out.reserve(300_000)
  out.bytes.fill(4, large, large + 300_000)
  t.equal(out.length, 300_003)
  const all = Buffer.concat(out.take())
  t.strictSame([...all.subarray(0, 5)], [1, 2, 3, 4, 4])
  t.equal(all.length, 300_003)
  t.equal(out.length, 0)
  t.end()
})
