/** The queue of the sending side: marks move over it, resets empty it, and no message is ever lost. */
import t from 'tap'
import type { OutLane } from '../../../src/session/out-lane.ts'
import type { OutboundMessage } from '../../../src/wire/message.ts'
import { LinkedLane } from './linked.ts'
import { testLives } from './lives.ts'
import { chance, outbound } from './samples.ts'

function lane(messages: number, sent: number): LinkedLane {
  const made = new LinkedLane()
  for (let index = 0; index < messages; index++) made.queue.push(outbound(index + 1))
  made.put(sent)
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
  t.equal(acked.resume(2), -1, 'the peer lost what it had handled')
  const taken = lane(5, 4)
  taken.acknowledge(3, 0)
  t.equal(taken.resume(2), -1, 'the peer lost what it had taken')
  t.end()
})

t.test('a new link sends again what lies above the mark', (t) => {
  const made = lane(5, 4)
  made.acknowledge(2, 1)
  made.putChunk(3, 5)
  t.match(made, { sent: 4, high: 5, chunkOffset: 3 })
  made.unlink()
  t.match(made, { sent: 2, high: 5, chunkOffset: 0 })
  t.equal(made.resume(3), 2)
  t.match(made, { sent: 3, received: 3, high: 5, chunkOffset: 0 })
  t.end()
})

t.test('an ack that passes a message in the middle of its chunks leaves nothing of it to the next one', (t) => {
  for (const [received, processed] of [
    [3, 3],
    [3, 0],
    [4, 3],
  ] as const) {
    const made = lane(5, 4)
    made.unlink()
    made.resume(2)
    t.notOk(made.putChunk(2, 3))
    t.match(made, { sent: 2, chunkOffset: 2 })
    made.acknowledge(received, processed)
    t.match(made, { sent: received, chunkOffset: 0 }, `received ${received}, processed ${processed}`)
    t.ok(made.putChunk(received + 1, received + 1), 'the next one begins at its beginning, and ends at its end')
    t.match(made, { sent: received + 1, chunkOffset: 0 })
  }
  t.end()
})

t.test('what is not so cannot be said', (t) => {
  t.throws(() => lane(5, 4).put(2), { code: 'INK_INTERNAL' }, 'more than there is')
  t.throws(() => lane(5, 4).putChunk(6, 5), { code: 'INK_INTERNAL' }, 'past the end of its message')
  t.throws(() => lane(5, 4).putChunk(0, 5), { code: 'INK_INTERNAL' }, 'nothing')
  t.throws(() => lane(5, 5).putChunk(1, 5), { code: 'INK_INTERNAL' }, 'of no message')
  t.end()
})

t.test('an ack settles what waits for it, once', (t) => {
  const made = new LinkedLane()
  let acked = 0
  made.queue.push(outbound(1, 127, { acked: () => acked++, failed: () => t.fail('it was acked') }))
  made.put(1)
  made.acknowledge(1, 1)
  made.acknowledge(1, 1)
  t.equal(acked, 1)
  t.end()
})

t.test('only what was never on a link can be withdrawn', (t) => {
  const made = lane(5, 2)
  const withdrawn = made.withdraw(({ bytes }) => bytes % 2 === 1)
  t.strictSame(withdrawn.unknown, [])
  t.strictSame(
    withdrawn.undelivered.map(({ bytes }) => bytes),
    [3, 5],
  )
  t.strictSame(
    [...made.queue].map(({ bytes }) => bytes),
    [1, 2, 4],
  )
  t.strictSame(lane(5, 5).withdraw(() => true).undelivered, [])
  t.end()
})

t.test('what is saved is all there is', (t) => {
  const made = lane(3, 2)
  t.strictSame(Object.keys(made.save()).sort(), Object.keys(made).sort())
  const copy = new LinkedLane()
  copy.restore(made.save())
  t.strictSame(copy.save(), made.save())
  t.end()
})

testLives('marks and outcomes are as the story of each message says', 200, tell)

/** What happened to one message that is not acked yet. */
interface Story {
  readonly message: OutboundMessage
  /** On a link of this session, of an earlier one. */
  onLink: boolean
  exposed: boolean
}

