/** The receiving side of a session: what is new, when an ack is due, and what credit comes back. */
import t from 'tap'
import type { Inbound } from '../../../src/session/inbound.ts'
import type { BatchHeader } from '../../../src/wire/wire.ts'
import { InboundStory, header, make } from './inbound-story.ts'
import { testLives } from './lives.ts'
import { chance, inbound } from './samples.ts'

function receive(to: Inbound, seq: number, change: Partial<BatchHeader> = {}): ReturnType<typeof inbound> {
  to.batch(header(seq, 1, change))
  to.admit(1, false)
  const message = inbound(seq)
  to.complete(message, 100)
  return message
}

t.test('unknown lanes and gaps are refused, duplicates are told', (t) => {
  const to = make()
  t.equal(to.batch(header(1, 1, { lane: 4 })), -1)
  t.equal(to.batch(header(2, 1)), -1)
  receive(to, 1)
  t.equal(to.batch(header(1, 2)), 1)
  t.ok(to.admit(1, true))
  t.equal(to.ackDueMs, -Infinity)
  t.equal(to.duplicates, 1)
  t.end()
})

t.test('a bare ack waits for data to ride on, but not for long', (t) => {
  const to = make()
  receive(to, 1)
  t.equal(to.ackDueMs, 105)
  t.notOk(to.ackIsDue(104))
  t.ok(to.ackIsDue(105))
  const out = header(1, 1)
  to.ride(out)
  t.match(out, { received: 1, processed: 0 })
  t.end()
})

t.test('many messages, or somebody who waits, make it due at once', (t) => {
  const many = make()
  for (let seq = 1; seq <= 4; seq++) many.finish(receive(many, seq), 100)
  t.equal(many.ackDueMs, -Infinity)
  const urgent = make()
  const message = receive(urgent, 1, { ackNow: true })
  t.equal(urgent.ackDueMs, 105)
  t.ok(urgent.finish(message, 100))
  t.end()
})

t.test('credit that comes back without a mark becomes due too', (t) => {
  const early = make({ ackOn: 'received' })
  const message = receive(early, 1)
  early.credit.tell()
  early.told()
  t.notOk(early.finish(message, 100))
  t.equal(early.ackDueMs, 105, 'acked when it was received')
  const late = make()
  const old = receive(late, 1)
  late.reset()
  late.credit.begin(late.credit.offer(false).free)
  late.finish(old, 100)
  t.equal(late.ackDueMs, 105, 'of an older session')
  t.match(late.marks()[1], { received: 0, processed: 0 })
  t.ok(late.ackIsDue(105))
  t.end()
})

t.test('acked when received: the mark does not wait for the handler', (t) => {
  const to = make({ ackOn: 'received' })
  receive(to, 1)
  t.match(to.marks()[1], { received: 1, processed: 1 })
  t.end()
})

t.test('half a message is given back with its link', (t) => {
  const to = make()
  to.batch(header(1, 1))
  t.ok(to.admit(40, false))
  t.notOk(to.admit(41, false), 'past the window')
  t.equal(to.credit.heldBytes, 40)
  to.unlink()
  to.unlink()
  t.equal(to.credit.heldBytes, 0)
  t.equal(to.credit.heldMessages, 0)
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
    const next = to.marks()[1]?.received ?? 0
    const bytes = 1 + random(20)
    switch (random(7)) {
      case 0:
      case 1:
        if (assembling !== null) break
        to.batch(header(next + 1, 1))
        if (to.admit(bytes, false)) assembling = bytes
        break
      case 2: {
        if (assembling === null) break
        const message = inbound(next + 1, 1, assembling)
        to.complete(message, 0)
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
        if (next > 0 && assembling === null && to.batch(header(next, 1)) === 1) to.admit(bytes, true)
        break
      case 5:
        to.credit.tell()
        break
      case 6:
        if (random(5) > 0) break
        to.unlink()
        assembling = null
        if (random(2) === 0) {
          to.reset()
          const [discarded] = held.splice(0, 1)
          if (discarded !== undefined) to.discard(discarded)
        }
        to.credit.begin(to.credit.offer(false).free)
        break
    }
    const heldBytes = held.reduce((sum, message) => sum + message.bytes, assembling ?? 0)
    const { credit } = to
    if (credit.heldMessages !== held.length + (assembling === null ? 0 : 1) || credit.heldBytes !== heldBytes)
      return `step ${step}: miscounted`
    if (heldBytes > 80 || credit.heldMessages > 8) return `step ${step}: more than the window`
  }
  for (const message of held) to.finish(message, 0)
  to.unlink()
  return to.credit.heldBytes === 0 && to.credit.heldMessages === 0 ? null : 'credit is lost'
}
