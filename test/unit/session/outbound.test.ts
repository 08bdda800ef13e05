/** The sending side of a session: limits, order, runs and chunks, and that nothing is lost between links. */
import t from 'tap'
import type { OutboundMessage } from '../../../src/wire/message.ts'
import { EVERYTHING } from '../../../src/wire/wire.ts'
import type { WireCapabilities } from '../../../src/wire/wire.ts'
import { resizable } from '../../support/resizable.ts'
import { Outbound } from '../../../src/session/outbound.ts'
import { LinkedOutbound } from './linked.ts'
import { testLives } from './lives.ts'
import { GRANT, chance, outbound } from './samples.ts'

const RUNS = { batchMessages: 3, batchBytes: 20, chunkBytes: 8 }
const CAPABILITIES: WireCapabilities = { ...EVERYTHING, batchMax: 100 }
const NONE = { received: 0, processed: 0 }
const NO_PART = { seq: 0, bytes: 0 }
const WIDE = { window: { messages: 100, bytes: 1000 }, free: { messages: 100, bytes: 1000 } }

function make(grant = WIDE, limit = { messages: 10, bytes: 100 }): LinkedOutbound {
  const made = new LinkedOutbound(limit, 0.5, RUNS)
  made.begin(grant, [])
  return made
}

/** What goes out, run by run, as `lane:firstSeq+count` or `lane:seq[offset+length]`. */
function drain(from: LinkedOutbound): string[] {
  const runs: string[] = []
  for (let run = from.next(CAPABILITIES, false); run !== null; run = from.next(CAPABILITIES, false)) {
    const { header, chunkOffset, chunkLength, count } = run
    runs.push(`${header.lane}:${header.firstSeq}${chunkLength > 0 ? `[${chunkOffset}+${chunkLength}]` : `+${count}`}`)
  }
  return runs
}

t.test('limits: full, above and below water', (t) => {
  const made = make()
  t.notOk(made.backlog.isFull(1000), 'one message always fits')
  for (let index = 0; index < 4; index++) made.enqueue(outbound(10))
  t.notOk(made.backlog.aboveHighWater)
  made.enqueue(outbound(10))
  t.ok(made.backlog.aboveHighWater)
  t.notOk(made.backlog.belowLowWater)
  t.ok(made.backlog.isFull(51))
  t.notOk(made.backlog.isFull(50))
  t.end()
})

t.test('small messages go together, within the limits of a run', (t) => {
  const made = make()
  for (const bytes of [1, 1, 1, 1, 15, 10]) made.enqueue(outbound(bytes))
  t.strictSame(drain(made), ['1:1+3', '1:4+2', '1:6+1'])
  t.end()
})

t.test('a large message is cut, and urgent ones pass between its chunks', (t) => {
  const made = make()
  made.enqueue(outbound(30))
  t.match(made.next(CAPABILITIES, false), { header: { lane: 1, firstSeq: 1 }, chunkOffset: 0, chunkLength: 8 })
  made.enqueue(outbound(1, 255))
  t.strictSame(drain(made), ['0:1+1', '1:1[8+8]', '1:1[16+8]', '1:1[24+6]'])
  t.end()
})

t.test('what the peer turns out to have is not sent again, nor the rest of it', (t) => {
  const made = make()
  for (const bytes of [30, 30, 1]) made.enqueue(outbound(bytes))
  drain(made)
  made.unlink()
  made.begin(WIDE, [])
  made.next(CAPABILITIES, false)
  t.ok(made.acknowledge(1, 1, 1), 'it came whole over the link before')
  t.strictSame(drain(made), ['1:2[0+8]', '1:2[8+8]', '1:2[16+8]', '1:2[24+6]', '1:3+1'])
  made.unlink()
  made.begin(
    WIDE,
    [1, 1, 1].map((mark, lane) => ({ received: lane === 1 ? mark : 0, processed: lane === 1 ? mark : 0 })),
  )
  made.next(CAPABILITIES, false)
  t.ok(made.acknowledge(1, 2, 1), 'a handler still has it')
  t.strictSame(drain(made), ['1:3+1'])
  t.end()
})

