/** A message's lane, its segments where they lie, and that it is finished once. */
import t from 'tap'
import { InboundMessage, laneOf } from '../../src/wire/message.ts'

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
