/** The receiving side of a session: what is new, when an ack is due, and what credit comes back. */
import t from 'tap'
import type { BatchHeader } from '../../../src/wire/wire.ts'
import { InboundStory, header, make } from './inbound-story.ts'
import type { Linked } from './linked.ts'
import { testLives } from './lives.ts'
import { chance, inbound, outbound } from './samples.ts'

function receive(to: Linked, seq: number, change: Partial<BatchHeader> = {}): ReturnType<typeof inbound> {
  to.path.batch(header(seq, 1, change), 0)
  to.path.admit(1, false)
  const message = inbound(seq)
  to.path.complete(message, 100)
  return message
}

t.test('unknown lanes and gaps are refused, duplicates are told', (t) => {
  const to = make()
  t.equal(to.path.batch(header(1, 1, { lane: 4 }), 0), -1)
  t.equal(to.path.batch(header(2, 1), 0), -1)
  receive(to, 1)
  t.equal(to.path.batch(header(1, 2), 0), 1)
  t.ok(to.path.admit(1, true))
  t.equal(to.path.acks.dueMs, -Infinity)
  t.equal(to.inbound.duplicates, 1)
  t.end()
})

t.test('a bare ack waits for data to ride on, but not for long', (t) => {
  const to = make()
  receive(to, 1)
  t.equal(to.path.acks.dueMs, 105)
  t.notOk(to.path.owesAck(104))
  t.ok(to.path.owesAck(105))
  to.outbound.enqueue(outbound())
  t.match(to.path.next(100, 100, 0), { header: { received: 1, processed: 0 } })
  t.notOk(to.path.owesAck(105), 'it rode on data')
  t.end()
})

t.test('many messages, or somebody who waits, make it due at once', (t) => {
  const many = make()
  for (let seq = 1; seq <= 4; seq++) many.finish(receive(many, seq), 100)
  t.equal(many.path.acks.dueMs, -Infinity)
  const urgent = make()
  const message = receive(urgent, 1, { ackNow: true })
  t.equal(urgent.path.acks.dueMs, 105)
  t.ok(urgent.finish(message, 100))
  t.end()
})

t.test('credit that comes back without a mark becomes due too', (t) => {
  const early = make({ ackOn: 'received' })
  const message = receive(early, 1)
  early.path.receiving.tell()
  early.path.acks.rest()
  t.notOk(early.finish(message, 100))
  t.equal(early.path.acks.dueMs, 105, 'acked when it was received')
  const late = make()
  const old = receive(late, 1)
  late.inbound.reset()
  late.relink()
  late.finish(old, 100)
  t.equal(late.path.acks.dueMs, 105, 'of an older session')
  t.match(late.inbound.marks()[1], { received: 0, processed: 0 })
  t.ok(late.path.owesAck(105))
  t.end()
})

t.test('acked when received: the mark does not wait for the handler', (t) => {
  const to = make({ ackOn: 'received' })
  receive(to, 1)
  t.match(to.inbound.marks()[1], { received: 1, processed: 1 })
  t.end()
})

t.test('half a message is given back with its link', (t) => {
  const to = make()
  to.path.batch(header(1, 1), 0)
  t.ok(to.path.admit(40, false))
  t.notOk(to.path.admit(41, false), 'past the window')
  t.match(to.inbound.held, { messages: 1, bytes: 40 })
  to.relink()
  t.match(to.inbound.held, { messages: 0, bytes: 0 })
  t.end()
})

testLives('acks are due when the rules say, and marks are what came and what is done', 200, (seed) =>
  new InboundStory(seed).tell(),
)

testLives('what is held is counted right over chunks, duplicates, resets and lost links', 200, live)

/** Random steps on one lane. Returns what is wrong. */
function live(seed: number): string | null {
  const random = chance(seed)
  const to = make()
  let assembling: number | null = null
  const held: ReturnType<typeof inbound>[] = []
  for (let step = 0; step < 200; step++) {
    const next = to.inbound.marks()[1]?.received ?? 0
    const bytes = 1 + random(20)
    switch (random(7)) {
      case 0:
      case 1:
        if (assembling !== null) break
        to.path.batch(header(next + 1, 1), 0)
        if (to.path.admit(bytes, false)) assembling = bytes
        break
      case 2: {
        if (assembling === null) break
        const message = inbound(next + 1, 1, assembling)
        to.path.complete(message, 0)
        held.push(message)
        assembling = null
        break
      }
      case 3: {
        const [message] = held.splice(random(held.length + 1), 1)
        if (message !== undefined) to.finish(message, 0)
        break
      }
      case 4:
        if (next > 0 && assembling === null && to.path.batch(header(next, 1), 0) === 1) to.path.admit(bytes, true)
        break
      case 5:
        to.path.receiving.tell()
        break
      case 6:
        if (random(5) > 0) break
        to.relink()
        assembling = null
        if (random(2) > 0) break
        to.inbound.reset()
        to.relink()
        for (const discarded of held.splice(0, 1)) to.inbound.discard(discarded)
        break
    }
    const heldBytes = held.reduce((sum, message) => sum + message.bytes, assembling ?? 0)
    const { messages, bytes: counted } = to.inbound.held
    if (messages !== held.length + (assembling === null ? 0 : 1) || counted !== heldBytes)
      return `step ${step}: miscounted`
    if (heldBytes > 80 || messages > 8) return `step ${step}: more than the window`
  }
  for (const message of held) to.finish(message, 0)
  to.relink()
  return to.inbound.held.bytes === 0 && to.inbound.held.messages === 0 ? null : 'credit is lost'
}