t.test('the least urgent lane does not starve', (t) => {
  const made = make(WIDE, { messages: 100, bytes: 1000 })
  for (let index = 0; index < 40; index++) made.enqueue(outbound(20, 255))
  made.enqueue(outbound(20, 1))
  t.ok(drain(made).indexOf('2:1+1') < 8)
  t.end()
})

t.test('nothing goes past the credit, and the whole of a cut message must fit', (t) => {
  const made = make({ ...GRANT, free: { messages: 2, bytes: 25 } })
  for (const bytes of [1, 30, 1]) made.enqueue(outbound(bytes))
  t.strictSame(drain(made), ['1:1+1'])
  made.credit.grant(2, 31)
  t.equal(drain(made).length, 4)
  made.credit.grant(3, 32)
  t.strictSame(drain(made), ['1:3+1'])
  t.end()
})

t.test('who waits for an outcome, or a full queue, asks for an ack now', (t) => {
  const made = make()
  made.enqueue(outbound(1))
  t.equal(made.next(CAPABILITIES, false)?.header.ackNow, false)
  made.enqueue(outbound(1, 127, { acked: () => undefined, failed: () => undefined }))
  t.equal(made.next(CAPABILITIES, false)?.header.ackNow, true)
  for (let index = 0; index < 4; index++) made.enqueue(outbound(1))
  t.equal(made.next({ ...CAPABILITIES, batchMax: 2 }, false)?.header.ackNow, false, 'more follows, and asks in time')
  t.equal(made.next({ ...CAPABILITIES, batchMax: 2 }, false)?.header.ackNow, true, 'nothing follows')
  t.end()
})

t.test('who queues the next message when it hears of an ack is counted as well', (t) => {
  const made = make()
  const more = { acked: () => made.enqueue(outbound(7)), failed: () => undefined }
  made.enqueue(outbound(10, 127, more))
  made.enqueue(outbound(10, 127, more))
  drain(made)
  t.ok(made.acknowledge(1, 2, 2))
  t.match(made.backlog, { messages: 2, bytes: 14 })
  drain(made)
  t.ok(made.acknowledge(1, 4, 4))
  t.match(made.backlog, { messages: 0, bytes: 0 })
  t.end()
})

t.test('marks that cannot be are refused', (t) => {
  const made = make()
  made.enqueue(outbound(1))
  t.notOk(made.acknowledge(1, 1, 0), 'never sent')
  t.notOk(made.acknowledge(7, 0, 0), 'no such lane')
  t.notOk(
    made.begin(WIDE, [
      { received: 0, processed: 0 },
      { received: 1, processed: 0 },
    ]),
  )
  t.end()
})

t.test('what can never fit the peer is taken back', (t) => {
  const made = make(GRANT)
  for (const bytes of [1, 81, 80]) made.enqueue(outbound(bytes))
  t.strictSame(
    made.withdrawUnfit(CAPABILITIES).undelivered.map(({ bytes }) => bytes),
    [81],
  )
  t.match(made, { messages: 2, bytes: 81 })
  made.enqueue({ ...outbound(5), extension: new Uint8Array(1) })
  t.strictSame(made.withdrawUnfit(CAPABILITIES).undelivered, [], 'a peer that knows extensions takes them')
  t.strictSame(
    made.withdrawUnfit({ ...CAPABILITIES, extensions: false }).undelivered.map(({ bytes }) => bytes),
    [5],
  )
  t.match(made, { messages: 2, bytes: 81 })
  t.end()
})

