/** A message's lane, its segments where they lie, and that it is finished once. */
import t from 'tap'
import { outboundMessage } from '../../../src/messenger/message-init.ts'
import { InboundMessage, isIntact, laneOf } from '../../../src/wire/message.ts'
import { resizable } from '../../support/resizable.ts'

/** Front 1 2, middle 3, data 4 5 6, in the midst of memory that belongs to others. */
function received(): InboundMessage {
  const { buffer } = Uint8Array.of(0xee, 1, 2, 3, 4, 5, 6, 0xff)
  return new InboundMessage(7, 1, 127, 9, 1, 1, 0, 0, buffer, 1, 2, 1, 3)
}

const segments = ({ front, middle, data }: InboundMessage): number[][] => [[...front], [...middle], [...data]]

t.test('three lanes: from 196 on, from 64 on, and below', (t) => {
  t.strictSame([255, 196, 195, 127, 64, 63, 0].map(laneOf), [0, 0, 1, 1, 1, 2, 2])
  t.end()
})

t.test('the segments lie behind each other, and nothing before or behind them belongs to the message', (t) => {
  const message = received()
  t.equal(message.bytes, 6)
  t.strictSame(segments(message), [[1, 2], [3], [4, 5, 6]])
  t.end()
})

t.test('a message is finished once, however often it is acked', (t) => {
  const message = received()
  const finished: InboundMessage[] = []
  message.owner = { finished: (one) => finished.push(one) }
  message.ack()
  message.ack()
  t.strictSame(finished.length, 1)
  t.equal(finished[0], message)
  t.end()
})

t.test('segments that change by opposite lengths make another message', (t) => {
  const memory = { front: resizable(8), middle: resizable(8), data: resizable(8) }
  const [front, middle, data] = Object.values(memory).map((each) => new Uint8Array(each))
  const message = outboundMessage({ type: 1, front, middle, data }, null)
  t.ok(isIntact(message))
  for (const [shrinks, grows] of [
    ['front', 'data'],
    ['data', 'middle'],
    ['middle', 'front'],
  ] as const) {
    memory[shrinks].resize(4)
    memory[grows].resize(12)
    t.notOk(isIntact(message), `${shrinks} and ${grows}`)
    memory[shrinks].resize(8)
    memory[grows].resize(8)
  }
  t.end()
})

t.test('bytes that are gone are missed, also by optimized code that has seen memory that can be resized', (t) => {
  const messages = [new ArrayBuffer(8), resizable(8)].map((buffer) =>
    outboundMessage({ type: 1, data: new Uint8Array(buffer) }, null),
  )
  let missed = 0
  for (let round = 0; round < 100_000; round++) {
    for (const message of messages) isIntact(message)
    if (round % 1000 > 0) continue
    const data = new Uint8Array(8)
    const message = outboundMessage({ type: 1, data }, null)
    structuredClone(0, { transfer: [data.buffer] })
    if (!isIntact(message)) missed++
  }
  t.equal(missed, 100)
  t.end()
})
