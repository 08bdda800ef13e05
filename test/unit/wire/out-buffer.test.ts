/** What a link still holds is never overwritten, whoever writes next; what nobody holds is used again. */
import t from 'tap'
import { OutBuffer } from '../../../src/wire/out-buffer.ts'
import { resizable } from '../../support/resizable.ts'

/** A link that takes everything and passes on when it is told. */
class FakeLink {
  takenBytes = 0
  passedBytes = 0
  readonly held: Uint8Array[] = []

  write(out: OutBuffer, value: number, count: number): Uint8Array {
    const offset = out.reserve(count)
    out.bytes.fill(value, offset, offset + count)
    const chunks = out.take()
    this.takenBytes += count
    this.held.push(...chunks)
    out.lend(this)
    return chunks[0]!
  }

  passOn(): void {
    this.passedBytes = this.takenBytes
    this.held.length = 0
  }
}

t.test('a slab is used again when its link has passed everything on', (t) => {
  const out = new OutBuffer()
  const link = new FakeLink()
  const first = link.write(out, 1, 100)
  link.passOn()
  link.write(out, 2, 100)
  link.passOn()
  const third = link.write(out, 3, 100)
  t.equal(third.buffer, first.buffer)
  t.ok(third.byteOffset <= 200, 'at most one write behind')
  t.end()
})

t.test('what one link still holds survives whatever others write', (t) => {
  const out = new OutBuffer()
  const slow = new FakeLink()
  const quick = new FakeLink()
  const held = slow.write(out, 1, 1000)
  for (let round = 2; round < 1000; round++) {
    const value = round % 250
    const passed = quick.write(out, value, 1000)
    if (!passed.every((byte) => byte === value)) t.fail(`not whole in round ${round}`)
    quick.passOn()
    if (!held.every((byte) => byte === 1)) t.fail(`overwritten in round ${round}`)
  }
  t.end()
})

t.test('full slabs come back from the pool once they are passed on', (t) => {
  const out = new OutBuffer()
  const link = new FakeLink()
  const buffers = new Set<ArrayBufferLike>()
  for (let round = 0; round < 200; round++) {
    buffers.add(link.write(out, 1, 50_000).buffer)
    if (round % 4 === 3) link.passOn()
  }
  t.ok(buffers.size <= 6, `${buffers.size} slabs for 10 MB`)
  t.end()
})

t.test('a link that never passes anything on costs no pool', (t) => {
  const out = new OutBuffer()
  const link = new FakeLink()
  for (let round = 0; round < 100; round++) {
    const value = round % 256
    const chunk = link.write(out, value, 100_000)
    t.equal(chunk[0], value)
  }
  t.ok(
    link.held.every((chunk, round) => chunk.every((byte) => byte === round % 256)),
    'and nothing of it is overwritten',
  )
  t.end()
})

t.test('chunks keep the order of what was written and attached, across slabs', (t) => {
  const out = new OutBuffer()
  const offset = out.reserve(2)
  out.bytes.set([1, 2], offset)
  out.attach(Uint8Array.of(3))
  const next = out.reserve(1)
  out.bytes[next] = 9
  const large = out.reserve(300_000)
  out.bytes.fill(4, large, large + 300_000)
  t.equal(out.length, 300_004)
  const all = Buffer.concat(out.take())
  t.strictSame([...all.subarray(0, 6)], [1, 2, 3, 9, 4, 4])
  t.equal(all.length, 300_004)
  t.equal(out.length, 0)
  t.end()
})

t.test('what is attached keeps its length while a link holds it, however its buffer grows', (t) => {
  const out = new OutBuffer()
  const buffer = resizable(1000)
  const bytes = new Uint8Array(buffer)
  out.attach(bytes)
  t.equal(out.length, 1000)
  const [chunk] = out.take()
  t.equal(chunk?.buffer, buffer, 'by reference')
  buffer.resize(1500)
  t.strictSame([bytes.length, chunk?.length], [1500, 1000])
  t.end()
})