t.test('limits are where the options say, for any limit and any size', (t) => {
  const random = chance(7)
  for (let round = 0; round < 300; round++) {
    const limit = { messages: 1 + random(8), bytes: 1 + random(60) }
    const highWater = (1 + random(8)) / 8
    const made = new LinkedOutbound(limit, highWater, RUNS)
    let bytes = 0
    for (let messages = 0; messages < 10; messages++) {
      const size = random(12)
      const full = messages + 1 > limit.messages || (messages > 0 && bytes + size > limit.bytes)
      const [most, mostBytes] = [limit.messages * highWater, limit.bytes * highWater]
      t.strictSame(
        [made.backlog.isFull(size), made.backlog.aboveHighWater, made.backlog.belowLowWater],
        [full, messages >= most || bytes >= mostBytes, messages <= most / 2 && bytes <= mostBytes / 2],
        `round ${round}: ${messages} messages, ${bytes} bytes of ${limit.messages}, ${limit.bytes} at ${highWater}`,
      )
      made.enqueue(outbound(size, random(256)))
      bytes += size
    }
  }
  t.end()
})

t.test('every lane is resumed, unlinked and numbered anew by itself', (t) => {
  for (const priority of [255, 127, 1]) {
    const made = make()
    for (let index = 0; index < 3; index++) made.enqueue(outbound(1, priority))
    const [run] = drain(made)
    const lane = Number(run?.[0])
    made.unlink()
    t.strictSame(drain(made), [`${lane}:1+3`], 'nothing of it is on a link')
    const marks = [0, 1, 2].map((index) => ({ received: index === lane ? 2 : 0, processed: index === lane ? 1 : 0 }))
    t.ok(made.begin(WIDE, marks))
    t.match(made, { messages: 2, bytes: 2, ackedMessages: 1, replayedMessages: 1, sentMessages: 6, sentBytes: 6 })
    t.strictSame(drain(made), [`${lane}:3+1`])
    made.renumber()
    made.begin(WIDE, [])
    t.strictSame(drain(made), [`${lane}:1+2`])
    t.notOk(
      made.begin(
        WIDE,
        Array.from({ length: 3 }, () => ({ received: 3, processed: 0 })),
      ),
      'never sent',
    )
    t.ok(made.acknowledge(lane, 2, 2))
    t.notOk(made.begin(WIDE, []), 'the peer has lost what it had handled')
    t.match(made, { messages: 0, bytes: 0, ackedMessages: 3 })
  }
  t.end()
})

testLives('what goes next is what the rules say', 150, follow)

/** The rules in plain words, beside the real queue: order of lanes, credit, size of runs, chunks, and who asks for an ack. */
function follow(seed: number): string | null {
  const random = chance(seed)
  const chunks = random(3) > 0
  const capabilities = { ...CAPABILITIES, chunks, batchMax: random(2) === 0 ? 2 : 100 }
  const free = { messages: random(30), bytes: random(300) }
  const made = new LinkedOutbound({ messages: 12, bytes: 10_000 }, 0.5, RUNS)
  made.begin({ window: free, free }, [])
  const lanes: OutboundMessage[][] = [[], [], []]
  const sent = [0, 0, 0]
  const offsets = [0, 0, 0]
  const credit = { ...free }
  const take = ({ bytes }: OutboundMessage): boolean => {
    if (credit.messages < 1 || credit.bytes < bytes) return false
    credit.messages--
    credit.bytes -= bytes
    return true
  }
  for (let turn = 1; turn <= 60;) {
    if (random(2) === 0) {
      const priority = [255, 127, 1][random(3)] as number
      const settle = random(4) === 0 ? { acked: () => undefined, failed: () => undefined } : null
      const message = outbound(random(3) === 0 ? random(60) : random(10), priority, settle)
      made.enqueue(message)
      lanes[priority === 255 ? 0 : priority === 127 ? 1 : 2]?.push(message)
      continue
    }
    const hold = random(4) === 0
    const order = turn++ % 8 === 0 ? [2, 1, 0] : [0, 1, 2]
    let expected: unknown = null
    for (const index of order) {
      const waiting = (lanes[index] ?? []).slice(sent[index])
      const [first] = waiting
      if (first === undefined) continue
      const firstSeq = (sent[index] ?? 0) + 1
      const many = (): boolean => sent[index] === lanes[index]?.length && lanes.flat().length >= 6
      if (chunks && first.bytes > RUNS.batchBytes) {
        if (hold) continue
        const offset = offsets[index] ?? 0
        if (offset === 0 && !take(first)) continue
        const chunk = Math.min(RUNS.chunkBytes, first.bytes - offset)
        const last = offset + chunk === first.bytes
        offsets[index] = last ? 0 : offset + chunk
        if (last) sent[index] = firstSeq
        const ackNow = first.settle !== null || (last && many())
        expected = { lane: index, firstSeq, count: 1, ackNow, chunkOffset: offset, chunkLength: chunk, of: first.bytes }
        break
      }
      const run: OutboundMessage[] = []
      let bytes = 0
      for (const message of waiting.slice(0, Math.min(RUNS.batchMessages, capabilities.batchMax))) {
        if (run.length > 0 && bytes + message.bytes > RUNS.batchBytes) break
        if (!take(message)) break
        bytes += message.bytes
        run.push(message)
      }
      if (run.length === 0) continue
      sent[index] = firstSeq - 1 + run.length
      const ackNow = run.some(({ settle }) => settle !== null) || many()
      expected = { lane: index, firstSeq, count: run.length, ackNow, chunkOffset: 0, chunkLength: 0, of: first.bytes }
      break
    }
    const run = made.next(capabilities, hold)
    const actual = run && {
      lane: run.header.lane,
      firstSeq: run.header.firstSeq,
      count: run.header.count,
      ackNow: run.header.ackNow,
      chunkOffset: run.chunkOffset,
      chunkLength: run.chunkLength,
      of: run.lane.queue.at(run.index)?.bytes,
    }
    if (run !== null && run.count !== run.header.count) return `turn ${turn}: two counts`
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      return `turn ${turn}: ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`
  }
  return null
}