/** Random steps on a lane, and on a list of stories. Returns where they differ. */
function tell(seed: number): string | null {
  const random = chance(seed)
  const made = new LinkedLane()
  let stories: Story[] = []
  const marks = { base: 0, received: 0, sent: 0, chunkOffset: 0 }
  const acks = new Map<OutboundMessage, number>()
  const names = (messages: readonly OutboundMessage[]): string => messages.map(({ bytes }) => bytes).join()
  const fates = (which: (story: Story) => boolean): string => {
    const [taken, kept] = [stories.filter(which), stories.filter((story) => !which(story))]
    stories = kept
    const end = (unknown: boolean): string =>
      names(taken.filter(({ onLink, exposed }) => (onLink || exposed) === unknown).map(({ message }) => message))
    return `${end(false)} ${end(true)}`
  }
  const outcome = ({ undelivered, unknown }: ReturnType<OutLane['takeOutcome']>): string =>
    `${names(undelivered)} ${names(unknown)}`
  for (let step = 1; step <= 80; step++) {
    const high = marks.base + stories.filter(({ onLink }) => onLink).length
    let differs = ''
    switch (random(10)) {
      case 0:
      case 1: {
        const settle = { acked: () => acks.set(message, (acks.get(message) ?? 0) + 1), failed: () => undefined }
        const message: OutboundMessage = outbound(step, 127, settle)
        made.queue.push(message)
        stories.push({ message, onLink: false, exposed: false })
        break
      }
      case 2:
      case 3: {
        const count = random(made.tail - made.sent + 1)
        made.put(count)
        marks.sent += count
        if (count > 0) marks.chunkOffset = 0
        for (const story of stories.slice(0, marks.sent - marks.base)) story.onLink = true
        break
      }
      case 4:
        // A chunk of the next one, never its last.
        if (made.sent === made.tail) break
        made.putChunk(1, 1000)
        marks.chunkOffset++
        for (const story of stories.slice(0, marks.sent + 1 - marks.base)) story.onLink = true
        break
      case 5:
      case 6: {
        const [received, processed] = [random(high + 3), random(high + 2)]
        const sound = processed <= received && received <= high
        const acked = sound ? stories.slice(0, Math.max(0, processed - marks.base)) : []
        const freed = acked.reduce((sum, { message }) => sum + message.bytes, 0)
        if (made.acknowledge(received, processed) !== (sound ? freed : -1)) differs = 'acknowledge'
        if (!sound) break
        stories = stories.slice(acked.length)
        marks.base += acked.length
        marks.received = Math.max(marks.received, received)
        if (marks.received > marks.sent) Object.assign(marks, { sent: marks.received, chunkOffset: 0 })
        if (acked.some(({ message }) => acks.get(message) !== 1)) differs = 'settled'
        break
      }
      case 7: {
        made.unlink()
        Object.assign(marks, { sent: marks.received, chunkOffset: 0 })
        if (made.sent !== marks.sent || made.chunkOffset !== 0) differs = 'unlink'
        const received = marks.base + random(high - marks.base + 3) - 1
        const sound = received >= marks.received && received <= high
        if (made.resume(received) !== (sound ? high - received : -1)) differs = 'resume'
        if (sound) Object.assign(marks, { sent: received, received })
        break
      }
      case 8: {
        const which = ({ bytes }: OutboundMessage): boolean => bytes % 3 === seed % 3
        const expected = fates(({ message, onLink }) => !onLink && which(message))
        if (outcome(made.withdraw(which)) !== expected) differs = 'withdraw'
        break
      }
      case 9: {
        const ends = random(3) === 0
        const expected = ends ? fates(() => true) : ''
        if (!ends) made.renumber()
        else if (outcome(made.takeOutcome()) !== expected) differs = 'takeOutcome'
        for (const story of stories) Object.assign(story, { exposed: story.exposed || story.onLink, onLink: false })
        Object.assign(marks, { base: 0, received: 0, sent: 0, chunkOffset: 0 })
        break
      }
    }
    const { base, received, sent, chunkOffset } = made
    const now = marks.base + stories.filter(({ onLink }) => onLink).length
    if (JSON.stringify({ base, received, sent, chunkOffset }) !== JSON.stringify(marks)) differs = 'marks'
    if (made.high !== now || made.tail !== marks.base + stories.length) differs = 'high or tail'
    if (differs !== '') return `step ${step}: ${differs}`
  }
  return outcome(made.takeOutcome()) === fates(() => true) ? null : 'the last outcome'
}

