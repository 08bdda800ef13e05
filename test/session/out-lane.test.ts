/** The queue of the sending side: marks move over it, resets empty it, and no message is ever lost. */
import t from 'tap'
import { OutLane } from '../../src/session/out-lane.ts'
import type { OutboundMessage } from '../../src/wire/message.ts'
import { chance, outbound } from './samples.ts'

function lane(messages: number, sent: number): OutLane {
  const made = new OutLane()
  for (let index = 0; index < messages; index++) made.queue.push(outbound(index + 1))
  made.sent = made.high = sent
  return made
}

t.test('processed messages leave, received ones stay', (t) => {
  const made = lane(5, 4)
  t.equal(made.acknowledge(3, 2), 1 + 2)
  t.match(made, { base: 2, received: 3, sent: 4, high: 4, tail: 5 })
  t.equal(made.acknowledge(2, 1), 0, 'old news')
  t.equal(made.received, 3)
  t.end()
})

t.test('impossible marks are refused', (t) => {
  t.equal(lane(5, 4).acknowledge(5, 0), -1, 'never sent')
  t.equal(lane(5, 4).acknowledge(2, 3), -1, 'processed before received')
  t.equal(lane(5, 4).resume(5), -1, 'never sent')
  const acked = lane(5, 4)
  acked.acknowledge(3, 3)
  t.equal(acked.resume(2), -1, 'the peer lost what it had')
  t.end()
})

t.test('a new link sends again what lies above the mark', (t) => {
  const made = lane(5, 4)
  made.acknowledge(2, 1)
  made.chunkOffset = 7
  made.unlink()
  t.equal(made.chunkOffset, 0)
  t.equal(made.resume(3), 1)
  t.match(made, { sent: 3, received: 3, high: 4 })
  t.end()
})

t.test('an ack settles what waits for it, once', (t) => {
  const made = new OutLane()
  let acked = 0
  made.queue.push(outbound(1, 127, { acked: () => acked++, failed: () => t.fail('it was acked') }))
  made.sent = made.high = 1
  made.acknowledge(1, 1)
  made.acknowledge(1, 1)
  t.equal(acked, 1)
  t.end()
})

t.test('only what was never on a link can be withdrawn', (t) => {
  const made = lane(5, 2)
  const withdrawn = made.withdraw(({ bytes }) => bytes % 2 === 1)
  t.strictSame(
    withdrawn.map(({ bytes }) => bytes),
    [3, 5],
  )
  t.strictSame(
    [...made.queue].map(({ bytes }) => bytes),
    [1, 2, 4],
  )
  t.strictSame(
    lane(5, 5).withdraw(() => true),
    [],
  )
  t.end()
})

t.test('what is saved is all there is', (t) => {
  const made = lane(3, 2)
  t.strictSame(Object.keys(made.save()).sort(), Object.keys(made).sort())
  const copy = new OutLane()
  copy.restore(made.save())
  t.strictSame(copy.save(), made.save())
  t.end()
})

t.test('every message ends acked or in one outcome, and the marks stay in order', (t) => {
  for (let seed = 1; seed <= 200; seed++) {
    const problem = live(seed)
    if (problem !== null) t.fail(`seed ${seed}: ${problem}`)
  }
  t.pass('200 lives')
  t.end()
})

/** Random sends, acks, links and resets. Returns what is wrong. */
function live(seed: number): string | null {
  const random = chance(seed)
  const made = new OutLane()
  const ends = new Map<OutboundMessage, number>()
  const end = (message: OutboundMessage): unknown => ends.set(message, (ends.get(message) ?? 0) + 1)
  for (let step = 0; step < 100; step++) {
    switch (random(6)) {
      case 0:
      case 1: {
        const message: OutboundMessage = outbound(1, 127, { acked: () => end(message), failed: () => undefined })
        ends.set(message, 0)
        made.queue.push(message)
        break
      }
      case 2:
        made.sent += random(made.tail - made.sent + 1)
        made.high = Math.max(made.high, made.sent)
        break
      case 3: {
        const received = made.received + random(made.high - made.received + 1)
        made.acknowledge(received, made.base + random(received - made.base + 1))
        break
      }
      case 4:
        made.unlink()
        made.resume(Math.max(made.received, made.base))
        break
      case 5: {
        if (random(5) > 0) break
        const { undelivered, unknown } = made.takeOutcome()
        for (const message of [...undelivered, ...unknown]) end(message)
        break
      }
    }
    const { base, received, sent, high, tail } = made
    if (!(base <= received && base <= sent && sent <= high && high <= tail))
      return `marks ${[base, received, sent, high, tail].join()}`
  }
  const { undelivered, unknown } = made.takeOutcome()
  for (const message of [...undelivered, ...unknown]) end(message)
  return [...ends.values()].every((count) => count === 1) ? null : 'a message did not end exactly once'
}
