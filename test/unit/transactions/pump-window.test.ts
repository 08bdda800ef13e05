/** How far a pump runs ahead of what its peer has finished: by a window, which is of one session. */
import t from 'tap'
import { unacked, type SentMessage } from '../../../src/transactions/machine/half.ts'
import { CALLS } from '../../../src/transactions/machine/limits.ts'
import { Outgoing } from '../../../src/transactions/machine/outgoing.ts'
import { Pump } from '../../../src/transactions/machine/pump.ts'
import { KIND } from '../../../src/transactions/machine/words.ts'
import { End } from '../../../src/testing/model/calls/end.ts'
import { ModelAsked } from '../../../src/testing/model/calls/halves.ts'

const PIECE = new Uint8Array(CALLS.pieceBytes)
/** What is on its way with the least window and the largest: whole pieces. */
const [LEAST, MOST] = [CALLS.pacedBytesMin, CALLS.pacedBytesMax].map(
  (window) => Math.ceil(window / PIECE.length) * PIECE.length,
) as [number, number]

/** A pump with a call that has more to send than ever goes. */
class Bulk {
  readonly half = new ModelAsked(new End(), 1, { type: 1, version: 1, priority: 1 })
  readonly pump: Pump
  #nowMs = 0

  constructor() {
    const unwanted = (): never => {
      throw new Error('nothing of this ends')
    }
    const send = (): SentMessage => ({ bytes: PIECE.length })
    this.pump = new Pump({ send }, { ended: unwanted, unfit: unwanted })
    this.begin()
  }

  begin(): void {
    this.half.first = this.half.others = null
    this.half.id = 1
    this.half.phase = 'open'
    this.half.out = new Outgoing()
    this.half.out.grant(Infinity)
    for (let part = 0; part < 4000; part++) this.half.out.push({ kind: KIND.PART, front: null, data: PIECE })
    this.pump.life = 'on'
    this.pump.ready(this.half)
    this.pump.run(this.#nowMs)
  }

  /** So much later the peer has finished all that was on its way, or the oldest of it. */
  finished(tookMs: number, count = Infinity): void {
    this.#nowMs += tookMs
    const messages = Math.min(count, unacked(this.half).length)
    for (let message = 0; message < messages; message++) this.pump.acked(this.half, this.#nowMs)
    this.pump.run(this.#nowMs)
  }
}

t.test('the window is filled, follows the round trip up to its most, and down to its least', (t) => {
  const bulk = new Bulk()
  t.equal(bulk.pump.paced, LEAST)
  bulk.finished(10)
  t.ok(bulk.pump.paced >= 1.5 * CALLS.pacedBytesMin, 'nothing queued: it grows by half')
  for (let round = 0; round < 20; round++) bulk.finished(10)
  t.equal(bulk.pump.paced, MOST)
  for (let round = 0; round < 20; round++) bulk.finished(100)
  t.equal(bulk.pump.paced, LEAST, 'ninety of a hundred ms were queues')
  t.end()
})

t.test('what is taken back was never on its way: it makes no round trip look shorter', (t) => {
  const [bulk, calm] = [new Bulk(), new Bulk()]
  for (let round = 0; round < 60; round++) {
    const newest = unacked(bulk.half).at(-1)
    if (newest !== undefined) bulk.pump.forget(bulk.half, newest)
    for (const one of [bulk, calm]) one.finished(2, 1)
  }
  t.equal(bulk.pump.paced, calm.pump.paced)
  t.end()
})

t.test('the next session begins anew', (t) => {
  const bulk = new Bulk()
  for (let round = 0; round < 20; round++) bulk.finished(10)
  bulk.pump.stop()
  t.equal(bulk.pump.paced, 0)
  bulk.begin()
  t.equal(bulk.pump.paced, LEAST)
  bulk.finished(200)
  t.ok(bulk.pump.paced >= 1.5 * CALLS.pacedBytesMin, 'its round trip is its own')
  t.end()
})

t.test('what was taken back has not come to the peer, however soon it is gone', (t) => {
  const bulk = new Bulk()
  const last = unacked(bulk.half).at(-1)!
  t.ok(bulk.pump.forget(bulk.half, last))
  t.notOk(bulk.pump.forget(bulk.half, last), 'once')
  t.equal(bulk.pump.paced, LEAST - PIECE.length)
  bulk.finished(1, 1)
  bulk.finished(99)
  bulk.finished(100)
  t.ok(bulk.pump.paced > 1.4 * CALLS.pacedBytesMin, 'a round trip took 100 ms, and nothing queued')
  t.end()
})

t.test('what queued in one round trip alone was somebody who stood still, and changes nothing', (t) => {
  const bulk = new Bulk()
  for (let round = 0; round < 20; round++) bulk.finished(10)
  bulk.finished(100)
  t.equal(bulk.pump.paced, MOST)
  bulk.finished(100)
  t.ok(bulk.pump.paced < MOST, 'what queues in two of them stands')
  t.end()
})

t.test('an ack is asked for four times a window, and where it is full', (t) => {
  const bulk = new Bulk()
  for (let round = 0; round < 20; round++) bulk.finished(10)
  const patient = unacked(bulk.half).map(({ isPatient }) => isPatient === true)
  t.equal(patient.at(-1), false, 'the last one before the window is full')
  const asked = patient.filter((one) => !one).length
  t.ok(asked >= CALLS.pacedMarks && asked <= CALLS.pacedMarks + 1, `${asked} of ${patient.length}`)
  t.end()
})