testLives('over links, acks and resets every message ends once, and counts add up', 100, live)

/** A sender and a receiver that remembers, with random sends, runs, acks, cut links and resets. */
function live(seed: number): string | null {
  const random = chance(seed)
  const made = make(GRANT, { messages: 100, bytes: 10_000 })
  const ends = new Map<OutboundMessage, number>()
  const received = [0, 0, 0]
  /** What the receiver has of a cut message in each lane, on this link. */
  let unfinished = [NO_PART, NO_PART, NO_PART]
  const end = (message: OutboundMessage): void => void ends.set(message, (ends.get(message) ?? 0) + 1)
  for (let step = 0; step < 150; step++) {
    switch (random(8)) {
      case 0:
      case 1:
      case 2: {
        const message: OutboundMessage = outbound(1 + random(40), random(256), {
          acked: () => end(message),
          failed: () => undefined,
        })
        ends.set(message, 0)
        made.enqueue(message)
        break
      }
      case 3:
      case 4: {
        const run = made.next(CAPABILITIES, false)
        if (run === null) break
        const { header, chunkOffset, chunkLength, count } = run
        if (header.firstSeq > (received[header.lane] ?? 0) + 1) return `a gap in lane ${header.lane}`
        const first = run.lane.queue.at(run.index)
        const { seq, bytes } = unfinished[header.lane] ?? NO_PART
        const continues = seq === header.firstSeq
        if (chunkOffset !== (continues ? bytes : 0)) return `a chunk at ${chunkOffset} does not go on at ${bytes}`
        if (bytes > 0 && !continues && seq > (received[header.lane] ?? 0)) return `message ${seq} is never whole`
        const whole = chunkLength === 0 || chunkOffset + chunkLength === first?.bytes
        unfinished[header.lane] = whole ? NO_PART : { seq: header.firstSeq, bytes: chunkOffset + chunkLength }
        if (whole) received[header.lane] = Math.max(received[header.lane] ?? 0, header.firstSeq + count - 1)
        break
      }
      case 5: {
        const lane = random(3)
        if (!made.acknowledge(lane, received[lane] ?? 0, random((received[lane] ?? 0) + 1)))
          return 'a right ack is refused'
        break
      }
      case 6:
        made.unlink()
        unfinished = [NO_PART, NO_PART, NO_PART]
        if (
          !made.begin(
            GRANT,
            received.map((mark) => ({ received: mark, processed: 0 })),
          )
        )
          return 'right marks are refused'
        break
      case 7: {
        // What was on the way over the link before arrives late, after the marks were stated.
        const late = random(3)
        received[late] = Math.max(received[late] ?? 0, random((made.lanes[late]?.high ?? 0) + 1))
        if (random(6) > 0) break
        unfinished = [NO_PART, NO_PART, NO_PART]
        const { undelivered, unknown } = made.takeOutcome()
        for (const message of [...undelivered, ...unknown]) end(message)
        received.fill(0)
        made.begin(GRANT, [])
        break
      }
    }
    const queued = [...ends].filter(([, count]) => count === 0).map(([message]) => message)
    if (made.messages !== queued.length || made.bytes !== queued.reduce((sum, { bytes }) => sum + bytes, 0))
      return `step ${step}: miscounted`
  }
  return [...ends.values()].every((count) => count <= 1) ? null : 'a message ended twice'
}