t.test('what is on no link is taken back; of a session before, it is in doubt', (t) => {
  const made = new LinkedLane()
  const messages = Array.from({ length: 4 }, () => outbound(1))
  for (const message of messages) made.queue.push(message)
  made.put(1)
  t.equal(made.takeBack(messages[0]!), null, 'it is on a link')
  t.equal(made.takeBack(messages[2]!), 'undelivered')
  t.equal(made.takeBack(messages[2]!), null, 'it is not here any more')
  made.put(1)
  made.renumber()
  t.equal(made.takeBack(messages[1]!), 'unknown', 'a session that was lost had it')
  t.strictSame(made.takeOutcome(), { unknown: [messages[0]], undelivered: [messages[3]] })
  t.end()
})

testLives('every message ends acked or in one outcome, and the marks stay in order', 200, live)

/** Random sends, acks, links and resets. Returns what is wrong. */
function live(seed: number): string | null {
  const random = chance(seed)
  const made = new LinkedLane()
  const ends = new Map<OutboundMessage, number>()
  const end = (message: OutboundMessage): unknown => ends.set(message, (ends.get(message) ?? 0) + 1)
  for (let step = 0; step < 100; step++) {
    switch (random(7)) {
      case 6: {
        const message = made.queue.at(random(made.queue.length + 1))
        if (message === undefined) break
        const isFresh = [...made.queue].indexOf(message) >= made.high - made.base
        const fate = made.takeBack(message)
        if ((fate === null) === isFresh) return `step ${step}: taken back from a link, or not from a queue`
        if (fate !== null) end(message)
        break
      }
      case 0:
      case 1: {
        const message: OutboundMessage = outbound(1, 127, { acked: () => end(message), failed: () => undefined })
        ends.set(message, 0)
        made.queue.push(message)
        break
      }
      case 2:
        made.put(random(made.tail - made.sent + 1))
        break
      case 3: {
        const received = made.received + random(made.high - made.received + 1)
        made.acknowledge(received, made.base + random(received - made.base + 1))
        break
      }
      case 4:
        made.unlink()
        made.resume(made.received)
        break
      case 5: {
        if (random(5) > 0) break
        const { undelivered, unknown } = made.takeOutcome()
        for (const message of [...undelivered, ...unknown]) end(message)
        break
      }
    }
    const { base, received, sent, high, tail } = made
    if (!(base <= received && received <= sent && sent <= high && high <= tail))
      return `marks ${[base, received, sent, high, tail].join()}`
  }
  const { undelivered, unknown } = made.takeOutcome()
  for (const message of [...undelivered, ...unknown]) end(message)
  return [...ends.values()].every((count) => count === 1) ? null : 'a message did not end exactly once'
}

t.test('what failed in a session that is over leaves its number, and what comes after it is not in doubt', (t) => {
  const made = lane(3, 3)
  const failure = { code: 'INK_HANDLER_FAILED', errorCode: null, reason: 'no' } as const
  t.ok(made.judge({ ...failure, lane: 1, seq: 2 }))
  t.notOk(made.judge({ ...failure, lane: 1, seq: 4 }), 'it was never sent')
  t.strictSame(made.settleFailed(), { messages: 1, bytes: 2 })
  t.match(made, { base: 0, high: 2, tail: 2 })
  made.renumber()
  const [fresh, next] = [outbound(9), outbound(10)]
  made.queue.push(fresh)
  made.queue.push(next)
  t.equal(made.takeBack(fresh), 'undelivered')
  t.strictSame(made.withdraw((message) => message === next).undelivered, [next])
  t.equal(made.takeOutcome().unknown.length, 2, 'the two beside it')
  t.end()
})

t.test('what was taken back is in doubt no more, and those behind it are as before', (t) => {
  const made = lane(4, 3)
  made.renumber()
  const [first, second, third, fourth] = [...made.queue] as [
    OutboundMessage,
    OutboundMessage,
    OutboundMessage,
    OutboundMessage,
  ]
  t.equal(made.takeBack(first), 'unknown')
  t.strictSame(made.withdraw((message) => message === second).unknown, [second])
  t.strictSame(made.takeOutcome(), { unknown: [third], undelivered: [fourth] })
  t.end()
})
