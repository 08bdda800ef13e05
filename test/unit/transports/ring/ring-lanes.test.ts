/** Bells between two ends of a link over rings, counted: one for all that an end waits for, and none for an end that looks. */
import t from 'tap'
import { RingLanes, type Bell } from '../../../../src/transports/ring-lanes.ts'
import { MAPPED_HEADER_BYTES, MappedRing } from '../../../../src/transports/ring/mapped-ring.ts'
import { WriteQueue } from '../../../../src/transports/write-queue.ts'

const RING_BYTES = 4096

/** Both ends in one thread, each with a bell that only counts. */
class Pair {
  rung = 0
  readonly waiting = new WriteQueue(1)
  readonly writer: RingLanes
  readonly reader: RingLanes
  readonly #into = new Uint8Array(RING_BYTES)

  constructor() {
    const [there, back] = [ring(), ring()]
    const count = (): void => {
      this.rung++
    }
    const bell: Bell = { ring: count, close: () => {} }
    const release = (): void => {}
    this.writer = new RingLanes({ out: there, into: back, release }, bell)
    this.reader = new RingLanes({ out: back, into: there, release }, bell)
  }

  /** The writer sleeps, with more to write than fits, until it is rung for. */
  static asleep(): Pair {
    const pair = new Pair()
    pair.waiting.push([new Uint8Array(3 * RING_BYTES)])
    t.equal(pair.writer.move(pair.waiting, 'by bell'), 'full')
    t.ok(pair.writer.sleep())
    return pair
  }

  take(): number {
    return this.reader.read(this.#into)
  }

  answer(): void {
    const words = new WriteQueue(1)
    words.push([Uint8Array.of(1)])
    t.equal(this.reader.move(words, 'by bell'), 'all')
  }
}

function ring(): MappedRing {
  return new MappedRing(new SharedArrayBuffer(MAPPED_HEADER_BYTES + RING_BYTES), 0, RING_BYTES)
}

t.test('an end that waits for room and for words is rung for once', (t) => {
  for (const first of ['room', 'words']) {
    const pair = Pair.asleep()
    if (first === 'words') pair.answer()
    t.equal(pair.take(), RING_BYTES)
    if (first === 'room') pair.answer()
    t.equal(pair.rung, 1, `${first} first`)
  }
  t.end()
})

t.test('when it has looked and sleeps again, it is rung for again', (t) => {
  const pair = Pair.asleep()
  t.equal(pair.take(), RING_BYTES)
  t.equal(pair.writer.move(pair.waiting, 'by bell'), 'full')
  t.ok(pair.writer.sleep())
  pair.answer()
  t.equal(pair.rung, 2)
  t.notOk(pair.writer.sleep(), 'there is something to read now')
  t.end()
})

t.test('an end that looks by itself is never rung for, and finds the room', (t) => {
  const pair = new Pair()
  pair.waiting.push([new Uint8Array(8 * RING_BYTES)])
  for (let turn = 1; turn < 8; turn++) {
    t.equal(pair.writer.move(pair.waiting, 'by looking'), 'full')
    t.equal(pair.take(), RING_BYTES)
  }
  t.equal(pair.writer.move(pair.waiting, 'by looking'), 'all')
  t.equal(pair.rung, 0)
  t.end()
})

t.test('once it looks no more, it asks for a bell', (t) => {
  const pair = new Pair()
  pair.waiting.push([new Uint8Array(2 * RING_BYTES)])
  t.equal(pair.writer.move(pair.waiting, 'by looking'), 'full')
  t.equal(pair.writer.move(pair.waiting, 'by bell'), 'full')
  t.equal(pair.take(), RING_BYTES)
  t.equal(pair.rung, 1)
  t.end()
})