t.test('what has another length when it is its turn is taken back alone, and told once', (t) => {
  const made = make()
  const messages = [1, 2, 3, 4].map((bytes) => outbound(bytes))
  for (const message of messages) made.enqueue(message)
  for (const index of [0, 2]) structuredClone(0, { transfer: [messages[index]!.data!.buffer as ArrayBuffer] })
  t.strictSame(drain(made), ['1:1+2'], 'numbers have no gap')
  t.strictSame([made.messages, made.bytes], [2, 6])
  t.strictSame(made.takeChanged(), { undelivered: [messages[0], messages[2]], unknown: [] })
  t.equal(made.takeChanged(), null)
  t.end()
})

t.test(
  'what grew is taken back like what shrank; the peer may have it when it was on a link of an earlier session',
  (t) => {
    const made = make()
    const buffer = resizable(4)
    const message = { ...outbound(4), data: new Uint8Array(buffer) }
    made.enqueue(message)
    made.enqueue(outbound(1))
    drain(made)
    made.renumber()
    buffer.resize(8)
    made.begin(WIDE, [])
    t.strictSame(drain(made), ['1:1+1'])
    t.strictSame(made.takeChanged(), { undelivered: [], unknown: [message] })
    t.end()
  },
)

t.test('what must be sent again and has lost its bytes is never sent as others: the session cannot go on', (t) => {
  for (const bytes of [2, 30]) {
    const made = make()
    const messages = [outbound(1), outbound(bytes), outbound(1), outbound(1, 20)]
    for (const message of messages) made.enqueue(message)
    if (bytes === 2) drain(made)
    else for (let run = 0; run < 2; run++) made.next(CAPABILITIES, false)
    structuredClone(0, { transfer: [messages[1]!.data!.buffer as ArrayBuffer] })
    made.unlink()
    made.begin(WIDE, [])
    t.strictSame(drain(made), ['1:1+1'], 'nor is what is less urgent')
    t.ok(made.isSpoiled)
    t.equal(made.takeChanged(), null, 'the peer may have it')
    t.strictSame(made.takeOutcome().unknown.slice(0, 2), messages.slice(0, 2))
    t.notOk(made.isSpoiled)
  }
  t.end()
})

t.test('a peer that has control words of us that were never said is not who it was', (t) => {
  const marks = [NONE, NONE, NONE, { received: 1, processed: 0 }]
  const made = (): Outbound => new Outbound({ messages: 10, bytes: 100 }, 0.5)
  t.notOk(made().resume(marks))
  t.ok(made().resume([NONE, NONE, NONE, NONE]))
  t.end()
})

t.test('a session that moves begins with the most that is known of its peer, by either link', (t) => {
  const made = make()
  for (let index = 0; index < 3; index++) made.enqueue(outbound(1))
  drain(made)
  made.acknowledge(1, 2, 1)
  const stated = (received: number, processed: number) => [NONE, { received, processed }, NONE]
  t.match(made.atLeast(stated(3, 2)), stated(3, 2), 'the new link has said more')
  t.match(made.atLeast(stated(1, 0)), stated(2, 1), 'or the old one had')
  t.match(made.atLeast([]), stated(2, 1))
  t.end()
})
